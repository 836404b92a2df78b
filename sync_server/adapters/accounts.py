"""Accounts, as the bank's systems say them: whose each is, what is in it, and when that was true.

The systems know an account by its number and the customer by an identity document, or by telephone
and name; the record knows both by ids of its own. A balance is as old as the system says: one that
is older than what the record has leaves the record as it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from shared import identity
from shared.domain.account import DEPOSITS, account_id
from shared.domain.days import bank_day
from shared.errors import Refusal, refused
from shared.registry import REGISTRY, Document
from sync_server.adapters import cells
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.order import Place
from sync_server.adapters.records import read_each
from sync_server.adapters.report import QUIET, Outcome, State
from sync_server.customer.matching import Contact, Known, Number, Whose, owner
from sync_server.store.alerts import watch_maturities
from sync_server.store.assessment_due import ask_to_assess
from sync_server.store.customers import follow_accounts, known_customers, numbered
from sync_server.store.daily_flows import Holder, holders
from sync_server.store.database import Database
from sync_server.store.redirects import Came, follow_found
from sync_server.store.rows import current_rows, locked_rows, standing_rows
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.withdrawing import withdraw_maturities

WHOSE: Final = (
    Column("id_kind", ("证件类型",), required=False),
    Column("id_number", ("证件号码",), required=False),
    Column("phone", ("电话",), required=False),
    Column("customer", ("客户名称", "客户姓名"), required=False),
)
REFERRED: Final = (
    Column("account_source", ("账户系统",), required=False),
    Column("account", ("账号",), required=False),
)
"""By which account, of which system, a row of something else says whose it is."""
COLUMNS: Final = (
    Column("source", ("来源系统",)),
    Column("number", ("账号",)),
    Column("kind", ("账户类型",)),
    Column("name", ("产品名称",)),
    Column("balance", ("余额",)),
    Column("as_of", ("数据时间",)),
    Column("rate", ("年利率",), required=False),
    Column("opened_on", ("开户日",), required=False),
    Column("matures_on", ("到期日",), required=False),
    Column("closed_on", ("销户日",), required=False),
    *WHOSE,
)
_OPTIONAL: Final = ("rate", "opened_on", "matures_on", "closed_on")
_KINDS: Final = {
    "活期": "demand",
    "定期": "time_deposit",
    "理财": "wealth",
    "基金": "fund",
    "保险": "insurance",
    "贷款": "loan",
    "信用卡": "card",
    "其他": "other",
}
_KIND_WORDS: Final = _KINDS | {kind: kind for kind in _KINDS.values()}
_ID_KINDS: Final = {
    "id_card": "id_card",
    "身份证": "id_card",
    "uscc": "uscc",
    "统一社会信用代码": "uscc",
    "passport": "passport",
    "护照": "passport",
}
_CHECKED: Final = {
    "id_card": (identity.id_card, "GB 11643-1999"),
    "uscc": (identity.uscc, "GB 32100-2015"),
}
_STILL_OPEN: Final = frozenset({"open", "未销户"})
"""In the place of the day on which an account was closed: it was not, whatever was said before."""
_LONGEST_NUMBER: Final = 40
_NUMBER: Final = re.compile(rf"[0-9A-Z]{{1,{_LONGEST_NUMBER}}}")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says: the account but for its customer, and whose it is."""

    row: Row
    account: Document
    whose: Whose


def places(database: Database, rows: Sequence[Row]) -> list[Place]:
    """Return where accounts belong: beside the customer who has the number that a row says."""
    numbers = [row.cells.get("id_number", "").upper() for row in rows]
    things = [thing_of(row) for row in rows]
    with database.reading() as connection:
        by_number = numbered(connection, set(filter(None, numbers)))
        rest = {id for id, number in zip(things, numbers, strict=True) if number not in by_number}
        held = holders(connection, rest)
    return [
        Place(id, by_number.get(number) or _holder_of(held.get(id)))
        for id, number in zip(things, numbers, strict=True)
    ]


def thing_of(row: Row) -> str:
    """Return the id of the account that a row is about; of one that is refused its line."""
    try:
        return account_id(*named(row))
    except Refusal:
        return str(row.line)


def _holder_of(holder: Holder | None) -> str | None:
    return None if holder is None else holder.customer_id


def take(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in accounts; their customers' deposits follow, and alerts of what matures soon."""
    now, today = unit.now, bank_day(unit.now)
    read, outcomes = read_each(rows, lambda row: _said(row, now, today), what)
    entity = REGISTRY["account"]
    standing = standing_rows(unit.connection, entity, {str(each.account["id"]) for each in read})
    known = known_customers(
        unit.connection,
        [(each.whose, _holder(standing.get(str(each.account["id"])))) for each in read],
    )
    latest: dict[str, Document] = dict(standing)
    opened: list[Came] = []
    for each in read:
        id = str(each.account["id"])
        before = latest.get(id)
        try:
            account = _owned(each, known, before)
        except Refusal as why:
            outcomes.append(Outcome(each.row.line, State.REFUSED, what(each.row), why))
            continue
        if before is None:
            opened.append(Came("account", id, str(account["customer_id"]), each.whose))
        state = _state(account, before)
        told = "" if state in QUIET else what(each.row)
        outcomes.append(Outcome(each.row.line, state, told))
        if state is not State.KNOWN:
            latest[id] = account
    written = [row for id, row in latest.items() if not _is_same(row, standing.get(id))]
    _write(unit, written, standing)
    follow_found(unit.connection, opened)
    ask_to_assess(unit, _told_anew(written, standing))
    unmatured = [row for row in written if _is_no_longer_due(row, standing.get(str(row["id"])))]
    withdraw_maturities(unit, unmatured)
    return outcomes


def _told_anew(written: Iterable[Document], standing: Mapping[str, Document]) -> set[str]:
    """Return the customers of accounts of which more is new than the age of the figures."""
    return {
        str(each["customer_id"])
        for each in written
        for before in [standing.get(str(each["id"]))]
        if before is None or not _is_same({**each, "as_of": before["as_of"]}, before)
    }


def _is_no_longer_due(account: Document, before: Document | None) -> bool:
    """Whether money that was to be free on a day is not: renewed, or closed before that day."""
    if before is None or not before["matures_on"] or before["closed_on"]:
        return False
    day, closed = str(before["matures_on"]), account["closed_on"]
    return account["matures_on"] != day or bool(closed and str(closed) < day)


def _write(
    unit: UnitOfWork, written: Sequence[Document], standing: Mapping[str, dict[str, Any]]
) -> None:
    if not written:
        return
    entity = REGISTRY["account"]
    customers = {str(each["customer_id"]) for each in written}
    # Customers are locked before what is theirs, as an exchange does.
    present = current_rows(unit.connection, REGISTRY["customer"], sorted(customers))
    homes = {id: row["scope_id"] for id, row in present.items()}
    ids = sorted(str(each["id"]) for each in written)
    held = locked_rows(unit.connection, entity, ids, standing)
    unit.import_rows(entity, written, held, homes)
    ceased = {
        str(each["customer_id"]): int(str(each["as_of"]))
        for each in written
        if each["kind"] not in DEPOSITS and standing.get(str(each["id"]), each)["kind"] in DEPOSITS
    }
    follow_accounts(unit, present, ceased)
    watch_maturities(unit, written)


def _state(account: Document, before: Document | None) -> State:
    if before is None:
        return State.APPLIED
    is_known = _is_same(account, before) or _is_older(account, before)
    return State.KNOWN if is_known else State.CHANGED


def _is_same(account: Document, before: Document | None) -> bool:
    """Whether a row of the record says all that an account says."""
    return before is not None and account.items() <= before.items()


def _is_older(account: Document, before: Document) -> bool:
    return account["as_of"] < before["as_of"]  # type: ignore[operator]


def _owned(said: _Said, known: Known, before: Document | None) -> Document:
    """Return the account as a row leaves it: what it does not say is as it was."""
    account = said.account | {"customer_id": owner(known, said.whose, _holder(before))}
    if before is None:
        return account
    cells_of = said.row.cells
    for name in _OPTIONAL:
        if name not in cells_of:
            account[name] = before[name]
    closed = before["closed_on"]
    if closed and "closed_on" not in cells_of and account["balance"] and _is_older(before, account):
        raise refused("row_account_closed", closed=closed, value=cells_of["as_of"])
    return account


def _holder(account: Document | None) -> str | None:
    return None if account is None else str(account["customer_id"])


def _said(row: Row, now: int, today: date) -> _Said:
    return _Said(row, _account(row, now, today), whose(row))


def _account(row: Row, now: int, today: date) -> Document:
    source, number = named(row)
    opened = cells.past_day_or_none(row, "opened_on", today)
    matures, closed = cells.day_or_none(row, "matures_on"), _closed(row, today)
    for column, later in (("matures_on", matures), ("closed_on", closed)):
        if opened and later and later < opened:
            raise refused("row_order", column=column, value=later, after=opened)
    return {
        "id": account_id(source, number),
        "customer_id": None,  # for its place: see _owned
        "kind": cells.word(row, "kind", _KIND_WORDS),
        "name": cells.text(row, "name"),
        "last_four": number[-4:],
        "source": source,
        "balance": cells.yuan(row, "balance"),
        "as_of": cells.past_moment(row, "as_of", now),
        "rate": cells.percent_or_none(row, "rate"),
        "opened_on": opened.isoformat() if opened else None,
        "matures_on": matures.isoformat() if matures else None,
        "closed_on": closed.isoformat() if closed else None,
    }


def _closed(row: Row, today: date) -> date | None:
    if row.cells.get("closed_on") in _STILL_OPEN:
        return None
    return cells.past_day_or_none(row, "closed_on", today)


def named(row: Row) -> tuple[str, str]:
    """Return the system and the number, in standard form, by which a row names an account."""
    number = standard_number(row, "number")
    return cells.text(row, "source"), number


def standard_number(row: Row, column: str) -> str:
    """Return the number of an account in standard form."""
    number = identity.standard(cells.text(row, column, _LONGEST_NUMBER))
    if not _NUMBER.fullmatch(number):
        raise refused("row_value", column=column, value=hidden(number), wanted="0-9 A-Z")
    return number


def referred(row: Row) -> str | None:
    """Return the id of the account that REFERRED names; None where the row names none."""
    if not row.cells.keys() & {"account", "account_source"}:
        return None
    number = standard_number(row, "account")
    return account_id(cells.text(row, "account_source"), number)


def held(
    account: str | None, before: Document | None, accounts: Mapping[str, Holder]
) -> str | None:
    """Return whose a thing is in the record, else whose the account is that its row refers to."""
    if before is not None:
        return _holder(before)
    return _holder_of(accounts.get(account or ""))


def customer_of(
    known: Known,
    whose: Whose,
    account: str | None,
    before: Document | None,
    accounts: Mapping[str, Holder],
) -> str:
    """Return whose a thing is by what its row says, and by the account that it refers to.

    Raises the refusals of `owner`, and `row_other_customer` where the two disagree.
    """
    customer = owner(known, whose, held(account, before, accounts))
    holder = accounts.get(account or "")
    if holder is not None and holder.customer_id != customer:
        raise refused("row_other_customer")
    return customer


def whose(row: Row) -> Whose:
    """Return what a row says of the customer, by the columns that WHOSE names."""
    return Whose(_number(row), _contact(row))


def _number(row: Row) -> Number | None:
    if "id_number" not in row.cells and "id_kind" not in row.cells:
        return None
    kind = cells.word(row, "id_kind", _ID_KINDS)
    cell = cells.text(row, "id_number", _LONGEST_NUMBER)
    if kind == "passport":
        return kind, _passport(cell)
    read, standard = _CHECKED[kind]
    number = read(cell)
    if number is None:
        raise refused("row_check_digit", column="id_number", value=hidden(cell), standard=standard)
    return kind, number


def _passport(cell: str) -> str:
    number = identity.passport(cell)
    if number is None:
        raise refused("row_value", column="id_number", value=hidden(cell), wanted="E12345678")
    return number


def _contact(row: Row) -> Contact | None:
    if "phone" not in row.cells or "customer" not in row.cells:
        return None
    phone, name = identity.phone(row.cells["phone"]), identity.name(row.cells["customer"])
    return (phone, name) if phone and name else None


def hidden(number: str) -> str:
    """Return the last four signs of a number: a report is read by more people than a record."""
    return f"…{number[-4:]}"


def what(row: Row) -> str:
    """Return what a report calls the account of a row."""
    return " ".join(filter(None, (row.cells.get("source"), hidden(row.cells.get("number", "")))))
