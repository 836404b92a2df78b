"""Timeline: all that there was with a customer, and each contact as it now stands.

Whose word a line is stands beside it: what the customer says, what somebody has seen proof of, and
what the bank's systems tell look different by sign and word.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.alerts import alert_row
from mobile_app.parts.attachments import attachment_chip
from mobile_app.parts.blocks import footnote, more, row, section, stacked
from mobile_app.parts.buttons import chip, chips, quiet
from mobile_app.parts.channels import channel_sign
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark, word_mark
from mobile_app.parts.sales import sale_row
from mobile_app.parts.text import body, caption, strong
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import (
    AlertItem,
    AttachmentItem,
    ConsentItem,
    DoneCase,
    Interaction,
    RecordChangeItem,
    RecordState,
    ReviewItem,
    SaleItem,
    TimelineItem,
)
from mobile_app.state.timeline import VIEWS, Entry, View
from shared.domain.actors import is_job

_FIRST: Final[tuple[View, int]] = ("all", 1)
_EMPTY: Final[dict[View, str]] = {"all": "timeline.empty"}
_SAID: Final = {"signed": "verified", "spoken": "claimed", "online": "told"}
"""Whose word a consent is, by how it was said."""
CHANGED: Final[dict[str, ft.IconData]] = {
    "owner": ft.Icons.SWAP_HORIZ,
    "merged": ft.Icons.CALL_MERGE,
    "split": ft.Icons.CALL_SPLIT,
}


@part
def timeline(
    here: Here,
    desk: Desk,
    customer_id: str,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """The latest of it under chips that choose a part; what was chosen is not remembered."""
    chosen, choose = ft.use_state(_FIRST)
    view, pages = chosen
    words, found = here.words, desk.timeline.page(customer_id, view, pages)
    counts = desk.timeline.counts(customer_id)
    controls: list[ft.Control] = [section(words("timeline"))]
    if counts["all"]:
        controls.append(_views(words, counts, view, choose))
    if not found.rows:
        controls.append(footnote(words(_EMPTY.get(view, f"timeline.empty.{view}"))))
    controls += [_entry(here, desk, each) for each in found.rows]
    if found.more:
        controls.append(more(words("more"), choose, (view, pages + 1)))
    return stacked(controls, theme.XS)


def _views(
    words: Words,
    counts: Mapping[View, int],
    chosen: View,
    choose: Callable[[tuple[View, int]], object],
) -> ft.Control:
    offered = chips(
        chip(
            words("view.n", view=words.code("view", view), n=counts[view]),
            view == chosen,
            choose,
            (view, 1),
            key=f"view:{view}",
        )
        for view in VIEWS
    )
    return ft.Container(offered, padding=ft.Padding.symmetric(horizontal=theme.L))


def _entry(here: Here, desk: Desk, entry: Entry) -> ft.Control:
    """One line: a contact, or what came of contacts."""
    item = entry.item
    if isinstance(item, SaleItem):
        return sale_row(here, item, of_customer=True)
    if isinstance(item, AlertItem):
        return alert_row(here, desk, item, of_customer=True)
    if isinstance(item, DoneCase):
        return _case(here.words, item)
    if isinstance(item, ConsentItem):
        return _consent(here.words, item)
    if isinstance(item, RecordChangeItem):
        return _record_change(here.words, item)
    return moment(here, desk, item)


def _case(words: Words, item: DoneCase) -> ft.Control:
    """What a customer complained of or asked for, and what became of it."""
    case = item.case
    what = words.dotted(words.code("service_kind", case.kind), case.subject)
    by = words.dotted(words.moment(case.stepped_at), item.by_name or "", case.resolution or "")
    status = caption(words.code("service_status", case.status), theme.GREEN, 1)
    sign = ft.Icon(ft.Icons.ASSIGNMENT_TURNED_IN_OUTLINED, color=theme.ACCENT, size=theme.ICON)
    marks = [status, sync_mark(words, item.state)]
    return row(what, by, marks, leading=sign, key=f"done:{case.id}")


def _consent(words: Words, item: ConsentItem) -> ft.Control:
    """What a customer allowed or refused, and whose word that is."""
    word = item.consent
    answer = words.code("consent_answer", word.answer)
    how = words.dotted(words.code("consent_said", word.said), item.by_name or "")
    return row(
        words.dotted(words.code("consent", word.purpose), answer),
        words.dotted(words.moment(word.occurred_at), how),
        [word_mark(words, _SAID[word.said]), sync_mark(words, item.state)],
        leading=ft.Icon(ft.Icons.FACT_CHECK_OUTLINED, color=theme.ACCENT, size=theme.ICON),
        key=word.id,
    )


def _record_change(words: Words, item: RecordChangeItem) -> ft.Control:
    """That the record has another owner, or was merged or split; by whom, and when."""
    change = item.change
    someone = words("someone")
    what = words(
        f"record_change.{change.kind}",
        former=item.from_name or someone,
        owner=item.to_name or someone,
        name=change.other_name or words("none"),
    )
    is_told = is_job(change.by)
    by = "" if is_told else item.by_name or someone
    return row(
        what,
        words.dotted(words.moment(change.occurred_at), by),
        [word_mark(words, "told")] if is_told else [],
        leading=ft.Icon(CHANGED[change.kind], color=theme.ACCENT, size=theme.ICON),
        key=change.id,
    )


def moment(here: Here, desk: Desk, item: TimelineItem) -> ft.Control:
    """One contact in a timeline."""
    words, contact = here.words, item.interaction
    following = _following(words, contact)
    lines = [
        ft.Row(
            [
                channel_sign(contact.channel),
                ft.Container(strong(_head(words, contact)), expand=True),
                caption(words.moment(contact.occurred_at), lines=1),
            ],
            spacing=theme.S,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        *_claims(words, contact),
        *([body(following)] if following else []),
        *([body(contact.note)] if contact.note else []),
        *([attached(words, desk, item.attachments)] if item.attachments else []),
        ft.Row(
            [
                *([word_mark(words, "told")] if contact.source else []),
                ft.Container(caption(_by(words, item)), expand=True),
                *_foot(here, desk, item),
            ],
            spacing=theme.S,
        ),
        *[_former(words, one) for one in item.formers[:1]],
        *_twin(here, desk, item),
        *[_review(words, review) for review in item.reviews],
    ]
    return ft.Container(
        ft.Column(lines, spacing=theme.XS, tight=True),
        key=contact.id,
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


def attached(words: Words, desk: Desk, items: Iterable[AttachmentItem]) -> ft.Control:
    """What is attached to something, to be opened."""
    return chips(
        attachment_chip(words, each, desk.content_state(each), desk.viewing.open, each.attachment)
        for each in items
    )


def _head(words: Words, contact: Interaction) -> str:
    return words.dotted(
        words.code("channel", contact.channel),
        words.code("call_direction", contact.direction) if contact.direction else "",
        words.code("purpose", contact.purpose),
        words.code("outcome", contact.outcome),
    )


def _following(words: Words, contact: Interaction) -> str:
    """The next step that was agreed."""
    if not contact.next_step:
        return ""
    return words("timeline.next", step=contact.next_step, when=words.day(contact.next_due))


def _claimed(words: Words, contact: Interaction) -> str:
    """What the customer said of themselves."""
    return words.dotted(
        words.code("need", contact.need) if contact.need else "",
        words.code("satisfaction", str(contact.satisfaction)) if contact.satisfaction else "",
    )


def _claims(words: Words, contact: Interaction) -> list[ft.Control]:
    """A claim, marked as one; what a system asked them is its word, which its line says."""
    said = _claimed(words, contact)
    if not said:
        return []
    if contact.source:
        return [body(said)]
    line: list[ft.Control] = [word_mark(words, "claimed"), ft.Container(body(said), expand=True)]
    return [ft.Row(line, spacing=theme.S)]


def _by(words: Words, item: TimelineItem) -> str:
    """Who had it, how long it took and where; of what a system tells, which one and its agent."""
    contact = item.interaction
    where = words("timeline.no_fix", why=words.code("no_fix", contact.no_fix_reason))
    by = item.by_name or contact.agent or ""
    if contact.source:
        told = words("timeline.told", source=contact.source, agent=by)
        by = told if by else contact.source
    return words.dotted(
        by,
        words.lasted(contact.started_at, contact.ended_at),
        where if contact.no_fix_reason else "",
    )


def _foot(here: Here, desk: Desk, item: TimelineItem) -> list[ft.Control]:
    """How far it has come; one's own can be put right, a refused one under sync."""
    contact, mark = item.interaction, sync_mark(here.words, item.state)
    if not desk.is_own(contact) or item.state is RecordState.ISSUE:
        return [mark]
    said = here.words("correct.of", what=_head(here.words, contact))
    correct = quiet(
        here.words("correct"), here.places.correct, contact.customer_id, contact.id, said=said
    )
    if contact.outcome not in ("interested", "done"):
        return [correct, mark]
    of = here.words("sale.of_contact", what=_head(here.words, contact))

    def sell() -> None:
        desk.selling.begin(contact.customer_id, contact.id)
        here.places.sell(contact.customer_id)

    return [quiet(here.words("start.sale"), sell, said=of), correct, mark]


def _former(words: Words, former: Interaction) -> ft.Control:
    """What it said before it was put right, in short."""
    said, following = _claimed(words, former), _following(words, former)
    what = words.dotted(_head(words, former), said, following, former.note or "")
    return caption(words("corrected.from", what=what), lines=3)


def _twin(here: Here, desk: Desk, item: TimelineItem) -> list[ft.Control]:
    """An earlier contact that is almost the same, until someone has said that both are right."""
    words, twin = here.words, item.twin
    if twin is None or desk.keeps_both(item.interaction, twin):
        return []
    name = words("twin.me") if desk.is_own(twin) else item.twin_by or words("someone")
    lines: list[ft.Control] = [
        body(words("twin", name=name, when=words.moment(twin.occurred_at)), theme.ON_AMBER_SOFT)
    ]
    if here.places.logs:
        lines.append(_twin_buttons(here, desk, item.interaction, twin))
    return [
        ft.Container(
            ft.Column(lines, spacing=theme.XS, tight=True),
            bgcolor=theme.AMBER_SOFT,
            border_radius=theme.RADIUS,
            padding=theme.S,
        )
    ]


def _twin_buttons(here: Here, desk: Desk, contact: Interaction, twin: Interaction) -> ft.Control:
    words, ink = here.words, theme.ON_AMBER_SOFT
    buttons = [quiet(words("twin.keep"), desk.keep_both, contact, twin, color=ink)]
    if desk.is_own(contact):
        correct = quiet(
            words("twin.correct"),
            here.places.correct,
            contact.customer_id,
            contact.id,
            color=ink,
        )
        buttons.append(correct)
    return ft.Row(buttons, wrap=True, spacing=theme.S)


def _review(words: Words, item: ReviewItem) -> ft.Control:
    said = words.dotted(words.code("review", item.review.kind), item.review.text or "")
    return ft.Container(
        ft.Row(
            [
                ft.Container(
                    caption(
                        words("said_by", name=item.by_name or words("someone"), text=said),
                        theme.INK,
                    ),
                    expand=True,
                ),
                sync_mark(words, item.state),
            ]
        ),
        key=item.review.id,
        bgcolor=theme.SUNK,
        border_radius=theme.RADIUS,
        padding=theme.S,
    )
