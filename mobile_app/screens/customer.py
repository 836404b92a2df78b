"""Customer: who it is, what they want, who looks after them and what is next; then the timeline."""

from collections.abc import Mapping, Sequence
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.advice import advice
from mobile_app.parts.alerts import alert_card
from mobile_app.parts.asking import asking
from mobile_app.parts.attachments import viewer
from mobile_app.parts.blocks import card, empty, ends, fact, marked, scroll, section, stacked
from mobile_app.parts.buttons import icon_button, primary, quiet, secondary
from mobile_app.parts.circle import circle, key_people
from mobile_app.parts.collaborators import collaboration_page, collaborators
from mobile_app.parts.conflict_cards import conflict_card
from mobile_app.parts.consents import consents
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.hidden import hidden
from mobile_app.parts.holdings import holdings
from mobile_app.parts.interests import interests
from mobile_app.parts.marks import origin_mark, sync_mark, word_mark
from mobile_app.parts.referrals import referrals
from mobile_app.parts.relations import relations
from mobile_app.parts.request_cards import request_card, request_row
from mobile_app.parts.service import cases, promises
from mobile_app.parts.sources import merged_from, opened_by_old_id, sources
from mobile_app.parts.standing import standing_card
from mobile_app.parts.text import caption, lead
from mobile_app.parts.timeline import attached, timeline
from mobile_app.parts.touches import touched
from mobile_app.parts.worth import worth_card
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import Customer, CustomerCard, Identifier
from mobile_app.values import field_name, value_text
from shared.domain.provenance import Origin

Origins = Mapping[str, Origin]

_SHOWN: Final = (
    "contact_name",
    "legal_representative",
    "contact_note",
    "address",
    "gender",
    "occupation",
    "industry",
    "risk_grade",
)
_ANSWERED: Final = 5


def customer_pane(here: Here, customer_id: str) -> ft.Control:
    """One customer, with what to start at the foot."""
    asked, customer_id = customer_id, here.desk.duplicates.going_on(customer_id)
    card_found = here.desk.customer(customer_id)
    name = here.desk.name_of(customer_id) or here.words("customer.gone")
    mine = card_found is not None and here.places.logs
    meets = mine or here.desk.collaborators.at(customer_id) is not None
    foot = _starts(here, here.desk, customer_id, here.desk.pulse, mine) if meets else None
    turn = icon_button(
        ft.Icons.CO_PRESENT_OUTLINED, here.words("facing.enter"), here.gate.face, customer_id
    )
    return pane(
        name,
        [
            _page(here, here.desk, asked, here.desk.pulse),
            viewer(here.words, here.desk.viewing),
        ],
        here=here,
        back=not here.look.wide,
        badged=False,
        actions=[turn] if mine else None,
        foot=foot,
    )


def nothing_chosen(here: Here) -> ft.Control:
    """The detail side while no customer is chosen."""
    return empty(here.words("customer.none_chosen"), here.words("customer.none_chosen.hint"))


@part
def _page(here: Here, desk: Desk, asked: str, _pulse: Pulse) -> ft.Control:
    words, customer_id = here.words, desk.duplicates.going_on(asked)
    found = desk.customer(customer_id)
    if found is None:
        shared = desk.collaborators.at(customer_id)
        if shared is not None:
            return scroll(collaboration_page(here, desk, shared), theme.XS)
        return empty(words("customer.gone"), words("customer.gone.hint"))
    controls = [
        *([opened_by_old_id(words)] if asked != customer_id else []),
        *(alert_card(here, desk, item) for item in desk.alerts.open_of(customer_id)),
        _header(here, desk, found),
        *merged_from(here, desk, found.customer),
        *touched(words, found.touches),
        cases(here, desk, customer_id),
        promises(here, desk, customer_id),
        *advice(here, desk, customer_id),
        *_to_settle(here, desk, customer_id),
        *_standing(here, desk, customer_id),
        *_worth(here, desk, customer_id),
        holdings(here, desk, customer_id),
        *key_people(here, desk, found.customer),
        *circle(here, desk, customer_id),
        relations(here, desk, customer_id),
        referrals(here, desk, customer_id),
        collaborators(here, desk, customer_id),
        _particulars(here, desk, found),
        sources(here, desk, found.customer),
        *_interests(here, desk, found.customer),
        consents(here, desk, customer_id),
    ]
    if loose := desk.loose_attachments(customer_id):
        controls += [section(words("attachments")), card(attached(words, desk, loose))]
    controls += _answered(here, desk, customer_id)
    controls.append(timeline(here, desk, customer_id, key=f"timeline:{customer_id}"))
    return scroll(controls, theme.XS)


def _interests(here: Here, desk: Desk, customer: Customer) -> list[ft.Control]:
    """What a person cares for; a company is not asked."""
    is_asked = customer.kind == "person" or customer.interests
    return [interests(here, desk, customer)] if is_asked else []


def _standing(here: Here, desk: Desk, customer_id: str) -> list[ft.Control]:
    found = desk.standing(customer_id)
    return [] if found is None else [standing_card(here.words, found)]


def _worth(here: Here, desk: Desk, customer_id: str) -> list[ft.Control]:
    found = desk.worth(customer_id)
    return [] if found is None else [worth_card(here.words, found)]


def _header(here: Here, desk: Desk, found: CustomerCard) -> ft.Control:
    words, customer, task = here.words, found.customer, found.next_task
    has_accounts = desk.holdings(customer.id).as_of is not None
    origins = desk.duplicates.origins(customer.id)
    wants = words.dotted(
        words.code("stage", customer.stage),
        words.code("need", customer.need) if customer.need else words("customer.no_need"),
        words.amount(customer.need_amount) if customer.need_amount is not None else "",
    )
    following, due, ink = words("customer.no_next"), "", theme.MUTED
    if task:
        following, due = task.title, words.day(task.due)
        if task.due < desk.today_text:
            due, ink = words("today.overdue", when=due), theme.AMBER
        due = words.dotted(due, words("promise.mark") if task.promised else "")
    lines = [
        _answer(
            words("header.who"),
            words.dotted(customer.name, words.code("kind", customer.kind)),
            words("as_of", when=words.age(found.synced_at)),
            origin_mark(words, origins.get("name")),
        ),
        _answer(
            words("header.wants"),
            wants,
            "" if has_accounts else _balance(words, found),
            origin_mark(words, origins.get("need") if customer.need else None),
        ),
        _answer(
            words("header.next"), words.dotted(found.owner_name or "", following), due, ink=ink
        ),
    ]
    return card(ft.Column(lines, spacing=theme.M, tight=True))


def _answer(
    question: str,
    answer: str,
    remark: str,
    marks: Sequence[ft.Control] = (),
    ink: ft.ColorValue = theme.MUTED,
) -> ft.Control:
    right: list[ft.Control] = [marked(lead(answer, lines=3), marks)]
    if remark:
        right.append(caption(remark, ink))
    return ft.Row(
        [
            ft.Container(
                caption(question),
                width=theme.LABEL_WIDTH,
                padding=ft.Padding.only(top=theme.XS / 2),
            ),
            ft.Column(right, spacing=0, tight=True, expand=True),
        ],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _balance(words: Words, found: CustomerCard) -> str:
    customer = found.customer
    if customer.deposit_balance is None:
        return ""
    return words(
        "customer.balance",
        amount=words.amount(customer.deposit_balance),
        when=words.age(customer.as_of),
    )


def _to_settle(here: Here, desk: Desk, customer_id: str) -> list[ft.Control]:
    """What waits for someone at this customer."""
    inbox = desk.inbox
    return [
        *(conflict_card(here, inbox, one) for one in inbox.conflicts(customer_id)),
        *(
            request_card(here, inbox, one, key=one.request.id)
            for one in inbox.requests(customer_id)
        ),
    ]


def _answered(here: Here, desk: Desk, customer_id: str) -> list[ft.Control]:
    """One's own requests that were decided."""
    mine = desk.inbox.own_requests(customer_id)
    rows = [request_row(here, one) for one in mine if one.request.status != "pending"]
    return [section(here.words("requests")), *rows[:_ANSWERED]] if rows else []


@part
def _particulars(here: Here, desk: Desk, found: CustomerCard) -> ft.Control:
    """What is known of them; what is guarded can be asked for from here."""
    is_asking, ask = ft.use_state(False)
    words, customer = here.words, found.customer
    origins = desk.duplicates.origins(customer.id)
    rows = [*_hidden_rows(here, found, origins), *_known(words, customer, origins)]
    change = ft.Container()
    if here.places.logs:
        change.content = quiet(words("request.ask"), ask, not is_asking)
    known = card(stacked([*rows, ends([change, sync_mark(words, found.state)])], theme.S))
    if not is_asking:
        return known
    form = asking(here, desk, customer, lambda: ask(False))
    return ft.Column([known, form], spacing=0, tight=True)


def _hidden_rows(here: Here, found: CustomerCard, origins: Origins) -> list[ft.Control]:
    """Telephone, numbers and birth date; a number is always what the bank's systems have."""
    words, phone, day = here.words, found.customer.phone, found.customer.birth_date
    rows: list[ft.Control] = []
    if phone:
        marks = origin_mark(words, origins.get("phone"))
        rows.append(hidden(here, words("customer.phone"), words.masked_phone(phone), phone, marks))
    rows += [_identifier(here, one) for one in found.identifiers]
    if day:
        name, marks = _name(words, "birth_date"), origin_mark(words, origins.get("birth_date"))
        rows.append(hidden(here, name, f"{day[:2]}**-**-**", words.full_day(day), marks))
    return rows


def _known(words: Words, customer: Customer, origins: Origins) -> list[ft.Control]:
    return [
        fact(
            _name(words, name, customer.kind),
            value_text(words, "customer", name, getattr(customer, name)),
            marks=origin_mark(words, origins.get(name)),
        )
        for name in _SHOWN
        if getattr(customer, name)
    ]


def _name(words: Words, field: str, kind: str = "person") -> str:
    return field_name(words, "customer", field, kind)


def _identifier(here: Here, one: Identifier) -> ft.Control:
    word = here.words.code("identifier", one.kind)
    marks = [word_mark(here.words, "told")]
    return hidden(here, word, f"**** {one.last_four}", one.value, marks)


@part
def _starts(here: Here, desk: Desk, customer_id: str, _pulse: Pulse, sells: bool) -> ft.Control:
    words = here.words

    def begin(channel: str) -> None:
        desk.start(customer_id, channel)
        here.places.form(customer_id)

    # Large text keeps its words: three buttons of one width would show half of each.
    wraps = here.look.scale > theme.SIDE_BY_SIDE
    word = "sale.go_on" if desk.selling.has_draft(customer_id) else "start.sale"
    if desk.has_draft(customer_id):
        go_on = words("visit.go_on")
        first = [primary(go_on, here.places.form, customer_id, expand=not wraps)]
    else:
        first = [
            primary(words("start.visit"), begin, "visit", expand=not wraps),
            secondary(words("start.call"), begin, "call", expand=not wraps),
        ]
    if sells:
        first.append(secondary(words(word), here.places.sell, customer_id, expand=not wraps))
    return ft.Row(first, spacing=theme.S, run_spacing=theme.S, wrap=wraps)
