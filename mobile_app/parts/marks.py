"""Marks: the sync state of a record, the age of a number, and a bar beside a number."""

from collections.abc import Sequence
from typing import Final, cast

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.text import caption
from mobile_app.state.rows import RecordState
from shared.domain.provenance import Origin

_SIGNS: Final[dict[RecordState, tuple[ft.IconData, ft.ColorValue]]] = {
    RecordState.LOCAL: (ft.Icons.CIRCLE_OUTLINED, theme.MUTED),
    RecordState.DELIVERED: (ft.Icons.CONTRAST, theme.ACCENT),
    RecordState.DEFERRED: (ft.Icons.CONTRAST, theme.MUTED),
    RecordState.IN_RECORD: (ft.Icons.CIRCLE, theme.GREEN),
    RecordState.ISSUE: (ft.Icons.PRIORITY_HIGH, theme.AMBER),
}

_WHOSE: Final[dict[str, tuple[ft.IconData, ft.ColorValue]]] = {
    "claimed": (ft.Icons.RECORD_VOICE_OVER_OUTLINED, theme.AMBER),
    "verified": (ft.Icons.VERIFIED_OUTLINED, theme.GREEN),
    "told": (ft.Icons.ACCOUNT_BALANCE_OUTLINED, theme.ACCENT),
}
OF_SOURCE: Final = {"manager": "claimed", "verified": "verified", "system": "told"}
"""Whose word a field is, by where its value comes from."""


def sync_mark(words: Words, state: RecordState) -> ft.Control:
    """Icon and word of a record's state, the same everywhere; a tap says what it means."""
    icon, colour = _SIGNS[state]
    return ft.Container(
        signed(icon, words(f"state.{state.value}"), colour),
        tooltip=explained(words(f"state.{state.value}.means")),
    )


def signed(icon: ft.IconData, said: str, colour: ft.ColorValue) -> ft.Control:
    """Words with a sign before them, so that colour is not the only one."""
    sign = ft.Icon(icon, color=colour, size=theme.ICON_SMALL)
    return ft.Row([sign, caption(said, colour, 1)], spacing=theme.XS, tight=True)


def origin_mark(words: Words, origin: Origin | None) -> list[ft.Control]:
    """Whose word a field is, where that is known."""
    return [] if origin is None else [word_mark(words, OF_SOURCE[origin.source])]


def word_mark(words: Words, whose: str) -> ft.Control:
    """Whose word something is: the customer's own (claimed), the bank's systems' (told), or what
    somebody has seen proof of (verified); a sign and a word, so that it is not the colour alone."""
    icon, colour = _WHOSE[whose]
    return signed(icon, words.code("word", whose), colour)


def explained(text: str) -> ft.Tooltip:
    """A tooltip that opens on a tap, since a finger cannot hover."""
    return ft.Tooltip(
        text,
        # Flet's constants of this class are plain strings.
        trigger_mode=cast(ft.TooltipTriggerMode, ft.TooltipTriggerMode.TAP),
        show_duration=ft.Duration(seconds=5),
        prefer_below=True,
        # In a row it would be read before the name.
        exclude_from_semantics=True,
        margin=theme.L,
    )


def silent(text: str) -> ft.Tooltip:
    """A tooltip that a screen reader passes over, because the control says it already."""
    return ft.Tooltip(text, exclude_from_semantics=True)


def age(words: Words, at: int | None, stale: bool = False) -> ft.Control:
    """The age of imported data, amber once it is older than its lease."""
    colour = theme.AMBER if stale else theme.MUTED
    return caption(words("as_of", when=words.age(at)), colour, 1)


def unread(content: ft.Control, said: str | None = None) -> ft.Control:
    """What a screen reader passes over, because the words beside it tell the same; with `said` it
    reads that in its place."""
    return ft.Semantics(label=said, exclude_semantics=True, content=content)


def bar(share: float, width: int | None = theme.BAR_WIDTH, said: str | None = None) -> ft.Control:
    """A bar beside a number that is compared, 0 to 1. The number is what a screen reader says;
    `said` is for a bar whose share nothing beside it tells."""
    drawn = ft.ProgressBar(
        value=share,
        width=width,
        bar_height=theme.BAR,
        color=theme.ACCENT,
        bgcolor=theme.LINE,
        border_radius=theme.RADIUS,
    )
    return unread(drawn, said)


def marked_bar(share: float, marks: Sequence[float], color: ft.ColorValue) -> ft.Control:
    """A bar with lines across it: what is measured against what it may reach, 0 to 1 each; the
    words beside it say both."""
    drawn = ft.Row(
        [
            ft.Container(expand=_flex(share), height=theme.S, bgcolor=color),
            ft.Container(expand=_flex(1 - share), height=theme.S, bgcolor=theme.LINE),
        ],
        spacing=0,
    )
    return unread(ft.Stack([drawn, *map(_mark, marks)], height=theme.L, fit=ft.StackFit.EXPAND))


def _mark(at: float) -> ft.Control:
    return ft.Row(
        [
            ft.Container(expand=_flex(at)),
            ft.Container(width=theme.FOCUS, bgcolor=theme.INK),
            ft.Container(expand=_flex(1 - at)),
        ],
        spacing=0,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _flex(share: float) -> int:
    """A part of a line, in thousandths; never none, which the client reads as no share at all."""
    return max(1, round(share * 1000))


def ring(share: float, inside: str, said: str | None) -> ft.Control:
    """A ring for the one target of a screen, its number inside, which `said` tells in full."""
    drawn = ft.Stack(
        [
            ft.ProgressRing(
                value=share,
                width=theme.RING,
                height=theme.RING,
                stroke_width=theme.BAR,
                color=theme.ACCENT,
                bgcolor=theme.LINE,
            ),
            ft.Container(caption(inside, theme.INK, 1), alignment=ft.Alignment.CENTER, expand=True),
        ],
        width=theme.RING,
        height=theme.RING,
        alignment=ft.Alignment.CENTER,
    )
    return unread(drawn, said)
