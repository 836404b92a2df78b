"""Drives the real app in a real Chromium, the way a person's finger or a screen reader would.

Flutter paints into a canvas, so a test sees only what Flutter's accessibility tree says. What has
been found out with Flet 1.0.5, and is handled here:

* The tree exists after one click on `flt-semantics-placeholder` (`Screen.open` does it). From then
  on Playwright's own `get_by_role` / `get_by_text` work, also in Chinese, and wait by themselves.
* Roles: buttons, IconButton (its tooltip is the name) and tappable rows are `button`; Chip with
  `on_select` is `checkbox`; TextField is `textbox` named by its label; an AppBar's title is a
  `heading`; navigation places are `tab`; plain text is text. `MergeSemantics` makes one node of a
  row, named by all of its texts joined by line breaks, so match names with a part or a pattern.
* A node off screen in a lazy list doesn't exist until it is scrolled to: `Screen.scroll_to`.
* Taps are real mouse clicks at the node's centre. Don't use `force` or `dispatch_event`: Flutter
  listens to pointer events on its own surface.
* A TextField's `input` in the tree is the one Flutter edits only while it has the focus: click,
  then `fill` (`Screen.type` does both). `fill` and `keyboard.insert_text` take Chinese as an
  input method would commit it; `keyboard.type` works too, and sends key events for shortcuts.
  Its value isn't in the tree when the field isn't focused: check what the screen makes of it.
* Text of a dialog or sheet is in the same tree; what lies below it is gone while it is open.
* The splash `#opening` leaves, and the mark `fieldbook-open` is set, when the first screen has been
  painted: `Screen.open` waits for that. A start that failed raises with what the splash says.
* Nothing here sleeps. To wait for something that isn't on the screen: `Screen.until`.

One `Device` is one user-data folder: closed and opened again it still has its service worker, its
files and its database, so a restart in the middle of work can be played.
"""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from re import Pattern
from typing import Literal

from playwright.sync_api import (
    BrowserContext,
    Error,
    Locator,
    Page,
    Playwright,
    Request,
    TimeoutError,
)

PHONE, TABLET, DESKTOP = (390, 844), (820, 1180), (1280, 800)
START_MS = 90_000  # a first start on a busy machine; a bound for a hang, not an expectation
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OPEN_OR_FAILED = """() => performance.getEntriesByName('fieldbook-open').length > 0
    || document.getElementById('again')?.hidden === false"""
TWO_FRAMES = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)))"""
# A field that still slides in with its page loses the focus, and what is typed, on arrival.
FOCUSED_VALUE = """() => new Promise((done) =>
    setTimeout(() => done(document.activeElement?.value), 200))"""
Name = str | Pattern[str]


@dataclass
class Screen:
    """One window of the app."""

    page: Page

    def open(self, address: str) -> Screen:
        """Load the app and wait for its first screen."""
        self.page.goto(address)
        return self.ready()

    def restart(self) -> Screen:
        """Load the app again, as pulling down to refresh does."""
        self.page.reload()
        return self.ready()

    def ready(self) -> Screen:
        """Wait for the first screen, then ask Flutter for the accessibility tree."""
        self.page.wait_for_function(OPEN_OR_FAILED, timeout=START_MS)
        if self.page.locator("#again").is_visible():
            raise AssertionError(self.page.locator("#opening").inner_text())
        self.page.locator("flt-semantics-placeholder").evaluate("node => node.click()")
        self.page.locator("flt-semantics-host flt-semantics").first.wait_for(state="attached")
        return self

    def button(self, name: Name, *, exact: bool = False) -> Locator:
        """The button called `name`."""
        return self.page.get_by_role("button", name=name, exact=exact).first

    def text(self, text: Name) -> Locator:
        """The first node that shows `text`, be it plain text or the name of a row."""
        return self.page.get_by_text(text).or_(self.page.get_by_label(text)).first

    def tap(self, name: Name, *, exact: bool = False) -> None:
        """Tap what is called `name`: a button, a chip, a tab or a row."""
        roles: tuple[Literal["button", "checkbox", "tab", "radio", "switch", "link"], ...]
        roles = ("button", "checkbox", "tab", "radio", "switch", "link")
        found = [self.page.get_by_role(role, name=name, exact=exact) for role in roles]
        functools.reduce(lambda one, other: one.or_(other), found).first.click()

    def lead(self, name: Name, to: Locator, *, exact: bool = False) -> None:
        """Tap what is called `name` until it has led to `to`: a tap on what still moves is lost."""
        for wait_ms in (8_000, 8_000, 30_000):
            self.tap(name, exact=exact)
            with suppress(TimeoutError):
                return to.wait_for(state="attached", timeout=wait_ms)
        raise AssertionError(f"{name} leads nowhere")

    def type(self, label: Name, text: str) -> None:
        """Replace what stands in the text field `label` by `text`."""
        entry = self.page.get_by_role("textbox", name=label).first
        for _ in range(20):
            entry.click()
            entry.fill(text)
            self.page.evaluate(TWO_FRAMES)
            if self.page.evaluate(FOCUSED_VALUE) == text:
                return
        raise AssertionError(f"the field {label} does not take what is typed")

    def press(self, keys: str) -> None:
        """Press a key or a chord: "Enter", "Escape", "/", "Control+A"."""
        self.page.keyboard.press(keys)

    def sees(self, text: Name) -> None:
        """Wait until `text` is on the screen."""
        self.text(text).wait_for(state="attached")

    def misses(self, text: Name) -> None:
        """Wait until `text` is no longer on the screen."""
        self.text(text).wait_for(state="detached")

    def scroll_to(self, text: Name, *, within: Name | None = None) -> None:
        """Turn the wheel until `text` exists; `within` names what lies under the pointer."""
        if within is not None:
            self.text(within).hover()
        for _ in range(200):
            if self.text(text).count():
                return
            self.page.mouse.wheel(0, 300)
            self.page.evaluate("() => new Promise(requestAnimationFrame)")
        raise AssertionError(f"not found by scrolling: {text}")

    def until(self, condition: str) -> None:
        """Wait until a JavaScript expression is true in the page."""
        self.page.wait_for_function(condition)

    def outline(self) -> str:
        """Roles and names of everything on the screen, for asserts and for finding one's way."""
        return self.page.locator("flt-semantics-host").aria_snapshot()

    def offline_copy_is_complete(self) -> None:
        """Wait until the service worker has every file of the app."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def picture(self, path: Path, size: tuple[int, int] = PHONE, dark: bool = False) -> Path:
        """A screenshot at `size`, in light or dark."""
        self.page.emulate_media(color_scheme="dark" if dark else "light")
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.evaluate(TWO_FRAMES)
        self.page.screenshot(path=path)
        return path


@dataclass
class Device:
    """A Chromium with its own user-data folder, and every request it made."""

    context: BrowserContext
    requests: list[str] = field(default_factory=list)

    @property
    def screen(self) -> Screen:
        """The window that is open."""
        return Screen(self.context.pages[0])

    def disconnect(self) -> None:
        """Take the network away."""
        self.context.set_offline(True)

    def reconnect(self) -> None:
        """Give it back."""
        self.context.set_offline(False)


@contextmanager
def device(
    playwright: Playwright,
    chromium: Path,
    folder: Path,
    size: tuple[int, int] = PHONE,
    dark: bool = False,
) -> Iterator[Device]:
    """Start `chromium` with `folder` as its memory and close it at the end."""
    context = playwright.chromium.launch_persistent_context(
        folder,
        executable_path=chromium,
        args=[*FLAGS],
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    started = Device(context)
    context.on("request", lambda request: _note(started, request))
    try:
        yield started
    finally:
        with suppress(Error):  # a browser that a test has killed cannot be closed any more
            context.close()


def _note(started: Device, request: Request) -> None:
    if not request.url.startswith(("data:", "blob:")):
        started.requests.append(request.url)


class _Folder(http.server.SimpleHTTPRequestHandler):
    """Serves a folder under /app/ with the types that modules and WebAssembly insist on."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 - the base class declares it so
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
        ".woff2": "font/woff2",
    }

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/app"))

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def static_site(folder: Path) -> Iterator[str]:
    """Serve a built bundle on a free port; yields its address. Leaving it stops the server."""
    handler = functools.partial(_Folder, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}/app/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
