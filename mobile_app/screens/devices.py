"""Devices: what the team's devices still hold, and which of them need someone, for a supervisor."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, footnote, listing, row, section
from mobile_app.parts.buttons import quiet
from mobile_app.parts.cards import headline, marked
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.text import body, caption, figure, muted, number
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.devices import DeviceItem, Devices
from mobile_app.state.here import Here
from shared.findings import DeviceReport, Finding, told_age


def devices_pane(here: Here, _id: str = "") -> ft.Control:
    """The devices of the team."""
    desk = here.desk
    body = [_devices(here, desk, desk.pulse)]
    return pane(here.words("devices.title"), body, here=here, back=True, badged=False)


@part
def _devices(here: Here, desk: Desk, _pulse: Pulse) -> ft.Control:
    words, found = here.words, desk.devices()
    if not found.items:
        return empty(
            words("devices.empty"), words("devices.empty.hint"), words("sync.now"),
            desk.sync.sync_now,
        )  # fmt: skip
    rows = [_needing(here, item, desk.now()) for item in found.needing]
    if rows and found.well:
        rows.append(section(words("devices.well")))
    rows += [_well(words, item.device, desk.now()) for item in found.well]
    rows.append(footnote(words("devices.note")))
    return ft.Column([_sum(words, found), listing(rows)], spacing=0, expand=True)


def _sum(words: Words, found: Devices) -> ft.Control:
    needing = len(found.needing)
    said = words("devices.needs", n=needing) if needing else words("devices.all_well")
    return ft.Container(
        ft.Row(
            [
                figure(str(found.pending)),
                ft.Column(
                    [
                        muted(words("devices.pending")),
                        caption(said, theme.AMBER if needing else theme.GREEN),
                    ],
                    spacing=0,
                    tight=True,
                    expand=True,
                ),
                caption(words("devices.n", n=len(found.items)), lines=1),
            ],
            spacing=theme.M,
        ),
        padding=theme.L,
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


def _needing(here: Here, item: DeviceItem, now: int) -> ft.Control:
    words, device = here.words, item.device
    lines = [
        headline(device.name, _state(words, device, now), _count(words, device)),
        *(body(_sentence(words, one)) for one in item.findings),
    ]
    if device.issues:
        way = quiet(words("devices.to_inbox"), here.places.show, "inbox")
        lines.append(ft.Row([way]))
    return marked(lines, key=device.device_id)


def _well(words: Words, device: DeviceReport, now: int) -> ft.Control:
    state = _state(words, device, now)
    return row(device.name, state, [_count(words, device)], key=device.device_id)


def _state(words: Words, device: DeviceReport, now: int) -> str:
    """Its number, its standing, the oldest that it holds, and when it was last heard of."""
    oldest = device.oldest_pending_at
    waiting = told_age(now - oldest, words.language) if device.pending and oldest else ""
    return words.dotted(
        device.employee_no,
        words(f"devices.{device.standing}") if device.standing != "active" else "",
        words("devices.oldest", age=waiting) if waiting else "",
        words("devices.seen", when=words.age(device.last_seen)),
    )


def _count(words: Words, device: DeviceReport) -> ft.Control:
    if not device.pending:
        return caption(words("devices.nothing"), lines=1)
    return number(words("devices.unsent", n=device.pending), theme.AMBER)


def _sentence(words: Words, finding: Finding) -> str:
    age = "" if finding.age_ms is None else told_age(finding.age_ms, words.language)
    return words(f"device.{finding.code}", count=finding.fields.get("count", ""), age=age)
