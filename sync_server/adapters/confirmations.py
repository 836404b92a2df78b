"""Confirmations: what the core systems say has become of a sale, by its external reference.

An event may arrive before its sale, which is still on a device without a signal: it waits, and is
applied when the sale arrives. The same event again changes nothing; a corrected one, under the same
key, takes the place of the former.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, cast, get_args

from shared.commission.rules import Recognition
from shared.domain.days import bank_day
from shared.errors import refused
from sync_server.adapters import cells
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.records import read_each
from sync_server.adapters.report import Outcome, State
from sync_server.store.bank_rows import sellers
from sync_server.store.core_events import CoreEvent, Taken, take_events
from sync_server.store.unit_of_work import UnitOfWork

COLUMNS: Final = (
    Column("key", ("流水号",), required=False),
    Column("external_ref", ("业务编号",), required=False),
    Column("sale_id", ("销售编号",), required=False),
    Column("event", ("事件",)),
    Column("on", ("日期",)),
    Column("amount", ("金额",), required=False),
    Column("currency", ("币种",), required=False),
    Column("qty", ("数量",), required=False),
)
_EVENTS: Final = {name: name for name in (*get_args(Recognition), "CANCELLED")} | {
    "申请": "APPLIED",
    "激活": "ACTIVATED",
    "放款": "DISBURSED",
    "到账": "FUNDED",
    "过犹豫期": "COOLED_OFF",
    "撤销": "CANCELLED",
}
_STATES: Final = {
    Taken.APPLIED: State.APPLIED,
    Taken.KNOWN: State.KNOWN,
    Taken.WAITING: State.WAITING,
    Taken.CHANGED: State.CHANGED,
}


def take(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Read events and hand them to the commission authority, in the order of the file."""
    today = bank_day(unit.now)
    read, outcomes = read_each(rows, lambda row: (row, _event(row, today)), _about)
    joined = sellers(
        unit.connection,
        {event.sale_id for _, event in read if event.sale_id},
        {event.external_ref for _, event in read if event.external_ref},
    )
    good: list[tuple[Row, CoreEvent]] = []
    for row, event in read:
        seller = joined.get(event.sale_id or event.external_ref or "")
        if seller and seller.joined_on and event.on.isoformat() < seller.joined_on:
            why = refused("row_before_joining", value=event.on, joined=seller.joined_on)
            outcomes.append(Outcome(row.line, State.REFUSED, event.key, why))
        else:
            good.append((row, event))
    taken = take_events(unit, [event for _, event in good]) if good else []
    outcomes += [
        Outcome(row.line, _STATES[each], event.key)
        for (row, event), each in zip(good, taken, strict=True)
    ]
    return outcomes


def _event(row: Row, today: date) -> CoreEvent:
    if not _about(row):
        raise refused("row_lacks", column="external_ref")
    event = cells.word(row, "event", _EVENTS)
    return CoreEvent(
        key=cells.text_or_none(row, "key") or f"{_about(row)}/{event}",
        external_ref=cells.text_or_none(row, "external_ref"),
        sale_id=cells.text_or_none(row, "sale_id"),
        event=cast("Recognition", event),
        on=cells.past_day(row, "on", today),
        amount=cells.amount(row),
        qty=cells.pieces(row),
    )


def _about(row: Row) -> str:
    return row.cells.get("external_ref") or row.cells.get("sale_id") or ""
