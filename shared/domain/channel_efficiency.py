"""Channel efficiency: what contacts through each channel cost, and what came of them.

What a customer came for by themselves (service at the counter, at a machine, by telephone) is done
as such and no success of the channel: it costs, and has no share in how contacts ended. A sale is
credited to the last contact with its customer in the CREDIT_DAYS before it (last touch), whoever
had it, if the customer was met in it. So each sale counts once or not at all; that it came after a
contact does not say that it came of it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from shared.commission.exact import round_fen
from shared.domain.interaction import Channel
from shared.domain.preference import GOOD
from shared.domain.serving import Effort, Prices, Worked, whole_minutes
from shared.money import Fen

CREDIT_DAYS: Final = 30
LEAST: Final = 10
"""Contacts below which a channel's shares say little."""
SERVICE: Final = "service"
"""The purpose of what a customer came for by themselves."""
SOLD: Final = frozenset({"submitted", "confirmed"})
"""States of a sale that count: handed in, and held for nobody else."""
_DAY_MS: Final = 86_400_000


class Sold(NamedTuple):
    """What is looked at of one sale; the amount is fen, None for what is counted in pieces."""

    customer_id: str
    at: int
    amount: int | None


@dataclass(frozen=True, slots=True)
class Efficiency:
    """One channel."""

    channel: Channel
    contacts: int
    minutes: int
    unmeasured: int
    """Contacts of which nobody knows how long they took."""
    served: int
    """Contacts that a customer came for by themselves."""
    met: int
    good: int
    """Of the others, those that ended well: interested, done."""
    cost: Fen | None
    """By the prices of the value model; None where a price is not known."""
    sales: int
    amount: Fen
    """Of the sales credited, those that are measured in money."""

    @property
    def ours(self) -> int:
        """Contacts that the bank sought: those that are compared."""
        return self.contacts - self.served

    @property
    def share(self) -> Fraction | None:
        """The part of these that ended well; None of none."""
        return Fraction(self.good, self.ours) if self.ours else None

    @property
    def is_thin(self) -> bool:
        """Whether there are too few of these to go by."""
        return self.ours < LEAST

    @property
    def each_good(self) -> Fen | None:
        """What one good end cost, rounded; None where there was none, or the cost is not known."""
        return round_fen(self.cost, self.good) if self.good and self.cost is not None else None


@dataclass(frozen=True, slots=True)
class Channels:
    """All channels that were used; through which the bank sought most contacts comes first."""

    rows: tuple[Efficiency, ...]
    uncredited: int
    """Sales before which nobody had met the customer in time."""

    @property
    def contacts(self) -> int:
        """All contacts."""
        return sum(each.contacts for each in self.rows)


def efficiency(
    contacts: Iterable[Worked], sales: Iterable[Sold], prices: Prices, since: int
) -> Channels:
    """Compare the channels by their contacts since a moment (ms).

    `contacts` reach CREDIT_DAYS further back, so that a sale finds the contact before it; one that
    is credited to such an early contact is not of these channels' time and does not count.
    """
    everything = list(contacts)
    by_channel: defaultdict[Channel, list[Worked]] = defaultdict(list)
    for each in everything:
        if each.at >= since:
            by_channel[each.channel].append(each)
    touches = _touches(everything)
    credited: defaultdict[Channel, list[Sold]] = defaultdict(list)
    uncredited = 0
    for sale in sales:
        touch = _last_touch(touches.get(sale.customer_id, ()), sale.at)
        if touch is None:
            uncredited += 1
        elif touch.at >= since:
            credited[touch.channel].append(sale)
    rows = [_row(name, some, credited[name], prices) for name, some in by_channel.items()]
    ordered = sorted(rows, key=lambda each: (-each.ours, -each.contacts, each.channel))
    return Channels(tuple(ordered), uncredited)


def _touches(contacts: Iterable[Worked]) -> Mapping[str, list[Worked]]:
    """Return the contacts in which each customer was met, the latest last."""
    found: defaultdict[str, list[Worked]] = defaultdict(list)
    for each in contacts:
        if each.was_met:
            found[each.customer_id].append(each)
    for some in found.values():
        some.sort(key=lambda each: (each.at, each.channel))
    return found


def _last_touch(touches: Sequence[Worked], at: int) -> Worked | None:
    place = bisect_right(touches, at, key=lambda each: each.at)
    if not place:
        return None
    last = touches[place - 1]
    return last if at - last.at <= CREDIT_DAYS * _DAY_MS else None


def _row(
    channel: Channel, some: Sequence[Worked], sales: Sequence[Sold], prices: Prices
) -> Efficiency:
    ours = [each for each in some if each.purpose != SERVICE]
    measured = [each.spent for each in some if each.spent is not None]
    minutes = whole_minutes(sum(measured))
    return Efficiency(
        channel,
        len(some),
        minutes,
        len(some) - len(measured),
        len(some) - len(ours),
        sum(each.was_met for each in some),
        sum(each.outcome in GOOD for each in ours),
        prices.cost(Effort(channel, len(some), minutes)),
        len(sales),
        Fen(sum(each.amount or 0 for each in sales)),
    )
