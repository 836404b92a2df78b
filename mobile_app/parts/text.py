"""Text: five sizes, two weights, four inks; the sizes live in the theme and scale there."""

import flet as ft

from mobile_app import theme

_ELLIPSIS = ft.TextOverflow.ELLIPSIS


def _text(value: str, style: ft.TextThemeStyle, color: ft.ColorValue, lines: int | None) -> ft.Text:
    return ft.Text(
        value,
        theme_style=style,
        color=color,
        max_lines=lines,
        overflow=_ELLIPSIS if lines else ft.TextOverflow.CLIP,
    )


def caption(value: str, color: ft.ColorValue = theme.MUTED, lines: int | None = None) -> ft.Text:
    """The smallest text, 12."""
    return _text(value, ft.TextThemeStyle.BODY_SMALL, color, lines)


def body(value: str, color: ft.ColorValue = theme.INK, lines: int | None = None) -> ft.Text:
    """Running text, 14."""
    return _text(value, ft.TextThemeStyle.BODY_MEDIUM, color, lines)


def muted(value: str, lines: int | None = None) -> ft.Text:
    """Running text that stands back, 14."""
    return body(value, theme.MUTED, lines)


def lead(value: str, color: ft.ColorValue = theme.INK, lines: int | None = 2) -> ft.Text:
    """The first line of a row, 16; a long name wraps to two lines, then an ellipsis."""
    return _text(value, ft.TextThemeStyle.BODY_LARGE, color, lines)


def strong(value: str, color: ft.ColorValue = theme.INK, lines: int | None = 2) -> ft.Text:
    """What a line is about, 14 strong."""
    return _text(value, ft.TextThemeStyle.TITLE_SMALL, color, lines)


def title(value: str, color: ft.ColorValue = theme.INK, lines: int | None = 2) -> ft.Text:
    """A heading, 20 strong."""
    return _text(value, ft.TextThemeStyle.TITLE_LARGE, color, lines)


def figure(value: str, color: ft.ColorValue = theme.INK) -> ft.Text:
    """The one number of a screen, 28 strong."""
    return _text(value, ft.TextThemeStyle.HEADLINE_MEDIUM, color, 1)


def number(value: str, color: ft.ColorValue = theme.INK) -> ft.Text:
    """A number in a column: digits of one width, against the right edge."""
    text = body(value, color, 1)
    text.text_align = ft.TextAlign.RIGHT
    return text
