"""Alarms: which alert follows from a day's flow, from money that is free soon, from a score.

Pure: the store reads what they need and writes what they say. The same cause yields the same alert,
by its id, whichever file or device brings it again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, Final

from shared.domain.account import Account
from shared.domain.alert import WAITING, Alert, alert_id, due_at
from shared.domain.days import bank_day
from shared.domain.usual import Direction, Severity, severity_of, usual
from shared.money import Fen

RECENT_DAYS: Final = 7
"""A flow longer ago is history: nobody is called about it, and a year of it raises nothing."""
MATURITY_DAYS: Final = 30
MATURING: Final = frozenset({"time_deposit", "wealth", "fund"})
ASSESSED: Final = frozenset({"churn", "downgrade"})
"""Kinds that the daily assessment raises, and takes back when their cause has gone."""
KNOWN_BY_CAUSE: Final = frozenset({"maturity", "birthday", "papers", "satisfaction"})
"""Kinds of which a customer has one for a cause, also one that came with a customer merged in."""
LAST_SCORES: Final = 6
_LOW: Final = 3
"""A first score of this or less is an alarm by itself."""
_VERY_LOW: Final = 2
WORTH_A_LOOK: Final = 4
"""A higher score is the best there is, and a drop from nothing."""


@dataclass(frozen=True, slots=True)
class DayFlow:
    """What came to a customer from outside, or left for it, on one day (fen)."""

    customer_id: str
    day: date
    direction: Direction
    amount: Fen
    account_id: str
    """The account on which most moved in this direction."""
    own: Fen
    """What else moved in this direction and may have gone between the customer's own accounts."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One satisfaction score of a customer, as an interaction said it."""

    id: str
    occurred_at: int
    score: int
    """0 of a correction that says none: what it supersedes counts no more."""
    supersedes: str | None = None


def is_recent(day: date, today: date) -> bool:
    """Whether a flow of a day is still worth a call."""
    return 0 <= (today - day).days <= RECENT_DAYS


def between_own(inflow: int, outflow: int, most: int) -> Fen:
    """Return how much of a day may have moved between a customer's own accounts (fen).

    `inflow` and `outflow` are the sums over those accounts, `most` is the largest sum of both on
    one of them. What leaves an account can reach any but itself, so the greatest flow between them
    is bounded by either sum and by what the other accounts moved (maximum flow, minimum cut).
    """
    return Fen(min(inflow, outflow, inflow + outflow - most))


def handled_of(told: Iterable[Mapping[str, Any]]) -> Fen:
    """Return how much of a day's flow somebody has handled, by its alerts (fen)."""
    return Fen(sum(each["amount"] for each in told if each["status"] == "handled"))


def is_no_longer(alert: Mapping[str, Any], flow: DayFlow | None, handled: Fen, now: int) -> bool:
    """Whether an alert's flow is below its line, less what was `handled` of its day.

    That its day shows money which may have come from it on another account is a guess: it takes
    back only what the same file has raised, whose moment is `now`. An alert that stood before goes
    by what moved on the accounts. `flow` is None where that is below any line.
    """
    if flow is None:
        return True
    moved = flow.amount if alert["raised_at"] == now else flow.amount + flow.own
    return bool(moved - handled < alert["threshold"])


def abnormal_flow(
    flow: DayFlow,
    before: Iterable[int],
    assets_now: Fen,
    now: int,
    told: Sequence[Mapping[str, Any]] = (),
) -> Alert | None:
    """Return the alert of a day's flow; None where it is usual for this customer.

    `before` are the sums of the customer's days of the twelve months before, in this direction.
    `told` are the alerts that this day and direction has: what somebody has handled of it counts no
    more, and what is new by itself goes on in the one that stands, or is a further one.
    """
    normal = usual(before)
    amount = Fen(flow.amount - handled_of(told))
    if amount < normal.threshold:
        return None
    moved = amount if flow.direction == "out" else -amount
    assets = Fen(max(0, assets_now + moved))
    severity = severity_of(amount, assets)
    return Alert(
        id=_flow_id(flow, told),
        customer_id=flow.customer_id,
        kind="abnormal_flow",
        severity=severity,
        day=flow.day.isoformat(),
        raised_at=now,
        due_at=due_at(now, severity),
        direction=flow.direction,
        amount=amount,
        assets=assets,
        median=normal.median,
        threshold=normal.threshold,
        days=normal.days,
        evidence=flow.account_id,
    )


def _flow_id(flow: DayFlow, told: Sequence[Mapping[str, Any]]) -> str:
    """Return the id of the alert that is not handled, of two the one of more; else of a new one."""
    standing = [each for each in told if each["status"] != "handled"]
    if standing:
        chosen = max(standing, key=lambda each: (each["status"] in WAITING, each["amount"]))
        return str(chosen["id"])
    about = f"{flow.direction} {flow.day}"
    return alert_id("abnormal_flow", flow.customer_id, f"{about} {len(told)}" if told else about)


def maturity(account: Account, now: int) -> Alert | None:
    """Return the alert of an account whose money is free within a month; None for any other."""
    if account.matures_on is None or account.closed_on or account.kind not in MATURING:
        return None
    if not 0 <= (date.fromisoformat(account.matures_on) - bank_day(now)).days <= MATURITY_DAYS:
        return None
    about = f"{account.id} {account.matures_on}"
    return Alert(
        id=alert_id("maturity", account.customer_id, about),
        customer_id=account.customer_id,
        kind="maturity",
        severity="normal",
        day=account.matures_on,
        raised_at=now,
        due_at=due_at(now, "normal"),
        amount=account.balance,
        evidence=account.id,
    )


def satisfaction(
    customer_id: str,
    scores: Sequence[Scored],
    fresh: Collection[str],
    *,
    from_first: bool,
    now: int,
) -> Iterator[Alert]:
    """Yield the alerts of fresh scores: a step below the median of the six before, or a low first.

    `scores` are the customer's last ones by time; `from_first`: there are none before them. What
    was corrected does not count. One so late that six newer ones are here says nothing of today.
    """
    corrected = {each.supersedes for each in scores}
    counted = [each for each in scores if each.score and each.id not in corrected]
    for place, each in enumerate(counted):
        if each.id not in fresh or (place < LAST_SCORES and not from_first):
            continue
        trailing = [one.score for one in counted[max(0, place - LAST_SCORES) : place]]
        if each.score <= (median(trailing) - 1 if trailing else _LOW):
            yield _fallen(customer_id, each, now)


def _fallen(customer_id: str, scored: Scored, now: int) -> Alert:
    severity: Severity = "high" if scored.score <= _VERY_LOW else "normal"
    return Alert(
        id=alert_id("satisfaction", customer_id, scored.id),
        customer_id=customer_id,
        kind="satisfaction",
        severity=severity,
        day=bank_day(scored.occurred_at).isoformat(),
        raised_at=now,
        due_at=due_at(now, severity),
        evidence=scored.id,
    )


def cause_of(alert: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an alert that is KNOWN_BY_CAUSE is about, whoever the customer was."""
    customer, kind, day, evidence = (
        str(alert[name]) for name in ("customer_id", "kind", "day", "evidence")
    )
    if kind == "birthday":
        return customer, kind, day[:4]
    return (customer, kind, evidence) if kind == "satisfaction" else (customer, kind, evidence, day)


def recognised(id: str, standing: Sequence[Mapping[str, Any]]) -> str:
    """Return the id under which an alert stands, of those with its cause: what was done counts."""
    order = ("withdrawn", "open", "checked", "handled")
    if not standing:
        return id
    chosen = max(standing, key=lambda each: (order.index(each["status"]), each["id"] == id))
    return str(chosen["id"])


def followed(alert: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return an alert that is there as its cause says it now; None to leave it as it is.

    What was taken back is open again when its cause is back, due as if it were new: a value touches
    its line for a night and is below it again, a maturity is moved away and back. Not a complaint:
    one that is opened anew is another alert.

    A day's flows come in many parts, and figures that have grown are followed. What was handled
    is what somebody has seen, and stays. A birthday moves with the birth date.
    """
    if before["status"] == "withdrawn":
        return None if alert["kind"] == "complaint" else dict(alert)
    if before["status"] == "open" and alert["kind"] == "birthday":
        moved = any(alert[name] != before[name] for name in ("day", "evidence"))
        return dict(alert) if moved else None
    if before["status"] == "open" and alert["kind"] == "satisfaction":
        return _corrected(alert, before, ("severity", "day", "evidence"))
    if before["status"] not in WAITING or (alert["amount"] or 0) <= (before["amount"] or 0):
        return None
    figures = ("severity", "amount", "assets", "median", "threshold", "days", "evidence")
    return _corrected(alert, before, figures)


def _corrected(
    alert: Mapping[str, Any], before: Mapping[str, Any], names: Sequence[str]
) -> dict[str, Any] | None:
    """Return what stands with these figures of what is said now; None where they are the same."""
    if all(alert[name] == before[name] for name in names):
        return None
    sooner = min(int(before["due_at"]), int(alert["due_at"]))
    return dict(before) | {name: alert[name] for name in names} | {"due_at": sooner}
