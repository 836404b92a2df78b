"""Sync centre: what is only on this device, what was delivered, what is in the record."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, fact, footnote, notice, row, scroll, section
from mobile_app.parts.buttons import primary, quiet, secondary
from mobile_app.parts.conflict_cards import conflict_card
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import act, part
from mobile_app.parts.marks import sync_mark, unread
from mobile_app.parts.refused_cards import refused_card
from mobile_app.parts.request_cards import request_row
from mobile_app.parts.sales import offer_card
from mobile_app.parts.text import body, caption, figure, strong
from mobile_app.state.carry import Carry
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import OutboxItem, RecordState, SyncOverview, UnsentContent
from mobile_app.state.said import sentence
from mobile_app.state.sync import SyncStatus
from mobile_app.state.verifying import Verifying
from mobile_app.telling import told

_REQUESTS: Final = 10


def sync_pane(here: Here, _id: str = "") -> ft.Control:
    """The three counts, the list behind them, and the link."""
    desk = here.desk
    return pane(
        here.words("sync.title"),
        [_centre(here, desk, desk.pulse)],
        here=here,
        back=True,
    )


@part
def _centre(here: Here, desk: Desk, _pulse: Pulse) -> ft.Control:
    words, overview, items = here.words, desk.overview(), desk.outbox()
    waiting = [item for item in items if item.state is not RecordState.ISSUE]
    to_settle = desk.inbox.to_settle().total
    controls: list[ft.Control] = [_counts(words, overview, to_settle), _link(here, desk.sync)]
    controls += _to_settle(here, desk)
    controls.append(section(words("sync.waiting"), caption(words("n_items", n=len(waiting)))))
    controls += [_waiting(words, item) for item in waiting]
    if not waiting:
        controls.append(footnote(words("sync.nothing_waiting")))
    controls += _late(words, desk) + _requests(here, desk)
    if unsent := desk.unsent_contents():
        head = section(words("sync.attachments"), caption(words("n_items", n=len(unsent))))
        controls += [head, *(_unsent(words, desk, each) for each in unsent)]
    controls += [section(words("sync.held")), _held(words, overview)]
    controls += [_verified(here, desk.verifying, desk.pulse)]
    controls += [section(words("carry.title")), _by_hand(here, desk.carry)]
    return scroll(controls)


def _to_settle(here: Here, desk: Desk) -> list[ft.Control]:
    """What waits for its user: conflicts, and work that was refused."""
    words, total = here.words, desk.inbox.to_settle().total
    if not total:
        return []
    head = section(words("sync.issues"), caption(words("n_items", n=total)))
    if here.places.decides:
        way = secondary(words("sync.to_inbox"), here.places.show, "inbox")
        return [head, ft.Container(way, padding=ft.Padding.symmetric(horizontal=theme.L))]
    conflicts, refused = desk.inbox.conflicts(), desk.inbox.refused()
    return [
        head,
        *(conflict_card(here, desk.inbox, one, one.customer_name) for one in conflicts),
        *(refused_card(here, desk, one, key=one.op_id) for one in refused),
        *_offers(here, desk),
    ]


def _offers(here: Here, desk: Desk) -> list[ft.Control]:
    """Shares of sales that colleagues propose, to be answered here."""
    return [
        offer_card(here, desk, one, key=one.share.id)
        for one in desk.selling.offers()
        if one.share.status == "offered"
    ]


def _late(words: Words, desk: Desk) -> list[ft.Control]:
    """What was accepted after its customer had moved on."""
    found = desk.inbox.late()
    rows = [
        row(
            told(words, one.op).head,
            words("late.said"),
            [caption(words.moment(one.at), lines=1), sync_mark(words, one.state)],
            key=f"late:{one.op['op_id']}",
        )
        for one in found
    ]
    return [section(words("late"), caption(words("n_items", n=len(rows)))), *rows] if rows else []


def _requests(here: Here, desk: Desk) -> list[ft.Control]:
    """One's own change requests, and what became of them."""
    found = desk.inbox.own_requests()
    rows = [request_row(here, one, one.customer_name) for one in found[:_REQUESTS]]
    return [section(here.words("requests")), *rows] if rows else []


def _counts(words: Words, overview: SyncOverview, to_settle: int) -> ft.Control:
    return card(
        ft.Row(
            [
                _count(words, overview.pending, RecordState.LOCAL),
                _count(words, overview.delivered, RecordState.DELIVERED),
                _count(words, to_settle, RecordState.ISSUE),
            ],
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
    )


def _count(words: Words, count: int, state: RecordState) -> ft.Control:
    return ft.Column(
        [figure(str(count)), sync_mark(words, state)], spacing=theme.XS, tight=True, expand=True
    )


@part
def _link(here: Here, sync: SyncStatus) -> ft.Control:
    """The state of the link, read here alone: it changes far more often than the lists."""
    words = here.words
    lines: list[ft.Control] = [body(_said(words, sync))]
    if sync.last_error and sync.status not in ("offline", "idle", "syncing"):
        lines.append(notice(sentence(words, sync.last_error)))
    if sync.next_try_at and sync.status == "waiting":
        lines.append(caption(words("sync.next_try", when=words.clock(sync.next_try_at))))
    lines.append(
        ft.Row(
            [
                primary(words("sync.now"), sync.sync_now, icon=ft.Icons.SYNC),
                ft.Container(expand=True),
                unread(body(words("sync.work_offline"))),
                ft.Semantics(
                    label=words("sync.work_offline"),
                    content=ft.Switch(
                        key="work_offline",
                        value=sync.work_offline,
                        on_change=act(sync.set_work_offline, not sync.work_offline),
                    ),
                ),
            ],
            spacing=theme.S,
        )
    )
    return card(ft.Column(lines, spacing=theme.M, tight=True))


def _said(words: Words, sync: SyncStatus) -> str:
    if sync.status == "idle" and sync.pending:
        return words("sync.status.unsent", n=sync.pending)
    return words(f"sync.status.{sync.status}")


def _waiting(words: Words, item: OutboxItem) -> ft.Control:
    tries = words("sync.tries", n=item.tries) if item.tries else ""
    why = words.dotted(words.code("entity", item.entity), words.moment(item.at), tries)
    head = item.label or words.code("entity", item.entity)
    return row(head, why, [sync_mark(words, item.state)], key=item.op_id)


def _unsent(words: Words, desk: Desk, unsent: UnsentContent) -> ft.Control:
    """A content on its way: how much of it is there, or why it was not taken."""
    attachment = unsent.item.attachment
    head = unsent.customer_name or words("entity.attachment")
    share = words("sync.attachment_part", share=unsent.share) if unsent.offset else ""
    what = words.dotted(words(f"attached.{attachment.kind}"), words.size(attachment.size), share)
    if unsent.refusal is None:
        return row(head, what, [sync_mark(words, RecordState.LOCAL)], key=attachment.id)
    lines: list[ft.Control] = [
        ft.Row([ft.Container(strong(head), expand=True), sync_mark(words, RecordState.ISSUE)]),
        caption(what),
        body(sentence(words, unsent.refusal)),
    ]
    lines.append(secondary(words("sync.attachment_retry"), desk.retry_content, attachment))
    return ft.Container(card(ft.Column(lines, spacing=theme.S, tight=True)), key=attachment.id)


def _held(words: Words, overview: SyncOverview) -> ft.Control:
    lines: list[ft.Control] = [
        fact(words("sync.last"), words.moment(overview.last_sync_at)),
        fact(words("sync.age"), words.age(overview.last_sync_at)),
        fact(words("sync.customers"), f"{overview.customers:,}"),
        fact(words("sync.interactions"), f"{overview.interactions:,}"),
    ]
    if overview.deferred:
        lines.append(fact(words("sync.deferred"), f"{overview.deferred:,}"))
    return card(ft.Column(lines, spacing=theme.S, tight=True))


@part
def _verified(here: Here, verifying: Verifying, _pulse: Pulse) -> ft.Control:
    """What the last comparison with the server came to, and the way to the next."""
    words, check = here.words, verifying.last
    said = words("verify.never")
    if check is not None:
        when = words.moment(check.at)
        said = words(f"verify.{check.outcome}", when=when, n=check.repaired)
    lines: list[ft.Control] = [fact(words("verify"), said)]
    if verifying.message:
        lines.append(notice(sentence(words, verifying.message)))
    label = words("verify.busy" if verifying.busy else "verify.do")
    lines.append(ft.Row([quiet(label, verifying.verify)]))
    return card(ft.Column(lines, spacing=theme.S, tight=True))


@part
def _by_hand(here: Here, carry: Carry) -> ft.Control:
    """The way on foot, for when no network leads to the server."""
    words = here.words
    lines: list[ft.Control] = [body(words("carry.hint"))]
    if carry.message:
        lines.append(notice(sentence(words, carry.message)))
    lines.append(
        ft.Row(
            [
                quiet(words("carry.export"), carry.export, here.desk.today_text),
                quiet(words("carry.answer"), carry.read_answer),
            ],
            spacing=theme.S,
            wrap=True,
        )
    )
    return card(ft.Column(lines, spacing=theme.S, tight=True))
