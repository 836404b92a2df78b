"""The device's side of a comparison with the server, as a generator without IO (see `digest`).

Theory of operation. `compare` yields what it wants and is sent what came of it:

    yields Ask(body)    the runner posts it to /v1/digest; is sent the answer
    yields BREATHE      is sent None; the screens get their turn between two thousand rows

It reads the shared rows, asks, repairs what the server names, and begins again, until nothing
differs: so that what is reported as repaired has been seen to be equal. Every round puts right at
least one row that no earlier round did, else the comparison ends and says so: it cannot go on for
ever. It may be broken off anywhere; each repair is one local transaction.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from shared.registry import REGISTRY
from shared.sync.digest import (
    MAX_ROWS,
    Answer,
    Buckets,
    Differing,
    Names,
    Part,
    Tally,
    bucket_of,
    digester,
    total,
    written,
)
from shared.sync.protocol import PROTOCOL, Row, write
from shared.sync.session import ProtocolError

SharedRow = tuple[Any, ...]
"""(scope, id, version, *values of the columns asked for)"""


class SharedRows(Protocol):
    """What a comparison needs of the device's store."""

    def cursor(self) -> str | None:
        """Return the cursor of the last applied page."""

    def columns(self) -> Names:
        """Return the columns of every entity that this app knows."""

    def shared_rows(
        self, entity: str, names: Sequence[str], after: str
    ) -> tuple[Sequence[SharedRow], str | None]:
        """Return some rows by id from past `after` on as the shared record has them, without the
        user's own work, and the id to go on from; None at the end."""

    def repair(self, cursor: str | None, rows: Sequence[Row]) -> bool:
        """Apply rows as one, unless the cursor is another by now; return whether it was done."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A body to post to /v1/digest."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Breathe:
    """The wish to let others have their turn."""


BREATHE: Final = Breathe()
Wish = Ask | Breathe
Outcome = Literal["agreed", "repaired", "differs", "stale"]
"""agreed: equal. repaired: equal now. differs: rows are left that could not be put right.
stale: the server has moved on meanwhile; sync and compare again."""
Conversation = Generator[Wish, Answer | None, "Compared"]
Asking = Generator[Wish, Answer | None, Answer]
Step = tuple[str, str, str]
"""(entity, id, put or leave)"""
Bucket = tuple[str, str, int]
"""(scope, entity, bucket)"""
FROM_THE_START: Final = ""
"""Less than any id."""
NOTHING: Final = Tally().said()


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison came to, and how many rows it put right."""

    outcome: Outcome
    repaired: int


def compare(store: SharedRows) -> Conversation:
    """Compare the device's shared rows with the server's, and repair what differs.

    Raises ProtocolError for an answer that no server of this protocol gives.
    """
    names: Names = store.columns()
    done: set[Step] = set()
    while True:
        cursor = store.cursor()
        held = yield from _tally(store, names)
        answer = yield from _ask(cursor, names, {"ask": "parts", "parts": _said(held)})
        if answer["answer"] == "fields":
            names = _fewer(names, answer["fields"])
            continue
        if answer["answer"] == "parts":
            if not answer["parts"]:
                return _compared("repaired" if done else "agreed", done)
            buckets = yield from _rows(store, names, _where(held, answer))
            answer = yield from _ask(cursor, names, {"ask": "rows", "buckets": buckets})
        if answer["answer"] == "stale":
            return _compared("stale", done)
        if answer["answer"] != "rows":
            raise ProtocolError("an answer to another question")
        steps = {(row["entity"], row["id"], row["op"]) for row in answer["rows"]}
        if steps <= done:
            return _compared("differs", done)
        if not store.repair(cursor, answer["rows"]):
            return _compared("stale", done)
        done |= steps


def _compared(outcome: Outcome, done: Collection[Step]) -> Compared:
    return Compared(outcome, len({(entity, id) for entity, id, _ in done}))


def _fewer(mine: Names, theirs: Names) -> Names:
    """Return the columns that both sides know; there must be fewer, or this would go on."""
    both = {
        entity: [name for name in names if name in theirs[entity]]
        for entity, names in mine.items()
        if entity in theirs
    }
    if both == mine:
        raise ProtocolError("the server asks for the columns that were sent")
    return both


def _ask(cursor: str | None, names: Names, question: Mapping[str, Any]) -> Asking:
    frame = {"proto": PROTOCOL, "cursor": cursor, "fields": names}
    answer = yield Ask(write({**frame, **question}))
    if answer is None:
        raise ProtocolError("a question was left without an answer")
    return answer


def _tally(store: SharedRows, names: Names) -> Generator[Wish, Answer | None, dict[Part, Buckets]]:
    """Read every row; return the tallies of all buckets."""
    held: dict[Part, Buckets] = {}

    def count(scope: str, entity: str, id: str, digest: int) -> None:
        held.setdefault((scope, entity), {}).setdefault(bucket_of(id), Tally()).add(digest)

    yield from _read(store, names, names, count)
    return held


def _rows(
    store: SharedRows, names: Names, wanted: Collection[Bucket]
) -> Generator[Wish, Answer | None, list[tuple[str, str, int, dict[str, str]]]]:
    """Read the rows of some buckets; return their digests by id."""
    found: dict[Bucket, dict[str, str]] = {bucket: {} for bucket in wanted}

    def note(scope: str, entity: str, id: str, digest: int) -> None:
        bucket = found.get((scope, entity, bucket_of(id)))
        if bucket is not None:
            bucket[id] = written(digest)

    yield from _read(store, names, dict.fromkeys(entity for _, entity, _ in wanted), note)
    return [(*bucket, digests) for bucket, digests in found.items()]


def _read(
    store: SharedRows,
    names: Names,
    entities: Iterable[str],
    take: Callable[[str, str, str, int], None],
) -> Generator[Wish, Answer | None, None]:
    """Hand the scope, entity, id and digest of every row over, with a breath now and then."""
    for entity in entities:
        digest = digester(REGISTRY[entity], names[entity])
        going: str | None = FROM_THE_START
        while going is not None:
            rows, going = store.shared_rows(entity, names[entity], going)
            for scope, *row in rows:
                take(scope, entity, row[0], digest(row))
            yield BREATHE


def _said(held: Mapping[Part, Buckets]) -> list[tuple[str, str, int, str]]:
    return [(*part, *total(buckets).said()) for part, buckets in held.items()]


def _where(held: Mapping[Part, Buckets], answer: Differing) -> dict[Bucket, int]:
    """Return the buckets that differ, as many as one question may have, with their sizes here."""
    found: dict[Bucket, int] = {}
    room = MAX_ROWS
    for scope, entity, said in answer["parts"]:
        theirs = {bucket: (count, digest) for bucket, count, digest in said}
        mine = held.get((scope, entity), {})
        for bucket in sorted(theirs.keys() | mine.keys()):
            tally = mine.get(bucket, Tally())
            if theirs.get(bucket, NOTHING) != tally.said():
                room -= tally.count
                if found and room < 0:
                    return found
                found[scope, entity, bucket] = tally.count
    return found
