"""Advice on a customer's page: through which channel they listen, and from how many contacts."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.text import caption
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from shared.domain.preference import Habit, Preference


def preference_line(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """One line: the channel that a customer prefers and the best time, each with its n."""
    said = preference_text(here.words, desk.advice.preference(customer_id))
    return ft.Container(
        caption(said, lines=3), padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.XS)
    )


def preference_text(words: Words, found: Preference) -> str:
    """Say what was learned: 渠道偏好：电话（近一年 9 次，找到 8 次，有结果 5 次）."""
    best = found.best
    if best is None:
        return words("prefers.unknown", n=found.n)
    return words.dotted(
        words(
            "prefers",
            channel=words.code("channel", best.of),
            n=best.n,
            reached=best.reached,
            good=best.good,
        ),
        _time(words, "weekday", found.weekday),
        _time(words, "band", found.band),
    )


def _time(words: Words, family: str, habit: Habit | None) -> str:
    if habit is None:
        return ""
    return words("prefers.time", time=words.code(family, habit.of), n=habit.n, met=habit.reached)
