"""A signature: strokes of a finger, kept as a small SVG and read back from nothing else.

A drawing that another device made is data, not a document: only the very form that is written here
is read, as lists of points, and drawn again by the app. So no SVG ever reaches a parser that could
load or run something.
"""

import re
from dataclasses import dataclass
from typing import Final

import flet as ft

Stroke = tuple[tuple[int, int], ...]
WIDTH: Final = 320
HEIGHT: Final = 160
"""The size of the pad in logical pixels, and of every drawing."""
PEN: Final = 3
_MOST_POINTS: Final = 20_000
_NEAR: Final = 2
"""Points closer than this to the last one are left out: a finger is no finer."""
_HEAD: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" '
    f'stroke="#000" stroke-width="{PEN}" stroke-linecap="round" stroke-linejoin="round">'
)
_PATH: Final = re.compile(r'<path d="M((?:\d{1,3},\d{1,3})(?: \d{1,3},\d{1,3})*)"/>', re.ASCII)


@dataclass(eq=False)
class Pad(ft.Observable):
    """What is being drawn."""

    strokes: tuple[Stroke, ...] = ()

    def begin(self, x: float, y: float) -> None:
        """Set the finger down. A dot is a stroke too."""
        if self._points() < _MOST_POINTS:
            self.strokes = (*self.strokes, (_point(x, y),))

    def draw(self, x: float, y: float) -> None:
        """Move the finger on."""
        if not self.strokes or self._points() >= _MOST_POINTS:
            return
        *before, last = self.strokes
        point = _point(x, y)
        if _is_apart(last[-1], point):
            self.strokes = (*before, (*last, point))

    def clear(self) -> None:
        """Begin anew."""
        self.strokes = ()

    def svg(self) -> bytes:
        """Return the drawing as it is kept."""
        paths = (" ".join(f"{x},{y}" for x, y in stroke) for stroke in self.strokes)
        return (_HEAD + "".join(f'<path d="M{path}"/>' for path in paths) + "</svg>").encode()

    def _points(self) -> int:
        return sum(map(len, self.strokes))


def strokes_of(svg: bytes) -> tuple[Stroke, ...] | None:
    """Return the strokes of a kept drawing; None for anything that was not drawn here."""
    if len(svg) > _MOST_POINTS * 8 + len(_HEAD) + _MOST_POINTS * 14:
        return None
    text = svg.decode("ascii", "replace")
    if not text.startswith(_HEAD) or not text.endswith("</svg>"):
        return None
    inside = text[len(_HEAD) : -len("</svg>")]
    paths = _PATH.findall(inside)
    if "".join(f'<path d="M{path}"/>' for path in paths) != inside:
        return None
    return tuple(_stroke(path) for path in paths)


def _stroke(path: str) -> Stroke:
    pairs = (pair.split(",") for pair in path.split(" "))
    return tuple((int(x), int(y)) for x, y in pairs)


def _point(x: float, y: float) -> tuple[int, int]:
    """Keep a point on the pad: a finger may slide off it."""
    return round(min(max(x, 0), WIDTH)), round(min(max(y, 0), HEIGHT))


def _is_apart(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) >= _NEAR
