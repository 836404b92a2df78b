"""Alert: what happened beside what is usual; first protect the customer, then say why and what."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import MINUTE_MS, Words
from mobile_app.parts.alerts import against_usual, deadline, severity_mark, what_happened
from mobile_app.parts.blocks import card, empty, fact, field, footnote, notice, scroll, section
from mobile_app.parts.buttons import chip, chips, icon_button, primary, quiet, secondary
from mobile_app.parts.frame import pane
from mobile_app.parts.grounds import grounds
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.referrals import outcome_rows
from mobile_app.parts.text import body, caption, lead, muted, strong
from mobile_app.state.alerts import ANSWERS, REPORT, AlertForm
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import Account, Alert, AlertItem
from mobile_app.state.said import sentence
from mobile_app.words import TABLE
from shared.domain.alert import QUESTIONS, WAITING

_HAPPENED: Final = ("abnormal_flow", "satisfaction")
"""Kinds that are about something of a day that is over."""
_SIDE: Final = ft.Padding.symmetric(horizontal=theme.L, vertical=theme.XS)


def alert_pane(here: Here, alert_id: str) -> ft.Control:
    """One alert."""
    desk = here.desk
    item = desk.alerts.item(alert_id)
    is_mine = item is not None and here.places.logs
    foot = _foot(here, desk, alert_id, desk.pulse) if is_mine else None
    customer = [_customer(here, item)] if item else None
    return pane(
        item.customer_name if item else here.words("alert.gone"),
        [_page(here, desk, alert_id, desk.pulse)],
        here=here,
        back=True,
        badged=False,
        actions=customer,
        foot=foot,
    )


def _customer(here: Here, item: AlertItem) -> ft.Control:
    word, id = here.words("alert.customer"), item.alert.customer_id
    return icon_button(ft.Icons.PERSON_OUTLINE, word, here.places.customer, id)


@part
def _page(here: Here, desk: Desk, alert_id: str, _pulse: Pulse) -> ft.Control:
    words, item = here.words, desk.alerts.item(alert_id)
    if item is None:
        hint = words("alert.gone.hint")
        return empty(words("alert.gone"), hint, words("back"), here.places.up)
    alert = item.alert
    controls = [
        _header(here, desk, item),
        *_case(here, desk, alert),
        *_reported(words, alert),
        *against_usual(words, alert),
        *grounds(words, alert),
    ]
    if alert.answers:
        controls += _answered(words, alert)
    if alert.status == "handled":
        controls += [*_became(words, item), *_outcomes(here, desk, item)]
    elif alert.status == "withdrawn":
        controls.append(footnote(words("alert.withdrawn")))
    elif here.places.logs:
        controls.append(_handling(here, desk.alerts.form(alert_id)))
    else:
        controls.append(footnote(words("alert.others")))
    return scroll(controls)


def _header(here: Here, desk: Desk, item: AlertItem) -> ft.Control:
    words, alert = here.words, item.alert
    is_open = alert.status in WAITING
    top: list[ft.Control] = [
        ft.Container(strong(words.code("alert_kind", alert.kind)), expand=True),
        severity_mark(words, alert.severity),
    ]
    happened = alert.kind in _HAPPENED
    when = words("alert.day", day=words.day(alert.day)) if happened else ""
    due = words("alert.due", when=words.moment(alert.due_at)) if is_open else ""
    below: list[ft.Control] = [caption(words.dotted(when, due))] if when or due else []
    if is_open:
        below.append(ft.Container(deadline(words, desk.minute, alert)))
    if alert.status != "open":
        below.append(sync_mark(words, item.state))
    lines: list[ft.Control] = [
        ft.Row(top, spacing=theme.S),
        lead(what_happened(words, item), lines=3),
        *([caption(_account(words, item.account))] if item.account else []),
        ft.Row(
            below,
            wrap=True,
            spacing=theme.M,
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        ),
    ]
    return card(ft.Column(lines, spacing=theme.S, tight=True))


def _case(here: Here, desk: Desk, alert: Alert) -> list[ft.Control]:
    """The case of a complaint; where a customer was not satisfied, the way to open one."""
    words, evidence = here.words, alert.evidence

    def begin() -> None:
        desk.service.begin_from(evidence or "")
        here.places.open_case(alert.customer_id)

    if alert.kind == "complaint" and evidence and desk.service.item(evidence):
        way = secondary(words("service.see"), here.places.record, alert.customer_id, evidence)
    elif alert.kind == "satisfaction" and here.places.logs and not _has_case(desk, alert):
        way = secondary(words("service.begin_from"), begin)
    else:
        return []
    return [ft.Container(ft.Row([way]), padding=_SIDE)]


def _has_case(desk: Desk, alert: Alert) -> bool:
    """Whether a case was opened of the contact that an alert rests on."""
    found = desk.service.of(alert.customer_id)
    return any(item.case.interaction_id == alert.evidence for item in found)


def _account(words: Words, account: Account) -> str:
    return words("alert.account", name=account.name, digits=account.last_four)


def _answered(words: Words, alert: Alert) -> list[ft.Control]:
    """What was answered before, question by question."""
    answers = (alert.answers or "").split(",")
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Container(body(words(f"question.{name}")), expand=True),
                strong(
                    words.code("answer", answer), theme.SEAL if answer == "yes" else theme.INK, 1
                ),
            ],
            spacing=theme.S,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
        for name, answer in zip(QUESTIONS, answers, strict=False)
    ]
    content = ft.Column(lines, spacing=theme.S, tight=True)
    return [section(words("alert.answers")), card(content)]


def _became(words: Words, item: AlertItem) -> list[ft.Control]:
    """How it was handled, by whom, and how soon."""
    alert = item.alert
    minutes = -(-((alert.handled_at or alert.raised_at) - alert.raised_at) // MINUTE_MS)
    took = words.span(max(1, minutes) * MINUTE_MS)
    by = words(
        "alert.by", name=item.by_name or words("someone"), when=words.moment(alert.handled_at)
    )
    rows: list[ft.Control] = [
        fact(words("column.cause"), words.code("alert_cause", alert.cause)),
        fact(words("column.action"), words.code("measure", alert.action)),
        *([body(alert.note)] if alert.note else []),
        caption(words.dotted(by, words("alert.in_time", time=took))),
    ]
    told = card(ft.Column(rows, spacing=theme.S, tight=True))
    return [section(words.code("alert_status", alert.status)), told]


def _outcomes(here: Here, desk: Desk, item: AlertItem) -> list[ft.Control]:
    """What was passed on and sold because of it, and the way to pass it on."""
    words, id, customer = here.words, item.alert.id, item.alert.customer_id

    def refer() -> None:
        desk.referrals.form(customer).begin(id)
        here.places.customer(customer)

    may_refer = here.places.logs and item.alert.action != REPORT
    add = quiet(words("referral.add"), refer) if may_refer else None
    found = outcome_rows(here, desk.referrals.outcomes(id))
    return [section(words("outcomes"), add), *(found or [footnote(words("outcomes.none"))])]


def _reported(words: Words, alert: Alert) -> list[ft.Control]:
    """What is still to be done of a suspicion that was reported."""
    if alert.action != REPORT or alert.cause != "fraud_suspected":
        return []
    return [ft.Container(_stop(words, "alert.reported.do"), padding=_SIDE)]


@part
def _handling(here: Here, form: AlertForm) -> ft.Control:
    """What is to be asked and said; once a question is answered with yes, only what protects."""
    words = here.words
    controls: list[ft.Control] = []
    if form.restored:
        restored = caption(words("visit.restored"), theme.ACCENT)
        controls.append(ft.Container(restored, padding=_SIDE))
    if form.asks:
        controls += _questions(words, form)
    controls += [*_why(words, form), _note(words, form)]
    if not form.is_suspicious:
        controls += _measures(words, form)
    if form.problem:
        controls.append(ft.Container(notice(sentence(words, form.problem)), padding=_SIDE))
    return ft.Column(
        controls, spacing=0, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def _questions(words: Words, form: AlertForm) -> list[ft.Control]:
    return [
        section(words("alert.questions")),
        ft.Container(muted(words("alert.questions.hint")), padding=_SIDE),
        *(_question(words, form, place, name) for place, name in enumerate(QUESTIONS)),
    ]


def _question(words: Words, form: AlertForm, place: int, name: str) -> ft.Control:
    asked = words(f"question.{name}")
    answers = chips(
        chip(
            words.code("answer", code),
            form.answers[place] == code,
            form.answer,
            place,
            code,
            key=f"{name}:{code}",
            said=words("said_by", name=asked, text=words.code("answer", code)),
        )
        for code in ANSWERS
    )
    lines: list[ft.Control] = [body(f"{place + 1}. {asked}"), answers]
    return card(ft.Column(lines, spacing=theme.S, tight=True))


def _stop(words: Words, key: str) -> ft.Control:
    """What to do now, where a customer may be being cheated."""
    return ft.Container(
        ft.Column(
            [
                ft.Row(
                    [
                        ft.Icon(ft.Icons.FRONT_HAND, color=theme.SEAL, size=theme.ICON),
                        ft.Container(strong(words("alert.stop"), theme.SEAL), expand=True),
                    ],
                    spacing=theme.S,
                ),
                body(words(key)),
            ],
            spacing=theme.S,
            tight=True,
        ),
        key="stop",
        bgcolor=theme.CARD,
        border=ft.Border.all(theme.FOCUS, theme.SEAL),
        border_radius=theme.RADIUS,
        padding=theme.M,
    )


def _why(words: Words, form: AlertForm) -> list[ft.Control]:
    """What is behind it; a suspicion says that by itself."""
    if form.is_suspicious or not form.is_asked:
        return []
    causes = chips(
        chip(
            words.code("alert_cause", code),
            form.cause == code,
            form.choose_cause,
            code,
            key=f"cause:{code}",
        )
        for code in form.causes
    )
    own = f"alert.cause.{form.kind}"
    asked = own if own in TABLE else "alert.cause"
    return [section(words(asked)), ft.Container(causes, padding=_SIDE)]


def _note(words: Words, form: AlertForm) -> ft.Control:
    if not form.is_asked:
        return ft.Container(visible=False)
    entry = field(words("alert.note"), form.note, verb=form.write, lines=2, key="note")
    return ft.Container(entry, padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S))


def _measures(words: Words, form: AlertForm) -> list[ft.Control]:
    """What was done, each a button: the last tap says it and handles the alert."""
    if form.missing:
        return []
    buttons = [secondary(words.code("measure", code), form.handle, code) for code in form.measures]
    row = ft.Row(buttons, wrap=True, spacing=theme.S, run_spacing=theme.S)
    below = ft.Padding.only(left=theme.L, right=theme.L, top=theme.XS, bottom=theme.L)
    return [section(words("alert.measure")), ft.Container(row, padding=below)]


@part
def _foot(here: Here, desk: Desk, alert_id: str, _pulse: Pulse) -> ft.Control:
    item = desk.alerts.item(alert_id)
    if item is None or item.alert.status not in WAITING:
        status = "handled" if item is None else item.alert.status
        return caption(here.words.code("alert_status", status), theme.GREEN)
    return _next(here, desk.alerts.form(alert_id))


@part
def _next(here: Here, form: AlertForm) -> ft.Control:
    """What is still missing, and what can be done at any rate; always in view, and so is the
    warning, which must be read at whatever place of the page the finger is."""
    words, missing = here.words, form.missing
    if form.is_suspicious:
        report = primary(
            words("alert.report"), form.handle, REPORT, icon=ft.Icons.CALL, expand=True
        )
        stop = _stop(words, "alert.stop.do")
        return ft.Column([stop, ft.Row([report])], spacing=theme.S, tight=True)
    hint = words(f"alert.missing.{missing}") if missing else words("alert.safe")
    line: list[ft.Control] = [ft.Container(caption(hint, lines=2), expand=True)]
    if form.asks and form.is_asked:
        line.append(quiet(words("alert.check"), form.check))
    return ft.Row(line, spacing=theme.M)
