"""Base and split: what a sale is worth as a whole, and what each employee has of it.

Without tiers the commission is rounded once and then shared; under tiers the amount is shared, and
each share goes through its owner's own tiers.
"""

from dataclasses import dataclass
from fractions import Fraction

from shared.commission.exact import round_fen, split_fen, times
from shared.commission.facts import Sale, Share
from shared.commission.qualify import Qualified
from shared.commission.rules import Rule
from shared.money import Fen

TEN_THOUSAND = 1_000_000
"""10,000 yuan in fen."""


@dataclass(frozen=True, slots=True)
class Portion:
    """One employee's part of a sale: `part` of `total` fen, commission or, under tiers, amount."""

    qualified: Qualified
    share: Share
    total: Fen
    part: Fen


def portions(qualified: Qualified) -> tuple[Portion, ...]:
    """Share a sale among its employees; the parts sum to the whole."""
    rule, sale, shares = qualified.rule, qualified.sale, qualified.shares
    total = (sale.amount or Fen(0)) if rule.is_tiered else commission_due(rule, sale)
    if len(shares) == 1:
        return (Portion(qualified, shares[0], total, total),)
    parts = split_fen(total, [share.pay_bp for share in shares])
    return tuple(
        Portion(qualified, share, total, part) for share, part in zip(shares, parts, strict=True)
    )


def commission_due(rule: Rule, sale: Sale) -> Fen:
    """Return what a sale pays in all under a rule without tiers, in fen, rounded once."""
    amount = sale.amount or 0
    if rule.kind == "UNIT":
        return Fen((sale.qty or 0) * (rule.unit_price or 0))
    if rule.kind == "RATE":
        return times(amount, rule.rate or Fraction())
    if rule.whole_units:
        return Fen(amount // TEN_THOUSAND * (rule.unit_price or 0))
    return round_fen(amount * (rule.unit_price or 0), TEN_THOUSAND)
