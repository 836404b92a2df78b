"""One employee's month: the pipeline from qualified sales to everything that follows from them.

    qualify -> base -> rule or tier -> split -> accelerator -> cap -> quality -> round -> defer
            -> later release or clawback

`qualify` places the sales and `split` shares them; here one employee's portions of one month
become entries. What a month leads to in later months (a release, a clawback) comes from here too,
so the pair (employee, month of recognition) is all that a new fact can change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.commission.clawback import Earned, aftermath, tranches_of
from shared.commission.entries import Entry, EntryType, Tranche
from shared.commission.exact import (
    WHOLE_BP,
    ceil_fen,
    decimal_text,
    grouped,
    percent,
    times,
    yuan,
)
from shared.commission.facts import Goals
from shared.commission.fields import RuleId
from shared.commission.months import Period
from shared.commission.qualify import Qualified
from shared.commission.rules import Rule, multiplier_at
from shared.commission.split import Portion, portions
from shared.commission.tiers import Filled
from shared.commission.trace import EarnTrace, StepTrace
from shared.ids import EmployeeId
from shared.money import Fen

EmployeeMonth = tuple[EmployeeId, Period]
"""Whose sales, recognised in which month."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The entries that an employee's month leads to, in this and later months, and its tranches."""

    entries: tuple[Entry, ...] = ()
    tranches: tuple[Tranche, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Where the entries of one employee, month and rule are posted."""

    employee: EmployeeId
    period: Period
    rule: Rule

    def post(self, kind: EntryType, amount: Fen, formula: str, **inputs: str) -> list[Entry]:
        """Post an amount of the whole month; nothing where it is zero."""
        rule, text = self.rule, f"{formula} = {grouped(amount)}"
        trace = StepTrace(rule.id, rule.version, kind.lower(), text, inputs)
        where = self.period, self.employee, None, rule.id, rule.version
        return [Entry(*where, kind, amount, None, trace)] if amount else []


def by_employee_month(sales: Iterable[Qualified]) -> Mapping[EmployeeMonth, list[Portion]]:
    """Share the sales and gather each employee's portions by month."""
    months: dict[EmployeeMonth, list[Portion]] = defaultdict(list)
    for qualified in sales:
        for portion in portions(qualified):
            months[portion.share.employee, qualified.period].append(portion)
    return months


def employee_month(whose: EmployeeMonth, held: Iterable[Portion], goals: Goals) -> Outcome:
    """Compute what an employee's portions of one month lead to, in whatever order they come."""
    ordered = sorted(held, key=lambda portion: portion.qualified.order)
    by_rule: dict[RuleId, list[Portion]] = defaultdict(list)
    for portion in ordered:
        if portion.share.pay_bp:
            by_rule[portion.qualified.rule.id].append(portion)
    attained = Attained(whose, ordered, goals)
    parts = [_rule_month(whose, paid, attained) for paid in by_rule.values()]
    return Outcome(
        tuple(entry for part in parts for entry in part.entries),
        tuple(tranche for part in parts for tranche in part.tranches),
    )


class Attained:
    """How far an employee's month has come against its targets, worked out once per product."""

    def __init__(self, whose: EmployeeMonth, sold: Sequence[Portion], goals: Goals) -> None:
        self._whose, self._sold, self._goals = whose, sold, goals
        self._known: dict[tuple[str, str], Fraction | None] = {}

    def under(self, rule: Rule) -> Fraction | None:
        """Return the attainment that a rule's accelerators look at; None without a target."""
        if not rule.accelerators:
            return None
        asked = rule.product, rule.metric
        if asked not in self._known:
            self._known[asked] = self._measure(rule)
        return self._known[asked]

    def coefficient(self) -> Fraction:
        """Return the quality coefficient of the month, 1 where nobody set one."""
        return self._goals.quality.get(self._whose, Fraction(1))

    def _measure(self, rule: Rule) -> Fraction | None:
        employee, period = self._whose
        target = self._goals.targets.get((employee, rule.product, period))
        if target is None:
            return None
        sold = [each for each in self._sold if each.qualified.sale.product == rule.product]
        if rule.metric == "COUNT":
            pieces = sum((p.qualified.sale.qty or 0) * p.share.counted_bp for p in sold)
            return Fraction(pieces, WHOLE_BP) / target
        fen = sum((p.qualified.sale.amount or 0) * p.share.counted_bp for p in sold)
        return Fraction(fen, WHOLE_BP * 100) / target


def _rule_month(whose: EmployeeMonth, paid: list[Portion], attained: Attained) -> Outcome:
    """Run the pipeline for the sales of one rule; the last of them says which version closes it."""
    account = Account(*whose, paid[-1].qualified.rule)
    earned = _earn(paid, attained)
    entries = [entry for _, entry in earned]
    entries += _cap(account, _sum(entries))
    entries += _quality(account, entries, attained.coefficient())
    defer = _defer(account, _sum(entries))
    tranches = [
        tranche
        for entry in defer
        if account.rule.deferral is not None
        for tranche in tranches_of(entry, account.rule.deferral)
    ]
    later, left = aftermath(earned, tuple(tranches))
    return Outcome((*entries, *defer, *later), tuple(left))


def _earn(paid: list[Portion], attained: Attained) -> list[Earned]:
    earned, filled = [], Filled()
    for portion in paid:
        rule, before = portion.qualified.rule, filled.amount
        due = filled.add(rule, portion.part) if rule.is_tiered else portion.part
        earned.append((portion, _earn_entry(portion, before, due, attained.under(rule))))
    return earned


def _earn_entry(portion: Portion, before: Fen, due: Fen, attainment: Fraction | None) -> Entry:
    qualified, rule = portion.qualified, portion.qualified.rule
    accelerator = multiplier_at(rule, attainment)
    amount = due if accelerator is None else times(due, accelerator.multiplier)
    return Entry(
        qualified.period,
        portion.share.employee,
        qualified.sale.id,
        rule.id,
        rule.version,
        "EARN",
        amount,
        None,
        EarnTrace(portion, before, due, attainment, accelerator, amount),
    )


def _cap(account: Account, earned: Fen) -> list[Entry]:
    cap = account.rule.cap_period
    if cap is None:
        return []
    formula = f"min(0, {grouped(cap)} - {grouped(earned)})"
    given = {"cap": yuan(cap), "earned": yuan(earned)}
    return account.post("CAP_TRIM", Fen(min(0, cap - earned)), formula, **given)


def _quality(account: Account, entries: list[Entry], coefficient: Fraction) -> list[Entry]:
    if coefficient == 1:
        return []
    capped = _sum(entries)
    weight = decimal_text(coefficient)
    formula, given = f"{grouped(capped)} x ({weight} - 1)", {"of": yuan(capped), "weight": weight}
    return account.post("QUALITY", times(capped, coefficient - 1), formula, **given)


def _defer(account: Account, due: Fen) -> list[Entry]:
    deferral = account.rule.deferral
    if deferral is None or due <= 0:
        return []
    rate = percent(deferral.rate)
    formula = f"-{grouped(due)} x {rate}, rounded up"
    given = {"of": yuan(due), "rate": rate, "years": str(deferral.years)}
    return account.post("DEFER", Fen(-ceil_fen(due * deferral.rate)), formula, **given)


def _sum(entries: Iterable[Entry]) -> Fen:
    return Fen(sum(entry.amount for entry in entries))
