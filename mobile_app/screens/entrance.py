"""Entrance: enrol this device once, then open it with a PIN; it says what happens to the data."""

import flet as ft

from mobile_app import theme
from mobile_app.parts.blocks import field, notice, secret_field
from mobile_app.parts.buttons import primary, quiet
from mobile_app.parts.frame import bare
from mobile_app.parts.guard import part, screen
from mobile_app.parts.text import body, caption, figure, muted, title
from mobile_app.state.gate import Gate
from mobile_app.state.here import Here, here
from mobile_app.state.said import sentence


@screen
def entrance() -> ft.View:
    """What stands before the desk, by how far the user has come."""
    found = here()
    bodies = {
        "opening": _opening,
        "taken": _taken,
        "enrol": _enrol,
        "locked": _unlock,
        "welcome": _welcome,
    }
    inside = bodies[found.gate.phase](found, found.gate)
    return bare("/", ft.Column([_mast(found), inside], spacing=theme.XL, scroll=ft.ScrollMode.AUTO))


def _mast(here: Here) -> ft.Control:
    words, look = here.words, here.look
    other = "en" if look.language == "zh" else "zh"
    return ft.Row(
        [
            ft.Column(
                [figure(words("app")), caption(words("app.what"))],
                spacing=0,
                tight=True,
                expand=True,
            ),
            quiet(words(f"language.{other}"), look.speak, other),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


@part
def _opening(here: Here, _gate: Gate) -> ft.Control:
    return ft.Row(
        [ft.ProgressRing(width=theme.ICON, height=theme.ICON), muted(here.words("opening"))]
    )


@part
def _taken(here: Here, gate: Gate) -> ft.Control:
    return ft.Column(
        [notice(here.words("taken")), primary(here.words("try_again"), gate.arrive)],
        spacing=theme.L,
        tight=True,
    )


@part
def _enrol(here: Here, gate: Gate) -> ft.Control:
    server, set_server = ft.use_state(here.entry.server_url)
    code, set_code = ft.use_state(here.entry.code)
    pin, set_pin = ft.use_state("")
    again, set_again = ft.use_state("")
    words = here.words
    return ft.Column(
        [
            title(words("enrol.title")),
            muted(words("enrol.hint")),
            field(words("enrol.server"), server, verb=set_server),
            field(words("enrol.code"), code, verb=set_code),
            secret_field(words("enrol.pin", n=gate.pin_length), pin, verb=set_pin, name="pin"),
            secret_field(words("enrol.again"), again, verb=set_again, name="again"),
            *_said(here, gate),
            primary(
                words("enrol.busy") if gate.busy else words("enrol.do"),
                gate.enrol, server, code, pin, again,
                enabled=not gate.busy,
            ),
            caption(words("enrol.safe")),
            *([ft.Row([quiet(words("back"), gate.back_to_lock)])] if gate.known else []),
        ],
        spacing=theme.M,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


@part
def _welcome(here: Here, gate: Gate) -> ft.Control:
    words, me = here.words, here.desk.store.me
    return ft.Column(
        [
            title(words("welcome.name", name=me.name)),
            body(words.dotted(words.code("role", me.role), me.employee_no)),
            muted(words("welcome.hint")),
            primary(words("welcome.do"), gate.begin),
        ],
        spacing=theme.M,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@part
def _unlock(here: Here, gate: Gate) -> ft.Control:
    pin, set_pin = ft.use_state("")
    words = here.words
    return ft.Column(
        [
            title(words("unlock.title")),
            muted(words("unlock.profile", profile=here.entry.profile)),
            secret_field(
                words("unlock.pin"), pin, verb=set_pin, autofocus=True,
                submit=lambda: gate.unlock(pin), name="pin",
            ),
            *_said(here, gate),
            primary(
                words("unlock.busy") if gate.busy else words("unlock.do"),
                gate.unlock, pin,
                enabled=not gate.busy,
            ),
            caption(words("unlock.safe")),
            ft.Row([quiet(words("unlock.new_code"), gate.enrol_again)]),
        ],
        spacing=theme.M,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


def _said(here: Here, gate: Gate) -> list[ft.Control]:
    return [notice(sentence(here.words, gate.message))] if gate.message else []
