"""Daily flows, as the bank's systems say them: what went in and out of an account on one day.

A day of an account is said once; the same again changes nothing, and another sum takes its place.
What is unusual in the last days is told to the owner at once; a year of the past only teaches what
is usual.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.domain.account import account_id
from shared.domain.days import bank_day
from shared.errors import Refusal, refused
from sync_server.adapters import cells
from sync_server.adapters.accounts import hidden, named, thing_of, what
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.order import Place
from sync_server.adapters.records import read_each
from sync_server.adapters.report import QUIET, Outcome, State, state_of
from sync_server.store.alerts import watch_flows
from sync_server.store.assessment_due import ask_to_assess
from sync_server.store.daily_flows import Flow, FlowKey, Holder, holders, keep_flows, kept_flows
from sync_server.store.database import Database
from sync_server.store.unit_of_work import UnitOfWork

COLUMNS: Final = (
    Column("source", ("来源系统",)),
    Column("number", ("账号",)),
    Column("day", ("日期",)),
    Column("inflow", ("转入",)),
    Column("outflow", ("转出",)),
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says."""

    row: Row
    account_id: str
    day: date
    flow: Flow

    @property
    def key(self) -> FlowKey:
        return self.account_id, self.day.isoformat()


def places(_: Database, rows: Sequence[Row]) -> list[Place]:
    """Return where flows belong: the record has them by account."""
    return [Place(id, id) for id in map(thing_of, rows)]


def take(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in flows; what is abnormal in them is an alert by the end of the transaction."""
    today = bank_day(unit.now)
    read, outcomes = read_each(rows, lambda row: _said(row, today), _what)
    accounts = holders(unit.connection, {each.account_id for each in read})
    good: list[_Said] = []
    for each in read:
        try:
            _fits(each, accounts.get(each.account_id))
            good.append(each)
        except Refusal as why:
            outcomes.append(Outcome(each.row.line, State.REFUSED, _what(each.row), why))
    standing = kept_flows(unit.connection, {each.key for each in good})
    latest: dict[FlowKey, Flow] = {}
    for each in good:
        state = state_of(each.flow, latest.get(each.key) or standing.get(each.key))
        told = "" if state in QUIET else _what(each.row)
        outcomes.append(Outcome(each.row.line, state, told))
        latest[each.key] = each.flow
    changed = {key: flow for key, flow in latest.items() if standing.get(key) != flow}
    keep_flows(unit, changed)
    whose = {(accounts[account].customer_id, date.fromisoformat(day)) for account, day in changed}
    watch_flows(unit, whose)
    ask_to_assess(unit, {customer for customer, _ in whose})
    return outcomes


def _fits(said: _Said, account: Holder | None) -> None:
    """Refuse what cannot have moved: nothing does on an account that is closed, or not there."""
    if account is None:
        raise refused("row_unknown", column="number", value=hidden(said.row.cells["number"]))
    closed = account.closed_on
    if closed is not None and said.day.isoformat() > closed:
        raise refused("row_account_closed", closed=closed, value=said.day)


def _said(row: Row, today: date) -> _Said:
    flow = Flow(cells.yuan(row, "inflow"), cells.yuan(row, "outflow"))
    day = cells.past_day(row, "day", today)
    return _Said(row, account_id(*named(row)), day, flow)


def _what(row: Row) -> str:
    return " ".join(filter(None, (what(row), row.cells.get("day"))))
