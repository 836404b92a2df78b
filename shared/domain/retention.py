"""Retention: of the customers who were with the bank when a time began, who still is at its end.

Where a customer stands is told by the history of their state. They are with the bank on an evening
on which that is new, growing, stable, at risk or won back. One whose accounts are closed (lost), or
hold next to nothing and nobody hears of (dormant), has left; a potential one never came.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from shared.commission.months import Period, last_day, later_period
from shared.domain.customer_state import State

WITH_US: Final[frozenset[State]] = frozenset({"new", "growing", "stable", "at_risk", "won_back"})
"""States of a customer who has assets with the bank."""
_WORSE: Final[frozenset[State]] = frozenset({"at_risk", "dormant", "lost"})
Time = Literal["this_month", "last_month", "this_quarter", "last_quarter"]
"""Times of which one asks who stayed; what is not over ends today."""
GONE: Final[frozenset[State]] = frozenset({"dormant", "lost"})


class Stood(NamedTuple):
    """A change of a customer's state, on a day (ISO 8601)."""

    customer_id: str
    state: State
    since: str


class Move(NamedTuple):
    """From where to where a customer came within a time."""

    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Kept:
    """Of how many how many stayed; `of` is a state, a tier, or nothing for all."""

    of: str
    begun: int
    stayed: int

    @property
    def share(self) -> Fraction | None:
        """The part that stayed; None of nobody."""
        return Fraction(self.stayed, self.begun) if self.begun else None


@dataclass(frozen=True, slots=True)
class Retention:
    """What became of customers from one evening to another."""

    since: str
    """The evening it begins with: the one before the time, or the first of which states are known.
    """
    until: str
    total: Kept
    by_state: tuple[Kept, ...]
    """By the state at the beginning."""
    by_tier: tuple[Kept, ...]
    """By the tier that stands now."""
    left: tuple[str, ...]
    """Customers who were with the bank and are not any more."""
    won_back: tuple[str, ...]
    """Customers who were gone and are with the bank again."""


@dataclass(frozen=True, slots=True)
class Standings:
    """How many customers are in each state at the end of a time and before it, and who moved."""

    counts: Mapping[State, int]
    before: Mapping[State, int]
    moves: tuple[tuple[Move, int], ...]
    """The most frequent first; of customers who were assessed before the time."""
    worse: tuple[tuple[str, State], ...]
    """Who came to be at risk, dormant or lost in it."""

    @property
    def n(self) -> int:
        """All customers who have been assessed."""
        return sum(self.counts.values())

    @property
    def is_compared(self) -> bool:
        """Whether anybody had been assessed before the time."""
        return bool(self.before)

    def net(self, state: State) -> int:
        """By how many a state's customers grew."""
        return self.counts.get(state, 0) - self.before.get(state, 0)


def states_on(history: Iterable[Stood], evening: str) -> dict[str, State]:
    """Return where each customer stood on the evening of a day, who was assessed by then."""
    latest: dict[str, Stood] = {}
    for each in history:
        known = latest.get(each.customer_id)
        if each.since <= evening and (known is None or known.since < each.since):
            latest[each.customer_id] = each
    return {id: each.state for id, each in latest.items()}


def moves(before: Mapping[str, State], after: Mapping[str, State]) -> Counter[Move]:
    """Count how customers' states changed between two evenings, of those known on both."""
    both = ((state, after.get(id)) for id, state in before.items())
    return Counter(Move(was, now) for was, now in both if now is not None and now != was)


def standings(history: Sequence[Stood], since: str, until: str) -> Standings:
    """Say where customers stand on one evening, and how that changed since an earlier one."""
    before, after = states_on(history, since), states_on(history, until)
    found = sorted(moves(before, after).items(), key=lambda each: (-each[1], each[0]))
    worse = [
        (id, state)
        for id, state in after.items()
        if state in _WORSE and before.get(id, state) != state
    ]
    return Standings(
        Counter(after.values()),
        Counter(before.values()),
        tuple(found),
        tuple(sorted(worse, key=lambda each: (each[1], each[0]))),
    )


def time_of(name: Time, today: date) -> tuple[str, str]:
    """Return the evening that a time begins with, and the day that it ends with or today."""
    when, _, kind = name.partition("_")
    months = 3 if kind == "quarter" else 1
    first = Period(f"{today:%Y}-{(today.month - 1) // months * months + 1:02}")
    if when == "last":
        first = later_period(first, -months)
    evening = last_day(later_period(first, -1))
    until = min(last_day(later_period(first, months - 1)), today)
    return evening.isoformat(), until.isoformat()


def retention(
    history: Sequence[Stood], tiers: Mapping[str, str], since: str, until: str
) -> Retention | None:
    """Say who stayed from one evening to another; None where nobody's state is known for both.

    A history that begins later is told from its first evening on.
    """
    known = min((each.since for each in history), default=None)
    if known is None:
        return None
    begins = max(since, known)
    if begins >= until:
        return None
    before, after = states_on(history, begins), states_on(history, until)
    held = {id: state for id, state in before.items() if state in WITH_US}
    stayed = {id for id in held if after.get(id) in WITH_US}
    gone = [id for id, state in before.items() if state in GONE]
    return Retention(
        since=begins,
        until=until,
        total=Kept("", len(held), len(stayed)),
        by_state=_kept(held, stayed),
        by_tier=_kept({id: tiers[id] for id in held if id in tiers}, stayed),
        left=tuple(sorted(held.keys() - stayed)),
        won_back=tuple(sorted(id for id in gone if after.get(id) in WITH_US)),
    )


def _kept(of: Mapping[str, str], stayed: set[str]) -> tuple[Kept, ...]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for id, name in of.items():
        groups[name].append(id)
    found = [Kept(name, len(ids), len(stayed.intersection(ids))) for name, ids in groups.items()]
    return tuple(sorted(found, key=lambda each: (-each.begun, each.of)))
