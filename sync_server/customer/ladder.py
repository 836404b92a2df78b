"""The tier ladder: up at once, down slowly, so that nobody loses a tier over one bad month.

at or above the line      the tier that was reached, and all is forgotten
below it for 3 months     关注: the owner is told, the tier stays
3 months of 关注          down to the highest tier that was reached in the last six months
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.domain.customer_value import PATIENCE, TIERS, Tier

REMEMBERED: Final = 2 * PATIENCE


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands at the end of a month."""

    tier: Tier
    below: int = 0
    """Months in a row below the line of the tier."""
    reached: tuple[Tier, ...] = ()
    """What was reached in the last months, the latest last."""

    @property
    def is_watched(self) -> bool:
        """Whether the customer is on 关注."""
        return self.below >= PATIENCE


def began(reached: Tier) -> Standing:
    """Return the standing of a customer who is assessed for the first time."""
    return Standing(reached, 0, (reached,))


def after(standing: Standing, reached: Tier) -> Standing:
    """Return the standing one month later."""
    known = (*standing.reached, reached)[-REMEMBERED:]
    if _rank(reached) >= _rank(standing.tier):
        return Standing(reached, 0, known)
    below = standing.below + 1
    if below < 2 * PATIENCE:
        return Standing(standing.tier, below, known)
    return Standing(_highest(known), 0, known)


def _highest(tiers: Sequence[Tier]) -> Tier:
    return max(tiers, key=_rank)


def _rank(tier: Tier) -> int:
    return TIERS.index(tier)
