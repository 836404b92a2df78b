"""Collaborators at a customer, and the page of a customer with whom one only collaborates."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, fact, field, footnote, notice, row, section, stacked
from mobile_app.parts.buttons import chip, chips, icon_button, primary, quiet
from mobile_app.parts.guard import part
from mobile_app.parts.hidden import hidden
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.text import caption, muted
from mobile_app.state.collaborators import ROLES
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import Collaboration, CollaboratorItem
from mobile_app.state.said import sentence


@part
def collaborators(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """Who works with a customer; the owner and supervisors name and end."""
    is_open, open_form = ft.use_state(False)
    ending, end = ft.use_state("")
    words, items = here.words, desk.collaborators.of(customer_id)
    add = quiet(words("collaborator.add"), open_form, True) if not is_open else None
    controls: list[ft.Control] = [section(words("collaborators"), add)]
    if is_open:
        controls.append(_naming(here, desk, customer_id, lambda: open_form(False)))
    elif not items:
        controls.append(footnote(words("collaborators.none")))
    for item in items:
        controls.append(_item(words, item, end))
        if ending == item.collaborator.id:
            controls.append(_ending(words, desk, item, lambda: end("")))
    if problem := desk.collaborators.problems.get(customer_id):
        controls.append(footnote(sentence(words, problem)))
    return stacked(controls, 0)


@part
def _naming(here: Here, desk: Desk, customer_id: str, leave: Callable[[], object]) -> ft.Control:
    """Who it is and for what; two taps."""
    text, look_for = ft.use_state("")
    colleague, choose = ft.use_state("")
    role, play = ft.use_state("")
    words = here.words

    def name() -> None:
        if desk.collaborators.name(customer_id, colleague, role):
            leave()

    lines: list[ft.Control] = [
        field(words("collaborator.who"), text, verb=look_for, key="colleague"),
        chips(
            chip(each.name, each.id == colleague, choose, each.id, key=f"colleague:{each.id}")
            for each in desk.collaborators.offered(customer_id, text)
        ),
        muted(words("collaborator.role")),
        chips(
            chip(
                words.code("collaborator_role", code), code == role, play, code, key=f"role:{code}"
            )
            for code in ROLES
        ),
        caption(words("collaborator.hint")),
        ft.Row(
            [
                primary(words("collaborator.save"), name, enabled=bool(colleague and role)),
                quiet(words("cancel"), leave, color=theme.MUTED),
            ],
            wrap=True,
            spacing=theme.S,
        ),
    ]
    return card(stacked(lines, theme.S))


def _item(words: Words, item: CollaboratorItem, end: Callable[[str], object]) -> ft.Control:
    one, name = item.collaborator, item.name or words("someone")
    lasts = one.status == "active"
    since = words("collaborator.since", when=words.moment(one.occurred_at))
    over = words("relation.ended", text=one.reason or "")
    stop = icon_button(ft.Icons.LINK_OFF, words("collaborator.end.of", name=name), end, one.id)
    return row(
        name,
        words.dotted(words.code("collaborator_role", one.role), since if lasts else over),
        [sync_mark(words, item.state)],
        key=one.id,
        trailing=ft.Container(stop, padding=ft.Padding.only(right=theme.S)) if lasts else None,
    )


def _ending(
    words: Words, desk: Desk, item: CollaboratorItem, leave: Callable[[], object]
) -> ft.Control:
    def say(why: str) -> None:
        desk.collaborators.end(item.collaborator, why)
        leave()

    word = words("relation.end")
    return card(reason(words, "end_collaborator", word, say, leave, item.collaborator.id))


def collaboration_page(here: Here, desk: Desk, one: Collaboration) -> list[ft.Control]:
    """What a collaborator knows of the customer: who, what they want, who answers, what is next."""
    words = here.words
    wants = words.dotted(
        words.code("stage", one.stage),
        words.code("need", one.need) if one.need else words("customer.no_need"),
        words.amount(one.need_amount) if one.need_amount is not None else "",
    )
    step = words.dotted(one.next_step or words("customer.no_next"), _day(words, one))
    facts: list[ft.Control] = [
        fact(words("header.who"), words.dotted(one.name, words.code("kind", one.kind))),
        fact(words("header.wants"), wants),
        fact(words("header.next"), words.dotted(one.owner_name, step)),
        fact(words("collaborator.my_role"), words.code("collaborator_role", one.role)),
    ]
    if one.contact_name:
        facts.append(fact(words("customer.contact"), one.contact_name))
    if one.phone:
        masked = words.masked_phone(one.phone)
        facts.append(hidden(here, words("customer.phone"), masked, one.phone))
    if one.last_at:
        facts.append(fact(words("collaborator.last"), _last(words, desk, one)))
    told = notice(words("collaboration.told", name=one.owner_name or words("someone")))
    return [card(stacked(facts, theme.S)), ft.Container(told, padding=theme.L)]


def _last(words: Words, desk: Desk, one: Collaboration) -> str:
    by = desk.store.employees().get(one.last_by_id or "")
    return words.dotted(
        by.name if by else words("someone"),
        words.moment(one.last_at),
        words.code("channel", one.last_channel),
        words.code("outcome", one.last_outcome),
    )


def collaboration_row(here: Here, one: Collaboration) -> ft.Control:
    """One of them in the list of customers."""
    words = here.words
    why = one.next_step or words.code("stage", one.stage)
    role = words.code("collaborator_role", one.role)
    return row(
        one.name,
        words.dotted(role, why, _day(words, one)),
        [caption(words("circle.owner", name=one.owner_name), lines=1)],
        here.places.customer,
        one.customer_id,
        leading=ft.Icon(ft.Icons.HANDSHAKE_OUTLINED, color=theme.ACCENT, size=theme.ICON),
        key=one.id,
    )


def _day(words: Words, one: Collaboration) -> str:
    return words.day(one.next_due) if one.next_due else ""
