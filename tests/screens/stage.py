"""A stage for the real screens: a session without a client, and a device held in memory.

The client's part is played here: messages are encoded as for the wire (which is what renders and
takes the snapshots that later patches are made against), and a request to go to a path is answered
as the client does, with the new route.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any, TypeVar, cast

import flet as ft
import msgpack  # type: ignore[import-untyped]
from flet.components.component import Component
from flet.controls.context import _context_page
from flet.messaging.connection import Connection
from flet.messaging.protocol import Message, MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

from mobile_app.app import attend, compose, dress, root
from mobile_app.platform.location import Fix, NoFix
from mobile_app.state.here import Here
from tests.screens.memory import NOW, MemoryDevice

T = TypeVar("T")
_encode = configure_encode_object_for_msgpack(ft.BaseControl)  # type: ignore[no-untyped-call]


class Wire(Connection):
    """Encodes what a client would be sent, and answers navigation."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.pubsubhub = PubSubHub()
        self.loop = asyncio.get_running_loop()
        self.page_url = url
        self.crashes: list[str] = []
        self.wanted: list[str] = []

    def send_message(self, message: Message) -> None:
        """Take one message for the client."""
        msgpack.packb([message.action, message.body], default=_encode)
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(message.body.message)
        if message.action == MessageAction.INVOKE_METHOD and message.body.name == "push_route":
            self.wanted.append(message.body.args["route"])


class Stage:
    """One running app. Controls are found as a user finds them: by what they say."""

    def __init__(self, device: MemoryDevice, width: int, url: str, fix: Fix | NoFix) -> None:
        self.device = device
        self.fix = fix
        self.wire = Wire(url)
        self.session = Session(self.wire)
        self.page = self.session.page
        self.session.apply_page_patch(
            {"route": "/", "width": width, "height": 844, "platform_brightness": "light"}
        )
        patch = self.session.get_page_patch()  # type: ignore[no-untyped-call]
        msgpack.packb(patch, default=_encode)
        _context_page.set(self.page)
        self.here: Here = compose(self.page, self._open, self._locate, lambda: NOW)

    async def _open(self, profile: str) -> Any:
        return self.device

    async def _locate(self) -> Fix | NoFix:
        return self.fix

    async def start(self) -> None:
        """Show the first screen."""
        dress(self.page, self.here.look)
        attend(self.page, self.here)
        self.page.render_views(root, self.here, self.here.look, self.here.gate)
        await self.here.gate.arrive()
        await self.settle()

    async def settle(self) -> None:
        """Let everything that was caused come to rest, the client's answers included."""
        for _ in range(40):
            await asyncio.sleep(0)
            if self.wire.wanted:
                await self._arrive(self.wire.wanted.pop(0))
        if self.wire.crashes:
            raise AssertionError(self.wire.crashes)
        scheduler = getattr(self.session, "_Session__updates_task", None)
        if scheduler is not None and scheduler.done():
            raise AssertionError(f"the session stopped updating: {scheduler.exception()}")

    async def _arrive(self, route: str) -> None:
        self.session.apply_page_patch({"route": route})
        await self.session.dispatch_event(self.page._i, "route_change", {"route": route})

    async def go(self, route: str) -> None:
        """Follow a link."""
        await self._arrive(route)
        await self.settle()

    # Looking

    def top(self) -> ft.View:
        """The topmost view."""
        return [one for one in walk(self.page.views) if isinstance(one, ft.View)][-1]

    def controls(self) -> Iterator[ft.BaseControl]:
        """Every control of the topmost view."""
        yield from walk(self.top())

    def all_views(self) -> list[str]:
        """The routes of the stack of views."""
        return [str(one.route) for one in walk(self.page.views) if isinstance(one, ft.View)]

    def texts(self) -> list[str]:
        """Everything that can be read on the topmost view."""
        return [text for control in self.controls() for text in _said(control)]

    def heard(self) -> list[str]:
        """What a screen reader reads of the topmost view, one after the other."""
        return list(heard(self.top()))

    def says(self, part: str) -> bool:
        """Whether something on the topmost view says this."""
        return any(part in text for text in self.texts())

    def beside(self, one: str, other: str) -> bool:
        """Whether two texts share a line that does not wrap."""
        lines = [row for row in self.shown(ft.Row) if not row.wrap]
        said = [[[*heard(each)] for each in row.controls] for row in lines]
        return any(
            one in first and other in second
            for boxes in said
            for first, second in permutations(boxes, 2)
        )

    def dialogs(self) -> list[str]:
        """Everything that can be read on the open sheets and bars."""
        return list(_inside(self.page._dialogs))

    def shown(self, kind: type[T]) -> list[T]:
        """The controls of one kind on the topmost view and on the open dialogs."""
        everything = [*self.controls(), *walk(self.page._dialogs)]
        return [one for one in everything if isinstance(one, kind)]

    def find(self, word: str, event: str) -> Any:
        """The control that says `word`, or holds what says it, and listens to `event`."""
        for control in (*self.controls(), *walk(self.page._dialogs)):
            if getattr(control, f"on_{event}", None) and word in list(_inside(control)):
                return control
        raise AssertionError(f"nothing to {event} says {word!r}; there is {self.texts()}")

    # Doing

    async def tap(self, word: str) -> None:
        """Press what says `word`."""
        for event in ("select", "click"):
            try:
                control = self.find(word, event)
            except AssertionError:
                continue
            if control.disabled:
                raise AssertionError(f"{word} is disabled")
            await self.session.dispatch_event(control._i, event, None)
            await self.settle()
            return
        raise AssertionError(f"nothing to tap says {word!r}; there is {self.texts()}")

    async def pick(self, kind: str, *contents: bytes | None) -> None:
        """Press the way to a kind of attachment, and choose files in the device's picker."""
        [way] = [one for one in self.shown(ft.OutlinedButton) if str(one.key) == f"attach:{kind}"]
        picker = cast(ft.PickFiles, way.action).file_picker
        files = [
            {"id": place, "name": "file", "size": len(content or b""), "bytes": content}
            for place, content in enumerate(contents)
        ]
        await self.session.dispatch_event(picker._i, "result", {"files": files})
        await self.settle()

    async def stroke(self, *points: tuple[float, float]) -> None:
        """Draw on the pad with a finger."""
        [pad] = [one for one in self.shown(ft.GestureDetector) if str(one.key) == "pad"]
        event = "pan_down"
        for x, y in points:
            at = {"x": x, "y": y}
            moved = {} if event == "pan_down" else {"k": "touch"}
            await self.session.dispatch_event(pad._i, event, {"l": at, "g": at, **moved})
            event = "pan_update"
        await self.settle()

    async def tap_key(self, key: str) -> None:
        """Press the chip with this key."""
        [control] = [one for one in self.controls() if str(getattr(one, "key", "")) == key]
        await self.session.dispatch_event(control._i, "select", None)
        await self.settle()

    async def type(self, key: str, text: str) -> None:
        """Type into the field with this key."""
        [field] = [
            one for one in self.controls() if isinstance(one, ft.TextField) and str(one.key) == key
        ]
        self.session.apply_patch(field._i, {"value": text})
        await self.session.dispatch_event(field._i, "change", text)
        await self.settle()

    async def resize(self, width: int) -> None:
        """Change the window's width."""
        self.session.apply_page_patch({"width": width})
        await self.session.dispatch_event(self.page._i, "resize", {"width": width, "height": 844})
        await self.settle()


def walk(found: Any) -> Iterator[ft.BaseControl]:
    """Every control under `found`, through components and every field that holds controls."""
    if isinstance(found, list | tuple):
        for one in found:
            yield from walk(one)
    elif isinstance(found, Component):
        yield from walk(found._b)
    elif isinstance(found, ft.BaseControl):
        yield found
        for field in dataclasses.fields(cast(Any, found)):
            if field.name.startswith("_") or field.metadata.get("skip"):
                continue
            value = getattr(found, field.name, None)
            if isinstance(value, list | ft.BaseControl):
                yield from walk(value)


def _said(control: ft.BaseControl) -> Iterator[str]:
    if getattr(control, "visible", True) is False:
        return
    if isinstance(control, ft.Text):
        yield control.value
    for name in ("label", "content", "hint_text"):
        value = getattr(control, name, None)
        if isinstance(value, str):
            yield value
    label = getattr(control, "semantics_label", None)
    if isinstance(label, str):
        yield label


def heard(control: Any) -> Iterator[str]:
    """What a screen reader reads of a control and of what is in it: a name that was given to it
    alone in the place of its text, and nothing of what is kept from it."""
    if isinstance(control, Component):
        control = control._b
    if isinstance(control, list | tuple):
        for one in control:
            yield from heard(one)
    if not isinstance(control, ft.BaseControl) or getattr(control, "visible", True) is False:
        return
    for name in ("semantics_label", "label", "value" if isinstance(control, ft.Text) else ""):
        if isinstance(said := getattr(control, name, None), str) and said:
            yield said
            break
    if isinstance(control, ft.ProgressBar | ft.ProgressRing) and control.value is not None:
        yield f"{control.value:.0%}"
    if isinstance(control, ft.Semantics) and control.exclude_semantics:
        return
    if isinstance(content := getattr(control, "content", None), str):
        yield content
    for field in dataclasses.fields(cast(Any, control)):
        if not field.name.startswith("_") and not field.metadata.get("skip"):
            yield from heard(getattr(control, field.name, None))


def _inside(control: ft.BaseControl) -> Iterator[str]:
    for one in walk(control):
        yield from _said(one)


async def opened(
    device: MemoryDevice,
    width: int = 390,
    *,
    language: str = "zh",
    fix: Fix | NoFix | None = None,
    url: str = "https://branch.test/app/?profile=am001",
) -> Stage:
    """A stage with the device unlocked, in a window of this width."""
    address = f"{url}&lang={language}"
    stage = Stage(device, width, address, fix or NoFix("indoors"))
    await stage.start()
    if device.enrolled:
        await stage.here.gate.unlock("402917")
        await stage.settle()
    return stage


def running(scene: Callable[[], Any]) -> Any:
    """Run one scene on an event loop of its own."""
    return asyncio.run(scene())
