"""Drafts: the form of a rule's next version, or of the first for a product that has none."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, field, notice, scroll
from mobile_app.parts.buttons import primary, quiet, segments
from mobile_app.parts.guard import part
from mobile_app.parts.text import caption, muted, strong, title
from mobile_app.state.desk import Pulse
from mobile_app.state.drafting import EVENTS, DraftForm
from mobile_app.state.here import Here
from mobile_app.state.plans import Plans
from shared.domain.commission_rule import Overlap
from shared.domain.what_if import Gap


@part
def draft_page(here: Here, _pulse: Pulse, plans: Plans, id: str) -> ft.Control:
    """The form of the next version."""
    item = plans.rule(id)
    if item is None or item.rule is None:
        return empty(here.words("plans.gone"), here.words("plans.gone.hint"))
    return _form(here, plans, plans.draft(item))


@part
def first_page(here: Here, _pulse: Pulse, plans: Plans, product_id: str) -> ft.Control:
    """The form of the first rule of a product."""
    product = next((each for each in plans.unruled() if each.id == product_id), None)
    if product is None:
        return empty(here.words("draft.ruled"), here.words("draft.ruled.hint"))
    return _form(here, plans, plans.first_draft(product))


@part
def _form(here: Here, plans: Plans, form: DraftForm) -> ft.Control:
    words = here.words

    def submit() -> None:
        made = plans.submit(form)
        if made is not None:
            here.places.commission("rule", made)

    hint = words("draft.hint.first" if form.start.number == 1 else "draft.hint")
    name = plans.product_name(form.start.product)
    controls: list[ft.Control] = [
        title(words("plans.version", rule=name, n=form.start.number)),
        muted(hint),
        *_field(words, form, "from"),
        *_field(words, form, "to"),
        *_choices(words, form),
        *(each for name in form.singles for each in _field(words, form, name)),
        *(_list(words, form, name) for name in form.lists),
        *_field(words, form, "reason", lines=2),
        *(notice(_told_fault(words, plans, each)) for each in form.faults),
        primary(words("draft.submit"), submit),
        caption(words("draft.safe")),
    ]
    return scroll(
        [
            ft.Container(
                ft.Column(
                    controls,
                    spacing=theme.M,
                    tight=True,
                    horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                ),
                padding=theme.L,
                width=theme.FORM_WIDTH if here.look.wide else None,
            )
        ]
    )


def _choices(words: Words, form: DraftForm) -> list[ft.Control]:
    """How it pays, and on which of the bank's words."""
    ways = [(each, words(f"draft.kind.{each}")) for each in form.start.kinds]
    events = [(each, words.code("recognition", each)) for each in EVENTS]
    controls = [
        _group(words("draft.kind"), segments(ways, form.kind, form.pay_by)),
        _group(words("draft.recognise_on"), segments(events, form.recognise_on, form.count_on)),
    ]
    if form.kind == "PER_10K":
        units = [(each, words(f"draft.units.{each}")) for each in ("part", "whole")]
        controls.append(_group(words("draft.units"), segments(units, form.units, form.count_units)))
    return controls


def _group(head: str, content: ft.Control) -> ft.Control:
    return ft.Column([strong(head), content], spacing=theme.XS, tight=True)


def _field(words: Words, form: DraftForm, name: str, lines: int = 1) -> list[ft.Control]:
    control: ft.Control = field(
        words(f"draft.{name}"),
        form.text(name),
        verb=lambda text: form.write(name, text),
        numeric=name not in ("reason", "from", "to"),
        lines=lines,
        key=f"{name}:{form.start.key}",
    )
    return [control, *_problem(words, form, name)]


def _problem(words: Words, form: DraftForm, name: str) -> list[ft.Control]:
    return [notice(words(f"draft.problem.{name}"))] if form.problem == name else []


def _list(words: Words, form: DraftForm, name: str) -> ft.Control:
    rows: list[ft.Control] = [
        ft.Row(
            [_cell(words, form, name, place, 0), _cell(words, form, name, place, 1)],
            spacing=theme.S,
        )
        for place in range(form.counts[name])
    ]
    fewer = [quiet(words("draft.fewer"), form.drop_line, name, color=theme.MUTED)] if rows else []
    more = quiet(words("draft.more"), form.add_line, name)
    return ft.Column(
        [
            strong(words(f"draft.{name}")),
            *rows,
            ft.Row([more, *fewer], wrap=True),
            *_problem(words, form, name),
        ],
        spacing=theme.S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _cell(words: Words, form: DraftForm, name: str, place: int, column: int) -> ft.Control:
    key = f"{name}.{place}.{column}"
    cell = field(
        words(f"draft.{name}.{column}"),
        form.text(key),
        verb=lambda text: form.write(key, text),
        numeric=True,
        key=f"{key}:{form.start.key}",
    )
    return ft.Container(cell, expand=True)


def _told_fault(words: Words, plans: Plans, fault: Overlap | Gap) -> str:
    """Say where a plan would pay a sale twice, or not at all."""
    product = plans.product_name(fault.product)
    if isinstance(fault, Overlap):
        first, second = fault.rules
        day = words.full_day(fault.day.isoformat())
        return words("draft.overlap", product=product, day=day, first=first, second=second)
    since = words.full_day(fault.since.isoformat())
    if fault.until is None:
        return words("draft.no_end", product=product, day=since)
    until = words.full_day(fault.until.isoformat())
    return words("draft.gap", product=product, since=since, until=until)
