"""Service cases: one in a list with its clock, those of a customer, and the opening of one."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, field, notice, row, section, stacked
from mobile_app.parts.buttons import chip, chips, primary, quiet
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.text import caption, muted
from mobile_app.state.clock import Minute
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import CaseItem, ServiceCase
from mobile_app.state.said import sentence
from mobile_app.state.service import KINDS, SEVERITIES, SUBJECTS, CaseForm, runs
from shared.domain.service_case import is_late, left

_ICONS: Final = {
    "complaint": ft.Icons.SENTIMENT_DISSATISFIED,
    "request": ft.Icons.ASSIGNMENT_OUTLINED,
    "question": ft.Icons.HELP_OUTLINE,
    "loss_report": ft.Icons.CREDIT_CARD_OFF_OUTLINED,
    "correction": ft.Icons.EDIT_OUTLINED,
}


@part
def clock(words: Words, _minute: Minute, case: ServiceCase) -> ft.Control:
    """How long there is left, or for how long it has been late; runs by the minute."""
    remaining = left(case, words.now())
    if remaining is None:
        return caption(words.code("service_status", case.status), theme.GREEN, 1)
    late = is_late(case, words.now())
    said = words.deadline(words.now() + remaining)
    if not runs(case):
        said = words("service.stopped", left=said)
    return caption(said, theme.SEAL if late else theme.INK, 1)


def case_row(
    here: Here, desk: Desk, item: CaseItem, chosen: str | None = None, *, of_customer: bool = False
) -> ft.Control:
    """One case in a list; a tap opens it."""
    words, case = here.words, item.case
    kind = words.code("service_kind", case.kind)
    state = words.dotted(
        words.code("service_status", case.status), item.assignee_name or item.opened_by_name or ""
    )
    return row(
        kind if of_customer else item.customer_name,
        words.dotted("" if of_customer else kind, case.subject, state),
        [clock(words, desk.minute, case), sync_mark(words, item.state)],
        here.places.record,
        case.customer_id,
        case.id,
        leading=ft.Icon(_ICONS[case.kind], color=theme.ACCENT, size=theme.ICON),
        key=case.id,
        chosen=case.id == chosen,
    )


@part
def cases(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """All cases of a customer, and the form of one more."""
    return _cases(here, desk, customer_id, desk.service.form(customer_id))


@part
def _cases(here: Here, desk: Desk, customer_id: str, form: CaseForm) -> ft.Control:
    words, items = here.words, desk.service.of(customer_id)
    may_open = here.places.logs and not form.is_open
    begin = quiet(words("service.open"), form.begin) if may_open else None
    controls: list[ft.Control] = [section(words("service"), begin)]
    if form.is_open and not form.interaction_id:
        controls.append(opening(words, form))
    controls += [case_row(here, desk, item, of_customer=True) for item in items]
    return stacked(controls, 0)


@part
def opening(words: Words, form: CaseForm) -> ft.Control:
    """What it is, about what, and how severe."""
    lines: list[ft.Control] = [
        chips(
            chip(words.code("service_kind", code), form.kind == code, form.choose_kind, code)
            for code in KINDS
        )
    ]
    if form.kind:
        lines += [*_subject(words, form), *_severity(words, form)]
    if form.problem:
        lines.append(notice(sentence(words, form.problem)))
    submit = primary(words("service.submit"), form.submit, enabled=form.is_complete)
    lines.append(ft.Row([submit, quiet(words("service.drop"), form.drop)], spacing=theme.S))
    return card(ft.Column(lines, spacing=theme.M, tight=True))


def _subject(words: Words, form: CaseForm) -> list[ft.Control]:
    texts = [words(f"subject.{form.kind}.{code}") for code in SUBJECTS[form.kind]]
    usual = chips(chip(text, form.subject == text, form.write, text) for text in texts)
    entry = field(words("service.subject"), form.subject, verb=form.write, lines=2, key="subject")
    return [muted(words("service.subject.ask")), usual, entry]


def _severity(words: Words, form: CaseForm) -> list[ft.Control]:
    choices = chips(
        chip(
            words.code("severity", code),
            form.severity == code,
            form.choose_severity,
            code,
            key=f"severity:{code}",
        )
        for code in SEVERITIES
    )
    return [choices]
