"""Customers of the demo who leave, and those who come to the counter, as the bank's systems say it.

All of them are customers whom nobody looks after; the largest and the active ones stay as they are.
Of each manager's, one lost most of their money months ago and has rested since, one lost it later,
and one is losing it now; of some one closes every account. Nothing here writes a state: flows and
closings come in files, and the server says what follows.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from shared.commission.exact import yuan
from shared.commission.months import later_period, period_of
from shared.domain import Account, Customer
from shared.domain.account import assets
from shared.domain.interaction import Channel
from shared.money import Fen
from sync_server.demo.accounts import SOURCE, Numbered
from sync_server.demo.clock import BEIJING, born_at, day_of
from sync_server.demo.draw import pick
from sync_server.demo.flows import DayFlow, written

_LEAST, _MOST = 5_000_000, 60_000_000
"""What one who leaves has (fen): it matters to them, and they are not among the largest."""
_KNOWN_DAYS: Final = 400
"""For how long they have been customers, at least."""
_RESTED, _LEFT = -4, -2
"""The months in which money went out, from the present one."""
_NOW_DAYS: Final = (24, 8)
"""Between so many days ago it goes out now: an alert of the day itself would be another story."""
_TIMES: Final = 5
"""What went out in all is so many times what is there now."""
_CLOSED_DAYS: Final = 12
_CLOSERS: Final = 3
_EVENTS: Final = 700
_EVENT_DAYS: Final = 88
_CHANNELS: Final[Mapping[Channel, int]] = {
    "counter": 45, "self_service": 25, "online": 25, "sms": 5
}  # fmt: skip
_SYSTEMS: Final[Mapping[Channel, str]] = {
    "counter": "柜面系统", "self_service": "自助设备", "online": "手机银行", "sms": "短信平台"
}  # fmt: skip
_WHAT: Final[Mapping[Channel, tuple[str, ...]]] = {
    "counter": ("取款", "存折补登", "换卡", "转账汇款", "打印流水"),
    "self_service": ("自助取款", "自助缴费"),
    "online": ("手机银行转账", "手机银行缴费", "修改限额"),
    "sms": ("余额短信回复",),
}


class Event(NamedTuple):
    """Something that a customer did without their manager, at a moment in Beijing."""

    number: str
    event_no: str
    at: str
    channel: Channel
    what: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the bank's systems say of those who leave, and of those who come to the counter."""

    before: list[DayFlow] = field(default_factory=list)
    """Flows of months that are known from the beginning."""
    now: list[DayFlow] = field(default_factory=list)
    """Flows that come with the last weeks."""
    closed: list[Numbered] = field(default_factory=list)
    """Accounts as they are once they are closed."""
    events: list[Event] = field(default_factory=list)


def make_leaving(
    rng: Random,
    today: date,
    customers: Sequence[Customer],
    accounts: Sequence[Numbered],
    spared: Collection[str],
) -> Leaving:
    """Make what is said of customers who are not to be spared."""
    held: dict[str, list[Numbered]] = {}
    for each in accounts:
        held.setdefault(each.account.customer_id, []).append(each)
    made, chosen = Leaving(), set[str]()
    for place, some in enumerate(_candidates(rng, today, customers, held, spared)):
        rested, left, leaving, closer = some
        made.before.extend(_gone(rng, held[rested], *_month(today, _RESTED)))
        made.before.extend(_gone(rng, held[left], *_month(today, _LEFT)))
        made.now.extend(_gone(rng, held[leaving], *_lately(today)))
        if place < _CLOSERS:
            made.closed.extend(_closed(each, today) for each in held[closer])
        chosen |= set(some)
    quiet = [one for one in customers if one.id not in spared and one.id not in chosen]
    small = sorted(quiet, key=lambda one: one.deposit_balance or 0)[: len(quiet) // 2]
    made.events.extend(_events(rng, today, [held[one.id][0].number for one in small]))
    return made


def _candidates(
    rng: Random,
    today: date,
    customers: Sequence[Customer],
    held: Mapping[str, Sequence[Numbered]],
    spared: Collection[str],
) -> Iterator[list[str]]:
    """Yield four customers of each manager."""
    by_owner: dict[str, list[str]] = {}
    last = (today - timedelta(days=_CLOSED_DAYS)).isoformat()
    for one in customers:
        mine = by_owner.setdefault(one.owner_id, [])
        accounts = [each.account for each in held[one.id]]
        is_old = (today - day_of(born_at(one.id))).days > _KNOWN_DAYS
        is_settled = all((each.opened_on or "") < last for each in accounts)
        if one.id not in spared and is_old and is_settled and _LEAST < assets(accounts) < _MOST:
            mine.append(one.id)
    for mine in by_owner.values():
        yield rng.sample(mine, 4)


def _month(today: date, back: int) -> tuple[date, date]:
    first = date.fromisoformat(f"{later_period(period_of(today), back)}-01")
    return first + timedelta(days=4), first + timedelta(days=24)


def _lately(today: date) -> tuple[date, date]:
    first, last = _NOW_DAYS
    return today - timedelta(days=first), today - timedelta(days=last)


def _gone(rng: Random, held: Sequence[Numbered], first: date, last: date) -> Iterator[DayFlow]:
    """Yield three payments by which most of what a customer had went out between two days."""
    demand = next(each for each in held if each.account.kind == "demand")
    whole = assets(_accounts(held)) * _TIMES // 300 * 100
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    for day in sorted(rng.sample(days, 3)):
        yield DayFlow(demand.number, day, Fen(0), Fen(whole))


def _accounts(held: Sequence[Numbered]) -> list[Account]:
    return [each.account for each in held]


def _closed(one: Numbered, today: date) -> Numbered:
    closed_on = (today - timedelta(days=_CLOSED_DAYS)).isoformat()
    return replace(one, account=replace(one.account, balance=0, closed_on=closed_on))


def _events(rng: Random, today: date, numbers: Sequence[str]) -> Iterator[Event]:
    for n in range(_EVENTS):
        yield an_event(rng, today, rng.choice(numbers), f"T{n:06}")


def an_event(rng: Random, today: date, number: str, event_no: str) -> Event:
    """Make one thing that the holder of an account did in the last months."""
    day = today - timedelta(days=rng.randint(1, _EVENT_DAYS))
    channel = pick(rng, _CHANNELS)
    at = f"{day.isoformat()} {rng.randint(9, 16):02}:{rng.randrange(60):02}"
    return Event(number, event_no, at, channel, rng.choice(_WHAT[channel]))


def closed_as_file(closed: Sequence[Numbered]) -> bytes:
    """Write closed accounts as the core system does."""
    head = ("source", "number", "kind", "name", "balance", "as_of", "rate", "opened_on",
            "matures_on", "closed_on")  # fmt: skip
    return written([head, *(_row(each.number, each.account) for each in closed)])


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, BEIJING).isoformat(" ", "seconds")


def _row(number: str, account: Account) -> tuple[str, ...]:
    return (
        SOURCE,
        number,
        account.kind,
        account.name,
        yuan(Fen(account.balance)),
        _moment(account.as_of),
        f"{Decimal(account.rate) * 100:f}" if account.rate else "",
        account.opened_on or "",
        account.matures_on or "",
        account.closed_on or "",
    )


def events_as_file(events: Sequence[Event]) -> bytes:
    """Write events as the systems of the counter and of the other channels do."""
    head = ("source", "event_id", "at", "channel", "what", "account_source", "account")
    rows = [
        (_SYSTEMS[e.channel], e.event_no, e.at, e.channel, e.what, SOURCE, e.number) for e in events
    ]
    return written([head, *rows])
