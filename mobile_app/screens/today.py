"""Today: what to do now and why, in the order to do it; how far the day has come."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.advice import action_row
from mobile_app.parts.alerts import alert_row
from mobile_app.parts.blocks import empty, listing, more, row, section
from mobile_app.parts.buttons import icon_button
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.marks import ring, signed, sync_mark
from mobile_app.parts.prospects import news_row
from mobile_app.parts.referrals import referral_card
from mobile_app.parts.service import case_row
from mobile_app.parts.text import caption, muted, title
from mobile_app.state.desk import Day, Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import TodayItem

KIND_ICONS: Final = {
    "visit": ft.Icons.DIRECTIONS_WALK,
    "call": ft.Icons.CALL_OUTLINED,
    "wechat": ft.Icons.CHAT_BUBBLE_OUTLINE,
    "follow_up": ft.Icons.FLAG_OUTLINED,
}


def today_pane(here: Here, chosen: str | None = None) -> ft.Control:
    """The day's list with its progress."""
    return pane(
        here.words("tab.today"), [_today(here, here.desk, here.desk.pulse, chosen)], here=here
    )


@part
def _today(here: Here, desk: Desk, _pulse: Pulse, chosen: str | None) -> ft.Control:
    pages, set_pages = ft.use_state(0)
    words, day, waiting = here.words, desk.day(), desk.alerts.waiting()
    referred, advised = desk.referrals.to_answer(), desk.advice.today()
    pressing, news = desk.service.pressing(), desk.prospects.news()
    if not (day.items or day.proposals or waiting or referred or advised or pressing or news):
        return empty(
            words("today.empty"),
            words("today.empty.hint"),
            words("today.empty.do"),
            here.places.show,
            "customers",
        )
    rows: list[ft.Control] = []
    if waiting:
        shown = desk.alerts.shown(pages)
        rows.append(section(words("alerts"), caption(words("n_items", n=waiting))))
        rows += [alert_row(here, desk, item, chosen) for item in shown]
        if left := waiting - len(shown):
            rows.append(more(words("alerts.more", n=left), set_pages, pages + 1))
    if pressing:
        rows.append(section(words("service.today"), caption(words("n_items", n=len(pressing)))))
        rows += [case_row(here, desk, item, chosen) for item in pressing]
    if referred:
        rows.append(
            section(words("referrals.to_answer"), caption(words("n_items", n=len(referred))))
        )
        rows += [referral_card(here, desk, one, key=one.referral.id) for one in referred]
    if news:
        rows.append(section(words("prospects.today"), caption(words("n_items", n=len(news)))))
        rows += [news_row(here, desk, each, chosen) for each in news]
    if day.items and rows:
        rows.append(section(words("today.list")))
    rows += [_row(here, desk, item, chosen) for item in day.items]
    if advised:
        rows.append(section(words("actions.today")))
        rows += [action_row(here, desk, action, chosen) for action in advised]
    if others := desk.advice.besides(day.proposals):
        rows.append(section(words("today.proposals")))
        rows += [_proposal(here, desk, item, chosen) for item in others]
    return ft.Column([_progress(words, day), listing(rows)], spacing=0, expand=True)


def _progress(words: Words, day: Day) -> ft.Control:
    left = day.total - day.done
    head = words("today.left", n=left) if left else words("today.all_done")
    if not day.total:
        head = words("today.free")
    counted = words("today.progress", done=day.done, total=day.total) if day.total else None
    return ft.Container(
        ft.Row(
            [
                ring(day.share, f"{day.done}/{day.total}", counted),
                ft.Column([title(head), muted(words.long_day())], spacing=0, tight=True),
            ],
            spacing=theme.L,
        ),
        padding=theme.L,
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


def _proposal(here: Here, desk: Desk, item: TodayItem, chosen: str | None) -> ft.Control:
    words = here.words
    return row(
        item.customer_name,
        words.proposal(item.title, item.reason),
        [caption(words.code("kind", item.customer_kind), lines=1), *_spared(words, item)],
        here.places.customer,
        item.customer_id,
        leading=ft.Icon(KIND_ICONS[item.kind], color=theme.MUTED, size=theme.ICON),
        key=f"proposal:{item.customer_id}",
        chosen=item.customer_id == chosen,
        trailing=_start(here, desk, item),
    )


def _row(here: Here, desk: Desk, item: TodayItem, chosen: str | None) -> ft.Control:
    words = here.words
    colour = theme.AMBER if item.overdue and not item.done else theme.MUTED
    due = words("today.done") if item.done else words.day(item.due)
    if item.overdue and not item.done:
        due = words("today.overdue", when=due)
    promised = [_promised(words)] if item.promised and not item.done else []
    return row(
        item.customer_name,
        _why(words, item),
        [caption(due, colour, 1), *promised, *_spared(words, item), sync_mark(words, item.state)],
        here.places.customer,
        item.customer_id,
        leading=ft.Icon(
            ft.Icons.CHECK_CIRCLE_OUTLINE if item.done else KIND_ICONS[item.kind],
            color=theme.GREEN if item.done else theme.ACCENT,
            size=theme.ICON,
        ),
        key=item.task_id,
        chosen=item.customer_id == chosen,
        trailing=None if item.done else _start(here, desk, item),
    )


def _why(words: Words, item: TodayItem) -> str:
    """What to do and why; where a system told of a contact, through which channel and the words."""
    told = item.origin
    if told is None:
        return words.dotted(item.title, item.reason or "")
    heard = words.dotted(
        item.title,
        words.code("channel", told.channel),
        words.code("call_direction", told.direction) if told.direction else "",
        words.moment(told.occurred_at),
    )
    return words("said_by", name=heard, text=told.note) if told.note else heard


def _promised(words: Words) -> ft.Control:
    """The customer was told that it would be done."""
    return signed(ft.Icons.HANDSHAKE_OUTLINED, words("promise.mark"), theme.ACCENT)


def _spared(words: Words, item: TodayItem) -> list[ft.Control]:
    """The customer refused to be sold to: whoever planned something before is reminded of it."""
    if item.done or not item.spared:
        return []
    return [signed(ft.Icons.DO_NOT_DISTURB_ON_OUTLINED, words("today.spared"), theme.AMBER)]


def _start(here: Here, desk: Desk, item: TodayItem) -> ft.Control:
    channel = "visit" if item.kind == "follow_up" else item.kind
    word = here.words(f"start.{channel}")

    def begin() -> None:
        desk.start(item.customer_id, channel, item.task_id)
        here.places.form(item.customer_id)

    return ft.Container(
        icon_button(
            ft.Icons.PLAY_ARROW, here.words.dotted(word, item.customer_name), begin, tinted=True
        ),
        padding=ft.Padding.only(right=theme.S),
    )
