"""App: the composition root of a session, from the page's address to the first screen."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, cast

import flet as ft

from mobile_app import theme
from mobile_app.config import read_entry
from mobile_app.device import Device as ThisDevice
from mobile_app.device import warm_up
from mobile_app.parts.blocks import empty
from mobile_app.parts.guard import TOUCHED, TYPING, part, touch
from mobile_app.platform.location import Fix, NoFix, take_fix
from mobile_app.routes import routes
from mobile_app.screens.entrance import entrance
from mobile_app.screens.facing import facing
from mobile_app.state.clock import new_id, now
from mobile_app.state.desk import Desk, Locate
from mobile_app.state.gate import Device, Gate
from mobile_app.state.here import HERE, Here, here
from mobile_app.state.look import Look

HIDDEN_S: Final = 60.0
IDLE_S: Final = 300.0
WATCH_S: Final = 15.0
_LOCALES: Final = {"zh": ft.Locale("zh"), "en": ft.Locale("en")}
_MODES: Final = {
    "system": ft.ThemeMode.SYSTEM,
    "light": ft.ThemeMode.LIGHT,
    "dark": ft.ThemeMode.DARK,
}


@ft.component
def root(found: Here, look: Look, gate: Gate) -> ft.Control:
    """Everything that is on screen; it re-renders when the look or the gate changes."""
    if gate.phase == "facing":
        return HERE(found, _facing)
    if gate.phase != "open":
        return HERE(found, _closed)
    tree = routes(look.wide, found.places.tabs)
    return HERE(found, lambda: ft.Router(tree, not_found=_lost, manage_views=True))


@ft.component
def _closed() -> ft.Control:
    # The client takes a list of views; the type of a component names one control.
    return cast(ft.Control, [entrance()])


@ft.component
def _facing() -> ft.Control:
    return cast(ft.Control, [facing()])


@part
def _lost() -> ft.Control:
    found = here()
    words = found.words
    return empty(words("lost"), words("lost.hint"), words("lost.do"), found.places.home)


def compose(
    page: ft.Page,
    open_device: Callable[[str], Awaitable[Device]],
    locate: Locate,
    clock: Callable[[], int] = now,
) -> Here:
    """Make the state of one session; `open_device` takes a profile's name."""
    entry = read_entry(page.url, page.route)
    look = Look(clock, language=entry.language)
    look.resize(page.width)

    def on_open(desk: Desk) -> None:
        look.restore(desk.store.setting)
        look.keep = desk.store.set_setting

    gate = Gate(lambda: open_device(entry.profile), clock, new_id, locate, on_open)
    return Here(entry, look, gate, page.navigate, lambda: page.route or "/")


def dress(page: ft.Page, look: Look) -> None:
    """Give the page its theme; the client resolves the roles from here on."""
    page.theme, page.dark_theme = theme.themes(look.scale, look.place_size)
    page.theme_mode = _MODES[look.mode]
    page.title = look.words("app")
    page.locale_configuration = ft.LocaleConfiguration(
        supported_locales=list(_LOCALES.values()), current_locale=_LOCALES[look.language]
    )


def attend(page: ft.Page, found: Here) -> None:
    """Listen to the window, the keyboard and the look for as long as the session lives."""
    shown = found.look.dress

    def look_changed(_look: object, _field: str | None) -> None:
        nonlocal shown
        if found.look.dress != shown:
            shown = found.look.dress
            dress(page, found.look)
            page.update()

    # Listeners are held weakly; the session's store keeps this one.
    page.session.store.set("look_changed", look_changed)
    found.look.subscribe(look_changed)
    page.on_resize = lambda event: found.look.resize(event.width)
    page.on_keyboard_event = lambda event: press(page, found, event.key)


def press(page: ft.Page, found: Here, key: str) -> None:
    """Follow a shortcut: / search, n new, Esc back; letters only while no field is typed in."""
    touch()
    if found.gate.phase != "open":
        return
    typing = bool(page.session.store.get(TYPING))
    if key == "Escape":
        found.places.up()
    elif key == "/" and not typing:
        found.places.show("customers")
    elif key.lower() == "n" and not typing and found.places.logs:
        found.places.show("log")


def left_alone(found: Here, away_s: float, hidden: bool) -> bool:
    """Lock a device that was left: 60 s out of sight, or 5 minutes without a touch."""
    left = found.gate.phase in ("open", "facing") and away_s >= (HIDDEN_S if hidden else IDLE_S)
    if left:
        found.gate.lock()
    return left


async def watch(page: ft.Page, found: Here) -> None:
    """Look now and then whether the user is still there, for as long as the session lives."""
    hidden_since: float | None = None
    while True:
        await asyncio.sleep(WATCH_S)
        hidden_since = None if page.app_visible else hidden_since or monotonic()
        last = float(page.session.store.get(TOUCHED) or monotonic())
        left_alone(found, monotonic() - (hidden_since or last), hidden_since is not None)
        if found.gate.desk is not None:
            found.gate.desk.minute.pass_to(found.look.now())


async def start(
    page: ft.Page, open_device: Callable[[str], Awaitable[Device]], locate: Locate
) -> Here:
    """Show the first screen, then open the device behind it."""
    found = compose(page, open_device, locate)
    dress(page, found.look)
    attend(page, found)
    page.render_views(root, found, found.look, found.gate)
    page.fonts = theme.LATE_FONTS if page.pyodide else theme.FONTS
    page.update()
    await found.gate.arrive()
    return found


async def main(page: ft.Page) -> None:
    """Run one session on this device's own files."""
    found = await start(page, ThisDevice.open, located)
    watching = asyncio.create_task(watch(page, found))

    async def end() -> None:
        watching.cancel()
        await found.gate.leave()

    page.on_close = end
    await asyncio.sleep(0)  # the first screen goes out before the imports hold everything up
    warm_up()


async def located() -> Fix | NoFix:
    """Take one location fix now."""
    return await take_fix(now())
