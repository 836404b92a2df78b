"""The circle of a customer: their family or group, and whom one turns to at an organisation."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, row, section, stacked
from mobile_app.parts.buttons import quiet
from mobile_app.parts.holdings import money
from mobile_app.parts.marks import age, origin_mark
from mobile_app.parts.relations import SIGNS, name_of, tied_as
from mobile_app.parts.text import caption, strong
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.holdings import is_old
from mobile_app.state.rows import CircleItem, Customer, MemberItem, RelationItem


def circle(here: Here, desk: Desk, customer_id: str) -> list[ft.Control]:
    """All who belong to a customer, and what the verified ones keep here; nothing where nobody."""
    found, words = desk.relations.circle(customer_id), here.words
    if found is None:
        return []
    head = section(words(f"circle.{found.kind}"), caption(words("n_items", n=len(found.members))))
    rows = [_member(here, item) for item in found.members]
    return [head, *_deposits(words, found), *rows]


def _deposits(words: Words, found: CircleItem) -> list[ft.Control]:
    """The sum, and over whom it is one."""
    total = found.deposits
    if total is None:
        return []
    top: list[ft.Control] = [
        ft.Container(strong(words("circle.deposits")), expand=True),
        money(words, total.fen),
    ]
    over = caption(words(f"circle.over.{found.kind}", over=total.over, of=total.of))
    aged = age(words, total.as_of, is_old(total.as_of, words.now()))
    return [card(stacked([ft.Row(top), over, ft.Row([aged])], theme.XS))]


def _member(here: Here, item: MemberItem) -> ft.Control:
    words, one = here.words, item.member
    status = "verified" if one.verified else "claimed"
    icon, colour = SIGNS[status]
    opens = here.places.customer if item.customer_id else None
    return row(
        item.name or words("relation.elsewhere"),
        words.dotted(_tie(words, item), _owner(words, item)),
        [caption(words.code("relation_status", status), colour, 1)],
        opens,
        *([item.customer_id] if opens else []),
        leading=ft.Icon(icon, color=colour, size=theme.ICON),
        key=f"member:{one.customer_id or one.via + one.name}",
    )


def _tie(words: Words, item: MemberItem) -> str:
    kind = tied_as(words, item.member.kind, is_theirs=item.member.is_theirs)
    if item.via_name is None:
        return kind
    return words("circle.through", name=item.via_name or words("relation.elsewhere"), kind=kind)


def _owner(words: Words, item: MemberItem) -> str:
    if item.owner_name:
        return words("circle.owner", name=item.owner_name)
    return "" if item.member.customer_id else words("circle.no_customer")


def key_people(here: Here, desk: Desk, customer: Customer) -> list[ft.Control]:
    """Legal representative, shareholders and finance contact of an organisation."""
    if customer.kind != "organisation":
        return []
    items, words = desk.relations.key_people(customer.id), here.words
    tied = {item.relation.kind for item in items}
    rows = [_person(here, item) for item in items]
    named = {
        "legal_representative": customer.legal_representative,
        "finance_contact": customer.contact_name,
    }
    rows += [
        _named(here, desk, customer.id, kind, name)
        for kind, name in named.items()
        if name and kind not in tied
    ]
    return [section(words("key_people")), *rows] if rows else []


def _person(here: Here, item: RelationItem) -> ft.Control:
    words, one = here.words, item.relation
    icon, colour = SIGNS[one.status]
    opens = here.places.customer if item.other_id else None
    return row(
        name_of(words, item),
        words.code("relation_kind", one.kind),
        [caption(words.code("relation_status", one.status), colour, 1)],
        opens,
        *([item.other_id] if opens else []),
        leading=ft.Icon(icon, color=colour, size=theme.ICON),
        key=f"key:{one.id}",
    )


def _named(here: Here, desk: Desk, customer_id: str, kind: str, name: str) -> ft.Control:
    """Someone whom the customer's record names: a tap records who that is."""
    words = here.words
    is_contact = kind == "finance_contact"
    role = words("customer.contact") if is_contact else words.code("relation_kind", kind)
    why = words.dotted(role, words("key_people.record"))
    begin = desk.relations.form(customer_id).begin_with
    said = words("key_people.tie.of", name=name)
    tie = quiet(words("key_people.tie"), begin, kind, name, said=said) if here.places.logs else None
    field = "contact_name" if is_contact else kind
    marks = origin_mark(words, desk.duplicates.origins(customer_id).get(field))
    return row(name, why, [*marks, *([tie] if tie else [])], key=f"key:{kind}")
