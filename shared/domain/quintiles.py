"""Quintiles: customers in five equal parts by what they contribute, against two lines of the field.

    the top fifth brings at least 6 times what it costs
    the bottom fifth brings a quarter to a third of what it costs

What a fifth costs is all that is taken off its revenue, cost to serve and expected loss, so that
revenue less cost is its contribution to the fen. Sums are exact; nothing is a float.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from shared.commission.exact import round_fen
from shared.money import Fen

FIFTHS: Final = 5
TOP: Final = Fraction(6)
"""The top fifth's revenue over its cost is this or more."""
BOTTOM: Final = (Fraction(1, 4), Fraction(1, 3))
"""The bottom fifth's revenue over its cost lies between these."""
Reading = Literal["above", "within", "below"]


class Weighed(NamedTuple):
    """What is looked at of one customer's value (fen a year)."""

    customer_id: str
    contribution: int
    revenue: int
    serving: int
    loss: int


@dataclass(frozen=True, slots=True)
class Fifth:
    """One fifth; the first brings most. Amounts are fen a year."""

    place: int
    customers: tuple[str, ...]
    """Who contributes most comes first."""
    contribution: Fen
    revenue: Fen
    serving: Fen
    loss: Fen
    most: Fen
    least: Fen
    """The largest and the smallest contribution in it."""
    revenue_share: Fraction | None
    cost_share: Fraction | None
    """Of all customers' revenue and cost; None where all of it is nothing or less."""

    @property
    def n(self) -> int:
        """How many customers it has."""
        return len(self.customers)

    @property
    def cost(self) -> Fen:
        """All that is taken off the revenue."""
        return Fen(self.serving + self.loss)

    @property
    def mean(self) -> Fen:
        """The mean contribution, rounded half away from zero."""
        return round_fen(self.contribution, self.n)

    @property
    def ratio(self) -> Fraction | None:
        """Revenue over cost; None where it cost nothing."""
        return Fraction(self.revenue, self.cost) if self.cost > 0 else None

    @property
    def reading(self) -> Reading | None:
        """Where the ratio stands to the line of its place; None without a line or a ratio."""
        if self.ratio is None or self.place not in (1, FIFTHS):
            return None
        low, high = (TOP, None) if self.place == 1 else BOTTOM
        if self.ratio < low:
            return "below"
        return "within" if high is not None and self.ratio <= high else "above"


def fifths(values: Iterable[Weighed]) -> tuple[Fifth, ...]:
    """Cut customers into fifths, the best first; nothing below five customers.

    Where the number does not divide, sizes differ by one. Who contributes the same is ordered by
    revenue, then by id, so that a cut through them is the same on every device.
    """
    ordered = sorted(values, key=lambda each: (-each.contribution, -each.revenue, each.customer_id))
    count = len(ordered)
    if count < FIFTHS:
        return ()
    cuts = [place * count // FIFTHS for place in range(FIFTHS + 1)]
    revenue = sum(each.revenue for each in ordered)
    cost = sum(each.serving + each.loss for each in ordered)
    return tuple(
        _fifth(place, ordered[cuts[place - 1] : cuts[place]], revenue, cost)
        for place in range(1, FIFTHS + 1)
    )


def _fifth(place: int, some: Sequence[Weighed], revenue: int, cost: int) -> Fifth:
    earned = sum(each.revenue for each in some)
    serving, loss = sum(each.serving for each in some), sum(each.loss for each in some)
    return Fifth(
        place,
        tuple(each.customer_id for each in some),
        Fen(sum(each.contribution for each in some)),
        Fen(earned),
        Fen(serving),
        Fen(loss),
        Fen(some[0].contribution),
        Fen(some[-1].contribution),
        Fraction(earned, revenue) if revenue > 0 else None,
        Fraction(serving + loss, cost) if cost > 0 else None,
    )
