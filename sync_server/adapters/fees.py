"""Fees, as the bank's systems say them: what an account's customer paid the bank for, and when.

A fee has a number, or is the one of its kind that an account pays in a month. The same again
changes nothing, and another amount takes the place of the former: 0.00 takes a fee back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.domain.account import account_id
from shared.domain.days import bank_day
from shared.domain.fee import FEE_KINDS
from shared.errors import refused
from shared.ids import derived_id
from sync_server.adapters import cells
from sync_server.adapters.accounts import hidden, named, what
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.records import read_each
from sync_server.adapters.report import Outcome, State, state_of
from sync_server.store.assessment_due import ask_to_assess
from sync_server.store.daily_flows import holders
from sync_server.store.fees import Fee, keep_fees, kept_fees
from sync_server.store.unit_of_work import UnitOfWork

COLUMNS: Final = (
    Column("source", ("来源系统",)),
    Column("number", ("账号",)),
    Column("what", ("费用项目",)),
    Column("amount", ("金额",)),
    Column("day", ("日期",)),
    Column("fee_no", ("费用编号",), required=False),
)
_KINDS: Final = {
    "账户管理": "account",
    "结算": "settlement",
    "银行卡": "card",
    "理财": "wealth",
    "基金": "fund",
    "保险": "insurance",
    "贷款": "loan",
    "国际业务": "foreign",
    "其他": "other",
}
_KIND_WORDS: Final = _KINDS | {kind: kind for kind in FEE_KINDS}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says."""

    row: Row
    id: str
    fee: Fee


def take(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in fees, which are part of their customer's value."""
    today = bank_day(unit.now)
    read, outcomes = read_each(rows, lambda row: _said(row, today), _what)
    standing = kept_fees(unit.connection, {each.id for each in read})
    fees = (*(each.fee for each in read), *standing.values())
    known = holders(unit.connection, {fee.account_id for fee in fees})
    latest: dict[str, Fee] = {}
    for each in read:
        if each.fee.account_id not in known:
            why = refused("row_unknown", column="number", value=hidden(each.row.cells["number"]))
            outcomes.append(Outcome(each.row.line, State.REFUSED, _what(each.row), why))
            continue
        state = state_of(each.fee, latest.get(each.id) or standing.get(each.id))
        outcomes.append(Outcome(each.row.line, state, _what(each.row)))
        latest[each.id] = each.fee
    changed = {id: fee for id, fee in latest.items() if standing.get(id) != fee}
    keep_fees(unit, changed)
    former = (standing[id] for id in changed if id in standing)
    moved = {fee.account_id for fee in (*changed.values(), *former)}
    ask_to_assess(unit, {known[account].customer_id for account in moved})
    return outcomes


def _said(row: Row, today: date) -> _Said:
    source, number = named(row)
    kind = cells.word(row, "what", _KIND_WORDS)
    day = cells.past_day(row, "day", today).isoformat()
    fee = Fee(account_id(source, number), kind, cells.yuan(row, "amount"), day)
    fee_no = cells.text_or_none(row, "fee_no")
    known_by = ("number", fee_no) if fee_no else ("month", number, kind, day[:7])
    return _Said(row, derived_id("fee", source, *known_by), fee)


def _what(row: Row) -> str:
    said = (row.cells.get("fee_no"), what(row), row.cells.get("what"), row.cells.get("day"))
    return " ".join(filter(None, said))
