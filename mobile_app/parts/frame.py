"""Frame: one window, on a phone a page over a bar of places, on a desk rail, list and detail."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.buttons import icon_button
from mobile_app.parts.guard import part
from mobile_app.parts.marks import silent, unread
from mobile_app.parts.text import caption, title
from mobile_app.state.here import Here
from mobile_app.state.sync import SyncStatus

_ICONS: Final[dict[str, tuple[ft.IconData, ft.IconData]]] = {
    "today": (ft.Icons.TODAY_OUTLINED, ft.Icons.TODAY),
    "customers": (ft.Icons.PEOPLE_OUTLINE, ft.Icons.PEOPLE),
    "log": (ft.Icons.ADD_CIRCLE_OUTLINE, ft.Icons.ADD_CIRCLE),
    "performance": (ft.Icons.ACCOUNT_BALANCE_WALLET_OUTLINED, ft.Icons.ACCOUNT_BALANCE_WALLET),
    "me": (ft.Icons.PERSON_OUTLINE, ft.Icons.PERSON),
    "field": (ft.Icons.INSIGHTS_OUTLINED, ft.Icons.INSIGHTS),
    "inbox": (ft.Icons.INBOX_OUTLINED, ft.Icons.INBOX),
    "commission": (ft.Icons.PAYMENTS_OUTLINED, ft.Icons.PAYMENTS),
    "elsewhere": (ft.Icons.INFO_OUTLINE, ft.Icons.INFO),
}


def frame(
    here: Here,
    route: str,
    main: ft.Control,
    detail: ft.Control | None = None,
    *,
    root: bool = True,
) -> ft.View:
    """A view around `main`; `detail` stands beside it where there is room. A view that is not a
    root has no bar of places: one goes back from it."""
    narrow = here.look.window == "narrow"
    if detail is not None:
        content = [_column(main, theme.LIST_WIDTH), _rule(), _filling(detail)]
    elif here.look.wide:
        # Lines as long as a wide window are read with the head, not with the eyes.
        content = [_column(main, theme.READING_WIDTH), _rule()]
    else:
        content = [_filling(main)]
    if not narrow:
        content = [_rail(here), _rule(), *content]
    inside = ft.Row(
        content, spacing=0, expand=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH
    )
    return ft.View(
        route=route,
        controls=[ft.SafeArea(inside, expand=True)],
        navigation_bar=_bar(here) if narrow and root else None,
        bgcolor=theme.PAPER,
        padding=0,
        spacing=0,
    )


def bare(route: str, content: ft.Control, width: int = theme.FORM_WIDTH) -> ft.View:
    """A view with nothing around it: before the gate, or turned to a customer."""
    inside = ft.Container(content, width=width, padding=theme.XL)
    return ft.View(
        route=route,
        controls=[
            ft.SafeArea(
                ft.Container(inside, alignment=ft.Alignment.TOP_CENTER, expand=True), expand=True
            )
        ],
        bgcolor=theme.PAPER,
        padding=0,
        scroll=None,
    )


def pane(
    head: str,
    body: list[ft.Control],
    *,
    here: Here,
    back: bool = False,
    badged: bool = True,
    actions: list[ft.Control] | None = None,
    foot: ft.Control | None = None,
) -> ft.Control:
    """A column with a header, a body and, always in view, a foot."""
    words = here.words
    leading = [icon_button(ft.Icons.ARROW_BACK, words("back"), here.places.up)] if back else []
    heading = ft.Semantics(header=True, content=title(head, lines=1))
    # Where there is a badge it gives way, so that large text never pushes the heading out.
    middle: list[ft.Control] = [ft.Container(heading, expand=not badged)]
    if badged:
        sync = badge(here, here.desk.sync)
        middle.append(ft.Container(sync, alignment=ft.Alignment.CENTER_RIGHT, expand=True))
    bar = ft.Container(
        ft.Row(
            [*leading, *middle, *(actions or []), ft.Container(width=0, height=theme.TOUCH)],
            spacing=theme.XS,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        padding=ft.Padding.only(left=theme.XS if back else theme.L, right=theme.S),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )
    return ft.Column(
        [bar, *body, *([kept_in_view(foot)] if foot else [])],
        spacing=0,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@part
def badge(here: Here, sync: SyncStatus) -> ft.Control:
    """What the link is doing and how much is only on this device; a tap opens the sync centre."""
    words = here.words
    icon, colour = _BADGES.get(sync.status, (ft.Icons.CLOUD_OFF_OUTLINED, theme.AMBER))
    waiting = words("waiting_n", n=sync.pending) if sync.pending else ""
    issues = words("issues_n", n=sync.issues) if sync.issues else ""
    status = words(f"status.{sync.status}")
    word = words.dotted(status if sync.status != "idle" or not waiting else "", waiting, issues)
    text = caption(word, theme.AMBER if issues else colour, 1)
    text.expand, text.expand_loose = True, True
    return ft.TextButton(
        content=ft.Row(
            [
                ft.Icon(icon, color=colour, size=theme.ICON_SMALL + theme.XS / 2),
                text,
            ],
            spacing=theme.XS,
            tight=True,
        ),
        tooltip=silent(words("badge.means")),
        on_click=here.places.sync,
    )


_MOST_COUNTED: Final = 99
_BADGES: Final[dict[str, tuple[ft.IconData, ft.ColorValue]]] = {
    "idle": (ft.Icons.CLOUD_DONE_OUTLINED, theme.MUTED),
    "syncing": (ft.Icons.CLOUD_SYNC_OUTLINED, theme.ACCENT),
    "offline": (ft.Icons.CLOUD_OFF_OUTLINED, theme.MUTED),
    "waiting": (ft.Icons.CLOUD_QUEUE, theme.MUTED),
}


def _column(content: ft.Control, width: int) -> ft.Control:
    return ft.Container(content, width=width)


def _filling(content: ft.Control) -> ft.Control:
    return ft.Container(content, expand=True)


def _rule() -> ft.Control:
    return ft.VerticalDivider(width=theme.HAIR, thickness=theme.HAIR, color=theme.LINE)


def kept_in_view(content: ft.Control) -> ft.Control:
    """What stays at the bottom of a pane, however far its page is scrolled."""
    return ft.Container(
        content,
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        bgcolor=theme.CARD,
        border=ft.Border.only(top=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


def _bar(here: Here) -> ft.NavigationBar:
    words, places = here.words, here.places
    return ft.NavigationBar(
        destinations=[
            ft.NavigationBarDestination(
                icon=_sign(here, tab, 0),
                selected_icon=_sign(here, tab, 1),
                label=words(f"tab.{tab}"),
            )
            for tab in places.tabs
        ],
        selected_index=places.tabs.index(places.tab),
        on_change=lambda event: places.show_tab(int(event.control.selected_index)),
    )


def _rail(here: Here) -> ft.Control:
    words, places = here.words, here.places
    return ft.NavigationRail(
        destinations=[
            ft.NavigationRailDestination(
                icon=_sign(here, tab, 0),
                selected_icon=_sign(here, tab, 1),
                label=words(f"tab.{tab}"),
            )
            for tab in places.tabs
        ],
        selected_index=places.tabs.index(places.tab),
        label_type=ft.NavigationRailLabelType.ALL,
        min_width=theme.RAIL_WIDTH,
        on_change=lambda event: places.show_tab(int(event.control.selected_index or 0)),
    )


def _sign(here: Here, tab: str, chosen: int) -> ft.IconDataOrControl:
    """The sign of a place; where things are settled it says how many wait."""
    if tab != ("inbox" if here.places.decides else "me"):
        return _ICONS[tab][chosen]
    return _counting_sign(here.words, here.desk.sync, _ICONS[tab][chosen])


@part
def _counting_sign(words: Words, sync: SyncStatus, icon: ft.IconData) -> ft.Control:
    if not sync.issues:
        return ft.Icon(icon)
    count = str(sync.issues) if sync.issues <= _MOST_COUNTED else f"{_MOST_COUNTED}+"
    counted = ft.Icon(
        icon,
        badge=ft.Badge(label=count, bgcolor=theme.AMBER, text_color=theme.ON_ACCENT),
    )
    return unread(counted, words("issues_n", n=sync.issues))
