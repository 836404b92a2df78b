"""Responses: how soon each manager's alerts are checked and handled, for a supervisor."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, footnote, scroll, stacked
from mobile_app.parts.buttons import segments
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.marks import bar
from mobile_app.parts.text import body, caption, lead, muted, number
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.responses import SPANS, Response, TeamResponse


def responses_pane(here: Here, _id: str = "") -> ft.Control:
    """How the team's alerts were answered."""
    page = [_responses(here, here.desk, here.desk.pulse)]
    return pane(here.words("responses.title"), page, here=here, back=True, badged=False)


@part
def _responses(here: Here, desk: Desk, _pulse: Pulse) -> ft.Control:
    days, choose = ft.use_state(str(SPANS[0]))
    words, found = here.words, desk.responses(int(days))
    spans = [(str(each), words("responses.days", n=each)) for each in SPANS]
    choice = ft.Container(segments(spans, days, choose), padding=theme.L)
    if not found:
        return scroll([choice, empty(words("responses.none"), words("responses.none.hint"))])
    cards = [_manager(words, each) for each in found]
    return scroll([choice, *cards, footnote(words("responses.note"))])


def _manager(words: Words, one: TeamResponse) -> ft.Control:
    """One manager: all alerts, then kind by kind."""
    lines = [
        lead(one.name),
        *_line(words, words("responses.all"), one.total),
        muted(_counts(words, one.total)),
    ]
    for kind, response in one.kinds:
        lines += _line(words, words.code("alert_kind", kind), response)
        lines.append(caption(_counts(words, response)))
    return ft.Container(card(stacked(lines, theme.XS)), key=one.employee_id)


def _line(words: Words, name: str, found: Response) -> list[ft.Control]:
    share = found.share
    percent = words("none") if share is None else words("responses.share", n=found.percent)
    head = ft.Row([ft.Container(body(name), expand=True), number(percent)], spacing=theme.S)
    return [head] if share is None else [head, bar(share, None)]


def _counts(words: Words, found: Response) -> str:
    return words.dotted(
        words("responses.raised", n=found.raised),
        words("responses.late", n=found.late) if found.late else "",
        words("responses.waiting", n=found.waiting) if found.waiting else "",
        _median(words, "responses.checked", found.checked_in),
        _median(words, "responses.handled", found.handled_in),
    )


def _median(words: Words, key: str, length: int | None) -> str:
    return "" if length is None else words(key, time=words.span(length))
