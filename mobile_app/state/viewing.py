"""Viewing: the one attachment that is open, fetched when it is not on this device."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import flet as ft

from mobile_app.state.said import Message, Said
from mobile_app.state.signature import Stroke, strokes_of
from mobile_app.store.faults import DiskFull
from shared.errors import Refusal, Unreachable

if TYPE_CHECKING:
    from mobile_app.attachments import Attachments
    from shared.domain import Attachment


@dataclass(eq=False)
class Viewing(ft.Observable):
    """What is open. `picture` and `strokes` are there once the content is."""

    _attachments: "Attachments"
    attachment: "Attachment | None" = None
    picture: bytes | None = None
    strokes: tuple[Stroke, ...] | None = None
    problem: Message | Unreachable | None = None
    is_waiting: bool = False

    async def open(self, attachment: "Attachment") -> None:
        """Open an attachment; why it cannot be shown is said in its place."""
        self.close()
        self.attachment, self.is_waiting = attachment, True
        try:
            content = await self._attachments.fetch(attachment.id)
        except (Refusal, Unreachable) as error:
            self._show(attachment, problem=error)
        except DiskFull:
            self._show(attachment, problem=Said("disk_full"))
        else:
            self._show_content(attachment, content)

    def _show_content(self, attachment: "Attachment", content: bytes) -> None:
        if attachment.kind == "voice":
            self._show(attachment, problem=Said("attachment.no_player"))
        elif attachment.media_type != "image/svg+xml":
            self._show(attachment, picture=content)
        elif (strokes := strokes_of(content)) is not None:
            self._show(attachment, strokes=strokes)
        else:
            self._show(attachment, problem=Said("attachment.not_drawn_here"))

    def _show(
        self,
        attachment: "Attachment",
        *,
        picture: bytes | None = None,
        strokes: tuple[Stroke, ...] | None = None,
        problem: Message | Unreachable | None = None,
    ) -> None:
        if self.attachment is not attachment:  # closed, or another one opened, meanwhile
            return
        self.picture, self.strokes, self.problem = picture, strokes, problem
        self.is_waiting = False

    def close(self) -> None:
        """Put it away, its content too."""
        self.attachment = self.picture = self.strokes = self.problem = None
        self.is_waiting = False
