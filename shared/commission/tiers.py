"""Tiers: rates that depend on how much the month has brought so far.

Marginal tiers pay each slice its own rate, so a fen more is never worth less; a slab pays the
whole amount the rate of the tier that it lies in. A sale earns the cumulative commission after it
less the one before it, both rounded, so the month's sum is right whatever its sales were.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.commission.exact import round_fen
from shared.commission.rules import Rule, Tier
from shared.money import Fen


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of an amount that one tier pays; below zero for what a slab takes back."""

    tier: Tier
    amount: Fen


def cumulative(rule: Rule, amount: Fen) -> Fen:
    """Return the commission on a month's amount up to here; both in fen, rounded once."""
    above, below = 0, 1
    for each in slices(rule, Fen(0), amount):
        rate = each.tier.rate
        above = above * rate.denominator + each.amount * rate.numerator * below
        below *= rate.denominator
    return round_fen(above, below)


def slices(rule: Rule, before: Fen, after: Fen) -> Iterator[Slice]:
    """Yield what each tier pays when the month's amount grows from `before` to `after` fen."""
    if rule.kind == "TIER_SLAB":
        yield from _slabs(rule, before, after)
        return
    for tier in rule.tiers or ():
        top = after if tier.high is None else min(after, tier.high)
        within = top - max(before, tier.low)
        if within > 0:
            yield Slice(tier, Fen(within))


def _slabs(rule: Rule, before: Fen, after: Fen) -> Iterator[Slice]:
    yield Slice(_tier_at(rule, after), after)
    if before:
        yield Slice(_tier_at(rule, before), Fen(-before))


def _tier_at(rule: Rule, amount: Fen) -> Tier:
    return next(t for t in rule.tiers or () if t.high is None or amount < t.high)


class Filled:
    """How far a month has filled its tiers; two versions of a rule fill the same ones."""

    def __init__(self) -> None:
        self.amount = Fen(0)
        self._rule: Rule | None = None
        self._earned = Fen(0)

    def add(self, rule: Rule, part: Fen) -> Fen:
        """Add a part of the amount, in fen, and return what it earns under `rule`."""
        if rule is not self._rule:
            self._rule, self._earned = rule, cumulative(rule, self.amount)
        before = self._earned
        self.amount = Fen(self.amount + part)
        self._earned = cumulative(rule, self.amount)
        return Fen(self._earned - before)
