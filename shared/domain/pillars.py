"""Pillars: a month of a team by process, satisfaction and cost; the fourth, state, is `retention`.

A month that is not over is compared with the same days of the month before. Everything adds up: a
team's figure is the sum of its managers' and of what nobody of them did.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, NamedTuple, TypeVar

from shared.commission.exact import round_fen
from shared.commission.months import Period, last_day, later_period
from shared.domain.days import first_moment
from shared.domain.interaction import Channel
from shared.domain.serving import WORKED, Effort, Prices, Worked, whole_minutes
from shared.money import Fen

LOW: Final = 3
"""A score of so much or less is low."""
_DAY_MS: Final = 86_400_000
Row = TypeVar("Row")


class Span(NamedTuple):
    """Days of one month, the first and the last included."""

    first: date
    last: date

    @property
    def since(self) -> int:
        """The moment it begins in Beijing (ms)."""
        return self.until - self.days * _DAY_MS

    @property
    def until(self) -> int:
        """The moment it is over in Beijing (ms), which is not of it any more."""
        return first_moment(Period(self.last.isoformat()[:7])) + self.last.day * _DAY_MS

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def evening_before(self) -> str:
        """The day before the first (ISO 8601)."""
        return (self.first - timedelta(days=1)).isoformat()


class Planned(NamedTuple):
    """What is looked at of one task: whose customer it is about, its day, and what became of it."""

    employee_id: str
    due: str
    status: str


@dataclass(frozen=True, slots=True)
class Process:
    """What was done, of what was planned, and who of the gold customers was met."""

    visits: int
    calls: int
    others: int
    planned: int
    """Tasks that were due in the time by now, and were not dropped."""
    kept: int
    """Those of them that are done."""
    gold: int
    """Gold and platinum customers."""
    gold_met: int

    @property
    def contacts(self) -> int:
        """All contacts."""
        return self.visits + self.calls + self.others

    @property
    def kept_share(self) -> Fraction | None:
        """The part of the plan that is done; None where nothing was planned."""
        return Fraction(self.kept, self.planned) if self.planned else None

    @property
    def gold_share(self) -> Fraction | None:
        """The part of gold customers who were met; None where there is none."""
        return Fraction(self.gold_met, self.gold) if self.gold else None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The scores that customers gave: how many of each, the best first."""

    scores: tuple[tuple[int, int], ...]

    @property
    def n(self) -> int:
        """How many scores there are."""
        return sum(count for _, count in self.scores)

    @property
    def low(self) -> int:
        """How many of them are low."""
        return sum(count for score, count in self.scores if score <= LOW)

    @property
    def low_share(self) -> Fraction | None:
        """The part that is low; None of no score."""
        return Fraction(self.low, self.n) if self.n else None

    @property
    def median(self) -> Fraction | None:
        """The median, between two middle ones their mean; None of no score."""
        ordered = [score for score, count in self.scores for _ in range(count)]
        if not ordered:
            return None
        return Fraction(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2)


@dataclass(frozen=True, slots=True)
class Serving:
    """What contacts took and what they cost."""

    contacts: int
    minutes: int
    unmeasured: int
    """Contacts of a manager of which nobody knows how long they took."""
    cost: Fen
    """Of those whose price is known."""
    unpriced: int
    """Contacts whose price no value has told yet."""

    @property
    def is_priced(self) -> bool:
        """Whether the price of any contact is known."""
        return self.unpriced < self.contacts

    @property
    def each(self) -> Fen | None:
        """What a contact cost on the average, rounded; None where no price is known."""
        priced = self.contacts - self.unpriced
        return round_fen(self.cost, priced) if priced else None


def span_of(period: Period, today: date) -> Span:
    """Return the days of a month, up to today where it is not over."""
    return Span(date.fromisoformat(f"{period}-01"), min(last_day(period), today))


def span_before(span: Span) -> Span:
    """Return the days to compare with: the whole month before, or as many of its days."""
    period = Period(span.first.isoformat()[:7])
    earlier = later_period(period, -1)
    first, last = date.fromisoformat(f"{earlier}-01"), last_day(earlier)
    if span.last == last_day(period):
        return Span(first, last)
    return Span(first, min(last, first + timedelta(days=span.days - 1)))


def within(contacts: Iterable[Worked], span: Span) -> list[Worked]:
    """Return the contacts of a time."""
    since, until = span.since, span.until
    return [each for each in contacts if since <= each.at < until]


def process(
    contacts: Sequence[Worked],
    tasks: Iterable[Planned],
    gold: Iterable[str],
    span: Span,
    today: date,
    met_in: Iterable[Worked] | None = None,
) -> Process:
    """Say what contacts of a time came to, against the tasks that were due and the gold customers.

    What is due today counts once it is done: the day is not over. `gold` are customers; they are
    met by a contact in which they were met, one of `met_in` where those are others' as well.
    """
    channels = Counter(each.channel for each in contacts)
    first, last = span.first.isoformat(), span.last.isoformat()
    due = [
        each
        for each in tasks
        if first <= each.due <= last
        and each.status != "dropped"
        and (each.due < today.isoformat() or each.status == "done")
    ]
    wanted = set(gold)
    met = {each.customer_id for each in (contacts if met_in is None else met_in) if each.was_met}
    return Process(
        visits=channels["visit"],
        calls=channels["call"],
        others=len(contacts) - channels["visit"] - channels["call"],
        planned=len(due),
        kept=sum(each.status == "done" for each in due),
        gold=len(wanted),
        gold_met=len(wanted & met),
    )


def satisfaction(contacts: Iterable[Worked]) -> Satisfaction:
    """Count the scores that customers gave in contacts."""
    counts = Counter(each.score for each in contacts if each.score is not None)
    return Satisfaction(tuple(sorted(counts.items(), reverse=True)))


def serving(contacts: Sequence[Worked], prices: Prices) -> Serving:
    """Say what contacts cost, manager by manager and channel by channel rounded to minutes."""
    spent: defaultdict[tuple[str, Channel], list[int | None]] = defaultdict(list)
    for each in contacts:
        spent[each.employee_id, each.channel].append(each.spent)
    efforts = [
        Effort(channel, len(some), whole_minutes(sum(each or 0 for each in some)))
        for (_, channel), some in spent.items()
    ]
    costs = [prices.cost(each) for each in efforts]
    return Serving(
        contacts=len(contacts),
        minutes=sum(each.minutes for each in efforts),
        unmeasured=sum(each.spent is None and each.channel in WORKED for each in contacts),
        cost=Fen(sum(cost for cost in costs if cost is not None)),
        unpriced=sum(
            each.contacts for each, cost in zip(efforts, costs, strict=True) if cost is None
        ),
    )


def by_employee(rows: Iterable[Row], whose: Callable[[Row], str]) -> Mapping[str, list[Row]]:
    """Part rows by the employee whose they are."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for each in rows:
        found[whose(each)].append(each)
    return found
