"""Churn points: what speaks for a customer leaving, each reason by a rule of one line.

| reason           | holds when                                                    | points     |
|------------------|---------------------------------------------------------------|------------|
| assets_down      | of 10,000 yuan or more, 30, 50, 80 % left in three months     | 30, 40, 50 |
| inflow_stopped   | of what came each month for three, under a fifth in the last  | 25         |
| matured_left     | half or more of what matured in three months left since       | 25         |
| no_contact       | no contact for 180 days (gold and above: 90), for twice that  | 15, 25     |
| low_satisfaction | the last score is 1 or 2                                      | 20         |
| complaint        | a complaint is open                                           | 20         |
| products_closed  | one account was closed in 90 days; two or more                | 10, 20     |

The figures are bands (30 % and not 34.7 %), so that a row is written when something has changed and
not every night. A change of this table is a new number of `RULES`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from shared.domain.churn_risk import ChurnReason, Point
from sync_server.customer.facts import QUARTER, Facts


@dataclass(frozen=True, slots=True)
class Rules:
    """The lines and the points of one version; amounts are fen, bands the highest first."""

    number: int = 1
    assets_least: int = 1_000_000
    assets_down: tuple[tuple[int, int], ...] = ((80, 50), (50, 40), (30, 30))
    """Percent that left, and points."""
    inflow_least: int = 100_000
    inflow_left: int = 20
    """Percent of the usual below which it has stopped."""
    inflow_stopped: int = 25
    matured_left: int = 25
    matured_share: int = 50
    """Percent of what matured that left."""
    silence: int = 180
    silence_valued: int = 90
    no_contact: tuple[tuple[int, int], ...] = ((2, 25), (1, 15))
    """Times the days of silence, and points."""
    low: int = 2
    low_satisfaction: int = 20
    complaint: int = 20
    closed_days: int = 90
    products_closed: tuple[tuple[int, int], ...] = ((2, 20), (1, 10))


RULES: Final = Rules()
_VALUED: Final = ("gold", "platinum")


def churn_points(facts: Facts, rules: Rules = RULES) -> tuple[Point, ...]:
    """Return what speaks for a customer leaving; nothing for one who holds nothing to leave with.

    One whose accounts are all closed has left: that is a state, and no risk any more.
    """
    return tuple(_found(facts, rules)) if facts.is_open else ()


def _found(facts: Facts, rules: Rules) -> Iterator[Point]:
    for reason, rule in _REASONS.items():
        given = rule(facts, rules)
        if given is not None:
            yield Point(reason, *given)


Given = tuple[int, int] | None
"""Points and the figure that they rest on."""


def _assets_down(facts: Facts, rules: Rules) -> Given:
    before = facts.assets_before
    if before < rules.assets_least:
        return None
    return _band((before - facts.assets) * 100 // before, rules.assets_down)


def _inflow_stopped(facts: Facts, rules: Rules) -> Given:
    usual = [facts.month(back).inflow for back in range(2, 2 + QUARTER)]
    if min(usual) < rules.inflow_least:
        return None
    left = facts.month(1).inflow * 100 // int(median(usual))
    return (rules.inflow_stopped, left) if left < rules.inflow_left else None


def _matured_left(facts: Facts, rules: Rules) -> Given:
    matured = sum(each.amount for each in facts.matured)
    if not matured:
        return None
    first = min(each.day for each in facts.matured)[:7]
    moved = [facts.month(back) for back, month in enumerate(facts.window) if month >= first]
    left = sum(each.outflow - each.inflow for each in moved) * 100 // matured
    return (rules.matured_left, rules.matured_share) if left >= rules.matured_share else None


def _no_contact(facts: Facts, rules: Rules) -> Given:
    days = facts.days_since(facts.last_contact or facts.opened)
    if days is None:
        return None
    line = rules.silence_valued if facts.tier in _VALUED else rules.silence
    given = _band(days // line, rules.no_contact)
    return given and (given[0], given[1] * line)


def _low_satisfaction(facts: Facts, rules: Rules) -> Given:
    score = facts.satisfaction
    return (rules.low_satisfaction, score) if score is not None and score <= rules.low else None


def _complaint(facts: Facts, rules: Rules) -> Given:
    return (rules.complaint, facts.complaints) if facts.complaints else None


def _products_closed(facts: Facts, rules: Rules) -> Given:
    return _band(len(facts.closed_since(facts.before(rules.closed_days))), rules.products_closed)


def _band(figure: int, bands: tuple[tuple[int, int], ...]) -> Given:
    return next(((points, least) for least, points in bands if figure >= least), None)


_REASONS: Final[dict[ChurnReason, Callable[[Facts, Rules], Given]]] = {
    "assets_down": _assets_down,
    "inflow_stopped": _inflow_stopped,
    "matured_left": _matured_left,
    "no_contact": _no_contact,
    "low_satisfaction": _low_satisfaction,
    "complaint": _complaint,
    "products_closed": _products_closed,
}
