"""Contacts that the bank's systems tell of: calls of the call centre, and events of other channels.

Each is one interaction of its customer's timeline, once, under an id that follows from what its
system calls it. Said again with other words it is corrected in place; whose it is never changes. A
call that somebody must answer becomes a task of the owner, a complaint a case, in the transaction
that brings it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from shared import identity
from shared.domain.interaction import Interaction, contact_id
from shared.domain.service_case import USUAL_SEVERITY
from shared.errors import Refusal, refused
from shared.registry import REGISTRY, Document
from sync_server.adapters import cells
from sync_server.adapters.accounts import REFERRED, WHOSE, customer_of, held, referred, whose
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.records import read_each
from sync_server.adapters.report import Outcome, State
from sync_server.customer.follow_ups import follow_up, is_fresh, opened_case
from sync_server.customer.matching import Whose
from sync_server.store.alerts import watch_scores
from sync_server.store.assessment_due import ask_to_assess
from sync_server.store.bank_rows import employees_by_number
from sync_server.store.collaborations import follow_collaborations
from sync_server.store.complaints import follow_complaints
from sync_server.store.customers import known_customers
from sync_server.store.daily_flows import holders
from sync_server.store.redirects import Came, follow_found
from sync_server.store.rows import buried, customer_scopes, document_of, documents
from sync_server.store.unit_of_work import UnitOfWork

_OPTIONAL: Final = (
    Column("agent", ("经办人", "坐席"), required=False),
    Column("case", ("工单类别",), required=False),
    Column("severity", ("紧急程度",), required=False),
    Column("score", ("满意度",), required=False),
    *REFERRED,
    *WHOSE,
)
CALLS: Final = (
    Column("source", ("来源系统",)),
    Column("call_id", ("通话编号",)),
    Column("at", ("时间",)),
    Column("direction", ("呼叫方向",)),
    Column("result", ("接听结果",)),
    Column("seconds", ("通话秒数",), required=False),
    Column("summary", ("摘要",), required=False),
    Column("callback", ("要求回电", "需跟进"), required=False),
    Column("outcome", ("沟通结果",), required=False),
    *_OPTIONAL,
)
EVENTS: Final = (
    Column("source", ("来源系统",)),
    Column("event_id", ("事件编号",)),
    Column("at", ("时间",)),
    Column("channel", ("渠道",)),
    Column("what", ("办理事项",)),
    *_OPTIONAL,
)


def _words(chinese: Mapping[str, str]) -> Mapping[str, str]:
    return dict(chinese) | {word: word for word in chinese.values()}


_DIRECTIONS: Final = _words({"呼入": "inbound", "呼出": "outbound"})
_RESULTS: Final = _words({"已接听": "answered", "未接": "missed", "放弃": "abandoned"})
_OUTCOMES: Final = _words(
    {"有意向": "interested", "需跟进": "follow_up", "已办成": "done", "已婉拒": "declined"}
)
_CHANNELS: Final = _words(
    {
        "柜面": "counter",
        "线上": "online",
        "自助": "self_service",
        "信函": "mail",
        "短信": "sms",
    }
)
_CASES: Final = _words(
    {
        "投诉": "complaint",
        "申请": "request",
        "咨询": "question",
        "挂失": "loss_report",
        "更正": "correction",
    }
)
_SEVERITIES: Final = _words({"紧急": "urgent", "重要": "high", "一般": "normal"})
_SCORES: Final = {score: score for score in "12345"}
_LONGEST: Final = 4_000
"""Characters of a summary, as the record keeps them."""
_INTERACTION: Final = REGISTRY["interaction"]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says: the contact but for its customer and its agent, and whose it is."""

    row: Row
    contact: Document
    whose: Whose
    account_id: str | None
    case: tuple[str, str] | None
    """The kind and the severity of the case that it opens."""

    @property
    def id(self) -> str:
        return str(self.contact["id"])


Read = Callable[[Row], Document]


def take_calls(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in calls; who is to be called back is on the owner's list with them."""
    return _take(unit, rows, _call, by_phone=True)


def take_events(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in events of the counter, of online and self-service channels, mail and SMS."""
    return _take(unit, rows, _event, by_phone=False)


def _take(unit: UnitOfWork, rows: Sequence[Row], read: Read, *, by_phone: bool) -> list[Outcome]:
    good, outcomes = read_each(
        rows, lambda row: _said(row, read, unit.now, by_phone=by_phone), _what
    )
    standing = documents(unit.connection, _INTERACTION, {each.id for each in good})
    latest: dict[str, tuple[_Said, Document]] = {}
    found = _finder(unit, good, standing)
    for said in good:
        before = latest[said.id][1] if said.id in latest else standing.get(said.id)
        try:
            contact = said.contact | found(said, before)
        except Refusal as why:
            outcomes.append(Outcome(said.row.line, State.REFUSED, _what(said.row), why))
            continue
        state = _state(contact, before)
        outcomes.append(Outcome(said.row.line, state, _what(said.row)))
        if state is not State.KNOWN:
            latest[said.id] = (said, contact)
    _write(unit, list(latest.values()), standing)
    return outcomes


def _finder(
    unit: UnitOfWork, good: Sequence[_Said], standing: Mapping[str, Document]
) -> Callable[[_Said, Document | None], Document]:
    """Look everything up that rows name; return what says whose each is, and who had it."""
    accounts = holders(unit.connection, {each.account_id for each in good if each.account_id})
    known = known_customers(
        unit.connection,
        [(each.whose, held(each.account_id, standing.get(each.id), accounts)) for each in good],
    )
    agents = {str(each.contact["agent"]) for each in good if each.contact["agent"]}
    people = employees_by_number(unit.connection, agents)

    def find(said: _Said, before: Document | None) -> Document:
        person = people.get(str(said.contact["agent"]), {})
        return {
            "customer_id": customer_of(known, said.whose, said.account_id, before, accounts),
            "employee_id": str(person.get("id", "")),
        }

    return find


def _state(contact: Document, before: Document | None) -> State:
    if before is None:
        return State.APPLIED
    is_same = contact | {"received_at": before["received_at"]} == before
    return State.KNOWN if is_same else State.CHANGED


def _write(
    unit: UnitOfWork,
    written: Sequence[tuple[_Said, Document]],
    standing: Mapping[str, Document],
) -> None:
    if not written:
        return
    contacts = [contact for _, contact in written]
    customers = {str(each["customer_id"]) for each in contacts}
    homes = customer_scopes(unit.connection, customers)
    unit.import_rows(_INTERACTION, contacts, homes=homes)
    owners = documents(unit.connection, REGISTRY["customer"], customers)
    told = [(said, Interaction(**cast(Any, contact))) for said, contact in written]
    tasks = [follow_up(contact, unit.now) for _, contact in told]
    cases = [
        opened_case(
            contact,
            cast(Any, said.case[0]),
            cast(Any, said.case[1]),
            str(owners[contact.customer_id]["owner_id"]),
            unit.now,
        )
        for said, contact in told
        if said.case
    ]
    made = {
        "interaction": [each for each in contacts if each["id"] not in standing],
        "task": _make(unit, "task", [document_of(each) for each in tasks if each], homes),
        "service_case": _make(
            unit, "service_case", [document_of(each) for each in cases if each], homes
        ),
    }
    follow_found(unit.connection, list(_came(written, made)))
    recent = [document_of(each) for _, each in told if is_fresh(each, unit.now)]
    watch_scores(unit, recent, [each for each in recent if _is_rescored(each, standing)])
    follow_complaints(unit)
    ask_to_assess(unit, customers)
    follow_collaborations(unit, customers)


def _came(
    written: Sequence[tuple[_Said, Document]], made: Mapping[str, Sequence[Document]]
) -> Iterator[Came]:
    """Yield what is new: contacts, and the tasks and cases that follow from contacts."""
    said_of = {said.id: said for said, _ in written}
    for entity, rows in made.items():
        for row in rows:
            said = said_of[str(row["id"] if entity == "interaction" else row["interaction_id"])]
            whose = str(row["customer_id"])
            yield Came(entity, str(row["id"]), whose, said.whose, said.account_id)


def _is_rescored(contact: Document, standing: Mapping[str, Document]) -> bool:
    before = standing.get(str(contact["id"]))
    return before is not None and before["satisfaction"] != contact["satisfaction"]


def _make(
    unit: UnitOfWork, name: str, wanted: Sequence[Document], homes: Mapping[str, str]
) -> Sequence[Document]:
    """Make the rows that are not there and never were: what people did with one stays."""
    ids = {str(each["id"]) for each in wanted}
    if not ids:
        return ()
    entity = REGISTRY[name]
    gone = {id for _, id in buried(unit.connection, {name: ids})}
    there = documents(unit.connection, entity, ids).keys() | gone
    made = [each for each in wanted if each["id"] not in there]
    unit.import_rows(entity, made, homes=homes)
    return made


# What a row says


def _said(row: Row, read: Read, now: int, *, by_phone: bool) -> _Said:
    contact = _INTERACTION.known(read(row) | _common(row, now))
    case = _case(row)
    if case and case[0] == "complaint":
        contact["purpose"] = "complaint"
    return _Said(row, contact, _whose(row, by_phone=by_phone), referred(row), case)


def _common(row: Row, now: int) -> Document:
    score = cells.word(row, "score", _SCORES) if "score" in row.cells else None
    at, seconds = _moment(row, now), cells.seconds_or_none(row, "seconds")
    return {
        "source": cells.text(row, "source"),
        "agent": cells.text_or_none(row, "agent"),
        "occurred_at": at,
        "started_at": None if seconds is None else at,
        "ended_at": None if seconds is None else at + 1_000 * seconds,
        "purpose": "service",
        "satisfaction": int(score) if score else None,
        "received_at": now,
    }


def _moment(row: Row, now: int) -> int:
    """Return when it began; a clock that was never set says a time from which nothing counts."""
    at = cells.past_moment(row, "at", now)
    if at < 0:
        raise refused("row_value", column="at", value=row.cells["at"], wanted="2026-03-31 17:30")
    return at


def _call(row: Row) -> Document:
    return {
        "id": contact_id("call", cells.text(row, "source"), cells.text(row, "call_id")),
        "channel": "call_centre",
        "direction": cells.word(row, "direction", _DIRECTIONS),
        "outcome": _outcome(row, cells.word(row, "result", _RESULTS)),
        "note": cells.text_or_none(row, "summary", _LONGEST),
    }


def _outcome(row: Row, result: str) -> str:
    """Return how a call ended; a wish to be called back says more than that it was answered."""
    if cells.is_yes(row, "callback"):
        return "follow_up"
    if result != "answered":
        return "not_met"
    return cells.word(row, "outcome", _OUTCOMES) if "outcome" in row.cells else "done"


def _event(row: Row) -> Document:
    return {
        "id": contact_id("event", cells.text(row, "source"), cells.text(row, "event_id")),
        "channel": cells.word(row, "channel", _CHANNELS),
        "outcome": "done",
        "note": cells.text(row, "what", _LONGEST),
    }


def _case(row: Row) -> tuple[str, str] | None:
    if "case" not in row.cells:
        return None
    kind = cells.word(row, "case", _CASES)
    if "severity" in row.cells:
        return kind, cells.word(row, "severity", _SEVERITIES)
    return kind, USUAL_SEVERITY[cast(Any, kind)]


def _whose(row: Row, *, by_phone: bool) -> Whose:
    said = whose(row)
    says_more = said.number or said.contact or "account" in row.cells or "customer" in row.cells
    if says_more or not by_phone:
        return said
    return Whose(None, None, identity.phone(row.cells.get("phone", "")) or None)


def _what(row: Row) -> str:
    number = row.cells.get("call_id") or row.cells.get("event_id")
    return " ".join(filter(None, (row.cells.get("source"), number)))
