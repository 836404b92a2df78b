"""Ninety days of a manager's work: visits, calls and WeChat, each leading to the next.

A day is lived forward, as it was: promises that fall due are kept first, then others are seen. A
conversation moves its customer through the four stages and mostly ends in a next step, which is a
task until the next contact closes it. So stages, outcomes, notes and today's list agree because
one led to the other, not because they were matched afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import islice
from random import Random

from shared.domain import Customer, Interaction, Task
from shared.domain.interaction import Outcome, Purpose
from shared.domain.task import TaskKind
from sync_server.demo import phrases
from sync_server.demo.clock import MINUTE, born_at, day_of, moment, new_id, next_workday
from sync_server.demo.draw import pick
from sync_server.demo.meetings import Slot, guided, meet

DAYS = 90
MONTH = 30
CONTACTS_A_MONTH = (44, 66)
ACTIVE_BEST = 20
ACTIVE_OTHERS = 50
"""Whom a manager really sees: the largest deposits and some of the rest."""

_STARTS = ((9, 0), (9, 45), (10, 30), (11, 10), (13, 30), (14, 15), (15, 0), (15, 45), (16, 30))
"""When contacts begin; the rest of the day is the counter, meetings and lunch."""
_TRAVEL = 12 * MINUTE
_WEEKDAY_ODDS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.12, 0.0)
"""Monday to Sunday: now and then a Saturday, never a Sunday."""
_KEEPING_ODDS = 0.86
_STEP_ODDS: dict[Outcome, float] = {
    "interested": 0.95,
    "follow_up": 0.95,
    "not_met": 0.9,
    "done": 0.55,
    "declined": 0.0,
}
_TODAYS_LIST = (6, 9)
_OVERDUE = (2, 3)
_THIS_WEEK = (4, 7)
"""How many open tasks are due by today, how many of those are late, how many come next."""


@dataclass(slots=True)
class Promise:
    """The next step agreed in a contact; its day may be moved until the diary is written."""

    interaction: Interaction
    kind: TaskKind
    step: str
    due: date
    is_told: bool = False
    """Whether the customer was told of it, so that it is a promise to them."""
    is_kept: bool = False

    @property
    def given_on(self) -> date:
        """The day of the contact."""
        return day_of(self.interaction.occurred_at)


@dataclass(slots=True)
class Case:
    """A customer as the manager knows them now, with the promise that is open."""

    customer: Customer
    weight: float
    open: Promise | None = None


@dataclass(frozen=True, slots=True)
class Diary:
    """What the ninety days left behind: contacts, their tasks, and customers as they now stand."""

    interactions: list[Interaction] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    customers: dict[str, Customer] = field(default_factory=dict)


Entry = tuple[Interaction, Promise | None]


def keep_diary(
    rng: Random, today: date, portfolio: Sequence[Customer], templates: Mapping[Purpose, str]
) -> Diary:
    """Live one manager's ninety days before today; `templates` names a template by purpose."""
    cases = _active(rng, portfolio)
    entries = [
        entry
        for day, count in _pace(rng, today)
        for entry in _live(rng, day, count, cases, templates)
    ]
    _settle(rng, today, [case.open for case in cases if case.open])
    diary = Diary(customers={case.customer.id: case.customer for case in cases})
    for entry in entries:
        _write(rng, diary, *entry)
    return diary


def _active(rng: Random, portfolio: Sequence[Customer]) -> list[Case]:
    ranked = sorted(portfolio, key=lambda one: -(one.deposit_balance or 0))
    best, rest = ranked[:ACTIVE_BEST], ranked[ACTIVE_BEST:]
    others = rng.sample(rest, min(ACTIVE_OTHERS, len(rest)))
    return [Case(one, 2 + rng.random()) for one in best] + [
        Case(one, 0.3 + rng.random()) for one in others
    ]


def _pace(rng: Random, today: date) -> Iterator[tuple[date, int]]:
    """Yield each day with its number of contacts, month by month of thirty days."""
    for first in range(DAYS, 0, -MONTH):
        counts = {today - timedelta(days=back): 0 for back in range(first, first - MONTH, -1)}
        for _ in range(rng.randint(*CONTACTS_A_MONTH)):
            counts[pick(rng, {day: _room(day, count) for day, count in counts.items()})] += 1
        yield from counts.items()


def _room(day: date, count: int) -> float:
    """Return the odds of one more contact on a day that has `count`."""
    return _WEEKDAY_ODDS[day.weekday()] if count < len(_STARTS) else 0.0


def _live(
    rng: Random, day: date, count: int, cases: list[Case], templates: Mapping[Purpose, str]
) -> Iterator[Entry]:
    """Yield a day's contacts in order and carry their consequences."""
    for slot, case in zip(_slots(rng, day, count), _whom(rng, day, count, cases), strict=True):
        promised = case.open.kind if case.open else None
        record, case.customer = meet(rng, slot, case.customer, promised)
        record = guided(rng, record, templates)
        if case.open:
            case.open.is_kept = True
        case.open = _promise(rng, case.customer, record)
        yield record, case.open


def _whom(rng: Random, day: date, count: int, cases: list[Case]) -> list[Case]:
    """Choose whom to see: most promises that fell due, oldest first, then customers without one."""
    due = sorted(
        (case.open.due, place)
        for place, case in enumerate(cases)
        if case.open and case.open.due <= day
    )
    seen = [cases[place] for _, place in due[:count] if rng.random() < _KEEPING_ODDS]
    free = [case for case in cases if case.open is None]
    while len(seen) < count:
        place = pick(rng, {place: case.weight for place, case in enumerate(free)})
        seen.append(free.pop(place))
    rng.shuffle(seen)
    return seen


def _slots(rng: Random, day: date, count: int) -> Iterator[Slot]:
    """Yield distinct slots of the day, each ending before the next begins."""
    chosen = sorted(rng.sample(_STARTS, count))
    starts = [moment(day, *start) + rng.randrange(9 * MINUTE) for start in chosen]
    ends = [start - _TRAVEL for start in starts[1:]] + [moment(day, 17, 50)]
    return map(Slot, starts, ends)


def _promise(rng: Random, customer: Customer, record: Interaction) -> Promise | None:
    """Agree the next step, for a working day within two weeks or so."""
    if rng.random() >= _STEP_ODDS[record.outcome]:
        return None
    kind, step = phrases.next_step_of(rng, customer, record.purpose, record.outcome)
    gap = timedelta(days=round(rng.triangular(2, 18, 7)))
    due = next_workday(day_of(record.occurred_at) + gap)
    is_heard = record.channel == "visit" and record.outcome == "interested"
    is_told = is_heard and phrases.is_for_the_customer(step)
    return Promise(record, kind, step, due, is_told)


def _settle(rng: Random, today: date, promises: Sequence[Promise]) -> None:
    """Move the open promises' days so that the lists of today and this week are believable."""
    waiting = sorted(promises, key=lambda one: (one.due, one.interaction.id))
    old = [one for one in waiting if one.given_on < today - timedelta(days=4)]
    # One of which the customer was told comes first.
    told = [one for one in old if phrases.is_for_the_customer(one.step)][:1]
    late = [*told, *(one for one in old if one not in told)][: rng.randint(*_OVERDUE)]
    others = iter([one for one in waiting if one not in late])
    for promise in told:
        promise.is_told = True
    for promise in late:
        promise.due = today - timedelta(days=rng.randint(1, 4))
    for promise in islice(others, rng.randint(*_TODAYS_LIST) - len(late)):
        promise.due = today
    for promise in islice(others, rng.randint(*_THIS_WEEK)):
        promise.due = next_workday(today + timedelta(days=rng.randint(1, 4)))
    for promise in others:
        promise.due = max(promise.due, next_workday(today + timedelta(days=rng.randint(5, 9))))


def _write(rng: Random, diary: Diary, record: Interaction, promise: Promise | None) -> None:
    """Enter a contact, with the task that its next step is."""
    if promise is None:
        diary.interactions.append(record)
        return
    due = promise.due.isoformat()
    diary.interactions.append(replace(record, next_step=promise.step, next_due=due))
    diary.tasks.append(
        Task(
            id=new_id(rng, born_at(record.id) + rng.randint(1, 40)),
            customer_id=record.customer_id,
            kind=promise.kind,
            title=promise.step,
            due=due,
            reason=_reason(record),
            status="done" if promise.is_kept else "open",
            interaction_id=record.id,
            promised=promise.is_told,
        )
    )


def _reason(record: Interaction) -> str:
    day = day_of(record.occurred_at)
    channel = phrases.CHANNEL_WORDS[record.channel]
    return f"{day.month}月{day.day}日{channel}：{phrases.OUTCOME_WORDS[record.outcome]}"
