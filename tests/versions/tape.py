"""The tape: keeps exchanges as they pass, and can make a server speak as a later version does.

The later version has one more entity, the keepsake (a small present that a customer was given), and
the columns `customer.parking_note` and `interaction.weather`. None of them will ever be real.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json, to_json

from shared.registry import Document
from shared.sync.protocol import write
from shared.testing.builders import id_number
from sync_server import exchange
from sync_server.store.database import Database
from tests.sync.world import CUSTOMERS, LIN

MINE, OTHER, ZHOUS, STRANGERS = CUSTOMERS
KEEPSAKES: Final = tuple(id_number(9_300 + place) for place in range(5))
_HOLD: Final = exchange.hold


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange as it went over the wire, without HTTP's own compression."""

    token: str
    now: int
    request: bytes
    answer: Sequence[bytes]
    what: str = ""


@dataclass(slots=True)
class Tape:
    """Stands in for `exchange.hold` and keeps what passes through."""

    exchanges: list[Exchange] = field(default_factory=list)
    later: bool = False
    """Whether the server speaks as a later version, with an entity and columns of its own."""

    def hold(self, database: Database, token: str, body: bytes, now: int) -> exchange.Answer:
        answer = _HOLD(database, token, body, now)
        lines = list(answer.lines)
        if self.later:
            lines = [_of_a_later_version(line) for line in lines]
        self.exchanges.append(Exchange(token, now, body, lines))
        return replace(answer, lines=iter(lines))

    def name(self, what: str) -> None:
        """Say what the exchanges were that have no name yet."""
        self.exchanges = [
            each if each.what else replace(each, what=what) for each in self.exchanges
        ]

    def keep(self, folder: Path) -> None:
        folder.mkdir()
        for name, each in zip(self.listed(), self.exchanges, strict=True):
            (folder / f"{name['name']}.request.json").write_bytes(each.request)
            answer = b"".join(line + b"\n" for line in each.answer)
            (folder / f"{name['name']}.answer.ndjson").write_bytes(answer)
        (folder / "exchanges.json").write_bytes(to_json(self.listed(), indent=2) + b"\n")

    def listed(self) -> list[dict[str, Any]]:
        return [
            {
                "name": f"{number:02}-{each.what.partition(':')[0].replace(' ', '-')}",
                "what": each.what,
                "token": each.token,
                "now": each.now,
            }
            for number, each in enumerate(self.exchanges, 1)
        ]


def _of_a_later_version(line: bytes) -> bytes:
    """Give the rows of a page what only a later version knows."""
    page = from_json(line)
    if page["line"] != "page" or not page["rows"]:
        return line
    for row in page["rows"]:
        if row["entity"] == "customer":
            row["doc"] |= {"parking_note": f"东门可停车 {row['id'][-4:]}"}
        if row["entity"] == "interaction":
            row["doc"] |= {"weather": "rain"}
    page["rows"] += [
        _row(keepsake(KEEPSAKES[place], customer, LIN), f"portfolio:{LIN}")
        for place, customer in enumerate((MINE, OTHER))
    ]
    return write(page)


def _row(document: Document, scope: str) -> dict[str, Any]:
    frame = {"entity": "keepsake", "id": document["id"], "scope": scope, "op": "put", "version": 3}
    return {**frame, "doc": document}


def keepsake(id: str, customer: str, employee: str, **fields: Any) -> Document:
    """A row of the entity that only a later version has."""
    document = {"id": id, "customer_id": customer, "employee_id": employee, "title": "剪纸"}
    return {**document, "worth": 8_800, "given_on": None, **fields}
