"""Channel preference: through which channel, and when, a customer is reached and listens.

Learned from the customer's own contacts of twelve months, never from anybody else's. A contact
counts half after HALF_LIFE_DAYS. A channel's share of good ends is smoothed by a fixed prior, a
Beta of PRIOR_GOOD good ends and PRIOR_OTHER others: with it one lucky call does not beat ten
visits. Nothing is said below LEAST contacts, and nothing is ever said without how many there were.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum
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
        return next((each for each in self.channels if each.n >= LEAST), None)


def preference(contacts: Iterable[Contact], now: int) -> Preference:
    """Learn from the contacts of the twelve months before `now` (ms)."""
    ours = [each for each in contacts if each.channel in OURS and now - YEAR_MS < each.at <= now]
    channels = _habits(ours, lambda each: each.channel, _is_good, now)
    return Preference(
        len(ours),
        tuple(channels),
        _time(_habits(ours, _weekday, _is_reached, now)),
        _time(_habits([each for each in ours if _band(each)], _band, _is_reached, now)),
    )


def _habits(
    contacts: Sequence[Contact],
    name: Callable[[Contact], str],
    counts: Callable[[Contact], bool],
    now: int,
) -> list[Habit]:
    groups: dict[str, list[Contact]] = {}
    for each in contacts:
        groups.setdefault(name(each), []).append(each)
    found = [_habit(of, group, counts, now) for of, group in groups.items()]
    return sorted(found, key=lambda each: (-each.share, -each.n, each.of))


def _habit(of: str, group: Sequence[Contact], counts: Callable[[Contact], bool], now: int) -> Habit:
    weights = [0.5 ** ((now - each.at) / (HALF_LIFE_DAYS * _DAY_MS)) for each in group]
    hits = fsum(weight for weight, each in zip(weights, group, strict=True) if counts(each))
    share = (hits + PRIOR_GOOD) / (fsum(weights) + PRIOR_GOOD + PRIOR_OTHER)
    reached, good = sum(map(_is_reached, group)), sum(map(_is_good, group))
    return Habit(of, len(group), reached, good, share)


def _time(habits: Sequence[Habit]) -> Habit | None:
    """Return the best time; where only one is known there is nothing that it is better than."""
    known = [each for each in habits if each.n >= LEAST_AT]
    return known[0] if len(habits) > 1 and known else None


def _is_good(contact: Contact) -> bool:
    return contact.outcome in GOOD


def _is_reached(contact: Contact) -> bool:
    return contact.outcome != "not_met"


def _weekday(contact: Contact) -> str:
    return str(bank_day(contact.at).weekday())


def _band(contact: Contact) -> str:
    hour = hour_of_day(contact.at)
    return next((band for since, until, band in _BANDS if since <= hour < until), "")
