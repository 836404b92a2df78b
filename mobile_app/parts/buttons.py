"""Buttons and chips: what a finger presses; each has a word that a screen reader says too."""

from collections.abc import Callable, Iterable, Sequence

import flet as ft

from mobile_app import theme
from mobile_app.parts.guard import act, part
from mobile_app.parts.marks import silent


def primary(
    word: str,
    verb: Callable[..., object],
    *args: object,
    icon: ft.IconData | None = None,
    enabled: bool = True,
    expand: bool = False,
) -> ft.Control:
    """The one thing to do here."""
    return ft.FilledButton(
        word, icon=icon, on_click=act(verb, *args), disabled=not enabled, expand=expand or None,
        height=theme.TOUCH,
    )  # fmt: skip


def secondary(
    word: str,
    verb: Callable[..., object],
    *args: object,
    icon: ft.IconData | None = None,
    expand: bool = False,
    said: str | None = None,
) -> ft.Control:
    """Another thing to do here. `said` is its name for a screen reader, where several have one
    word and only their place tells them apart."""
    style = ft.ButtonStyle(side=ft.BorderSide(theme.HAIR, theme.EDGE))
    return ft.OutlinedButton(
        _named(word, said),
        icon=icon,
        on_click=act(verb, *args),
        # Not False: the client would still ask for a share of a row, which one that wraps lacks.
        expand=expand or None,
        height=theme.TOUCH,
        style=style,
    )


def _named(word: str, said: str | None) -> str | ft.Control:
    return ft.Text(word, semantics_label=said) if said else word


def quiet(
    word: str,
    verb: Callable[..., object],
    *args: object,
    color: ft.ColorValue = theme.ACCENT,
    said: str | None = None,
) -> ft.Control:
    """Something one can do here, in the text; `said` as in `secondary`."""
    return ft.TextButton(
        _named(word, said), on_click=act(verb, *args), style=ft.ButtonStyle(color=color)
    )


def icon_button(
    icon: ft.IconData,
    word: str,
    verb: Callable[..., object],
    *args: object,
    tinted: bool = False,
) -> ft.Control:
    """A sign to press; the word is its tooltip and its name. A tinted one starts something."""
    return ft.IconButton(
        ft.Icon(icon, semantics_label=word),
        tooltip=silent(word),
        on_click=act(verb, *args),
        icon_color=theme.ON_ACCENT_SOFT if tinted else theme.INK,
        bgcolor=theme.ACCENT_SOFT if tinted else None,
        icon_size=theme.ICON,
        width=theme.TOUCH,
        height=theme.TOUCH,
    )


def chip(
    word: str,
    chosen: bool,
    verb: Callable[..., object],
    *args: object,
    key: str | None = None,
    said: str | None = None,
) -> ft.Control:
    """One choice. The chosen one is filled and ticked, so that colour is not the only sign; `said`
    as in `secondary`."""
    return ft.Chip(
        label=ft.Text(
            word,
            semantics_label=said,
            theme_style=ft.TextThemeStyle.BODY_MEDIUM,
            color=theme.ON_ACCENT if chosen else theme.INK,
        ),
        key=key or word,
        selected=chosen,
        on_select=act(verb, *args),
        show_checkmark=chosen,
        check_color=theme.ON_ACCENT,
        selected_color=theme.ACCENT,
        bgcolor=theme.CARD,
        border_side=ft.BorderSide(theme.HAIR, theme.ACCENT if chosen else theme.EDGE),
        shape=ft.RoundedRectangleBorder(radius=theme.RADIUS),
        elevation=0,
        elevation_on_click=0,
        padding=ft.Padding.symmetric(horizontal=theme.XS, vertical=theme.M),
        visual_density=ft.VisualDensity.STANDARD,
    )


def chips(controls: Iterable[ft.Control]) -> ft.Control:
    """A group of choices that wraps."""
    return ft.Row(list(controls), wrap=True, spacing=theme.S, run_spacing=theme.S)


@part
def segments(
    choices: Sequence[tuple[str, str]], chosen: str, verb: Callable[[str], object]
) -> ft.Control:
    """A switch between a few states of one thing: (code, word)."""
    taps, count = ft.use_state(0)

    def pick(code: str) -> object:
        # The client turns a chip over by itself. Where the chosen one is tapped again nothing
        # else changes, and only a new rendering turns it back.
        count(taps + 1)
        return verb(code)

    return chips(chip(word, code == chosen, pick, code) for code, word in choices)
