"""What if: a drafted rule beside those in force, where it leaves a hole, and whom it pays less.

A draft is tried on a month that is over: as though it had been in force for the whole of it. The
engine is the one that pays, and so are the facts; only the one rule is another.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from shared.commission.engine import computed_from
from shared.commission.entries import EntryType
from shared.commission.facts import Facts, Goals
from shared.commission.months import Period, period_of
from shared.commission.qualify import Problem, Qualified, qualify, rules_by_product
from shared.commission.rules import Rule
from shared.domain.commission_rule import Overlap, overlaps, rules_in_force
from shared.domain.crediting import facts_of
from shared.domain.sale_share import SaleShare
from shared.ids import EmployeeId
from shared.money import Fen

_EARNED: tuple[EntryType, ...] = ("EARN", "CAP_TRIM", "QUALITY")


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on which no rule of a product is in force, though one was before; `until` is not one."""

    product: str
    since: date
    until: date | None


def gaps(rules: Iterable[Rule]) -> list[Gap]:
    """Find where a product that had a rule has none."""
    by_product: dict[str, list[Rule]] = {}
    for rule in rules:
        by_product.setdefault(rule.product, []).append(rule)
    return [gap for product in sorted(by_product) for gap in _gaps(product, by_product[product])]


def _gaps(product: str, rules: list[Rule]) -> Iterable[Gap]:
    ordered = sorted(rules, key=lambda rule: rule.since)
    end = ordered[0].until
    for rule in ordered[1:]:
        if end is None:
            return
        if end < rule.since:
            yield Gap(product, end, rule.since)
        end = None if rule.until is None else max(end, rule.until)
    if end is not None:
        yield Gap(product, end, None)


def faults(approved: Iterable[Rule], draft: Rule) -> list[Overlap | Gap]:
    """Return the overlaps and gaps that a plan would have with the draft and has not without it."""
    present = list(approved)
    before, after = rules_in_force(present), rules_in_force([*present, draft])
    known: list[Overlap | Gap] = [*overlaps(before), *gaps(before)]
    found: list[Overlap | Gap] = [*overlaps(after), *gaps(after)]
    return [each for each in found if not any(_includes(one, each) for one in known)]


def _includes(known: Overlap | Gap, found: Overlap | Gap) -> bool:
    """Whether a fault was there before: a gap that has only become shorter was."""
    if isinstance(known, Overlap) or isinstance(found, Overlap):
        return known == found
    ends = known.until is None or (found.until is not None and found.until <= known.until)
    return known.product == found.product and known.since <= found.since and ends


def tried(in_force: Iterable[Rule], draft: Rule, period: Period) -> tuple[Rule, ...]:
    """Return the rules as though the draft had been in force for the whole month."""
    first = date.fromisoformat(f"{period}-01")
    whole = replace(draft, since=first, until=None)
    return (*(rule for rule in in_force if rule.id != draft.id), whole)


@dataclass(frozen=True, slots=True)
class Month:
    """What one employee's sales of a month earn (fen), what of it is deferred, and what fails."""

    earned: Fen
    deferred: Fen
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One employee's month by the rules in force, and with the draft in place."""

    employee: EmployeeId
    before: Month
    after: Month

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What keeps the month from being compared; a sale in error pays nothing on one side."""
        return self.after.problems or self.before.problems

    @property
    def change(self) -> Fen:
        """What the draft would pay more, or less."""
        return Fen(self.after.earned - self.before.earned)


def difference(
    employee: EmployeeId,
    shares: Iterable[SaleShare],
    rules: tuple[tuple[Rule, ...], tuple[Rule, ...]],
    goals: Goals,
    period: Period,
) -> Difference:
    """Compare an employee's month under two sets of rules; `shares` are the employee's own."""
    own = list(shares)
    before, after = (_month(employee, facts_of(own, each, goals), period) for each in rules)
    return Difference(employee, before, after)


def _month(employee: EmployeeId, facts: Facts, period: Period) -> Month:
    by_product = rules_by_product(facts.rules)
    places = [(sale, qualify(sale, facts, by_product)) for sale in facts.sales]
    counted = [each for _, each in places if isinstance(each, Qualified) and each.period == period]
    entries = [
        each
        for each in computed_from(counted, facts.goals).entries
        if (each.employee, each.period) == (employee, period)
    ]
    problems = tuple(
        place
        for sale, place in places
        if isinstance(place, Problem) and period in map(period_of, sale.dates.values())
    )
    return Month(
        Fen(sum(each.amount for each in entries if each.type in _EARNED)),
        Fen(-sum(each.amount for each in entries if each.type == "DEFER")),
        problems,
    )


def sorted_differences(found: Iterable[Difference]) -> list[Difference]:
    """Return those who lose most first, who gain most last, and who cannot be told at the end."""
    return sorted(found, key=lambda each: (bool(each.problems), each.change, each.employee))
