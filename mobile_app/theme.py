"""The look: every colour, size and space of the app, because a screen never writes a number.

Controls name a role (INK, MUTED, ACCENT ...); the client resolves it in the light or the dark
scheme, so switching the theme re-renders nothing. Text names one of five sizes, and the user's
text scale changes the sizes in the theme, not the screens.
"""

import math
from dataclasses import dataclass
from typing import Final

import flet as ft

FAMILY: Final = "Fieldbook"
RARE_FAMILY: Final = "FieldbookRare"
"""The characters that occur in names, and rarely: loaded after the first frame, as fallback."""
LATE_FONTS: Final = {RARE_FAMILY: "fonts/FieldbookRare-Regular.woff2"}
FONTS: Final = {FAMILY: "fonts/Fieldbook-Regular.woff2", **LATE_FONTS}
"""For a client that was not built with the family in its manifest."""

# Space, in logical pixels, 4-based.
HAIR: Final = 1
FOCUS: Final = 2
XS: Final = 4
S: Final = 8
M: Final = 12
L: Final = 16
XL: Final = 24
XXL: Final = 32

ROW: Final = 64
ROW_PAD: Final = 10
"""Above and below two lines of text it makes a row of 64; larger text makes it taller."""
TOUCH: Final = 48
PRESS_PAD: Final = 15
"""Above and below a line of text that is pressed it makes TOUCH; larger text makes it taller."""
RADIUS: Final = 8
ICON: Final = 20
ICON_SMALL: Final = 14
BAR: Final = 6
BAR_WIDTH: Final = 72
LABEL_WIDTH: Final = 92
FIGURE_WIDTH: Final = 32
SIGN_WIDTH: Final = 84
"""Of a sign with its word at the end of a line."""
RING: Final = 56
FORM_WIDTH: Final = 440
READING_WIDTH: Final = 720
LIST_WIDTH: Final = 360
RAIL_WIDTH: Final = 76
PICTURE: Final = 480
"""The largest side of an open picture."""
MOTION_MS: Final = 150

PLACES: Final = 5
"""The most places of the bar."""
PLACE_HEIGHT: Final = 1.35
LONGEST_PLACE: Final[dict[str, float]] = {"zh": 3.1, "en": 5.2}
"""The width of the longest name of a place, in its own text sizes, with a hair of room."""

MEDIUM_FROM: Final = 600
"""Window width from which the rail replaces the bottom bar."""
WIDE_FROM: Final = 820
"""Window width from which list and detail stand side by side."""
ROOMY_FROM: Final = 1260
"""Window width from which a table of a dozen columns fits beside a list."""

SCALES: Final = (1.0, 1.3, 1.6, 2.0)
SIDE_BY_SIDE: Final = 1.3
"""The largest text scale at which what is side by side stays so; larger text goes below."""
SIZES: Final = {"caption": 12, "body": 14, "lead": 16, "title": 20, "figure": 28}
REGULAR: Final = ft.FontWeight.W_400
STRONG: Final = ft.FontWeight.W_700

# Roles, as the client's scheme names them.
INK: Final = ft.Colors.ON_SURFACE
MUTED: Final = ft.Colors.ON_SURFACE_VARIANT
PAPER: Final = ft.Colors.SURFACE
CARD: Final = ft.Colors.SURFACE_CONTAINER_LOWEST
SUNK: Final = ft.Colors.SURFACE_CONTAINER
LINE: Final = ft.Colors.OUTLINE_VARIANT
EDGE: Final = ft.Colors.OUTLINE
ACCENT: Final = ft.Colors.PRIMARY
ON_ACCENT: Final = ft.Colors.ON_PRIMARY
ACCENT_SOFT: Final = ft.Colors.PRIMARY_CONTAINER
ON_ACCENT_SOFT: Final = ft.Colors.ON_PRIMARY_CONTAINER
GREEN: Final = ft.Colors.SECONDARY
AMBER: Final = ft.Colors.TERTIARY
AMBER_SOFT: Final = ft.Colors.TERTIARY_CONTAINER
ON_AMBER_SOFT: Final = ft.Colors.ON_TERTIARY_CONTAINER
SEAL: Final = ft.Colors.ERROR
CLEAR: Final = ft.Colors.TRANSPARENT


@dataclass(frozen=True)
class Palette:
    """The roles of one scheme as sRGB hex, the form that the contrast test reads."""

    ink: str
    muted: str
    paper: str
    card: str
    sunk: str
    line: str
    edge: str
    accent: str
    on_accent: str
    accent_soft: str
    on_accent_soft: str
    green: str
    amber: str
    amber_soft: str
    on_amber_soft: str
    seal: str


LIGHT: Final = Palette(
    ink="#1B2430",
    muted="#56616D",
    paper="#FAFAF7",
    card="#FFFFFF",
    sunk="#F1F1EC",
    line="#DEDED7",
    edge="#7F868E",
    accent="#0B5D6B",
    on_accent="#FFFFFF",
    accent_soft="#D9E9EB",
    on_accent_soft="#063B44",
    green="#1E6B3A",
    amber="#8F5F00",
    amber_soft="#FBEFD5",
    on_amber_soft="#5E3F00",
    seal="#B3261E",
)
DARK: Final = Palette(
    ink="#E7E9EC",
    muted="#A3ADB8",
    paper="#12161B",
    card="#191F26",
    sunk="#20272F",
    line="#303841",
    edge="#75808B",
    accent="#6CC4D1",
    on_accent="#04262C",
    accent_soft="#163E46",
    on_accent_soft="#C6EAEF",
    green="#7CC796",
    amber="#E0B158",
    amber_soft="#3B2F14",
    on_amber_soft="#F3D9A0",
    seal="#F28B82",
)

TEXT_PAIRS: Final = (
    *(
        (text, ground)
        for ground in ("paper", "card", "sunk")
        for text in ("ink", "muted", "accent", "green", "amber", "seal")
    ),
    ("on_accent", "accent"),
    ("on_accent_soft", "accent_soft"),
    ("on_amber_soft", "amber_soft"),
)
"""Every pair of text over ground that a control may use; each holds 4.5:1."""
ICON_PAIRS: Final = (("edge", "paper"), ("edge", "card"), ("edge", "sunk"))
"""Lines and signs that carry meaning; each holds 3:1."""


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2.1 contrast ratio of two sRGB hex colours, from 1 to 21."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def place_size(language: str, scale: float, width: float) -> int:
    """Return the text size of the bar's names in a window of `width`: it grows with the text for
    as long as the longest name stays in one piece, and is never below the smallest size."""
    room = width / PLACES / LONGEST_PLACE[language]
    return max(SIZES["caption"], math.floor(min(SIZES["caption"] * scale, room)))


def themes(scale: float, place: int) -> tuple[ft.Theme, ft.Theme]:
    """Return the light and the dark theme with every text size multiplied by `scale`, but for the
    names of the bar, which are of the size `place`."""
    return _theme(LIGHT, scale, place), _theme(DARK, scale, place)


def _scheme(colour: Palette) -> ft.ColorScheme:
    return ft.ColorScheme(
        primary=colour.accent,
        on_primary=colour.on_accent,
        primary_container=colour.accent_soft,
        on_primary_container=colour.on_accent_soft,
        secondary=colour.green,
        on_secondary=colour.on_accent,
        secondary_container=colour.accent_soft,
        on_secondary_container=colour.on_accent_soft,
        tertiary=colour.amber,
        on_tertiary=colour.on_accent,
        tertiary_container=colour.amber_soft,
        on_tertiary_container=colour.on_amber_soft,
        error=colour.seal,
        on_error=colour.on_accent,
        surface=colour.paper,
        on_surface=colour.ink,
        on_surface_variant=colour.muted,
        outline=colour.edge,
        outline_variant=colour.line,
        surface_tint=CLEAR,
        surface_container_lowest=colour.card,
        surface_container_low=colour.card,
        surface_container=colour.sunk,
        surface_container_high=colour.card,
        surface_container_highest=colour.sunk,
        inverse_surface=colour.ink,
        on_inverse_surface=colour.paper,
        inverse_primary=colour.accent_soft,
    )


def _text_theme(scale: float) -> ft.TextTheme:
    def style(name: str, weight: ft.FontWeight, height: float) -> ft.TextStyle:
        return ft.TextStyle(
            size=round(SIZES[name] * scale, 1),
            weight=weight,
            height=height,
            font_family=FAMILY,
            font_family_fallback=[RARE_FAMILY],
        )

    return ft.TextTheme(
        label_small=style("caption", REGULAR, 1.35),
        label_medium=style("caption", REGULAR, 1.35),
        label_large=style("body", STRONG, 1.3),
        body_small=style("caption", REGULAR, 1.4),
        body_medium=style("body", REGULAR, 1.45),
        body_large=style("lead", REGULAR, 1.4),
        title_small=style("body", STRONG, 1.35),
        title_medium=style("lead", STRONG, 1.35),
        title_large=style("title", STRONG, 1.3),
        headline_medium=style("figure", STRONG, 1.2),
    )


def _place_style(colour: str, size: int) -> ft.TextStyle:
    return ft.TextStyle(
        size=size,
        weight=REGULAR,
        height=PLACE_HEIGHT,
        letter_spacing=0,
        color=colour,
        font_family=FAMILY,
        font_family_fallback=[RARE_FAMILY],
    )


def _theme(colour: Palette, scale: float, place: int) -> ft.Theme:
    button = ft.ButtonStyle(
        shape=ft.RoundedRectangleBorder(radius=RADIUS),
        padding=ft.Padding.symmetric(horizontal=L, vertical=M),
    )
    # Where there is a mouse the client would make it denser than a finger needs; so is a laptop's
    # touch screen.
    bare = ft.ButtonStyle(
        shape=ft.RoundedRectangleBorder(radius=RADIUS),
        padding=ft.Padding.symmetric(horizontal=L, vertical=PRESS_PAD),
        visual_density=ft.VisualDensity.STANDARD,
    )
    still = ft.PageTransitionTheme.NONE
    return ft.Theme(
        font_family=FAMILY,
        color_scheme=_scheme(colour),
        text_theme=_text_theme(scale),
        appbar_theme=ft.AppBarTheme(
            bgcolor=colour.paper, color=colour.ink, elevation=0, center_title=False
        ),
        divider_theme=ft.DividerTheme(color=colour.line, thickness=HAIR, space=HAIR),
        filled_button_theme=ft.FilledButtonTheme(style=button),
        outlined_button_theme=ft.OutlinedButtonTheme(style=button),
        text_button_theme=ft.TextButtonTheme(style=bare),
        navigation_bar_theme=ft.NavigationBarTheme(
            bgcolor=colour.card,
            indicator_color=colour.accent_soft,
            elevation=0,
            height=ROW + (place - SIZES["caption"]) * PLACE_HEIGHT,
            label_text_style={
                ft.ControlState.SELECTED: _place_style(colour.ink, place),
                ft.ControlState.DEFAULT: _place_style(colour.muted, place),
            },
        ),
        navigation_rail_theme=ft.NavigationRailTheme(
            bgcolor=colour.paper, indicator_color=colour.accent_soft
        ),
        page_transitions=ft.PageTransitionsTheme(
            android=still, ios=still, linux=still, macos=still, windows=still
        ),
        splash_color=CLEAR,
    )
