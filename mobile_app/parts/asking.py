"""Asking: a change of a guarded field, asked for at the customer, with what was seen as proof."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card
from mobile_app.parts.buttons import chip, chips, quiet
from mobile_app.parts.field_control import field_controls
from mobile_app.parts.guard import part
from mobile_app.parts.reason import reason
from mobile_app.parts.text import caption, muted
from mobile_app.state.desk import Desk
from mobile_app.state.fields import FieldForm
from mobile_app.state.here import Here
from mobile_app.state.inbox import askable
from mobile_app.state.rows import Customer
from mobile_app.values import field_name, value_text


@part
def asking(here: Here, desk: Desk, customer: Customer, leave: Callable[[], object]) -> ft.Control:
    """Choose the field; one that has a request waiting says so."""
    chosen, choose = ft.use_state("")
    words = here.words
    lines: list[ft.Control] = [
        muted(words("request.which")),
        _fields(words, customer, chosen, choose),
    ]
    if chosen and not desk.inbox.is_asked(customer.id, chosen):
        lines.append(_wish(words, desk, customer, chosen, leave, key=chosen))
    else:
        if chosen:
            lines.append(caption(words("request.pending_already"), theme.AMBER))
        lines.append(ft.Row([quiet(words("cancel"), leave, color=theme.MUTED)]))
    return card(ft.Column(lines, spacing=theme.S, tight=True))


def _fields(
    words: Words, customer: Customer, chosen: str, choose: Callable[[str], object]
) -> ft.Control:
    return chips(
        chip(
            field_name(words, "customer", field, customer.kind),
            field == chosen,
            choose,
            field,
            key=f"ask:{field}",
        )
        for field in askable(customer)
    )


@part
def _wish(
    words: Words,
    desk: Desk,
    customer: Customer,
    field: str,
    leave: Callable[[], object],
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """What it shall say, and what was seen as proof."""
    form, _ = ft.use_state(FieldForm("customer", (field,)))
    present = value_text(words, "customer", field, getattr(customer, field))

    def send(proof: str) -> bool:
        is_asked = desk.inbox.ask_change(customer, form, proof, desk.today_text)
        if is_asked:
            leave()
        return is_asked

    return ft.Column(
        [
            caption(words("request.present", text=present)),
            *field_controls(words, form, f"ask:{customer.id}", customer.kind),
            reason(words, "proof", words("request.send"), send, leave, f"{customer.id}:{field}"),
        ],
        spacing=theme.S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
