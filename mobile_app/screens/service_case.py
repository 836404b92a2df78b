"""Service case: one being opened; and one with its clock, what was done, and what is next."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.alerts import severity_mark
from mobile_app.parts.blocks import card, empty, field, footnote, notice, scroll, section, stacked
from mobile_app.parts.buttons import chip, chips, icon_button, primary, quiet, secondary
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.service import clock
from mobile_app.parts.text import body, caption, lead, muted, strong
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import CaseItem, ServiceCase, StepItem
from mobile_app.state.said import sentence
from mobile_app.state.service import (
    KINDS,
    SEVERITIES,
    SUBJECTS,
    CaseForm,
    StepForm,
    asks_score,
    following,
)
from shared.domain.service_case import DONE

_SIDE: Final = ft.Padding.symmetric(horizontal=theme.L, vertical=theme.XS)
_SCORES: Final = ("1", "2", "3", "4", "5")
_ONWARD: Final = {
    "open": "working",
    "working": "resolved",
    "waiting_for_customer": "working",
    "resolved": "closed",
    "reopened": "working",
}
"""The step that brings a case nearer to its end."""


# One being opened


def opening_pane(here: Here, customer_id: str) -> ft.Control:
    """The form of a customer's new case."""
    form = here.desk.service.form(customer_id)

    def leave() -> None:
        form.drop()
        here.places.up()

    return pane(
        here.desk.name_of(customer_id) or here.words("customer.gone"),
        [_opening(here, form)],
        here=here,
        back=True,
        badged=False,
        actions=[quiet(here.words("service.drop"), leave, color=theme.MUTED)],
        foot=_submit(here, form),
    )


@part
def _opening(here: Here, form: CaseForm) -> ft.Control:
    """What it is, about what, how severe, and how the customer said it."""
    words = here.words
    lines = [_asked(words("service.kind.ask"), _chosen(words, form, "kind", "service_kind", KINDS))]
    if form.kind:
        texts = [words(f"subject.{form.kind}.{code}") for code in SUBJECTS[form.kind]]
        usual = chips(chip(text, form.subject == text, form.write, text) for text in texts)
        entry = field(words("service.subject"), form.subject, verb=form.write, lines=2, key="case")
        severity = _chosen(words, form, "severity", "severity", SEVERITIES)
        channel = _chosen(words, form, "channel", "channel", form.channels)
        due = caption(words("service.due", when=words.exactly(form.due_at)))
        lines += [
            _asked(words("service.subject.ask"), stacked([usual, entry], theme.M)),
            _asked(words("column.severity"), stacked([severity, due], theme.S)),
            _asked(words("service.channel.ask"), channel),
        ]
    return scroll(lines)


def _chosen(
    words: Words, form: CaseForm, name: str, family: str, codes: tuple[str, ...]
) -> ft.Control:
    chosen = getattr(form, name)
    return chips(
        chip(
            words.code(family, code), chosen == code, form.choose, name, code, key=f"{name}:{code}"
        )
        for code in codes
    )  # fmt: skip


def _asked(word: str, content: ft.Control) -> ft.Control:
    return stacked([section(word), ft.Container(content, padding=_SIDE)], 0)


@part
def _submit(here: Here, form: CaseForm) -> ft.Control:
    words = here.words

    def submit() -> None:
        if form.submit():
            here.places.up()

    hint = words("service.safe" if form.is_complete else "service.incomplete")
    line = ft.Row(
        [
            ft.Container(caption(hint, lines=2), expand=True),
            primary(words("service.submit"), submit, icon=ft.Icons.CHECK, enabled=form.is_complete),
        ],
        spacing=theme.M,
    )
    said = [notice(sentence(words, form.problem))] if form.problem else []
    return stacked([*said, line], theme.S)


# One that is there


def case_pane(here: Here, case_id: str) -> ft.Control:
    """One case."""
    item = here.desk.service.item(case_id)
    actions = [_customer(here, item)] if item else None
    return pane(
        item.customer_name if item else here.words("service.gone"),
        [_page(here, here.desk, case_id, here.desk.pulse)],
        here=here,
        back=True,
        badged=False,
        actions=actions,
    )


def _customer(here: Here, item: CaseItem) -> ft.Control:
    word, id = here.words("alert.customer"), item.case.customer_id
    return icon_button(ft.Icons.PERSON_OUTLINE, word, here.places.customer, id)


@part
def _page(here: Here, desk: Desk, case_id: str, _pulse: Pulse) -> ft.Control:
    words, item = here.words, desk.service.item(case_id)
    if item is None:
        hint = words("service.gone.hint")
        return empty(words("service.gone"), hint, words("back"), here.places.up)
    controls = [_header(words, desk, item)]
    if here.places.logs or here.places.decides:
        controls.append(_stepping(words, desk.service.step_form(case_id), item.case))
    log = desk.service.log(case_id)
    count = caption(words("n_items", n=len(log))) if log else None
    controls.append(section(words("service.log"), count))
    controls += [_line(words, step) for step in log]
    controls.append(footnote(_opened(words, item)))
    return scroll(controls)


def _header(words: Words, desk: Desk, item: CaseItem) -> ft.Control:
    case = item.case
    kind = words.code("service_kind", case.kind)
    state = words.code("service_status", case.status)
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Container(strong(words.dotted(kind, state)), expand=True),
                severity_mark(words, case.severity),
            ],
            spacing=theme.S,
        ),
        lead(case.subject, lines=4),
    ]
    if case.resolution:
        lines.append(body(words("service.resolved", text=case.resolution)))
    if case.satisfaction:
        score = words.code("satisfaction", str(case.satisfaction))
        lines.append(body(words("service.scored", score=score)))
    due = "" if case.status in DONE else words("service.due", when=words.exactly(case.due_at))
    who = words("service.assignee", name=item.assignee_name) if item.assignee_name else ""
    lines.append(caption(words.dotted(who, due)))
    below = [ft.Container(clock(words, desk.minute, case)), sync_mark(words, item.state)]
    between = ft.MainAxisAlignment.SPACE_BETWEEN
    lines.append(ft.Row(below, wrap=True, spacing=theme.M, alignment=between))
    return card(stacked(lines, theme.S))


def _opened(words: Words, item: CaseItem) -> str:
    case = item.case
    return words(
        "service.opened",
        when=words.exactly(case.opened_at),
        channel=words.code("channel", case.channel),
        name=item.opened_by_name or words("someone"),
    )


def _line(words: Words, item: StepItem) -> ft.Control:
    """One line of the log."""
    step = item.step
    state = words.code("service_status", step.status) if step.status else ""
    by = words.dotted(item.by_name or words("someone"), words.exactly(step.occurred_at))
    told: list[ft.Control] = [strong(state)] if state else []
    foot = ft.Row([ft.Container(caption(by), expand=True), sync_mark(words, item.state)])
    return ft.Container(
        stacked([*told, body(step.what), foot], theme.XS),
        key=step.id,
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


@part
def _stepping(words: Words, form: StepForm, case: ServiceCase) -> ft.Control:
    """What was done, and where that brings the case: each a button."""
    lines: list[ft.Control] = []
    if asks_score(case):
        lines += [muted(words("service.ask_customer")), _scores(words, form)]
    family = "service_why" if case.status in DONE else "service_deed"
    texts = words.chips(family)
    lines += [
        muted(words(f"{family}.ask")),
        chips(chip(text, form.what == text, form.write, text) for text in texts),
        field(words("service.what"), form.what, verb=form.write, lines=2, key="what"),
    ]
    if form.problem:
        lines.append(notice(sentence(words, form.problem)))
    lines.append(_steps(words, form, case))
    return ft.Container(stacked(lines, theme.M), padding=_SIDE)


def _scores(words: Words, form: StepForm) -> ft.Control:
    return chips(
        chip(
            words.code("satisfaction", code),
            form.score == code,
            form.choose_score,
            code,
            key=f"score:{code}",
        )
        for code in _SCORES
    )


def _steps(words: Words, form: StepForm, case: ServiceCase) -> ft.Control:
    """The step onward first, the others beside it, and the word that is only noted."""
    onward = _ONWARD.get(case.status)
    buttons = []
    for status in sorted(following(case), key=lambda status: status != onward):
        key = f"service.do.{case.status}.{status}"
        word = words(key if words.has(key) else f"service.do.{status}")
        press = primary if status == onward else secondary
        buttons.append(press(word, form.step, status, words(f"service.did.{status}")))
    if form.what.strip():
        buttons.append(quiet(words("service.note_only"), form.log))
    return ft.Row(buttons, wrap=True, spacing=theme.S, run_spacing=theme.S)
