"""Grounds: what an alert of the calendar or of an assessment rests on, in words and drawn."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, section, stacked
from mobile_app.parts.marks import marked_bar
from mobile_app.parts.standing import reason, reasons
from mobile_app.parts.text import caption, muted, number
from mobile_app.state.alerts import Fallen, fallen
from mobile_app.state.rows import Alert, AlertItem
from shared.domain.churn_risk import points_of


def told(words: Words, item: AlertItem) -> str:
    """What happened or is near, in one line."""
    alert = item.alert
    day = words.full_day(alert.day)
    if alert.kind == "complaint":
        return words.dotted(item.subject, words("alert.complaint"))
    if alert.kind == "birthday":
        return words("alert.birthday", day=day, age=alert.evidence)
    if alert.kind == "papers":
        what = words("alert.risk_grade")
        if item.paper is not None:
            what = words.code("identifier", item.paper.kind)
        elif alert.evidence != "risk_grade":
            what = words("alert.paper")
        return words("alert.ends", what=what, day=day)
    if alert.kind == "churn":
        points = points_of(alert.evidence or "")
        total = sum(each.points for each in points)
        why = words.listed([reason(words, each) for each in points[:2]])
        return words.dotted(words("alert.churn", points=total), why)
    found = fallen(alert)
    tier = words.code("tier", found.tier)
    return words("alert.downgrade", tier=tier, n=found.months)


def grounds(words: Words, alert: Alert) -> list[ft.Control]:
    """Churn points reason by reason, or a score against the line of its tier."""
    if alert.kind == "churn":
        lines = reasons(words, points_of(alert.evidence or ""))
        return [section(words("alert.reasons")), card(stacked(lines, theme.S))]
    if alert.kind == "downgrade":
        return [section(words("alert.against_line")), card(_score(words, fallen(alert)))]
    return []


def _score(words: Words, found: Fallen) -> ft.Control:
    said = words("alert.score", points=found.score, line=found.line)
    head = ft.Row(
        [
            ft.Container(muted(words("alert.score.now")), expand=True),
            number(words("worth.score", points=found.score)),
        ]
    )
    longest = max(found.score, found.line, 1)
    drawn = marked_bar(found.score / longest, [found.line / longest], theme.AMBER)
    return stacked([head, drawn, caption(said)], theme.S)
