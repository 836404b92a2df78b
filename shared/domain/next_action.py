"""Next action: what an account manager is advised to do with a customer, and why.

Theory of operation. Each rule looks at the facts of one customer and gives at most one signal: what
it saw, how many points that has, and in which days something should be done. Points only order; a
customer leaves the bank or is dissatisfied before anything is offered to them, and everyone is met
a few times a year whatever they are worth. A signal becomes an action when a product is found that
the customer may buy as they are; the channel is said by what was learned of them.

Nothing here looks at abnormal flows or what was asked because of them: that is for protecting a
customer, never for selling to them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shared.domain.action_answer import ACTION_RULES, ActionRule
from shared.domain.customer import Need
from shared.domain.days import bank_day
from shared.domain.product import Product, ProductLine
from shared.domain.sale import is_fit
from shared.registry import Document

SHOWN: Final = 3
"""Actions that are advised at once."""
REST_DAYS: Final = 3
"""Days after a customer was met in which nothing but their dissatisfaction is said of them."""
PLANNED_DAYS: Final = 10
"""A customer for whom something is to be done within so many days is left to that."""
LOW_SCORE: Final = 2
"""The highest score that is followed up: 不满."""
SCORE_DAYS: Final = 60
NEED_DAYS: Final = 90
"""For how many days a low score, and a need, are taken up."""
MATURING_DAYS: Final = 30
LEAST_IDLE: Final = 10_000_000
"""Fen in demand deposits from which on they may be too much, where they are half of all assets."""
FLOOR: Final = 2
"""Times that everyone is met in a year, at least."""
FLOOR_SILENT_DAYS: Final = 90
WATCHED: Final = 3
SELLING: Final[frozenset[ActionRule]] = frozenset(
    {"maturing", "life_event", "need", "idle", "tier_watch"}
)
"""Rules that look at what a customer might buy or bring. The others keep, heed and greet them."""
_LIFE: Final = frozenset({"housing", "education", "retirement"})
"""Needs that come with a turn of life."""
_LARGE: Final = ((100_000_000, 6), (20_000_000, 3))
"""Points for an amount (fen), the largest first."""
_DAY_MS: Final = 86_400_000
_LINES: Final[Mapping[ActionRule, tuple[ProductLine, ...]]] = {
    "maturing": ("deposit", "wealth"),
    "idle": ("wealth", "deposit"),
}
_NEED_LINES: Final[Mapping[Need, tuple[ProductLine, ...]]] = {
    "liquidity": ("loan",),
    "housing": ("loan",),
    "education": ("insurance", "deposit"),
    "retirement": ("insurance", "deposit"),
    "growth": ("fund", "wealth"),
    "safety": ("deposit",),
    "payment": ("payment", "card"),
    "other": (),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at of one customer. Amounts are fen, moments ms, None for never."""

    customer_id: str
    met: int = 0
    """Times met in the last 365 days."""
    last_met_at: int | None = None
    matures_on: str | None = None
    """When the first of the money that matures soon does, when the last, and how much it is."""
    matures_by: str | None = None
    maturing: int = 0
    demand: int = 0
    assets: int = 0
    need: Need | None = None
    """The latest that they said."""
    need_at: int | None = None
    offered_at: int | None = None
    """When something was last offered or sold to them."""
    score: int | None = None
    """The latest that they gave."""
    scored_at: int | None = None
    below: int = 0
    """Months below the line of their tier."""
    churn: int = 0
    """Points of what makes them likely to leave, of those who are at risk; 0 for others."""
    silenced: frozenset[str] = frozenset()
    """Rules that were answered as not suitable, and SELLING for who refuses to be sold to."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What a rule saw of a customer."""

    customer_id: str
    rule: ActionRule
    points: int
    since: date
    until: date
    """The days in which something should be done."""
    amount: int | None = None
    days: int | None = None
    """Calendar days until the first of it matures, or since it was said or they were met."""
    last: int | None = None
    """Days until the last of it matures, where that is another day."""
    need: Need | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The catalogue as one customer may be offered from it."""

    products: tuple[Product, ...]
    bought: Mapping[str, int]
    """By product: how often customers of the same kind took it."""
    had: frozenset[str] = frozenset()
    """Products that were sold or offered to the customer lately."""


def signals(facts: Facts, today: date, now: int) -> list[Signal]:
    """Return what the rules see of a customer, the most pressing first."""
    rests = facts.last_met_at is not None and now - facts.last_met_at < REST_DAYS * _DAY_MS
    found = [
        signal
        for rule in ACTION_RULES
        if rule not in facts.silenced and (not rests or rule == "satisfaction")
        if (signal := _RULES[rule](facts, today, now)) is not None
    ]
    return sorted(found, key=_order)


def of_portfolio(everyone: Iterable[Facts], today: date, now: int, most: int) -> list[Signal]:
    """Return the most pressing signal of each of up to `most` customers.

    One place is kept for someone who is met too rarely, so that those who bring the most never
    leave no time for anybody else.
    """
    first = [found for facts in everyone for found in signals(facts, today, now)[:1]]
    first.sort(key=_order)
    chosen = first[:most]
    if chosen and all(each.rule != "service_floor" for each in chosen):
        rare = next((each for each in first if each.rule == "service_floor"), None)
        if rare is not None:
            chosen = [*chosen[: most - 1], rare]
    return chosen


def product_for(signal: Signal, shelf: Shelf, customer: Document, day: date) -> Product | None:
    """Return what may be offered to a customer: in the line of the reason, and fit for them.

    Of several, what customers of their kind took most often. None where nothing fits; a rule that
    is about the customer and not about money never offers anything.
    """
    lines = _NEED_LINES[signal.need] if signal.need else _LINES.get(signal.rule, ())
    for line in lines:
        fit = [
            each
            for each in shelf.products
            if each.line == line and each.id not in shelf.had and is_fit(each, customer, day)
        ]
        if fit:
            return min(fit, key=lambda each: (-shelf.bought.get(each.id, 0), each.code))
    return None


def _order(signal: Signal) -> tuple[int, int, str]:
    return -signal.points, ACTION_RULES.index(signal.rule), signal.customer_id


def _retain(facts: Facts, today: date, _now: int) -> Signal | None:
    if not facts.churn:
        return None
    points = 200 + min(99, facts.churn)
    return _signal(facts, "retain", points, today, 7)


def _satisfaction(facts: Facts, today: date, now: int) -> Signal | None:
    score, at = facts.score, facts.scored_at
    if score is None or at is None or score > LOW_SCORE or now - at >= SCORE_DAYS * _DAY_MS:
        return None
    if facts.last_met_at is not None and facts.last_met_at > at:
        return None
    return _signal(facts, "satisfaction", 190 - score, today, 2, days=_since(at, today))


def _maturing(facts: Facts, today: date, _now: int) -> Signal | None:
    if facts.matures_on is None:
        return None
    matures = date.fromisoformat(facts.matures_on)
    days = (matures - today).days
    if not 0 <= days <= MATURING_DAYS:
        return None
    return Signal(
        facts.customer_id,
        "maturing",
        40 + MATURING_DAYS - days + _weight(facts.maturing),
        max(today, matures - timedelta(days=14)),
        matures,
        amount=facts.maturing,
        days=days,
        last=_last(facts, today, days),
    )


def _last(facts: Facts, today: date, first: int) -> int | None:
    """Return the days until the last of what matures does, where that is not with the first."""
    if facts.matures_by is None:
        return None
    days = (date.fromisoformat(facts.matures_by) - today).days
    return days if days > first else None


def _life_event(facts: Facts, today: date, _now: int) -> Signal | None:
    return _said(facts, "life_event", 48, today) if facts.need in _LIFE else None


def _need(facts: Facts, today: date, _now: int) -> Signal | None:
    return None if facts.need in _LIFE else _said(facts, "need", 42, today)


def _said(facts: Facts, rule: ActionRule, points: int, today: date) -> Signal | None:
    """A need that was said, and after which nothing was offered."""
    if facts.need is None or facts.need_at is None:
        return None
    days = _since(facts.need_at, today)
    if days >= NEED_DAYS or (facts.offered_at is not None and facts.offered_at >= facts.need_at):
        return None
    return _signal(facts, rule, points - days // 15, today, 14, days=days, need=facts.need)


def _idle(facts: Facts, today: date, _now: int) -> Signal | None:
    if facts.demand < LEAST_IDLE or 2 * facts.demand < facts.assets:
        return None
    points = 34 + _weight(facts.demand)
    return _signal(facts, "idle", points, today, 14, amount=facts.demand)


def _tier_watch(facts: Facts, today: date, _now: int) -> Signal | None:
    if facts.below < WATCHED:
        return None
    return _signal(facts, "tier_watch", 36 + facts.below, today, 30, days=facts.below)


def _service_floor(facts: Facts, today: date, _now: int) -> Signal | None:
    days = None if facts.last_met_at is None else _since(facts.last_met_at, today)
    if facts.met >= FLOOR or (days is not None and days < FLOOR_SILENT_DAYS):
        return None
    waited = 365 if days is None else days
    points = 30 + min(12, (waited - FLOOR_SILENT_DAYS) // 30)
    return _signal(facts, "service_floor", points, today, 30, days=days)


_RULES: Final[Mapping[ActionRule, Callable[[Facts, date, int], Signal | None]]] = {
    "retain": _retain,
    "satisfaction": _satisfaction,
    "maturing": _maturing,
    "life_event": _life_event,
    "need": _need,
    "idle": _idle,
    "tier_watch": _tier_watch,
    "service_floor": _service_floor,
}


def _signal(
    facts: Facts,
    rule: ActionRule,
    points: int,
    today: date,
    within: int,
    *,
    amount: int | None = None,
    days: int | None = None,
    need: Need | None = None,
) -> Signal:
    until = today + timedelta(days=within)
    return Signal(
        facts.customer_id, rule, points, today, until, amount=amount, days=days, need=need
    )


def _weight(amount: int) -> int:
    return next((points for least, points in _LARGE if amount >= least), 0)


def _since(at: int, today: date) -> int:
    """Return how many calendar days ago a moment was: last evening is yesterday."""
    return max(0, (today - bank_day(at)).days)
