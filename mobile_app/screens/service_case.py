"""Service case: what the customer said, how long there is left, what was done, and what is next."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, field, footnote, notice, scroll, section
from mobile_app.parts.buttons import chip, chips, icon_button, quiet, secondary
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.service import clock
from mobile_app.parts.text import body, caption, lead, muted, strong
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import CaseItem, StepItem
from mobile_app.state.said import sentence
from mobile_app.state.service import DEEDS, StepForm

_SIDE: Final = ft.Padding.symmetric(horizontal=theme.L, vertical=theme.XS)
_SCORES: Final = ("1", "2", "3", "4", "5")


def case_pane(here: Here, case_id: str) -> ft.Control:
    """One case."""
    item = here.desk.service.item(case_id)
    to_customer = icon_button(
        ft.Icons.PERSON_OUTLINE,
        here.words("alert.customer"),
        here.places.customer,
        item.case.customer_id if item else "",
    )
    return pane(
        item.customer_name if item else here.words("service.gone"),
        [_page(here, here.desk, case_id, here.desk.pulse)],
        here=here,
        back=True,
        badged=False,
        actions=[to_customer] if item else None,
    )


@part
def _page(here: Here, desk: Desk, case_id: str, _pulse: Pulse) -> ft.Control:
    words, item = here.words, desk.service.item(case_id)
    if item is None:
        hint = words("service.gone.hint")
        return empty(words("service.gone"), hint, words("back"), here.places.up)
    controls = [_header(words, desk, item)]
    if here.places.logs or here.places.decides:
        controls.append(_stepping(words, desk.service.step_form(case_id)))
    log = desk.service.log(case_id)
    controls.append(section(words("service.log"), caption(words("n_items", n=len(log)))))
    controls += [_line(words, step) for step in log]
    controls.append(footnote(_opened(words, item)))
    return scroll(controls)


def _header(words: Words, desk: Desk, item: CaseItem) -> ft.Control:
    case = item.case
    top = ft.Row(
        [
            ft.Container(
                strong(
                    words.dotted(
                        words.code("service_kind", case.kind),
                        words.code("severity", case.severity),
                    )
                ),
                expand=True,
            ),
            strong(words.code("service_status", case.status), lines=1),
        ],
        spacing=theme.S,
    )
    lines: list[ft.Control] = [top, lead(case.subject, lines=4)]
    if case.resolution:
        lines.append(body(words("service.resolved", text=case.resolution)))
    if case.satisfaction:
        score = words.code("satisfaction", str(case.satisfaction))
        lines.append(caption(words("service.scored", score=score)))
    due = words("alert.due", when=words.moment(case.due_at))
    below: list[ft.Control] = [
        caption(words.dotted(due, item.assignee_name or "")),
        clock(words, desk.minute, case),
        sync_mark(words, item.state),
    ]
    between = ft.MainAxisAlignment.SPACE_BETWEEN
    lines.append(ft.Row(below, wrap=True, spacing=theme.M, alignment=between))
    return card(ft.Column(lines, spacing=theme.S, tight=True))


def _opened(words: Words, item: CaseItem) -> str:
    case = item.case
    return words(
        "service.opened",
        when=words.moment(case.opened_at),
        channel=words.code("channel", case.channel),
        name=item.opened_by_name or words("someone"),
    )


def _line(words: Words, item: StepItem) -> ft.Control:
    """One line of the log."""
    step = item.step
    state = words.code("service_status", step.status) if step.status else ""
    by = words.dotted(item.by_name or words("someone"), words.moment(step.occurred_at))
    return ft.Container(
        ft.Column(
            [
                ft.Row(
                    [
                        ft.Container(body(words.dotted(state, step.what)), expand=True),
                        sync_mark(words, item.state),
                    ],
                    vertical_alignment=ft.CrossAxisAlignment.START,
                ),
                caption(by),
            ],
            spacing=theme.XS,
            tight=True,
        ),
        key=step.id,
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


@part
def _stepping(words: Words, form: StepForm) -> ft.Control:
    """What was done, and where that brings the case: each a button."""
    lines: list[ft.Control] = []
    if form.asks_score:
        lines += _asking(words, form)
    lines += _deeds(words, form)
    buttons = [
        secondary(words(f"service.do.{status}"), form.step, status, words(f"service.did.{status}"))
        for status in form.following
    ]
    lines.append(ft.Row(buttons, wrap=True, spacing=theme.S, run_spacing=theme.S))
    if form.what:
        lines.append(quiet(words("service.note_only"), form.log))
    if form.problem:
        lines.append(notice(sentence(words, form.problem)))
    content = ft.Column(lines, spacing=theme.M, tight=True)
    return ft.Container(content, padding=_SIDE)


def _asking(words: Words, form: StepForm) -> list[ft.Control]:
    choices = chips(
        chip(
            words.code("satisfaction", code),
            form.score == code,
            form.choose_score,
            code,
            key=f"score:{code}",
        )
        for code in _SCORES
    )
    return [muted(words("service.ask_customer")), choices]


def _deeds(words: Words, form: StepForm) -> list[ft.Control]:
    texts = [words(f"deed.{code}") for code in DEEDS]
    usual = chips(chip(text, form.deed == text, form.choose, text) for text in texts)
    entry = field(words("service.note"), form.note, verb=form.write, lines=2, key="note")
    return [muted(words("service.deed.ask")), usual, entry]
