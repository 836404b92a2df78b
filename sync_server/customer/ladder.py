"""The tier ladder: up at once, down slowly, so that nobody loses a tier over one bad month.

at or above the line      the tier that was reached, and all is forgotten
below it for 3 months     关注: the owner is told, the tier stays
3 months of 关注          down to the highest tier that was reached in the last six months

A month counts when it is over, by what was reached last in it. While it runs, the line that is
reached is told at once, and one that is missed takes nothing yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.domain.customer_value import PATIENCE, TIERS, Tier

REMEMBERED: Final = 2 * PATIENCE


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands: at the end of a month, or in one that is running."""

    tier: Tier
    below: int = 0
    """Months in a row that ended below the line of the tier."""
    reached: tuple[Tier, ...] = ()
    """What was reached in the last months, the latest last."""

    @property
    def is_watched(self) -> bool:
        """Whether the customer is on 关注."""
        return self.below >= PATIENCE


def began(reached: Tier) -> Standing:
    """Return the standing of a customer who is assessed for the first time."""
    return Standing(reached, 0, (reached,))


def during(standing: Standing, reached: Tier) -> Standing:
    """Return the standing in a month that is running; `standing` is that before it began."""
    known = (*standing.reached, reached)[-REMEMBERED:]
    if _rank(reached) >= _rank(standing.tier):
        return Standing(reached, 0, known)
    return Standing(standing.tier, standing.below, known)


def after(standing: Standing, reached: Tier) -> Standing:
    """Return the standing at the end of the month that follows, in which a tier was reached."""
    ended = during(standing, reached)
    if _rank(reached) >= _rank(standing.tier):
        return ended
    below = ended.below + 1
    if below < 2 * PATIENCE:
        return Standing(ended.tier, below, ended.reached)
    return Standing(_highest(ended.reached), 0, ended.reached)


def _highest(tiers: Sequence[Tier]) -> Tier:
    return max(tiers, key=_rank)


def _rank(tier: Tier) -> int:
    return TIERS.index(tier)
