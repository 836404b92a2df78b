"""Blocks: section headers, rows, cards, fields, and what stands where nothing is yet."""

from collections.abc import Callable, Sequence

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.buttons import icon_button, primary, quiet
from mobile_app.parts.guard import act, act_with, part, typing
from mobile_app.parts.text import body, caption, lead, muted, strong, title
from mobile_app.state.here import here


def stacked(lines: list[ft.Control], spacing: int) -> ft.Control:
    """Lines below each other, each as wide as the place."""
    return ft.Column(
        lines,
        spacing=spacing,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@part
def section(word: str, right: ft.Control | None = None) -> ft.Control:
    """The header of a part of a page."""
    below = here().look.scale > theme.SIDE_BY_SIDE
    head = ft.Semantics(header=True, content=strong(word), expand=None if below else True)
    both = [head, *([right] if right else [])]
    return ft.Container(
        ends(both) if below else ft.Row(both, spacing=theme.S),
        padding=ft.Padding.only(left=theme.L, right=theme.L, top=theme.L, bottom=theme.XS),
    )


def row(
    head: str,
    why: str,
    right: list[ft.Control],
    verb: Callable[..., object] | None = None,
    *args: object,
    leading: ft.Control | None = None,
    key: str | None = None,
    chosen: bool = False,
    trailing: ft.Control | None = None,
) -> ft.Control:
    """Who or what / why it is here now / on the right the one number or time, and the mark."""
    line = _line(head, why, right, leading)
    inset = theme.L - theme.XS if chosen else theme.L
    box: ft.Control = ft.Container(
        line,
        padding=ft.Padding.only(left=inset, right=theme.L, top=theme.ROW_PAD, bottom=theme.ROW_PAD),
        on_click=act(verb, *args) if verb else None,
        ink=verb is not None,
        expand=trailing is not None,
    )
    if verb:
        box = ft.Semantics(button=True, selected=chosen, content=box, expand=trailing is not None)
    return ft.Container(
        ft.Row([box, trailing], spacing=0) if trailing else box,
        border=ft.Border.only(
            bottom=ft.BorderSide(theme.HAIR, theme.LINE),
            left=ft.BorderSide(theme.XS, theme.ACCENT) if chosen else None,
        ),
        bgcolor=theme.SUNK if chosen else None,
        key=key,
    )


@part
def _line(head: str, why: str, right: list[ft.Control], leading: ft.Control | None) -> ft.Control:
    below = here().look.scale > theme.SIDE_BY_SIDE
    words: list[ft.Control] = [lead(head), muted(why, None if below else 2)]
    side: ft.Control = ft.Column(
        right,
        spacing=theme.XS,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    if below:
        side = ft.Row(right, wrap=True, spacing=theme.M, run_spacing=0)
        words.append(side)
    return ft.Row(
        [
            *([leading] if leading else []),
            ft.Column(words, spacing=0, expand=True, tight=True),
            *([] if below else [side]),
        ],
        spacing=theme.M,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


@part
def fact(
    label: str,
    value: str,
    color: ft.ColorValue = theme.INK,
    marks: Sequence[ft.Control] = (),
) -> ft.Control:
    """A label and its value on one line, or one below the other, and whose word it is."""
    scale, told = here().look.scale, marked(body(value, color), marks)
    if scale > theme.SIDE_BY_SIDE:
        return stacked([muted(label), told], 0)
    return ft.Row(
        [
            ft.Container(muted(label), width=theme.LABEL_WIDTH * scale),
            ft.Container(told, expand=True),
        ],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def marked(value: ft.Control, marks: Sequence[ft.Control]) -> ft.Control:
    """A value with its mark at the end of the line, or below where there is no room for both."""
    return ends([value, *marks]) if marks else value


def ends(controls: list[ft.Control]) -> ft.Control:
    """The first at the start of the line and the last at its end, or below where there is no room
    for both."""
    return ft.Row(
        controls,
        wrap=True,
        spacing=theme.S,
        run_spacing=0,
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


def card(content: ft.Control, warn: bool = False) -> ft.Container:
    """A surface that holds one thing."""
    return ft.Container(
        content,
        padding=theme.L,
        margin=ft.Margin.symmetric(horizontal=theme.L, vertical=theme.XS),
        bgcolor=theme.AMBER_SOFT if warn else theme.CARD,
        border=ft.Border.all(theme.HAIR, theme.LINE),
        border_radius=theme.RADIUS,
    )


def notice(text: str) -> ft.Control:
    """A sentence that needs the user, in amber with its sign."""
    return ft.Container(
        ft.Row(
            [
                ft.Icon(ft.Icons.INFO_OUTLINE, color=theme.ON_AMBER_SOFT, size=theme.ICON),
                ft.Container(body(text, theme.ON_AMBER_SOFT), expand=True),
            ],
            spacing=theme.S,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        bgcolor=theme.AMBER_SOFT,
        border_radius=theme.RADIUS,
        padding=theme.M,
    )


def empty(
    what: str, hint: str, word: str = "", verb: Callable[..., object] | None = None, *args: object
) -> ft.Control:
    """What will be here, and the one action that fills it."""
    controls: list[ft.Control] = [title(what), muted(hint)]
    if word and verb:
        controls.append(primary(word, verb, *args))
    return ft.Container(
        ft.Column(controls, spacing=theme.M, tight=True), padding=theme.XL, expand=False
    )


def field(
    label: str,
    value: str = "",
    *,
    verb: Callable[[str], object] | None = None,
    submit: Callable[..., object] | None = None,
    numeric: bool = False,
    lines: int = 1,
    hint: str | None = None,
    autofocus: bool = False,
    key: str | None = None,
) -> ft.TextField:
    """A text field; its label is its name."""
    return ft.TextField(
        label=label,
        value=value,
        key=key or label,
        hint_text=hint,
        keyboard_type=ft.KeyboardType.NUMBER if numeric else ft.KeyboardType.TEXT,
        multiline=lines > 1,
        min_lines=lines if lines > 1 else None,
        max_lines=lines + 3 if lines > 1 else 1,
        autofocus=autofocus,
        color=theme.INK,
        border=_border(),
        on_focus=typing(True),
        on_blur=typing(False),
        on_change=act_with(verb) if verb else None,
        on_submit=act(submit) if submit else None,
    )


@part
def secret_field(
    label: str,
    value: str,
    *,
    verb: Callable[[str], object],
    submit: Callable[..., object] | None = None,
    autofocus: bool = False,
    name: str,
) -> ft.Control:
    """A field for a PIN, whose digits show only when asked for; `name` is its key."""
    shown, show = ft.use_state(False)
    entry = field(
        label, value, verb=verb, submit=submit, numeric=True, autofocus=autofocus, key=name
    )
    icon = ft.Icons.VISIBILITY_OFF_OUTLINED if shown else ft.Icons.VISIBILITY_OUTLINED
    words = here().words
    word = words("said_by", name=label, text=words("secret.hide" if shown else "secret.show"))
    # The client's own button to reveal it has no name.
    entry.password, entry.suffix_icon = not shown, icon_button(icon, word, show, not shown)
    return entry


def _border() -> dict[ft.ControlState, ft.InputBorder]:
    def outline(color: ft.ColorValue, width: int) -> ft.InputBorder:
        return ft.OutlineInputBorder(side=ft.BorderSide(width, color), border_radius=theme.RADIUS)

    return {
        ft.ControlState.DEFAULT: outline(theme.EDGE, theme.HAIR),
        ft.ControlState.FOCUSED: outline(theme.ACCENT, theme.FOCUS),
    }


def search_field(
    words: Words, label: str, value: str, verb: Callable[[str], object], wide: bool
) -> ft.Control:
    """The search field above a list; on a desk it takes the focus at once."""
    clear = icon_button(ft.Icons.CLOSE, words("search.clear"), verb, "") if value else None
    return ft.Container(
        ft.TextField(
            # Not a hint: that is no name for a screen reader once something is typed.
            label=label,
            value=value,
            key="search",
            dense=True,
            autofocus=wide,
            prefix_icon=ft.Icons.SEARCH,
            suffix_icon=clear,
            color=theme.INK,
            border=_border(),
            on_focus=typing(True),
            on_blur=typing(False),
            on_change=act_with(verb),
        ),
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
    )


def scroll(controls: list[ft.Control], gap: int = 0) -> ft.Control:
    """A page that scrolls."""
    return ft.Column(
        controls,
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        spacing=gap,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def listing(rows: list[ft.Control]) -> ft.Control:
    """A list that builds its rows as they come into sight."""
    return ft.ListView(rows, expand=True, padding=0, spacing=0)


def more(word: str, verb: Callable[..., object], *args: object) -> ft.Control:
    """The end of a list that goes on."""
    return ft.Container(quiet(word, verb, *args), padding=theme.S, key="more")


def footnote(text: str) -> ft.Control:
    """A remark under a part of a page."""
    return ft.Container(
        caption(text), padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S)
    )
