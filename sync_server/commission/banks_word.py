"""The bank's word: what its core systems have said of a sale, and the sale as that makes it.

The result depends on what was said and not on the order in which it came. Of two events of one kind
the earlier day counts; of two amounts the one that was said of the later day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from shared.commission.rules import Recognition
from shared.domain.sale import RECOGNISED_IN
from shared.money import Fen
from shared.registry import Document

Event = Recognition | Literal["CANCELLED"]
FIELD_OF: Final[Mapping[str, str]] = {str(name): field for name, field in RECOGNISED_IN.items()} | {
    "CANCELLED": "cancelled_on"
}
"""The field of a sale that holds the day of each event."""


@dataclass(frozen=True, slots=True)
class CoreEvent:
    """One thing that a core system says of a sale, which it names by either reference or both.

    `key` is the event's own, under which it counts once. `amount` (fen) and `qty`, where they are
    said, correct what was claimed.
    """

    key: str
    external_ref: str | None
    sale_id: str | None
    event: Event
    on: date
    amount: Fen | None = None
    qty: int | None = None


class Taken(StrEnum):
    """What became of an event that a core system sent."""

    APPLIED = "applied"
    KNOWN = "known"
    """The same came before, under the same key."""
    WAITING = "waiting"
    """There is no such sale yet; it is kept, and applied when the sale arrives."""
    CHANGED = "changed"
    """The same key came before and said something else; this counts."""


def as_told(
    sale: Document, events: Sequence[CoreEvent], now: int, unsaid: Iterable[str] = ()
) -> Document:
    """Return a sale as the bank's events make it.

    `unsaid` are the fields that were told and are told no more.
    """
    told = dict(sale) | dict.fromkeys(unsaid)
    for event in sorted(events, key=lambda each: (each.on, each.key), reverse=True):
        told[FIELD_OF[event.event]] = event.on.isoformat()
    for event in sorted(events, key=lambda each: (each.on, each.key)):
        told["amount"] = told["amount"] if event.amount is None else event.amount
        told["qty"] = told["qty"] if event.qty is None else event.qty
    if events and sale["confirmed_at"] is None:
        told["confirmed_at"] = now
    return {**told, "status": status_of(told)}


def status_of(sale: Document, *, is_disputed: bool = False) -> str:
    """Return the state that follows from what the bank says of a sale, and who claims it."""
    is_recognised = any(sale[name] is not None for name in RECOGNISED_IN.values())
    status = str(sale["status"])
    if sale["cancelled_on"] is not None or (status == "cancelled" and not is_recognised):
        return "cancelled"
    if is_disputed and (is_recognised or status in ("submitted", "confirmed", "disputed")):
        return "disputed"
    if is_recognised:
        return "confirmed"
    return "submitted" if status in ("disputed", "confirmed") else status


def is_withdrawn(sale: Document) -> bool:
    """Whether a sale was taken back before the bank said a word: it never was."""
    return sale["status"] == "cancelled" and sale["confirmed_at"] is None
