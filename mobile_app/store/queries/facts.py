"""Facts: what the rules of advice look at, read for many customers at once.

A portfolio costs what one customer does: one statement for each kind of fact, made once, all in one
snapshot. Of contacts everything is taken in one pass over the year.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    bindparam,
    case,
    cast,
    exists,
    func,
    select,
)

from mobile_app.store.tables import MIRROR
from shared.domain.account import OWED
from shared.domain.action_answer import SILENT_DAYS
from shared.domain.channels import ALONE
from shared.domain.churn_risk import AT_RISK
from shared.domain.next_action import MATURING_DAYS, NEED_DAYS, PLANNED_DAYS, SCORE_DAYS, Facts
from shared.domain.preference import YEAR_MS

Whose = Literal["id", "owner_id"]
"""One customer, or all of an owner."""
_DAY_MS: Final = 86_400_000
_FREED: Final = ("time_deposit", "wealth", "fund")
"""Kinds of accounts whose money is free when they mature."""

_account = MIRROR["account"]
_alert = MIRROR["alert"]
_answer = MIRROR["action_answer"]
_contact = MIRROR["interaction"]
_customer = MIRROR["customer"]
_risk = MIRROR["churn_risk"]
_sale = MIRROR["sale"]
_task = MIRROR["task"]
_value = MIRROR["customer_value"]


def facts_of(connection: Connection, whose: Whose, id: str, day: date, now: int) -> Iterator[Facts]:
    """Yield the facts of each customer for whom nothing is planned already."""
    asked = _asked(id, day, now)

    def rows(make: Callable[[Whose], Select[Any]]) -> Any:
        return connection.execute(make(whose), asked)

    known: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for customer, met, last, need, score in rows(_contacts):
        known[customer] |= {"met": met, "last_met_at": last, **_need(need), **_score(score)}
    for names, make in _PLAIN:
        for customer, *values in rows(make):
            known[customer].update(zip(names, values, strict=True))
    for customer, action in rows(_silenced):
        known[customer]["silenced"] = known[customer].get("silenced", frozenset()) | {action}
    planned = set(rows(_planned).scalars())
    for customer in rows(_everyone).scalars():
        if customer not in planned:
            yield Facts(customer, **known[customer])


def _asked(id: str, day: date, now: int) -> dict[str, Any]:
    return {
        "who": id,
        "year": now - YEAR_MS,
        "needs": now - NEED_DAYS * _DAY_MS,
        "scores": now - SCORE_DAYS * _DAY_MS,
        "answers": now - SILENT_DAYS * _DAY_MS,
        "today": day.isoformat(),
        "matures": (day + timedelta(days=MATURING_DAYS)).isoformat(),
        "planned": (day + timedelta(days=PLANNED_DAYS)).isoformat(),
    }


def _need(text: str | None) -> dict[str, Any]:
    at, need = _parted(text)
    return {"need": need, "need_at": at}


def _score(text: str | None) -> dict[str, Any]:
    at, score = _parted(text)
    return {"score": int(score) if score else None, "scored_at": at}


def _parted(text: str | None) -> tuple[int | None, str | None]:
    if text is None:
        return None, None
    at, _, said = text.partition(":")
    return int(at), said


def _latest(said: ColumnElement[Any], since: str) -> ColumnElement[Any]:
    """The latest of what was said since, behind its moment, which has 13 digits in our days."""
    at = _contact.c.occurred_at
    text = cast(at, Text).concat(":").concat(cast(said, Text))
    return func.max(case((said.is_not(None) & (at > bindparam(since)), text)))


@cache
def _everyone(whose: Whose) -> Select[Any]:
    return select(_customer.c.id).where(_customer.c[whose] == bindparam("who"))


@cache
def _contacts(whose: Whose) -> Select[Any]:
    """Contacts of a year but for those that were put right.

    The corrected ones as one list: asked of each contact it took four times as long.
    """
    later, own = _contact.alias("later"), _contact.c
    corrected = select(later.c.supersedes).where(later.c.supersedes.is_not(None))
    met = (own.outcome != "not_met") & (own.channel.not_in(sorted(ALONE)) | (own.employee_id != ""))
    return (
        select(
            own.customer_id,
            func.sum(case((met, 1), else_=0)),
            func.max(case((met, own.occurred_at))),
            _latest(own.need, "needs"),
            _latest(own.satisfaction, "scores"),
        )
        .where(
            own.customer_id.in_(_everyone(whose)),
            own.occurred_at > bindparam("year"),
            own.id.not_in(corrected),
        )
        .group_by(own.customer_id)
    )


@cache
def _offered(whose: Whose) -> Select[Any]:
    own = _sale.c
    return (
        select(own.customer_id, func.max(own.occurred_at))
        .where(own.customer_id.in_(_everyone(whose)))
        .group_by(own.customer_id)
    )


@cache
def _held(whose: Whose) -> Select[Any]:
    own = _account.c
    return (
        select(
            own.customer_id,
            func.sum(case((own.kind == "demand", own.balance), else_=0)),
            func.sum(case((own.kind.not_in(OWED), own.balance), else_=0)),
        )
        .where(own.customer_id.in_(_everyone(whose)), own.closed_on.is_(None))
        .group_by(own.customer_id)
    )


@cache
def _maturing(whose: Whose) -> Select[Any]:
    """What matures soon and nobody has taken care of yet: what is renewed matures again."""
    own = _account.c
    cared_for = exists().where(
        _alert.c.customer_id == own.customer_id,
        _alert.c.evidence == own.id,
        _alert.c.day == own.matures_on,
        _alert.c.kind == "maturity",
        _alert.c.status == "handled",
    )
    return (
        select(
            own.customer_id,
            func.min(own.matures_on),
            func.max(own.matures_on),
            func.sum(own.balance),
        )
        .where(
            own.customer_id.in_(_everyone(whose)),
            own.kind.in_(_FREED),
            own.closed_on.is_(None),
            own.matures_on.between(bindparam("today"), bindparam("matures")),
            ~cared_for,
        )
        .group_by(own.customer_id)
    )


@cache
def _below(whose: Whose) -> Select[Any]:
    own = _value.c
    found = select(own.customer_id, own.below)
    return found.where(own.customer_id.in_(_everyone(whose)), own.below > 0)


@cache
def _churn(whose: Whose) -> Select[Any]:
    own = _risk.c
    found = select(own.customer_id, own.points)
    return found.where(own.customer_id.in_(_everyone(whose)), own.points >= AT_RISK)


@cache
def _silenced(whose: Whose) -> Select[Any]:
    own = _answer.c
    return select(own.customer_id, own.action).where(
        own.customer_id.in_(_everyone(whose)), own.occurred_at > bindparam("answers")
    )


@cache
def _planned(whose: Whose) -> Select[Any]:
    own = _task.c
    return select(own.customer_id).where(
        own.customer_id.in_(_everyone(whose)),
        own.status == "open",
        own.due <= bindparam("planned"),
    )


_PLAIN: Final[tuple[tuple[tuple[str, ...], Callable[[Whose], Select[Any]]], ...]] = (
    (("offered_at",), _offered),
    (("demand", "assets"), _held),
    (("matures_on", "matures_by", "maturing"), _maturing),
    (("below",), _below),
    (("churn",), _churn),
)
"""Facts that are taken as they are read: their names after the customer, and the statement."""
