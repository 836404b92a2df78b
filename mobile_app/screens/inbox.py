"""Inbox: what the team's work waits for, one kind at a time, decided where it is read."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, footnote, more, scroll, section
from mobile_app.parts.buttons import segments
from mobile_app.parts.conflict_cards import conflict_card
from mobile_app.parts.duplicates import duplicate_row
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.refused_cards import refused_card
from mobile_app.parts.request_cards import request_card
from mobile_app.parts.service import case_row
from mobile_app.parts.team_cards import issue_card
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.duplicates import DECIDED_DAYS
from mobile_app.state.here import Here
from mobile_app.state.paging import PAGE, Page, page_of
from mobile_app.state.rows import ToSettle

KINDS: Final = ("conflicts", "refused", "requests", "service", "duplicates")


def inbox_pane(here: Here, chosen: str | None = None) -> ft.Control:
    """What waits for a supervisor."""
    desk = here.desk
    return pane(
        here.words("inbox.title"), [_inbox(here, desk, desk.pulse, chosen or "")], here=here
    )


def customer_wanted(here: Here) -> ft.Control:
    """The side beside the inbox while no customer is looked at."""
    return _beside(here, here.desk, here.desk.pulse)


@part
def _beside(here: Here, desk: Desk, _pulse: Pulse) -> ft.Control:
    if not desk.inbox.has_any and not desk.duplicates.pairs(1):
        return ft.Container()
    return empty(here.words("inbox.none_chosen"), here.words("inbox.none_chosen.hint"))


@part
def _inbox(here: Here, desk: Desk, _pulse: Pulse, opened: str) -> ft.Control:
    words, counts = here.words, desk.inbox.to_settle()
    last = desk.inbox.kind
    chosen, choose = ft.use_state(last if getattr(counts, last, 0) else "")
    pages, set_pages = ft.use_state(1)
    if not desk.inbox.has_any and not desk.duplicates.pairs(1):
        sync_now = desk.sync.sync_now
        return empty(words("inbox.empty"), words("inbox.empty.hint"), words("sync.now"), sync_now)
    kind = chosen or _first(desk, counts)

    def show(wanted: str) -> None:
        desk.inbox.kind = wanted
        choose(wanted)
        set_pages(1)

    found = _cards(here, desk, kind, pages, opened)
    cards = found.rows or [footnote(words(f"inbox.{kind}.empty"))]
    if found.more:
        cards.append(more(words("more"), set_pages, pages + 1))
    switch = ft.Container(
        segments(_kinds(words, counts), kind, show),
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
    )
    return ft.Column(
        [switch, scroll(cards)],
        spacing=0,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _first(desk: Desk, counts: ToSettle) -> str:
    """The first kind of which something waits, or else is there to be looked at."""
    looked_at = "requests" if desk.inbox.requests() else "duplicates"
    return next((kind for kind in KINDS if getattr(counts, kind)), looked_at)


def _kinds(words: Words, counts: ToSettle) -> list[tuple[str, str]]:
    return [(kind, words(f"inbox.{kind}", n=getattr(counts, kind))) for kind in KINDS]


def _cards(here: Here, desk: Desk, kind: str, pages: int, opened: str) -> Page[ft.Control]:
    words, inbox = here.words, desk.inbox
    if kind == "conflicts":
        clashes = page_of(inbox.conflicts(), pages)
        return Page(
            [conflict_card(here, inbox, one, one.customer_name) for one in clashes.rows],
            clashes.more,
        )
    if kind == "requests":
        wishes = page_of(inbox.requests(), pages)
        return Page(
            [
                request_card(here, inbox, one, one.customer_name, key=one.request.id)
                for one in wishes.rows
            ],
            wishes.more,
        )
    if kind == "duplicates":
        return _pairs(here, desk, pages, opened)
    if kind == "service":
        late = page_of(inbox.late_cases(), pages)
        return Page([case_row(here, desk, one, opened) for one in late.rows], late.more)
    issues = page_of(inbox.of_team(), pages)
    cards: list[ft.Control] = [
        issue_card(here, inbox, one, key=one.issue.id) for one in issues.rows
    ]
    if own := [refused_card(here, desk, one, key=one.op_id) for one in inbox.refused()]:
        team = [section(words("inbox.team")), *cards] if cards else []
        cards = [section(words("team.own")), *own, *team]
    return Page(cards, issues.more)


def _pairs(here: Here, desk: Desk, pages: int, opened: str) -> Page[ft.Control]:
    """Pairs to decide, and below them what was decided of late."""
    found = page_of(desk.duplicates.pairs(pages * PAGE + 1), pages)

    def rows(*, decided: bool) -> list[ft.Control]:
        return [
            duplicate_row(here, each, chosen=each.duplicate.id == opened)
            for each in found.rows
            if (each.duplicate.status != "open") is decided
        ]

    waiting, done = rows(decided=False), rows(decided=True)
    if done:
        none = [] if waiting else [footnote(here.words("inbox.duplicates.empty"))]
        head = section(here.words("inbox.duplicates.decided", n=DECIDED_DAYS))
        waiting = [*waiting, *none, head]
    return Page([*waiting, *done], found.more)
