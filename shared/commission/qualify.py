"""Qualifying: which sales count, under which rule and in which month, or why they do not.

Exactly one rule applies to a sale. None, or two, is an error with a reason and never a silent
zero; a sale whose event has not happened yet waits; a contested one is held.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.commission.facts import Facts, Sale, Share
from shared.commission.fields import ExternalRef, ProductCode, SaleId
from shared.commission.months import Period, period_of
from shared.commission.rules import Recognition, Rule

ProblemCode = Literal["no_rule", "two_rules", "no_quantity", "no_amount"]


@dataclass(frozen=True, slots=True)
class Qualified:
    """A sale that counts: its rule, its month, who has what of it, and when it was cancelled."""

    sale: Sale
    rule: Rule
    recognised_on: date
    period: Period
    shares: tuple[Share, ...]
    cancelled_on: date | None

    @property
    def order(self) -> tuple[date, SaleId]:
        """The order in which sales fill a month, whenever they arrived."""
        return self.recognised_on, self.sale.id


@dataclass(frozen=True, slots=True)
class Held:
    """Claims on one thing sold, of which nothing is posted until a split is approved."""

    external_ref: ExternalRef
    sales: tuple[SaleId, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """A sale that waits for the event that recognises it."""

    sale: SaleId
    waiting_for: Recognition


@dataclass(frozen=True, slots=True)
class Problem:
    """A sale that nothing can be computed for, and why."""

    sale: SaleId
    code: ProblemCode
    text: str


@dataclass(frozen=True, slots=True)
class Qualification:
    """Every sale in one of four places."""

    sales: tuple[Qualified, ...]
    held: tuple[Held, ...]
    pending: tuple[Pending, ...]
    problems: tuple[Problem, ...]


def qualification(facts: Facts) -> Qualification:
    """Sort all sales of the facts into their places, each place by sale id."""
    rules = rules_by_product(facts.rules)
    standing, held = _uncontested(facts)
    places = [qualify(sale, facts, rules) for sale in standing]
    return Qualification(
        tuple(each for each in places if isinstance(each, Qualified)),
        held,
        tuple(each for each in places if isinstance(each, Pending)),
        tuple(each for each in places if isinstance(each, Problem)),
    )


def rules_by_product(rules: Iterable[Rule]) -> Mapping[ProductCode, list[Rule]]:
    """Look rules up by what they pay for."""
    found = defaultdict(list)
    for rule in rules:
        found[rule.product].append(rule)
    return found


def _uncontested(facts: Facts) -> tuple[list[Sale], tuple[Held, ...]]:
    """Keep one sale for each thing sold; without an approved split, rivals are held."""
    claims: dict[ExternalRef, list[Sale]] = defaultdict(list)
    standing = []
    for sale in sorted(facts.sales, key=lambda each: each.id):
        if sale.external_ref is None:
            standing.append(sale)
        else:
            claims[sale.external_ref].append(sale)
    contested = {ref for ref, rivals in claims.items() if len(rivals) > 1} - facts.approved.keys()
    standing += (rivals[0] for ref, rivals in claims.items() if ref not in contested)
    held = (Held(ref, tuple(sale.id for sale in claims[ref])) for ref in sorted(contested))
    return sorted(standing, key=lambda each: each.id), tuple(held)


def qualify(
    sale: Sale, facts: Facts, rules: Mapping[ProductCode, list[Rule]]
) -> Qualified | Pending | Problem | None:
    """Place one uncontested sale; None when it was cancelled before its month was over."""
    offered = rules.get(sale.product, [])
    in_force = [rule for rule in offered if _applies(rule, sale)]
    cancelled_on = facts.cancelled.get(sale.id)
    if len(in_force) == 1:
        return _measured(in_force[0], sale, cancelled_on, _shares(sale, facts))
    if in_force:
        return _two_rules(sale, in_force)
    waiting = [rule.recognise_on for rule in offered if rule.recognise_on not in sale.dates]
    if waiting:
        return Pending(sale.id, waiting[0]) if cancelled_on is None else None
    return _no_rule(sale, offered)


def _applies(rule: Rule, sale: Sale) -> bool:
    day = sale.dates.get(rule.recognise_on)
    return day is not None and rule.is_in_force(day)


def _shares(sale: Sale, facts: Facts) -> tuple[Share, ...]:
    if sale.external_ref is None:
        return sale.shares
    return facts.approved.get(sale.external_ref, sale.shares)


def _measured(
    rule: Rule, sale: Sale, cancelled_on: date | None, shares: tuple[Share, ...]
) -> Qualified | Problem | None:
    recognised_on = sale.dates[rule.recognise_on]
    period = period_of(recognised_on)
    if cancelled_on is not None and period_of(cancelled_on) <= period:
        return None
    missing = _missing_measure(rule, sale)
    return missing or Qualified(sale, rule, recognised_on, period, shares, cancelled_on)


def _missing_measure(rule: Rule, sale: Sale) -> Problem | None:
    is_counted = rule.metric == "COUNT" and bool(rule.accelerators)
    if sale.qty is None and (rule.kind == "UNIT" or is_counted):
        return Problem(sale.id, "no_quantity", f"{_name(rule)} counts pieces; the sale has none.")
    is_measured = rule.metric != "COUNT" and bool(rule.accelerators)
    if sale.amount is None and (rule.kind != "UNIT" or is_measured):
        return Problem(sale.id, "no_amount", f"{_name(rule)} needs an amount; the sale has none.")
    return None


def _two_rules(sale: Sale, rules: list[Rule]) -> Problem:
    names = " and ".join(_name(rule) for rule in rules)
    return Problem(sale.id, "two_rules", f"More than one rule applies: {names}.")


def _no_rule(sale: Sale, offered: list[Rule]) -> Problem:
    tried = {rule.recognise_on: sale.dates[rule.recognise_on].isoformat() for rule in offered}
    days = ", ".join(f"{event} {day}" for event, day in tried.items()) or "any day"
    return Problem(sale.id, "no_rule", f"No rule for {sale.product} is in force ({days}).")


def _name(rule: Rule) -> str:
    return f"rule {rule.id} version {rule.version}"
