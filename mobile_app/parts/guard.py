"""Guard: every component and every handler runs inside it, because one exception ends the app.

An exception that leaves a component during a re-render stops the client's update scheduler for
good, and one that leaves a handler replaces the app by an error page. The guard logs it, shows a
tile that says what happened and what is safe, and lets the rest go on.
"""

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, ParamSpec

import flet as ft

from mobile_app import theme
from mobile_app.words import TABLE

P = ParamSpec("P")
TYPING = "typing"
"""Where the session's store keeps whether a text field has the focus."""
TOUCHED = "touched"
"""Where the session's store keeps when (monotonic seconds) the user last did something."""
Handler = Callable[[], Awaitable[None]]
FileHandler = Callable[[ft.FilePickerResultEvent], Awaitable[None]]
FieldHandler = Callable[[ft.Event[ft.TextField]], Awaitable[None]]
_FLOATING = ft.SnackBarBehavior.FLOATING
_log = logging.getLogger(__name__)


def part(fn: Callable[P, ft.Control]) -> Callable[P, ft.Control]:
    """Make a component of a function that returns a control."""
    return _guarded(fn, _tile)


def screen(fn: Callable[P, ft.View]) -> Callable[P, ft.View]:
    """Make a component of a function that returns a whole view."""
    return _guarded(fn, _page)


def act(verb: Callable[..., object], *args: object) -> Handler:
    """Make a handler that calls one state verb, whatever the event carries."""

    async def handler() -> None:
        await _call(verb, *args)

    return handler


def act_with(verb: Callable[[str], object]) -> FieldHandler:
    """Make a handler that calls one state verb with what a field now holds."""

    async def handler(event: ft.Event[ft.TextField]) -> None:
        await _call(verb, event.control.value or "")

    return handler


def act_with_file(verb: Callable[..., object], *args: object) -> FileHandler:
    """Make a handler that calls one state verb with the bytes of each picked file, or None."""

    async def handler(event: ft.FilePickerResultEvent) -> None:
        for file in event.files:
            await _call(verb, *args, _bytes_of(file))

    return handler


def _bytes_of(file: ft.FilePickerFile) -> bytes | None:
    """What was picked; over some clients the bytes come as a list of numbers."""
    return None if file.bytes is None else bytes(file.bytes)


def act_at(verb: Callable[[float, float], object]) -> Callable[[Any], Awaitable[None]]:
    """Make a handler that calls one state verb with where the finger is."""

    async def handler(event: Any) -> None:
        if event.local_position is not None:
            await _call(verb, event.local_position.x, event.local_position.y)

    return handler


def typing(on: bool) -> Handler:
    """Make a handler that notes whether keys are text now, and not shortcuts."""

    async def handler() -> None:
        ft.context.page.session.store.set(TYPING, on)

    return handler


def touch() -> None:
    """Note that the user is there."""
    ft.context.page.session.store.set(TOUCHED, monotonic())


async def _call(verb: Callable[..., object], *args: object) -> None:
    touch()
    try:
        result = verb(*args)
        if inspect.isawaitable(result):
            await result
    except Exception:  # noqa: BLE001
        _log.exception("a handler failed")
        ft.context.page.show_dialog(ft.SnackBar(_tile_of("broken.step"), behavior=_FLOATING))


def _guarded(fn: Callable[P, Any], fallback: Callable[[], Any]) -> Callable[P, Any]:
    @ft.component
    @functools.wraps(fn)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return fn(*args, **kwargs)
        except Exception:  # noqa: BLE001
            _log.exception("the component %s failed", fn.__name__)
            return fallback()

    return guarded


def _tile_of(key: str, ink: ft.ColorValue = theme.PAPER) -> ft.Control:
    """Both languages at once, since the words themselves may be what failed."""
    chinese, english = TABLE[key]
    return ft.Column(
        [
            ft.Text(chinese, theme_style=ft.TextThemeStyle.BODY_MEDIUM, color=ink),
            ft.Text(english, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ink),
        ],
        spacing=theme.XS,
        tight=True,
    )


def _tile() -> ft.Control:
    return ft.Container(
        _tile_of("broken", theme.INK),
        padding=theme.L,
        margin=theme.S,
        border=ft.Border.all(theme.HAIR, theme.SEAL),
        border_radius=theme.RADIUS,
    )


def _page() -> ft.View:
    return ft.View(controls=[ft.SafeArea(_tile())], bgcolor=theme.PAPER)
