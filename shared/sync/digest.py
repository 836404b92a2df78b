"""The digest: how two sides find out that they hold the same rows, and what they say about it.

Theory of operation. A row's digest is 64 bits of BLAKE2b over the compact JSON of its id, version
and values. That of a set of rows is their count and the sum of their digests, so it does not
depend on any order and a row is added in constant time. Rows are set against each other in parts,
one for each (scope, entity); a part that differs is narrowed to 64 buckets by the hash of the id,
and of a bucket that differs the digests of its rows travel. So two equal sides exchange one
request whose size does not depend on how many rows they hold, and of a difference little more
than the rows that differ.

    device: the tally of each part        server: the buckets of the parts that differ
    device: the rows of those buckets     server: the rows to put, the ids to remove

Each question is `POST /v1/digest` and stands by itself. It carries the device's cursor, because
only at one position do two sides hold the same; the server answers `stale` unless that position is
the present one. It names the columns that the app knows, so that an older app is not told for ever
that its rows differ; the server answers `fields` with those it knows itself, should they be fewer.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

from pydantic import FailFast, Field, TypeAdapter, ValidationError, with_config
from pydantic.config import ConfigDict
from pydantic.types import StringConstraints
from pydantic_core import to_json
from typing_extensions import TypedDict

from shared.errors import refused
from shared.registry import REGISTRY, Entity
from shared.sync.protocol import MAX_CURSOR, PROTOCOL, Row, malformed

BUCKETS: Final = 64
MAX_PARTS: Final = 50_000
"""Parts of one question: a head office's supervisor holds thousands of scopes."""
MAX_ROWS: Final = 20_000
"""Digests of rows in one question, but for those of a single bucket that has more."""
MAX_ANSWERED: Final = 200
"""Parts of which one answer gives the buckets, 1.6 kB each; the others' turn comes afterwards."""

_strict = with_config(ConfigDict(extra="forbid", strict=True))
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Text = Annotated[str, StringConstraints(max_length=200)]
_Count = Annotated[int, Field(ge=0, lt=2**53)]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
_Bucket = Annotated[int, Field(ge=0, lt=BUCKETS)]

Part = tuple[str, str]
"""(scope, entity)"""
Names = Mapping[str, Sequence[str]]
"""Entity to the columns that are compared, without the id."""


@dataclass(slots=True)
class Tally:
    """The digest of a set of rows: how many there are, and the sum of theirs modulo 2**64."""

    count: int = 0
    total: int = 0

    def add(self, digest: int) -> None:
        """Count a row."""
        self.count += 1
        self.total = (self.total + digest) & 0xFFFF_FFFF_FFFF_FFFF

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, (self.total + other.total) % 2**64)

    def said(self) -> tuple[int, str]:
        """Return it as it travels."""
        return self.count, written(self.total)


Buckets = dict[int, Tally]
"""The buckets that have rows."""


def total(buckets: Buckets) -> Tally:
    """Return the tally of a part."""
    return sum(buckets.values(), Tally())


def written(digest: int) -> str:
    """Write a digest as 16 hex digits: JSON says no integer past 2**53 exactly."""
    return f"{digest:016x}"


def bucket_of(id: str) -> int:
    """Return the bucket of a row. A checksum will do: nobody gains by steering it."""
    return zlib.crc32(id.encode()) % BUCKETS


def digester(entity: Entity, names: Sequence[str]) -> Callable[[Sequence[Any]], int]:
    """Return what makes the digest of a row, given as (id, version, *values of `names`).

    A number is one value however a side keeps it: 31 in a document is 31.0 in a column, and SQLite
    keeps a truth value as 0 or 1.
    """
    kinds = [entity.fields[name].python_type for name in names]
    places = [(2 + n, kind) for n, kind in enumerate(kinds) if kind in (float, bool)]

    def digest(row: Sequence[Any]) -> int:
        if places:
            row = list(row)
            for place, kind in places:
                row[place] = _one_form(row[place], kind)
        # A damaged mirror may hold what no document can; it must be told apart, not stumbled over.
        content = to_json(row, bytes_mode="base64", inf_nan_mode="strings")
        return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())

    return digest


def _one_form(value: Any, kind: type) -> Any:
    if not isinstance(value, (int, float)):
        return value
    if kind is bool:
        return bool(value) if value in (0, 1) else value
    return float(value) + 0.0  # SQLite keeps no negative zero


def compared(entity: Entity) -> list[str]:
    """Return the columns of an entity that are compared, in the order of its fields."""
    return [name for name in entity.fields if name != "id"]


def common(names: Names) -> dict[str, list[str]]:
    """Return those of the columns that are known here, in the order named."""
    return {
        name: [each for each in dict.fromkeys(columns) if each in compared(REGISTRY[name])]
        for name, columns in names.items()
        if name in REGISTRY
    }


# What travels


@_strict
class PartsQuestion(TypedDict):
    """Does the device hold what its scopes hold? A part that is not named is empty on it."""

    proto: int
    ask: Literal["parts"]
    cursor: Annotated[str, StringConstraints(max_length=MAX_CURSOR)] | None
    fields: dict[_Name, list[_Name]]
    parts: Annotated[
        list[tuple[_Text, _Name, _Count, _Digest]], Field(max_length=MAX_PARTS), FailFast()
    ]
    """(scope, entity, count, sum)"""


@_strict
class RowsQuestion(TypedDict):
    """What is to be done to these buckets?"""

    proto: int
    ask: Literal["rows"]
    cursor: Annotated[str, StringConstraints(max_length=MAX_CURSOR)] | None
    fields: dict[_Name, list[_Name]]
    buckets: Annotated[
        list[tuple[_Text, _Name, _Bucket, dict[_Text, _Digest]]],
        Field(max_length=MAX_ANSWERED * BUCKETS),
        FailFast(),
    ]
    """(scope, entity, bucket, digest of each of its rows by id)"""


Question = PartsQuestion | RowsQuestion


class Stale(TypedDict):
    """The device does not stand where the server does: sync, then ask again."""

    answer: Literal["stale"]


class Fields(TypedDict):
    """The server knows fewer columns than the app: compare these."""

    answer: Literal["fields"]
    fields: dict[str, list[str]]


PartAnswer = tuple[str, str, list[tuple[int, int, str]]]
"""(scope, entity, [(bucket, count, sum)])"""


class Differing(TypedDict):
    """Parts that differ, each with the buckets that the server has rows in; none: all is equal."""

    answer: Literal["parts"]
    parts: list[PartAnswer]


class Repair(TypedDict):
    """Rows to put, and rows that left; perhaps not all, the next comparison finds the others."""

    answer: Literal["rows"]
    rows: list[Row]


Answer = Stale | Fields | Differing | Repair

_question: TypeAdapter[Question] = TypeAdapter(
    Annotated[PartsQuestion | RowsQuestion, Field(discriminator="ask")]
)
_answer: TypeAdapter[Any] = TypeAdapter(
    Annotated[Stale | Fields | Differing | Repair, Field(discriminator="answer")]
)


def read_question(body: bytes) -> Question:
    """Read the body of a question; refuse it whole with the path of the first wrong field."""
    try:
        question = _question.validate_json(body)
    except ValidationError as error:
        raise malformed(error) from None
    if question["proto"] != PROTOCOL:
        raise refused("malformed", path="proto", problem=f"this server speaks {PROTOCOL}")
    if question["ask"] == "rows":
        sizes = [len(rows) for *_, rows in question["buckets"]]
        if len(sizes) > 1 and sum(sizes) > MAX_ROWS:
            raise refused("too_large")
    return question


def read_answer(body: bytes) -> Answer:
    """Read an answer; raise ValueError when it is not one."""
    return cast(Answer, _answer.validate_json(body))


# What the server decides


def differing(question: PartsQuestion, mine: Mapping[Part, Buckets]) -> Differing:
    """Say which parts differ, each with the buckets here; a part not in `mine` is empty here."""
    theirs = {(scope, entity): (count, sum_) for scope, entity, count, sum_ in question["parts"]}
    found: list[PartAnswer] = []
    for part in sorted(theirs.keys() | mine.keys()):
        buckets = mine.get(part, {})
        if theirs.get(part, Tally().said()) != total(buckets).said():
            said = [(bucket, *tally.said()) for bucket, tally in sorted(buckets.items())]
            found.append((*part, said))
    return {"answer": "parts", "parts": found[:MAX_ANSWERED]}


def repair(
    part: Part, theirs: Mapping[str, str], mine: Mapping[str, tuple[str, Row]]
) -> Iterable[Row]:
    """Yield what makes the rows of one bucket equal: `mine` has (digest, row) by id."""
    scope, entity = part
    for id in theirs.keys() - mine.keys():
        yield {"entity": entity, "id": id, "scope": scope, "op": "leave", "version": 0}
    for id, (digest, row) in mine.items():
        if theirs.get(id) != digest:
            yield row
