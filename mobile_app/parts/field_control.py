"""Field control: the right control for a field by its type, chips for codes and text for others."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import field, notice
from mobile_app.parts.buttons import chip, chips
from mobile_app.parts.text import caption
from mobile_app.state.fields import FieldForm
from mobile_app.state.said import sentence
from mobile_app.values import choices, field_name, is_amount, is_day, value_text

_LONG = frozenset({"note", "text"})


def field_controls(words: Words, form: FieldForm, key: str, kind: str = "") -> list[ft.Control]:
    """One control for each field of the form, and what keeps it from being sent."""
    controls = [_control(words, form, name, key, kind) for name in form.fields]
    return [*controls, *([notice(sentence(words, form.problem))] if form.problem else [])]


def _control(words: Words, form: FieldForm, name: str, key: str, kind: str) -> ft.Control:
    label = field_name(words, form.entity, name, kind)
    codes = choices(form.entity, name)
    if codes:
        return ft.Column(
            [caption(label), _codes(words, form, name, codes, key)], spacing=theme.XS, tight=True
        )
    return field(
        label,
        form.text(name),
        verb=lambda text: form.write(name, text),
        hint=_hint(words, name),
        numeric=is_day(name) or is_amount(name),
        lines=3 if name in _LONG else 1,
        key=f"{name}:{key}",
    )


def _codes(words: Words, form: FieldForm, name: str, codes: list[str], key: str) -> ft.Control:
    return chips(
        chip(
            value_text(words, form.entity, name, code),
            form.text(name) == code,
            form.choose,
            name,
            code,
            key=f"{name}:{code}:{key}",
        )
        for code in codes
    )


def _hint(words: Words, name: str) -> str | None:
    if is_day(name):
        return words("fields.day")
    return words("fields.amount") if is_amount(name) else None
