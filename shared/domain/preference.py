"""Channel preference: through which channel, and when, a customer is reached and listens.

Learned from the customer's own contacts of twelve months, never from anybody else's. A contact
counts half after HALF_LIFE_DAYS. A channel's share of good ends is smoothed by a fixed prior, a
Beta of PRIOR_GOOD good ends and PRIOR_OTHER others: with it one lucky call does not beat ten
visits. Nothing is said below LEAST contacts, nor where they were never met, and nothing is ever
said without how many there were.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from operator import attrgetter
from typing import Final, Literal, NamedTuple

from shared.domain.days import bank_day, hour_of_day

YEAR_MS: Final = 365 * 86_400_000
HALF_LIFE_DAYS: Final = 180
LEAST: Final = 3
"""Contacts through a channel from which on it may be preferred."""
LEAST_AT: Final = 5
"""Contacts on a weekday or in a band of hours from which on it may be the best time."""
PRIOR_GOOD: Final = 2.0
PRIOR_OTHER: Final = 3.0
GOOD: Final = frozenset({"interested", "done"})
"""Outcomes by which a contact was worth it."""
OURS: Final = ("visit", "call", "wechat")
"""Channels by which an account manager turns to a customer; the others are the customer's doing."""
Band = Literal["morning", "noon", "afternoon", "evening"]
_BANDS: Final[tuple[tuple[int, int, Band], ...]] = (
    (8, 12, "morning"),
    (12, 14, "noon"),
    (14, 18, "afternoon"),
    (18, 21, "evening"),
)
_BAND_OF: Final = [
    next((band for since, until, band in _BANDS if since <= hour < until), "") for hour in range(24)
]
_DAY_MS: Final = 86_400_000


class Contact(NamedTuple):
    """What is looked at of one contact."""

    channel: str
    outcome: str
    at: int


@dataclass(frozen=True, slots=True)
class Habit:
    """How contacts of one kind ended: through a channel, on a weekday, or in a band of hours."""

    of: str
    n: int
    reached: int
    """Where the customer was met."""
    good: int
    share: float
    """Of good ends, or of a time of being reached: recent ones weigh more, smoothed; 0 to 1."""


@dataclass(frozen=True, slots=True)
class Preference:
    """What was learned of a customer; the best comes first."""

    n: int
    """All contacts by which somebody turned to them in the year."""
    channels: tuple[Habit, ...]
    """Every channel that was used."""
    weekday: Habit | None
    """The best weekday, "0" for Monday."""
    band: Habit | None

    @property
    def best(self) -> Habit | None:
        """The channel that is preferred; None where that is not known yet."""
        known = (each for each in self.channels if each.n >= LEAST and each.reached)
        return next(known, None)


def preference(contacts: Iterable[Contact], now: int) -> Preference:
    """Learn from the contacts of the twelve months before `now` (ms)."""
    ours = [
        _weighed(each, now)
        for each in contacts
        if each.channel in OURS and now - YEAR_MS < each.at <= now
    ]
    bands = [each for each in _habits(ours, lambda each: _band(each.at), _was_reached) if each.of]
    return Preference(
        len(ours),
        tuple(_habits(ours, lambda each: each.channel, _was_good)),
        _time(_habits(ours, lambda each: _weekday(each.at), _was_reached)),
        _time(bands),
    )


class _Weighed(NamedTuple):
    """A contact, how much it counts, and how it ended."""

    channel: str
    at: int
    weight: float
    reached: bool
    good: bool


def _weighed(each: Contact, now: int) -> _Weighed:
    weight = 0.5 ** ((now - each.at) / (HALF_LIFE_DAYS * _DAY_MS))
    return _Weighed(each.channel, each.at, weight, each.outcome != "not_met", each.outcome in GOOD)


def _habits(
    contacts: Sequence[_Weighed],
    name: Callable[[_Weighed], str],
    counts: Callable[[_Weighed], bool],
) -> list[Habit]:
    groups: dict[str, list[_Weighed]] = {}
    for each in contacts:
        groups.setdefault(name(each), []).append(each)
    found = [_habit(of, group, counts) for of, group in groups.items()]
    return sorted(found, key=lambda each: (-each.share, -each.n, each.of))


def _habit(of: str, group: Sequence[_Weighed], counts: Callable[[_Weighed], bool]) -> Habit:
    hits = fsum([each.weight for each in group if counts(each)])
    whole = fsum([each.weight for each in group])
    share = (hits + PRIOR_GOOD) / (whole + PRIOR_GOOD + PRIOR_OTHER)
    reached, good = sum([each.reached for each in group]), sum([each.good for each in group])
    return Habit(of, len(group), reached, good, share)


def _time(habits: Sequence[Habit]) -> Habit | None:
    """Return the best time; where only one is known there is nothing that it is better than."""
    best = habits[0] if len(habits) > 1 else None
    return best if best and best.n >= LEAST_AT and best.reached else None


_was_good: Final = attrgetter("good")
_was_reached: Final = attrgetter("reached")


def _weekday(at: int) -> str:
    return str(bank_day(at).weekday())


def _band(at: int) -> str:
    return _BAND_OF[hour_of_day(at)]
