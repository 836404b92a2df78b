"""Kept: words that are being written, and how a list was left, outlive the page they stand on.

A tablet that is turned builds its pages anew, a device that locks closes them, and a phone may end
the app: whoever comes back to the same question finds what they had written.
"""

from collections.abc import Callable

import flet as ft

from mobile_app.state.here import here


def use_kept(key: str) -> tuple[str, Callable[[str], None]]:
    """Return a text and what changes it, as `use_state` does; empty forgets it."""
    desk = here().desk
    text, show = ft.use_state(desk.written(key))

    def write(text: str) -> None:
        desk.write(key, text)
        show(text)

    return text, write


def use_left(key: str, first: str) -> tuple[str, Callable[[str], None]]:
    """Return how a list was left and what changes it, as `use_state` does; until the lock."""
    left = here().desk.left
    chosen, show = ft.use_state(left.get(key, first))

    def choose(code: str) -> None:
        left[key] = code
        show(code)

    return chosen, choose
