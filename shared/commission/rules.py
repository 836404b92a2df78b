"""Rules: what a plan says a sale pays, effective-dated and validated where they are declared.

A rule is immutable; a change is a new version with an interval of its own, half-open `[from, to)`.
These dataclasses are also the text format of a rule: `fields` reads the texts into exact numbers,
`complaint` finds what one field alone cannot show.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar, Final, Literal, NamedTuple

from pydantic import ConfigDict
from pydantic import Field as Bound

from shared.commission.fields import (
    AmountFen,
    Count,
    Day,
    Product,
    Rate,
    RuleName,
    UnitRate,
    Version,
)

Metric = Literal["COUNT", "AMOUNT", "AVG_DELTA"]
"""What a target counts: pieces, yuan, or the increase of a daily average in yuan."""
Kind = Literal["UNIT", "RATE", "PER_10K", "TIER_MARGINAL", "TIER_SLAB"]
"""How a rule pays: a price apiece, a share of the amount, a price for every 10,000 yuan, tiers."""
Recognition = Literal["APPLIED", "ACTIVATED", "DISBURSED", "FUNDED", "COOLED_OFF"]
"""The event whose date places a sale in a month."""
Years = Annotated[int, Bound(strict=True, ge=1, le=30)]

_PAID_BY: Final[dict[Kind, str]] = {
    "UNIT": "unit_price",
    "RATE": "rate",
    "PER_10K": "unit_price",
    "TIER_MARGINAL": "tiers",
    "TIER_SLAB": "tiers",
}
_WAYS: Final = ("unit_price", "rate", "tiers")
STRICT: Final = ConfigDict(extra="forbid")
"""A misspelt field is refused; ignored, it would be a cap or a deferral that is not there."""


class Tier(NamedTuple):
    """Amounts from `low` up to, not including, `high` (fen; None: without end) earn `rate`."""

    low: AmountFen
    high: AmountFen | None
    rate: Rate


@dataclass(frozen=True, slots=True)
class Accelerator:
    """From this attainment on, the threshold included, commission is multiplied."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    min_attainment: Rate
    multiplier: Rate


@dataclass(frozen=True, slots=True)
class ClawbackBracket:
    """A sale cancelled in its month `to_month` or earlier gives this share back."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    to_month: Count
    rate: UnitRate


@dataclass(frozen=True, slots=True)
class Deferral:
    """The share held back, and over how many years it is paid in equal parts."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    rate: UnitRate
    years: Years


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule, in force from `since` until the day before `until` (None: on)."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: RuleName
    version: Version
    product: Product
    metric: Metric
    kind: Kind
    recognise_on: Recognition
    since: Annotated[Day, Bound(alias="from")]
    until: Annotated[Day | None, Bound(alias="to")] = None
    unit_price: AmountFen | None = None
    rate: Rate | None = None
    whole_units: Annotated[bool, Bound(strict=True)] | None = None
    tiers: tuple[Tier, ...] | None = None
    tier_scope: Literal["PERIOD"] | None = None
    cap_period: AmountFen | None = None
    accelerators: tuple[Accelerator, ...] | None = None
    clawback: tuple[ClawbackBracket, ...] | None = None
    deferral: Deferral | None = None

    @property
    def is_tiered(self) -> bool:
        """Whether a sale's commission depends on what the month brought before it."""
        return self.tiers is not None

    def is_in_force(self, day: date) -> bool:
        """Whether `day` lies in the rule's interval."""
        return self.since <= day and (self.until is None or day < self.until)


def multiplier_at(rule: Rule, attainment: Fraction | None) -> Accelerator | None:
    """Return the highest accelerator that is reached; without a target there is none."""
    if attainment is None:
        return None
    reached = (each for each in rule.accelerators or () if each.min_attainment <= attainment)
    return max(reached, key=lambda each: each.min_attainment, default=None)


def clawback_rate(rule: Rule, age: int) -> Fraction:
    """Return the share that a sale cancelled in its month `age` gives back."""
    brackets = rule.clawback or ()
    return next((each.rate for each in brackets if age <= each.to_month), Fraction(0))


def complaint(rule: Rule) -> tuple[str, str] | None:
    """Return the field that contradicts the rest of the rule and why, if one does."""
    return (
        _interval(rule) or _paid_one_way(rule) or _tiers(rule) or _ladder(rule) or _thresholds(rule)
    )


def _interval(rule: Rule) -> tuple[str, str] | None:
    if rule.until is not None and rule.until <= rule.since:
        return "to", "an interval [from, to) ends after it begins"
    return None


def _paid_one_way(rule: Rule) -> tuple[str, str] | None:
    for way in _WAYS:
        is_given, is_needed = getattr(rule, way) is not None, way == _PAID_BY[rule.kind]
        if is_needed and not is_given:
            return way, f"a {rule.kind} rule needs it"
        if is_given and not is_needed:
            return way, f"a {rule.kind} rule has no use for it"
    return None


def _tiers(rule: Rule) -> tuple[str, str] | None:
    if rule.tiers is None:
        return None
    highs = [tier.high for tier in rule.tiers]
    if [tier.low for tier in rule.tiers] != [0, *highs][: len(highs)] or not highs:
        return "tiers", "tiers begin at 0, and each begins where the one before ends"
    if highs[-1] is not None:
        return "tiers", "the last tier has no end (null)"
    if any(tier.high is not None and tier.high <= tier.low for tier in rule.tiers):
        return "tiers", "a tier ends above its beginning"
    return None


def _ladder(rule: Rule) -> tuple[str, str] | None:
    months = [bracket.to_month for bracket in rule.clawback or ()]
    if months != sorted(set(months)):
        return "clawback", "to_month grows from bracket to bracket"
    return None


def _thresholds(rule: Rule) -> tuple[str, str] | None:
    steps = [each.min_attainment for each in rule.accelerators or ()]
    if len(steps) != len(set(steps)):
        return "accelerators", "two accelerators have the same threshold"
    return None
