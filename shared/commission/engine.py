"""The commission engine: facts in, posted entries out, right to the fen and the same every time.

Theory of operation. A result is a function of facts and nothing else:

    facts --qualify--> sales, each with its rule and month, or held, pending, in error
          --split----> portions, one per sale and payee
          --period---> for each employee and month: EARN, CAP_TRIM, QUALITY, DEFER, and what they
                       lead to in later months: RELEASE, CLAWBACK

An employee's month depends only on that employee's portions recognised in it, on its targets and
on its quality coefficient. So a new fact is priced by computing the few employee-months that it
touches (`touched`), and computing all of them gives the same entries.

Open months are not stored, they follow from the facts. Closing a month appends what it holds to
the ledger, and from then on the computation can only be compared with it: where they differ, the
difference is posted as an ADJUST in the first open month (`ledger`). Arrival order therefore
matters to nothing but what was closed without it.

The device calls `estimate` and the server `computed`; both run the same pipeline.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from shared.commission.entries import Entry, Tranche
from shared.commission.facts import Closed, Event, Facts, Goals, Sale, facts_of
from shared.commission.ledger import Approval, Ledger
from shared.commission.months import Period, period_of
from shared.commission.period import EmployeeMonth, Outcome, by_employee_month, employee_month
from shared.commission.qualify import (
    Held,
    Pending,
    Problem,
    Qualification,
    Qualified,
    qualification,
)
from shared.commission.rules import Rule
from shared.commission.statement import Statement, statements
from shared.ids import EmployeeId
from shared.money import Fen

SIMULATED = Approval(EmployeeId("simulation: maker"), EmployeeId("simulation: checker"))
"""Who closes the months of a scenario: nobody real."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A plan, its goals, and events in the order in which they arrived.

    `as_of` ends the statements. Where a file does not say it, `is_as_of_given` is false and the
    statements go on to the last entry that an event posted.
    """

    rules: tuple[Rule, ...]
    goals: Goals
    events: tuple[Event, ...]
    as_of: date
    is_as_of_given: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a scenario leads to."""

    entries: tuple[Entry, ...]
    statements: tuple[Statement, ...]
    tranches: tuple[Tranche, ...]
    places: Qualification
    ledger: Ledger
    released_through: Period


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one sale would pay an employee: its own EARN, and what it changes in the month (fen)."""

    earned: Fen
    change: Fen
    entries: tuple[Entry, ...]


def computed(facts: Facts) -> Outcome:
    """Compute every employee's month from scratch: the authority, and the device's check."""
    return computed_from(qualification(facts).sales, facts.goals)


def computed_from(sales: Iterable[Qualified], goals: Goals) -> Outcome:
    """Compute the employee-months of sales that have their places already."""
    outcomes = [
        employee_month(whose, held, goals)
        for whose, held in sorted(by_employee_month(sales).items())
    ]
    return Outcome(
        tuple(entry for each in outcomes for entry in each.entries),
        tuple(tranche for each in outcomes for tranche in each.tranches),
    )


def touched(before: Iterable[Qualified], after: Iterable[Qualified]) -> set[EmployeeMonth]:
    """Return the employee-months that can differ when these sales' places changed."""
    return {
        (share.employee, qualified.period)
        for qualified in (*before, *after)
        for share in qualified.shares
    }


def estimate(
    sale: Sale, whose: EmployeeMonth, facts: Facts
) -> Estimate | Held | Pending | Problem | None:
    """Price one new sale on top of what is known of an employee's month.

    `facts` should hold the employee's sales of that month; others cost time and change nothing.
    A sale that cannot be priced is answered with the place it has instead; None: it is cancelled.
    """
    places = qualification(replace(facts, sales=(*facts.sales, sale)))
    if all(qualified.sale is not sale for qualified in places.sales):
        return _unpriced(sale, places)
    with_sale = _month_of(whose, places, facts.goals)
    without = _month_of(whose, qualification(facts), facts.goals)
    own = tuple(entry for entry in with_sale.entries if entry.sale == sale.id)
    earned = sum(entry.amount for entry in own if entry.type == "EARN")
    change = _posted_in(whose[1], with_sale) - _posted_in(whose[1], without)
    return Estimate(Fen(earned), Fen(change), own)


def _unpriced(sale: Sale, places: Qualification) -> Held | Pending | Problem | None:
    unpriced: list[Pending | Problem] = [*places.pending, *places.problems]
    held = (each for each in places.held if sale.id in each.sales)
    return next((each for each in unpriced if each.sale == sale.id), None) or next(held, None)


def _month_of(whose: EmployeeMonth, places: Qualification, goals: Goals) -> Outcome:
    own = (
        each
        for each in places.sales
        if each.period == whose[1] and any(share.employee == whose[0] for share in each.shares)
    )
    return employee_month(whose, by_employee_month(own).get(whose, []), goals)


def _posted_in(period: Period, outcome: Outcome) -> int:
    return sum(entry.amount for entry in outcome.entries if entry.period == period)


def simulate(scenario: Scenario) -> Answer:
    """Run a scenario's events in order and return what is posted in the end."""
    ledger = Ledger()
    for arrived, event in enumerate(scenario.events):
        if isinstance(event, Closed):
            known = facts_of(scenario.rules, scenario.goals, scenario.events[:arrived])
            ledger = ledger.close(event.period, computed(known).entries, SIMULATED)
    facts = facts_of(scenario.rules, scenario.goals, scenario.events)
    return _answer(scenario, facts, ledger)


def _answer(scenario: Scenario, facts: Facts, ledger: Ledger) -> Answer:
    places = qualification(facts)
    outcome = computed_from(places.sales, facts.goals)
    as_of = period_of(scenario.as_of)
    released = max(as_of, ledger.closed_through or as_of)
    still_open = [
        entry for entry in ledger.open_entries(outcome.entries) if not _is_future(entry, released)
    ]
    entries = sorted([*ledger.entries, *still_open], key=lambda entry: entry.order)
    last = as_of
    if not scenario.is_as_of_given:
        last = max([as_of, *(entry.period for entry in entries)])
    rows = statements(entries, facts.left, last)
    return Answer(tuple(entries), tuple(rows), outcome.tranches, places, ledger, released)


def _is_future(entry: Entry, released: Period) -> bool:
    """Whether an entry is a tranche whose day has not come; other entries follow from events."""
    return entry.type == "RELEASE" and entry.sale is None and entry.period > released
