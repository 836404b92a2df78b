"""What is known of a customer on a day, for churn points and for the state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from shared.commission.months import Period, later_period, period_of
from shared.domain.account import Account, assets
from shared.domain.customer_value import Tier
from shared.money import Fen

MONTHS: Final = 5
"""Months whose flows are known beside the one that runs."""
QUARTER: Final = 3
"""Months over which a change of assets is looked at, beside the one that runs."""


class Moved(NamedTuple):
    """What came into a customer's own accounts in a month and what left them (fen)."""

    inflow: int
    outflow: int


NOTHING: Final = Moved(0, 0)


class Matured(NamedTuple):
    """Money that was free on a day (fen)."""

    day: str
    amount: int


@dataclass(frozen=True)
class Facts:
    """What points and state rest on."""

    today: date
    window: Sequence[Period]
    """The month that runs and MONTHS before it, the latest first."""
    accounts: Sequence[Account] = ()
    moved: Mapping[str, Moved] | None = None
    """By month; what is owed moves nothing here. A month without a flow is not there."""
    matured: Sequence[Matured] = ()
    last_contact: date | None = None
    satisfaction: int | None = None
    """The last score."""
    tier: Tier = "basic"
    complaints: int = 0
    """That are open."""

    @cached_property
    def assets(self) -> Fen:
        """All that the customer holds now."""
        return assets(self.accounts)

    @cached_property
    def is_open(self) -> bool:
        """Whether any account is open."""
        return any(not each.closed_on for each in self.accounts)

    @cached_property
    def opened(self) -> date | None:
        """When the first account was opened; None where no system has said."""
        days = [each.opened_on for each in self.accounts if each.opened_on]
        return date.fromisoformat(min(days)) if days else None

    def closed_since(self, day: date) -> list[str]:
        """Return the days since then on which an account was closed."""
        first = day.isoformat()
        return [each.closed_on for each in self.accounts if (each.closed_on or "") >= first]  # type: ignore[misc]

    def month(self, back: int) -> Moved:
        """Return what moved in a month before the one that runs; that one is 0 back."""
        if not self.moved:
            return NOTHING
        return self.moved.get(self.window[back], NOTHING)

    @cached_property
    def net(self) -> Fen:
        """What came in over the last months less what left."""
        if not self.moved:
            return Fen(0)
        return Fen(sum(each.inflow - each.outflow for each in map(self.month, range(QUARTER + 1))))

    @cached_property
    def assets_before(self) -> Fen:
        """What the customer held before these flows."""
        return Fen(max(0, self.assets - self.net))

    def days_since(self, day: date | None) -> int | None:
        """Return how many days ago a day is; None for none."""
        return None if day is None else (self.today - day).days

    def before(self, days: int) -> date:
        """Return the day so many days ago."""
        return self.today - timedelta(days=days)


def window_of(today: date) -> tuple[Period, ...]:
    """Return the months whose flows are looked at on a day, the latest first."""
    return tuple(later_period(period_of(today), -back) for back in range(MONTHS + 1))
