"""Service of the demo: what customers complained of or asked for, and what became of it.

Each manager has a complaint that was resolved, a request that waits for its customer, a question
that is due today, and a case that is late. The call centre told of calls of yesterday: somebody
wants to be called back, and every other manager has a complaint that was made there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from shared.domain import CaseStep, Customer, ServiceCase
from shared.domain.interaction import Channel
from shared.domain.service_case import USUAL_SEVERITY, CaseKind, CaseStatus, due_after, due_at
from shared.sync.change import Insert, Transition
from sync_server.demo.accounts import Numbered
from sync_server.demo.clock import HOUR, moment, new_id
from sync_server.demo.customers import STORY_NAME
from sync_server.demo.heard import Call
from sync_server.demo.history import Saved

_FIRST: Final = 4
"""How many of the largest customers of a manager have nothing to ask for."""
_AGENT: Final = "坐席 8027"


class _Step(NamedTuple):
    """A step of a case: so many hours after it was opened."""

    hours: int
    status: CaseStatus
    what: str
    said: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Plot:
    """How a case goes, from the hour of the day so many days ago at which it is opened."""

    kind: CaseKind
    subject: str
    channel: Channel
    days: int
    hour: int
    steps: tuple[_Step, ...] = ()


_RESOLVED: Final = _Plot(
    "complaint", "手机银行转账失败，钱扣了没到账", "call", 12, 10,
    (
        _Step(1, "working", "已联系客户，请他把转账截图发来"),
        _Step(
            6, "resolved", "核实是系统超时，款项已冲正退回",
            {"resolution": "核实是系统超时，款项已冲正退回"},
        ),
        _Step(30, "closed", "电话回访，客户说钱已收到", {"satisfaction": 4}),
    ),
)  # fmt: skip
_WAITING: Final = _Plot(
    "request", "开存款证明，办签证用", "wechat", 2, 10,
    (
        _Step(1, "working", "问清要冻结的金额和期限"),
        _Step(2, "waiting_for_customer", "等客户定好出行日期"),
    ),
)  # fmt: skip
_DUE_TODAY: Final = _Plot(
    "question", "提前还房贷要不要违约金", "call", 3, 17,
    (_Step(1, "working", "已转个贷中心确认合同条款"),),
)  # fmt: skip
_LATE: Final = (
    _Plot("correction", "预留手机号是旧的，收不到短信", "visit", 6, 11),
    _Plot(
        "complaint", "理财到期没有提醒，少了三天收益", "visit", 2, 14,
        (_Step(2, "working", "已联系客户致歉，正在查提醒记录"),),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """What devices wrote of cases, and what the call centre tells."""

    saved: list[Saved]
    calls: list[Call]


def make_service(
    rng: Random, today: date, customers: Sequence[Customer], accounts: Sequence[Numbered]
) -> Served:
    """Make each manager's cases, all of before today, and the calls of yesterday."""
    number_of = {each.account.customer_id: each.number for each in accounts}
    made = Served([], [])
    for place, owner in enumerate(sorted({one.owner_id for one in customers})):
        mine = [one for one in customers if one.owner_id == owner and one.name != STORY_NAME]
        some = iter(sorted(mine, key=lambda one: -(one.deposit_balance or 0))[_FIRST:])
        for plot in (_RESOLVED, _WAITING, _DUE_TODAY, _LATE[place % len(_LATE)]):
            made.saved.extend(_lived(rng, today, next(some), plot))
        made.calls.append(_called(number_of[next(some).id], today, len(made.calls)))
        if place % 2:
            made.calls.append(_complained(number_of[next(some).id], today, len(made.calls)))
    return made


def _lived(rng: Random, today: date, customer: Customer, plot: _Plot) -> Iterator[Saved]:
    """Yield what the owner's device wrote of one case."""
    owner, opened_at = customer.owner_id, moment(today - timedelta(days=plot.days), plot.hour)
    clock = {
        "opened_at": opened_at,
        "kind": plot.kind,
        "severity": USUAL_SEVERITY[plot.kind],
    }
    case = ServiceCase(
        id=new_id(rng, opened_at),
        customer_id=customer.id,
        subject=plot.subject,
        channel=plot.channel,
        due_at=due_at(clock),
        stepped_at=opened_at,
        opened_by=owner,
        assignee_id=owner,
        **clock,  # type: ignore[arg-type]
    )
    yield Saved(owner, opened_at, [Insert.of("service_case", case)])
    before: dict[str, Any] = {**clock, "status": "open", "due_at": case.due_at}
    for step in plot.steps:
        at = opened_at + step.hours * HOUR
        term = {"due_at": due_after(before, step.status, at), "stepped_at": at}
        said = {"employee_id": owner, **term, **step.said}
        move = Transition("service_case", case.id, "status", before["status"], step.status, said)
        line = CaseStep(new_id(rng, at), case.id, customer.id, owner, step.what, at, step.status)
        yield Saved(owner, at, [move, Insert.of("case_step", line)])
        before |= {**term, "status": step.status}


def _called(number: str, today: date, place: int) -> Call:
    at, what = f"{today - timedelta(days=1)} 15:20", "问大额存单还有没有额度，请客户经理回电"
    return Call(number, f"S{place:06}", at, "inbound", "answered", 95, what, _AGENT, "true")


def _complained(number: str, today: date, place: int) -> Call:
    at, what = f"{today - timedelta(days=1)} 19:40", "信用卡年费扣了两次，要求退回一笔"
    return Call(
        number, f"S{place:06}", at, "inbound", "answered", 210, what, _AGENT, case="complaint"
    )
