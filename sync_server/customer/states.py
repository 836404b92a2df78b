"""The state machine of a customer: one table of transitions, the first that holds is taken.

Facts move a state, nobody types it. A line up is another than the line down (growth begins at 20 %
and is over at 5 %, risk begins at 60 points and is over at 40), and what says that things are well
must have rested in its state first: so nobody flips from day to day. A change of the table or its
lines is a new number of `LINES`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from shared.domain.churn_risk import AT_RISK, CALM
from shared.domain.customer_state import State, StateCause
from sync_server.customer.facts import Facts


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one version: days, percent, and fen."""

    number: int = 1
    new_days: int = 180
    """A customer is new for so long after their first account was opened."""
    silent_days: int = 180
    silent_assets: int = 100_000
    """Who holds less, moved nothing and was not heard of for so long is dormant."""
    growth: int = 20
    growth_over: int = 5
    growth_least: int = 1_000_000
    """What has to have come in for growth, beside the percent."""
    active_inflow: int = 100_000
    """What has to come in within two months for someone dormant to be active again."""
    returned_assets: int = 100_000
    rest_days: int = 30
    won_back_days: int = 90


LINES: Final = Lines()


class Seen(NamedTuple):
    """What the table looks at: the facts, the points, and for how many days the state has stood."""

    facts: Facts
    points: int
    rested: int


class Change(NamedTuple):
    """A change of state, with its cause and the figure that it rests on."""

    state: State
    cause: StateCause
    evidence: str


Test = Callable[[Seen, Lines], str | None]
"""Returns the evidence of a cause that holds, or None."""


class Transition(NamedTuple):
    """From any of some states to one, for a cause that holds once the state has rested."""

    before: tuple[State, ...]
    after: State
    cause: StateCause
    holds: Test
    rest: int = 0


def _all_closed(seen: Seen, _: Lines) -> str | None:
    accounts = seen.facts.accounts
    is_over = bool(accounts) and not seen.facts.is_open
    return max(each.closed_on or "" for each in accounts) if is_over else None


def _account_opened(seen: Seen, _: Lines) -> str | None:
    opened = seen.facts.opened or seen.facts.today
    return opened.isoformat() if seen.facts.is_open else None


def _returned(seen: Seen, lines: Lines) -> str | None:
    facts = seen.facts
    return str(facts.assets) if facts.is_open and facts.assets >= lines.returned_assets else None


def _silent(seen: Seen, lines: Lines) -> str | None:
    """Nothing moved in the months that are known, nobody was in touch, and little is left."""
    facts = seen.facts
    if facts.moved or facts.assets >= lines.silent_assets or not facts.is_open:
        return None
    quiet = [facts.days_since(day) for day in (facts.opened, facts.last_contact) if day]
    heard = min((days for days in quiet if days is not None), default=None)
    return str(heard) if heard is not None and heard >= lines.silent_days else None


def _active_again(seen: Seen, lines: Lines) -> str | None:
    inflow = seen.facts.month(0).inflow + seen.facts.month(1).inflow
    return str(inflow) if inflow >= lines.active_inflow else None


def _at_risk(seen: Seen, _: Lines) -> str | None:
    return str(seen.points) if seen.points >= AT_RISK else None


def _recovered(seen: Seen, _: Lines) -> str | None:
    return str(seen.points) if seen.points < CALM else None


def _growth(seen: Seen, lines: Lines) -> str | None:
    net, percent = seen.facts.net, _grown(seen.facts)
    return str(percent) if net >= lines.growth_least and percent >= lines.growth else None


def _growth_over(seen: Seen, lines: Lines) -> str | None:
    percent = _grown(seen.facts)
    return str(percent) if percent < lines.growth_over else None


def _grown(facts: Facts) -> int:
    """Return by how many percent assets grew in three months; all of them are 100."""
    return facts.net * 100 // (facts.assets_before or max(1, facts.net))


def _no_longer_new(seen: Seen, lines: Lines) -> str | None:
    days = seen.facts.days_since(seen.facts.opened)
    if days is None:
        return ""
    return str(days) if days >= lines.new_days else None


def _settled(seen: Seen, _: Lines) -> str | None:
    return str(seen.rested)


_WELL: Final[tuple[State, ...]] = ("new", "growing", "stable", "won_back")
_HOLDING: Final[tuple[State, ...]] = (*_WELL, "at_risk")
TRANSITIONS: Final = (
    Transition((*_HOLDING, "dormant"), "lost", "all_closed", _all_closed),
    Transition(("potential",), "new", "account_opened", _account_opened),
    Transition(("lost",), "won_back", "returned", _returned),
    Transition(_HOLDING, "dormant", "silent", _silent),
    Transition(_WELL, "at_risk", "churn_points", _at_risk),
    Transition(("dormant",), "won_back", "active_again", _active_again),
    Transition(("at_risk",), "won_back", "recovered", _recovered, LINES.rest_days),
    Transition(("new",), "stable", "settled", _no_longer_new, LINES.rest_days),
    Transition(("won_back",), "stable", "settled", _settled, LINES.won_back_days),
    Transition(("stable",), "growing", "growth", _growth, LINES.rest_days),
    Transition(("growing",), "stable", "growth_over", _growth_over, LINES.rest_days),
)


def first_state(facts: Facts, points: int, lines: Lines = LINES) -> Change:
    """Return the state of a customer who is assessed for the first time."""
    seen = Seen(facts, points, 0)
    if (closed := _all_closed(seen, lines)) is not None:
        return Change("lost", "all_closed", closed)
    if not facts.is_open:
        return Change("potential", "no_account", "")
    if (silent := _silent(seen, lines)) is not None:
        return Change("dormant", "silent", silent)
    if (risk := _at_risk(seen, lines)) is not None:
        return Change("at_risk", "churn_points", risk)
    if (settled := _no_longer_new(seen, lines)) is None:
        return Change("new", "account_opened", _account_opened(seen, lines) or "")
    if (growth := _growth(seen, lines)) is not None:
        return Change("growing", "growth", growth)
    return Change("stable", "settled", settled)


def next_state(
    state: State, since: date, facts: Facts, points: int, lines: Lines = LINES
) -> Change | None:
    """Return how a state changes on a day; None where it stays. Of one day there is one change."""
    seen = Seen(facts, points, (facts.today - since).days)
    if seen.rested < 1:
        return None
    for each in TRANSITIONS:
        if state in each.before and seen.rested >= each.rest:
            evidence = each.holds(seen, lines)
            if evidence is not None:
                return Change(each.after, each.cause, evidence)
    return None
