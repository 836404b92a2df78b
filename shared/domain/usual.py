"""What is usual for a customer: the measure against which a day's flow is abnormal.

A flow is abnormal when it is at least 50,000 yuan and at least

    median + 6 x 1.4826 x MAD

of the same customer's own days with a flow in that direction in the twelve months before. MAD, the
median absolute deviation, times 1.4826 estimates the standard deviation of normal data and is not
moved by the outliers that are looked for (Rousseeuw and Croux, 1993).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from shared.money import Fen

Severity = Literal["urgent", "high", "normal"]
Direction = Literal["out", "in"]
LEAST: Final = Fen(5_000_000)
"""Below 50,000 yuan nothing is abnormal, whatever is usual."""
WINDOW_DAYS: Final = 365
_SPREADS: Final = 6 * Fraction("1.4826")
_SHARES: Final[tuple[tuple[Fraction, Severity], ...]] = (
    (Fraction(1, 2), "urgent"),
    (Fraction(1, 5), "high"),
)
"""From which share of all assets on a flow is how severe."""


@dataclass(frozen=True, slots=True)
class Usual:
    """A customer's own normal in one direction (fen), and from how many days it was learned."""

    median: Fen
    mad: Fen
    days: int

    @property
    def threshold(self) -> Fen:
        """From which amount on a day's flow is abnormal, rounded up to the fen."""
        bound = self.median + _SPREADS * self.mad
        return max(LEAST, Fen(-(-bound.numerator // bound.denominator)))


def usual(flows: Iterable[int]) -> Usual:
    """Learn what is usual from the sums of days that had any flow (fen)."""
    amounts = [amount for amount in flows if amount]
    median = _median(amounts)
    return Usual(median, _median([abs(amount - median) for amount in amounts]), len(amounts))


def window_before(day: date) -> tuple[date, date]:
    """Return the first and the last day from which the normal of a day is learned."""
    return day - timedelta(days=WINDOW_DAYS), day - timedelta(days=1)


def severity_of(amount: Fen, assets_before: Fen) -> Severity:
    """Return how severe a flow is by its share of all that the customer had before it."""
    share = Fraction(amount, max(assets_before, amount, 1))
    return next((severity for least, severity in _SHARES if share >= least), "normal")


def _median(amounts: Sequence[int]) -> Fen:
    """Return the median; between two middle ones the mean, rounded down to the fen."""
    if not amounts:
        return Fen(0)
    ordered, middle = sorted(amounts), len(amounts) // 2
    if len(ordered) % 2:
        return Fen(ordered[middle])
    return Fen((ordered[middle - 1] + ordered[middle]) // 2)
