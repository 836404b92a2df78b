"""What the bank's systems tell of customers whom somebody meets: calls of the call centre, and what
they did at the counter, at machines and on the telephone.

So the timelines of the demo have every channel, each line from whoever knows of it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from shared.domain import Customer, Interaction
from shared.domain.interaction import CallDirection
from sync_server.demo.accounts import SOURCE, Numbered
from sync_server.demo.flows import written
from sync_server.demo.leaving import Event, an_event

_SYSTEM: Final = "客服系统"
_EACH: Final = 6
"""Customers of each manager, those with whom they are most in touch."""
_DAYS: Final = 80
_CALLS: Final[tuple[tuple[CallDirection, str, int, str], ...]] = (
    ("inbound", "answered", 186, "询问三年期定期提前支取怎么计息，已解释按活期计息。"),
    ("inbound", "answered", 94, "手机银行登录密码忘了，已指导在网点重置。"),
    ("outbound", "missed", 0, ""),
    ("inbound", "answered", 240, "问大额转账限额怎么调整，已说明需本人到柜面办理。"),
    ("outbound", "answered", 75, "提醒证件即将到期，客户说下周来更新。"),
)
"""Direction, result, seconds and what was said."""
_AGENTS: Final = ("坐席 8012", "坐席 8027", "坐席 8105")
_EVENTS: Final = 3


class Call(NamedTuple):
    """One call of the call centre, at a moment in Beijing."""

    number: str
    call_no: str
    at: str
    direction: CallDirection
    result: str
    seconds: int
    summary: str
    agent: str
    callback: str = ""
    case: str = ""
    """The kind of case that it opens."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the systems tell of some customers."""

    calls: list[Call] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def make_heard(
    rng: Random,
    today: date,
    customers: Sequence[Customer],
    accounts: Sequence[Numbered],
    contacts: Sequence[Interaction],
    spared: Collection[str],
) -> Heard:
    """Make what is told of each manager's most met customers, but for those to be spared."""
    number: dict[str, str] = {}
    for each in accounts:
        number.setdefault(each.account.customer_id, each.number)
    heard = Heard()
    for id in _most_met(customers, contacts, spared):
        for _ in range(2):
            heard.calls.append(_call(rng, today, number[id], len(heard.calls)))
        for _ in range(_EVENTS):
            event_no = f"H{len(heard.events):06}"
            heard.events.append(an_event(rng, today, number[id], event_no))
    return heard


def _most_met(
    customers: Sequence[Customer], contacts: Sequence[Interaction], spared: Collection[str]
) -> Iterator[str]:
    met = Counter(one.customer_id for one in contacts)
    by_owner: dict[str, list[str]] = {}
    for one in customers:
        if one.id not in spared:
            by_owner.setdefault(one.owner_id, []).append(one.id)
    for mine in by_owner.values():
        yield from sorted(mine, key=lambda id: (-met[id], id))[:_EACH]


def _call(rng: Random, today: date, number: str, place: int) -> Call:
    direction, result, seconds, summary = rng.choice(_CALLS)
    day = today - timedelta(days=rng.randint(1, _DAYS))
    at = f"{day.isoformat()} {rng.randint(9, 19):02}:{rng.randrange(60):02}"
    agent = rng.choice(_AGENTS)
    return Call(number, f"C{place:06}", at, direction, result, seconds, summary, agent)


def as_file(calls: Sequence[Call]) -> bytes:
    """Write calls as the call centre does; whose they are is found by the account named."""
    head = ("source", "call_id", "at", "direction", "result", "seconds", "summary", "agent",
            "callback", "case", "account_source", "account")  # fmt: skip
    rows = [
        (_SYSTEM, c.call_no, c.at, c.direction, c.result, c.seconds, c.summary, c.agent,
         c.callback, c.case, SOURCE, c.number)
        for c in calls
    ]  # fmt: skip
    return written([head, *rows])
