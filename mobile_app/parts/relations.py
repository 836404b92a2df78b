"""Relations: to whom a customer is tied; a claim never looks like what was verified."""

from collections.abc import Callable
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, field, footnote, notice, row, section, stacked
from mobile_app.parts.buttons import chip, chips, icon_button, primary, quiet
from mobile_app.parts.collision import collision_lines
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.text import caption, muted
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.relations import RelationForm
from mobile_app.state.rows import RelationItem
from mobile_app.state.said import sentence
from shared.domain.circle import TIES
from shared.domain.relation import MIRRORED

SIGNS: Final[dict[str, tuple[ft.IconData, ft.ColorValue]]] = {
    "claimed": (ft.Icons.RECORD_VOICE_OVER_OUTLINED, theme.AMBER),
    "verified": (ft.Icons.VERIFIED_OUTLINED, theme.GREEN),
    "ended": (ft.Icons.LINK_OFF, theme.MUTED),
}
_CLOSE: Final = TIES["family"] | TIES["group"]
"""Ties that make a family or a group; the others are roles, and stand apart."""


@part
def relations(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """All ties of a customer, and the form that records one more."""
    return _relations(here, desk, customer_id, desk.relations.form(customer_id))


@part
def _relations(here: Here, desk: Desk, customer_id: str, form: RelationForm) -> ft.Control:
    words, items = here.words, desk.relations.of(customer_id)
    may_add = here.places.logs and not form.is_open
    add = quiet(words("relation.add"), form.begin) if may_add else None
    controls: list[ft.Control] = [section(words("relations"), add)]
    if form.is_open:
        controls.append(_recording(here, desk, form))
    elif not items:
        controls.append(footnote(words("relations.none")))
    close = [item for item in items if item.relation.kind in _CLOSE]
    roles = [item for item in items if item.relation.kind not in _CLOSE]
    controls += [_item(here, desk, item, key=item.relation.id) for item in close]
    if close and roles:
        controls.append(footnote(words("relations.roles")))
    controls += [_item(here, desk, item, key=item.relation.id) for item in roles]
    return stacked(controls, 0)


def _recording(here: Here, desk: Desk, form: RelationForm) -> ft.Control:
    """Kind, name, the customer's words; a name that is like a customer's offers them."""
    words = here.words
    kinds = chips(
        chip(
            words.code("relation_kind", code),
            form.kind == code,
            form.choose_kind,
            code,
            key=f"relation:{code}",
        )
        for code in form.kinds
    )
    lines = [muted(words("relation.kind")), kinds]
    name = field(words("relation.name"), form.name, verb=form.write_name, key="other")
    # The label lies on the field's upper edge and would touch what stands above.
    lines.append(ft.Container(name, padding=ft.Padding.only(top=theme.XS)))
    if offered := form.offered:
        lines.append(caption(words("relation.found")))
        lines.append(
            chips(
                chip(each.name, each.id == form.other_id, form.choose, each, key=f"other:{each.id}")
                for each in offered
            )
        )
    if not form.other_id:
        here_already = [form.customer_id, *(each.id for each in form.offered)]
        lines += collision_lines(here, desk, form.name, besides=here_already)
    lines.append(field(words("relation.note"), form.note, verb=form.write_note, key="said"))
    if form.problem:
        lines.append(notice(sentence(words, form.problem)))
    hint = f"relation.missing.{form.missing}" if form.missing else "relation.hint"
    buttons: list[ft.Control] = [
        primary(words("relation.save"), form.submit, enabled=not form.missing),
        quiet(words("cancel"), form.drop, color=theme.MUTED),
    ]
    lines += [caption(words(hint)), ft.Row(buttons, wrap=True, spacing=theme.S)]
    return card(stacked(lines, theme.S))


@part
def _item(
    here: Here,
    desk: Desk,
    item: RelationItem,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """One tie, and what can be said of it."""
    asked, ask = ft.use_state("")
    words, one = here.words, item.relation
    lines = [_line(here, item, ask)]
    if asked:
        lines.append(_asking(words, desk, item, asked, ask))
    elif one.status == "claimed" and here.places.decides and not item.is_own:
        said = words("relation.verify.of", name=name_of(words, item))
        verify = quiet(words("relation.verify"), ask, "verify_relation", said=said)
        side = ft.Padding.symmetric(horizontal=theme.S)
        lines.append(ft.Container(ft.Row([verify]), padding=side))
    if problem := desk.relations.problems.get(one.id):
        lines.append(footnote(sentence(words, problem)))
    return stacked(lines, 0)


def _line(here: Here, item: RelationItem, ask: Callable[[str], object]) -> ft.Control:
    words, one = here.words, item.relation
    icon, colour = SIGNS[one.status]
    mark = caption(words.code("relation_status", one.status), colour, 1)
    opens = here.places.customer if item.other_id else None
    return row(
        name_of(words, item),
        words.dotted(_kind(words, item), _said(words, item)),
        [mark, sync_mark(words, item.state)],
        opens,
        *([item.other_id] if opens else []),
        leading=ft.Icon(icon, color=colour, size=theme.ICON),
        key=one.id,
        trailing=_end(here, item, ask),
    )


def _end(here: Here, item: RelationItem, ask: Callable[[str], object]) -> ft.Control | None:
    """The way to end it, for whoever records field work."""
    if item.relation.status == "ended" or not here.places.logs:
        return None
    word = here.words("relation.end.of", name=name_of(here.words, item))
    button = icon_button(ft.Icons.LINK_OFF, word, ask, "end_relation")
    return ft.Container(button, padding=ft.Padding.only(right=theme.S))


def name_of(words: Words, item: RelationItem) -> str:
    """Who the other one is."""
    return item.other_name or words("relation.elsewhere")


def _kind(words: Words, item: RelationItem) -> str:
    return tied_as(words, item.relation.kind, is_theirs=item.is_theirs)


def tied_as(words: Words, kind: str, *, is_theirs: bool) -> str:
    """What the other one is to this customer, or what this one is called there."""
    if not is_theirs:
        return words.code("relation_kind", kind)
    if kind in MIRRORED:
        return words.code("relation_kind", MIRRORED[kind])
    return words("relation.theirs", kind=words.code("relation_kind", kind))


def _said(words: Words, item: RelationItem) -> str:
    """In whose words it stands, or what it rests on."""
    one = item.relation
    if one.status != "claimed" and one.reason:
        key = "relation.proof" if one.status == "verified" else "relation.ended"
        return words(key, text=one.reason)
    if one.note:
        return words("relation.said", text=one.note)
    return words.dotted(item.by_name or "", words.moment(one.occurred_at))


def _asking(
    words: Words, desk: Desk, item: RelationItem, family: str, ask: Callable[[str], object]
) -> ft.Control:
    """What was seen as proof, or why it ended."""
    is_proof = family == "verify_relation"

    def say(text: str) -> None:
        (desk.relations.verify if is_proof else desk.relations.end)(item, text)
        ask("")

    word = words("relation.verify" if is_proof else "relation.end")
    return card(reason(words, family, word, say, lambda: ask(""), item.relation.id))
