"""Reminders: the alerts that the calendar and the daily assessment bring.

Pure, like `alarms`: the same cause yields the same alert, by its id.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, cast

from pydantic_core import from_json, to_json

from shared.commission.months import later_period
from shared.domain.alert import Alert, AlertKind, alert_id, due_at
from shared.domain.churn_risk import AT_RISK, CALM, Point
from shared.domain.customer_value import PATIENCE, TIERS
from shared.domain.days import age_on, bank_day, bank_period
from shared.domain.usual import Severity
from shared.registry import Document

BIRTHDAY_DAYS: Final = 7
"""How many days ahead a birthday is told of."""
PAPERS_DAYS: Final = 60
"""How many days before a paper or a risk grade ends its owner is told."""
PAPERS: Final = frozenset({"id_card", "passport", "uscc"})
"""Identifiers that are a paper with an end."""
RISK_GRADE: Final = "risk_grade"
"""What a `papers` alert rests on that is about no identifier."""
_SEVERE: Final = 80
"""Churn points from which on a day is left and not three."""


def birthdays(today: date) -> Mapping[str, date]:
    """Return the birthdays that are near, by month and day as in "03-12".

    One of 29 February has it on 1 March in other years, as `age_on` counts.
    """
    ahead = [today + timedelta(days=days) for days in range(BIRTHDAY_DAYS + 1)]
    near = {day.isoformat()[5:]: day for day in ahead}
    leap = next((day for day in ahead if (day.month, day.day) == (3, 1)), None)
    if leap is not None and (leap - timedelta(days=1)).day == 28:
        near["02-29"] = leap
    return near


def birthday(customer: str, birth_date: str, day: date, now: int) -> Alert:
    """Return the alert of a birthday: once a year, with the age it will be."""
    about, age = str(day.year), str(age_on(birth_date, day))
    return _alert("birthday", customer, about, day.isoformat(), "normal", now, age)


def papers(customer: str, what: str, until: str, now: int) -> Alert:
    """Return the alert of a paper that ends: `what` is the identifier's id, or RISK_GRADE."""
    return _alert("papers", customer, f"{what} {until}", until, "normal", now, what)


def papers_end(today: date) -> tuple[str, str]:
    """Return the first and the last day between which a paper's end is told of."""
    return today.isoformat(), (today + timedelta(days=PAPERS_DAYS)).isoformat()


def is_past(
    alert: Document,
    born: Mapping[str, str | None],
    ends: Mapping[str, str | None],
    today: date,
) -> bool:
    """Whether a birthday or a paper's end is another than was told, or a birthday over for a week.

    `born` are birth dates by customer. `ends` are the days on which papers end now: by identifier,
    and by customer for a risk grade.
    """
    if alert["kind"] == "birthday":
        day = date.fromisoformat(str(alert["day"]))
        is_over = (today - day).days > BIRTHDAY_DAYS
        return is_over or not _turns(born.get(str(alert["customer_id"])), day, alert["evidence"])
    what = alert["customer_id"] if alert["evidence"] == RISK_GRADE else alert["evidence"]
    return ends.get(str(what)) != alert["day"]


def _turns(birth_date: str | None, day: date, age: object) -> bool:
    """Whether somebody born on a date reaches an age on a day."""
    if birth_date is None:
        return False
    ages = age_on(birth_date, day - timedelta(days=1)), age_on(birth_date, day)
    return ages[0] != ages[1] and str(ages[1]) == age


def churn(
    customer: str, before: Document | None, points: Sequence[Point], now: int
) -> Alert | None:
    """Return the alert of points that have just crossed the line; None for any others."""
    total = sum(each.points for each in points)
    known = int(str(before["points"])) if before is not None else 0
    if total < AT_RISK or known >= AT_RISK:
        return None
    day = bank_day(now).isoformat()
    severity: Severity = "high" if total >= _SEVERE else "normal"
    return _alert("churn", customer, day, day, severity, now, to_json(points).decode())


def downgrade(value: Document, before: Document | None, line: int, now: int) -> Alert | None:
    """Return the alert of a value that has just come on watch; `line` is that of its tier."""
    below = int(str(value["below"]))
    if below < PATIENCE or (before is not None and int(str(before["below"])) >= PATIENCE):
        return None
    began = later_period(bank_period(now), -below)
    evidence = to_json([value["tier"], value["score"], line, below]).decode()
    customer, day = str(value["customer_id"]), bank_day(now).isoformat()
    return _alert("downgrade", customer, f"{value['tier']} {began}", day, "normal", now, evidence)


def complaint(case: Document, now: int) -> Alert:
    """Return the alert of a complaint, as severe as it is; one opened anew is another alert."""
    customer, id = str(case["customer_id"]), str(case["id"])
    about = f"{id} {case['stepped_at']}" if case["status"] == "reopened" else id
    day = bank_day(int(str(case["opened_at"]))).isoformat()
    return _alert("complaint", customer, about, day, cast(Severity, case["severity"]), now, id)


def is_over(alert: Alert, value: Document, points: int) -> bool:
    """Whether what an assessment had raised is so no longer: calm, at the line again, or above.

    A tier that has fallen stays told of: somebody still has to hear why.
    """
    if alert.kind == "churn":
        return points < CALM
    watched, present = (
        TIERS.index(tier) for tier in (from_json(str(alert.evidence))[0], value["tier"])
    )
    return present > watched or (present == watched and int(str(value["below"])) < PATIENCE)


def _alert(
    kind: AlertKind,
    customer: str,
    about: str,
    day: str,
    severity: Severity,
    now: int,
    evidence: str,
) -> Alert:
    return Alert(
        id=alert_id(kind, customer, about),
        customer_id=customer,
        kind=kind,
        severity=severity,
        day=day,
        raised_at=now,
        due_at=due_at(now, severity),
        evidence=evidence,
    )
