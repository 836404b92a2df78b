"""Attaching: what a form has been given beside its fields, durable as soon as it is given."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import flet as ft

from mobile_app.state.said import Message, Said
from mobile_app.store.faults import DiskFull
from mobile_app.store.records import HeldContent
from shared.domain.attachment import AttachmentKind
from shared.errors import Refusal

if TYPE_CHECKING:
    from mobile_app.attachments import Attachments
    from shared.domain import Attachment


@dataclass(eq=False)
class Attaching(ft.Observable):
    """The attachments of one open form; `_keep` saves the form's draft."""

    _attachments: "Attachments"
    _keep: Callable[[], None]
    held: tuple[HeldContent, ...] = ()
    problem: Message | None = None

    def add(self, kind: AttachmentKind, content: bytes | None) -> None:
        """Take a content in; what cannot be attached is said, and changes nothing."""
        if content is None:
            self.problem = Said("attach.unreadable")
            return
        try:
            held = self._attachments.hold(kind, content)
        except Refusal as refusal:
            self.problem = refusal
        except DiskFull:
            self.problem = Said("disk_full")
        else:
            self.held, self.problem = (*self.held, held), None
            self._keep()

    def remove(self, id: str) -> None:
        """Take one back."""
        self.held = tuple(each for each in self.held if each.id != id)
        self._keep()
        self._attachments.let_go([id])

    def remove_all(self) -> None:
        """The form is given up."""
        self._attachments.let_go([each.id for each in self.held])
        self.held = ()

    def records(self, customer_id: str, interaction_id: str) -> list["Attachment"]:
        """Return the records of what is held, for the contact that was just written down."""
        return [
            self._attachments.record_of(each, customer_id, interaction_id) for each in self.held
        ]

    def draft(self) -> list[dict[str, Any]]:
        """Return what the form's draft keeps of it."""
        return [asdict(each) for each in self.held]

    def restore(self, kept: Sequence[dict[str, Any]]) -> None:
        """Take up what a draft kept and is still here."""
        held = (HeldContent.of_draft(each) for each in kept)
        self.held = tuple(each for each in held if self._attachments.is_held(each))
