"""Attachments: what a form can be given, the chips of a timeline, and the one that is open."""

from collections.abc import Callable, Iterable
from typing import Final

import flet as ft
import flet.canvas as cv

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import notice
from mobile_app.parts.buttons import chips, icon_button, quiet
from mobile_app.parts.guard import act, act_at, act_with_file, part
from mobile_app.parts.text import body, caption, title
from mobile_app.state.attaching import Attaching
from mobile_app.state.rows import AttachmentItem, ContentState, HeldContent
from mobile_app.state.said import sentence
from mobile_app.state.signature import HEIGHT, PEN, WIDTH, Pad, Stroke
from mobile_app.state.viewing import Viewing

_ICONS: Final[dict[str, ft.IconData]] = {
    "photo": ft.Icons.PHOTO_CAMERA_OUTLINED,
    "voice": ft.Icons.MIC_NONE,
    "signature": ft.Icons.DRAW_OUTLINED,
}
_STATES: Final[dict[ContentState, tuple[ft.IconData, ft.ColorValue]]] = {
    ContentState.LOCAL: (ft.Icons.CIRCLE_OUTLINED, theme.MUTED),
    ContentState.UPLOADED: (ft.Icons.CIRCLE, theme.GREEN),
    ContentState.ELSEWHERE: (ft.Icons.CLOUD_OUTLINED, theme.ACCENT),
    ContentState.REFUSED: (ft.Icons.PRIORITY_HIGH, theme.AMBER),
}
_PICKED: Final[dict[str, ft.FilePickerFileType]] = {
    "photo": ft.FilePickerFileType.IMAGE,
    "voice": ft.FilePickerFileType.AUDIO,
}
_FRAME_MS: Final = 30
"""How often a finger on the pad is told of."""


@part
def attaching_row(words: Words, attaching: Attaching) -> ft.Control:
    """What a form can be given beside its fields, and what it was given."""
    drawing, draw = ft.use_state(False)

    def drawn(svg: bytes) -> None:
        attaching.add("signature", svg)
        draw(False)

    ways = chips(
        [
            *(_pick(words, attaching, kind) for kind in _PICKED),
            _way(words("attached.signature"), "signature", on_click=act(draw, True)),
        ]
    )
    lines: list[ft.Control] = [ways]
    if attaching.held:
        lines.append(chips(_held(words, each, attaching.remove) for each in attaching.held))
    if attaching.problem:
        lines.append(notice(sentence(words, attaching.problem)))
    # A component of its own: a dialog's hooks come and go with it.
    lines.append(
        signature_pad(words, drawn, act(draw, False)) if drawing else ft.Container(visible=False)
    )
    return ft.Column(lines, spacing=theme.S, tight=True)


def _pick(words: Words, attaching: Attaching, kind: str) -> ft.Control:
    """A button that opens the device's own picker; a browser lets only the tap itself do that."""
    picker = ft.use_memo(
        lambda: ft.FilePicker(on_result=act_with_file(attaching.add, kind)), [attaching, kind]
    )
    # Losing the focus is not giving up: a camera takes it away for as long as one aims.
    action = ft.PickFiles(
        picker, file_type=_PICKED[kind], with_data=True, cancel_upload_on_window_blur=False
    )
    return _way(words(f"attached.{kind}"), kind, action=action)


def _way(
    word: str,
    kind: str,
    *,
    action: ft.PickFiles | None = None,
    on_click: Callable[..., object] | None = None,
) -> ft.Control:
    return ft.OutlinedButton(
        word,
        icon=_ICONS[kind],
        action=action,
        on_click=on_click,
        height=theme.TOUCH,
        key=f"attach:{kind}",
        style=ft.ButtonStyle(side=ft.BorderSide(theme.HAIR, theme.EDGE)),
    )


def _held(words: Words, held: HeldContent, remove: Callable[[str], object]) -> ft.Control:
    what = words(f"attached.{held.kind}")
    return ft.Container(
        ft.Row(
            [
                ft.Icon(_ICONS[held.kind], size=theme.ICON, color=theme.ACCENT),
                body(words.dotted(what, words.size(held.size)), lines=1),
                icon_button(ft.Icons.CLOSE, words("attach.remove", what=what), remove, held.id),
            ],
            spacing=theme.S,
            tight=True,
        ),
        key=held.id,
        bgcolor=theme.SUNK,
        border_radius=theme.RADIUS,
        padding=ft.Padding.only(left=theme.M),
    )


@part
def signature_pad(
    words: Words, done: Callable[[bytes], object], cancel: Callable[..., object]
) -> ft.Control:
    """A pad to sign on, in a dialog: in a page that scrolls, a stroke downwards would scroll it."""
    pad = ft.use_memo(Pad, [])
    ft.use_dialog(
        ft.AlertDialog(
            modal=True,
            title=title(words("signature.title")),
            content=_surface(words, pad),
            actions=[
                quiet(words("cancel"), cancel, color=theme.MUTED),
                quiet(words("signature.clear"), pad.clear),
                _done(words, pad, done),
            ],
        )
    )
    return ft.Container(visible=False)


@part
def _done(words: Words, pad: Pad, done: Callable[[bytes], object]) -> ft.Control:
    return ft.FilledButton(
        words("signature.done"),
        on_click=act(lambda: done(pad.svg())),
        disabled=not pad.strokes,
        height=theme.TOUCH,
    )


@part
def _surface(words: Words, pad: Pad) -> ft.Control:
    return ft.Semantics(
        label=words("signature.here"),
        content=ft.GestureDetector(
            drawing(pad.strokes),
            key="pad",
            drag_interval=_FRAME_MS,
            on_pan_down=act_at(pad.begin),
            on_pan_update=act_at(pad.draw),
        ),
    )


def drawing(strokes: Iterable[Stroke]) -> ft.Control:
    """A signature, in the ink of the theme."""
    paint = ft.Paint(
        color=theme.INK,
        style=ft.PaintingStyle.STROKE,
        stroke_width=PEN,
        stroke_cap=ft.StrokeCap.ROUND,
        stroke_join=ft.StrokeJoin.ROUND,
    )
    paths: list[cv.Shape] = [cv.Path(_elements(stroke), paint) for stroke in strokes]
    return ft.Container(
        cv.Canvas(paths, width=WIDTH, height=HEIGHT),
        bgcolor=theme.SUNK,
        border=ft.Border.all(theme.HAIR, theme.EDGE),
        border_radius=theme.RADIUS,
    )


def _elements(stroke: Stroke) -> list[cv.Path.PathElement]:
    (x, y), *rest = stroke
    # A line to where it is makes a dot: a round cap needs something to stand on.
    onward = rest or [(x, y)]
    return [cv.Path.MoveTo(x, y), *(cv.Path.LineTo(*point) for point in onward)]


# What is in the record


def attachment_chip(
    words: Words,
    item: AttachmentItem,
    state: ContentState,
    verb: Callable[..., object],
    *args: object,
) -> ft.Control:
    """One attachment with where its content is; a tap opens it."""
    icon, colour = _STATES[state]
    what = item.attachment.caption or words(f"attached.{item.attachment.kind}")
    line = ft.Row(
        [
            ft.Icon(_ICONS[item.attachment.kind], size=theme.ICON, color=theme.ACCENT),
            body(what, lines=1),
            ft.Icon(icon, size=theme.ICON_SMALL, color=colour),
            caption(words(f"content.{state.value}"), colour, 1),
        ],
        spacing=theme.XS,
        tight=True,
    )
    box = ft.Container(
        line,
        on_click=act(verb, *args),
        ink=True,
        height=theme.TOUCH,
        padding=ft.Padding.symmetric(horizontal=theme.M),
        border=ft.Border.all(theme.HAIR, theme.EDGE),
        border_radius=theme.RADIUS,
        bgcolor=theme.CARD,
    )
    return ft.Semantics(button=True, content=box, key=item.attachment.id)


@part
def viewer(words: Words, viewing: Viewing) -> ft.Control:
    """The attachment that is open, over the page; nothing while none is."""
    ft.use_dialog(_opened(words, viewing) if viewing.attachment else None)
    return ft.Container(visible=False)


def _opened(words: Words, viewing: Viewing) -> ft.DialogControl:
    attachment = viewing.attachment
    assert attachment is not None  # noqa: S101 - the caller asked
    what = words(f"attached.{attachment.kind}")
    return ft.AlertDialog(
        title=title(attachment.caption or what),
        content=ft.Column(
            [
                _content(words, viewing, what),
                caption(
                    words.dotted(words.moment(attachment.occurred_at), words.size(attachment.size))
                ),
            ],
            spacing=theme.S,
            tight=True,
            scroll=ft.ScrollMode.AUTO,
        ),
        actions=[quiet(words("attachment.close"), viewing.close)],
        on_dismiss=act(viewing.close),
    )


def _content(words: Words, viewing: Viewing, what: str) -> ft.Control:
    if viewing.problem:
        return notice(sentence(words, viewing.problem))
    if viewing.strokes is not None:
        return drawing(viewing.strokes)
    if viewing.picture is None:
        return body(words("attachment.opening"))
    return ft.Image(
        viewing.picture,
        width=theme.PICTURE,
        fit=ft.BoxFit.CONTAIN,
        error_content=notice(words("attachment.broken")),
        semantics_label=what,
    )
