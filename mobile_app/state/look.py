"""Look: language, theme, text size and the width of the window; the root re-renders on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import flet as ft

from mobile_app import theme
from mobile_app.i18n import LANGUAGES, Language, Words

Mode = Literal["system", "light", "dark"]
Window = Literal["narrow", "medium", "wide"]
MODES: tuple[Mode, ...] = ("system", "light", "dark")


@dataclass(eq=False)
class Look(ft.Observable):
    """How the app looks on this device now; kept with the user's own drafts."""

    now: Callable[[], int]
    language: Language = "zh"
    mode: Mode = "system"
    scale: float = 1.0
    window: Window = "narrow"
    place_size: int = theme.SIZES["caption"]
    """The text size of the names in the bar of places."""
    roomy: bool = False
    """Whether a table of a dozen columns fits beside a list."""
    keep: Callable[[str, str], None] | None = None
    """Writes a choice down; there is nowhere to write before the first unlock."""
    _width: float = 0.0

    @property
    def words(self) -> Words:
        """The words of the language being read."""
        return Words(self.language, self.now)

    @property
    def dress(self) -> tuple[object, ...]:
        """What the theme of the page follows from."""
        return self.scale, self.mode, self.language, self.place_size

    @property
    def wide(self) -> bool:
        """Whether list and detail stand side by side."""
        return self.window == "wide"

    def speak(self, language: str) -> None:
        """Switch the language; one that the app does not speak is left alone."""
        if language in LANGUAGES:
            self.language = LANGUAGES[LANGUAGES.index(language)]
            self._fit()
            self._write("language", language)

    def shade(self, mode: str) -> None:
        """Switch between light, dark and the system's choice."""
        if mode in MODES:
            self.mode = MODES[MODES.index(mode)]
            self._write("mode", mode)

    def enlarge(self, scale: str) -> None:
        """Set the text size, one of `theme.SCALES`, given as its code."""
        if scale in map(str, theme.SCALES):
            self.scale = float(scale)
            self._fit()
            self._write("scale", scale)

    def resize(self, width: float | None) -> None:
        """Take note of the window's width; only crossing a boundary changes anything."""
        if width:
            self._width = width
            self._fit()

    def _fit(self) -> None:
        """Large text fills a window as a smaller window would be filled."""
        if self._width:
            self.window = window_of(self._width / self.scale)
            self.roomy = self._width / self.scale >= theme.ROOMY_FROM
            self.place_size = theme.place_size(self.language, self.scale, self._width)

    def restore(self, kept: Callable[[str], str | None]) -> None:
        """Take over the choices that were written down on this device."""
        self.speak(kept("look.language") or self.language)
        self.shade(kept("look.mode") or self.mode)
        self.enlarge(kept("look.scale") or str(self.scale))

    def _write(self, name: str, value: str) -> None:
        if self.keep:
            self.keep(f"look.{name}", value)


def window_of(width: float) -> Window:
    """Return the class of a window by its width in logical pixels."""
    if width < theme.MEDIUM_FROM:
        return "narrow"
    return "medium" if width < theme.WIDE_FROM else "wide"
