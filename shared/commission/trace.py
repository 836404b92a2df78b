"""Traces: how an entry came about, step by step, in words that a screen can show as they are.

`inputs` hold every number of those words by its name, so that a screen can say them in its user's
language: amounts in yuan, rates as "70 %", days and months in ISO 8601.

An entry keeps what its amount was made of, not the text: most entries are never opened, and a
month of texts would weigh more than the month. The text is made from the same numbers.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, NotRequired, Protocol, TypedDict

from shared.commission.exact import WHOLE_BP, decimal_text, grouped, percent, yuan
from shared.commission.fields import RuleId
from shared.commission.rules import Accelerator
from shared.commission.split import TEN_THOUSAND, Portion
from shared.commission.tiers import cumulative, slices
from shared.money import Fen

ENGINE_VERSION: Final = "2"
"""Changes with every change that could change a result; kept in each trace."""


class StepText(TypedDict):
    """One step of the pipeline in words."""

    step: str
    text: str


SliceText = TypedDict("SliceText", {"from": str, "to": str | None, "rate": str, "amount": str})
"""What one tier paid: its bounds, its rate, and the amount that fell into it (yuan)."""


class TraceText(TypedDict):
    """A trace as JSON: the inputs, the rule, the whole formula, the steps, the tier slices."""

    engine: str
    rule: str
    version: int
    formula: str
    inputs: dict[str, str]
    steps: list[StepText]
    tiers: NotRequired[list[SliceText]]
    reason: NotRequired[str]


class Trace(Protocol):
    """What an entry can say about itself."""

    def as_json(self) -> TraceText:
        """Return the trace in words."""


@dataclass(frozen=True, slots=True)
class StepTrace:
    """The trace of an entry that one step made from other entries."""

    rule: RuleId
    version: int
    step: str
    formula: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None

    def as_json(self) -> TraceText:
        """Return the trace in words."""
        text = TraceText(
            engine=ENGINE_VERSION,
            rule=self.rule,
            version=self.version,
            formula=self.formula,
            inputs=dict(self.inputs),
            steps=[StepText(step=self.step, text=self.formula)],
        )
        if self.reason is not None:
            text["reason"] = self.reason
        return text


@dataclass(frozen=True, slots=True)
class EarnTrace:
    """How one employee's part of a sale became an EARN.

    `before` is what the month had brought under the rule's tiers, `due` the part's commission
    before the accelerator; amounts in fen.
    """

    portion: Portion
    before: Fen
    due: Fen
    attainment: Fraction | None
    accelerator: Accelerator | None
    amount: Fen

    def as_json(self) -> TraceText:
        """Return the trace in words."""
        rule = self.portion.qualified.rule
        text = TraceText(
            engine=ENGINE_VERSION,
            rule=rule.id,
            version=rule.version,
            formula=f"{self._factors()} = {grouped(self.amount)}",
            inputs=self._inputs(),
            steps=[StepText(step=step, text=words) for step, words in self._steps()],
        )
        if rule.is_tiered:
            text["tiers"] = [
                SliceText(
                    {
                        "from": yuan(each.tier.low),
                        "to": None if each.tier.high is None else yuan(each.tier.high),
                        "rate": percent(each.tier.rate),
                        "amount": yuan(each.amount),
                    }
                )
                for each in slices(rule, self.before, self._after)
            ]
        return text

    @property
    def _after(self) -> Fen:
        return Fen(self.before + self.portion.part)

    def _inputs(self) -> dict[str, str]:
        sale, share = self.portion.qualified.sale, self.portion.share
        given = {
            "sale": sale.id,
            "product": sale.product,
            "qty": None if sale.qty is None else str(sale.qty),
            "amount": None if sale.amount is None else yuan(sale.amount),
            "recognised_on": self.portion.qualified.recognised_on.isoformat(),
            "pay_bp": str(share.pay_bp),
            "kpi_bp": str(share.counted_bp),
            "total": yuan(self.portion.total),
            "part": yuan(self.portion.part),
            "due": yuan(self.due),
            "attainment": None if self.attainment is None else percent(self.attainment),
            **self._terms(),
        }
        return {name: value for name, value in given.items() if value is not None}

    def _terms(self) -> dict[str, str | None]:
        """What the rule says that this entry was made by."""
        rule, reached = self.portion.qualified.rule, self.accelerator
        return {
            "kind": rule.kind,
            "recognise_on": rule.recognise_on,
            "since": rule.since.isoformat(),
            "until": None if rule.until is None else rule.until.isoformat(),
            "unit_price": None if rule.unit_price is None else yuan(rule.unit_price),
            "rate": None if rule.rate is None else percent(rule.rate),
            "units": str((self.portion.qualified.sale.amount or 0) // TEN_THOUSAND)
            if rule.whole_units
            else None,
            "before": yuan(self.before) if rule.is_tiered else None,
            "paid_before": yuan(cumulative(rule, self.before)) if rule.is_tiered else None,
            "paid_after": yuan(cumulative(rule, self._after)) if rule.is_tiered else None,
            "threshold": None if reached is None else percent(reached.min_attainment),
            "multiplier": None if reached is None else decimal_text(reached.multiplier),
        }

    def _factors(self) -> str:
        rule = self.portion.qualified.rule
        words = self._by_tier() if rule.is_tiered else self._base() + self._split()
        if self.accelerator is None:
            return words
        whole = f"({words})" if rule.is_tiered else words
        return f"{whole} x {decimal_text(self.accelerator.multiplier)}"

    def _base(self) -> str:
        rule, sale = self.portion.qualified.rule, self.portion.qualified.sale
        price, amount = grouped(rule.unit_price or Fen(0)), sale.amount or Fen(0)
        if rule.kind == "UNIT":
            return f"{sale.qty} 张 x {price}"
        if rule.kind == "RATE":
            return f"{grouped(amount)} x {percent(rule.rate or Fraction())}"
        units = f"{amount // TEN_THOUSAND:,}" if rule.whole_units else _ten_thousands(amount)
        return f"{units} 万 x {price}"

    def _split(self) -> str:
        bp = self.portion.share.pay_bp
        return "" if bp == WHOLE_BP else f" x {percent(Fraction(bp, WHOLE_BP))}"

    def _by_tier(self) -> str:
        parts = slices(self.portion.qualified.rule, self.before, self._after)
        words = [f"{grouped(each.amount)} x {percent(each.tier.rate)}" for each in parts]
        return " + ".join(words) or "0.00"

    def _steps(self) -> Iterator[tuple[str, str]]:
        yield "qualify", self._qualified()
        if self.portion.qualified.rule.is_tiered:
            yield from self._tiered()
        else:
            yield "rule", f"{self._base()} = {grouped(self.portion.total)}"
            if self._split():
                yield "split", self._shared()
        if self.attainment is not None:
            yield "accelerator", self._accelerated()

    def _qualified(self) -> str:
        qualified = self.portion.qualified
        rule, until = qualified.rule, qualified.rule.until
        force = f"from {rule.since}" + ("" if until is None else f" until before {until}")
        return f"{rule.recognise_on} {qualified.recognised_on}: version {rule.version}, {force}"

    def _shared(self) -> str:
        return f"{grouped(self.portion.total)}{self._split()} = {grouped(self.portion.part)}"

    def _tiered(self) -> Iterator[tuple[str, str]]:
        rule = self.portion.qualified.rule
        if self._split():
            yield "split", self._shared()
        before, after = cumulative(rule, self.before), cumulative(rule, self._after)
        yield (
            "tier",
            f"{grouped(after)} on {grouped(self._after)} less {grouped(before)} on "
            f"{grouped(self.before)} = {grouped(self.due)}",
        )

    def _accelerated(self) -> str:
        reached = f"attainment {percent(self.attainment or Fraction())}"
        if self.accelerator is None:
            return f"{reached}: no accelerator is reached"
        threshold = percent(self.accelerator.min_attainment)
        factor = decimal_text(self.accelerator.multiplier)
        result = f"{grouped(self.due)} x {factor} = {grouped(self.amount)}"
        return f"{reached} >= {threshold}: {result}"


@dataclass(frozen=True, slots=True)
class WrittenTrace:
    """A trace that was written down, in the ledger, and is read as it stands there."""

    text: str

    def as_json(self) -> TraceText:
        """Return the trace in words."""
        read: TraceText = json.loads(self.text)
        return read


def _ten_thousands(amount: Fen) -> str:
    return decimal_text(Fraction(amount, TEN_THOUSAND))
