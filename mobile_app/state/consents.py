"""Consents: what a customer allows, and how a new word of theirs is kept."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mobile_app.state.rows import ConsentItem
from mobile_app.state.said import Message, Said
from mobile_app.store.faults import DiskFull
from shared.domain.attachment import Attachment
from shared.domain.consent import PURPOSES, Consent, ConsentAnswer, ConsentPurpose
from shared.errors import Refusal
from shared.sync.change import Insert

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk


@dataclass(frozen=True)
class PurposeState:
    """One purpose and the word that counts for it; None where nothing was said."""

    purpose: ConsentPurpose
    word: ConsentItem | None

    @property
    def answers(self) -> tuple[ConsentAnswer, ...]:
        """What can be said that does not stand already."""
        if self.word is None:
            return ("given", "refused")
        return ("refused",) if self.word.consent.answer == "given" else ("given",)


@dataclass(eq=False)
class Consents:
    """The reads and the one verb of consents."""

    _desk: "Desk"
    problems: dict[str, Message] = field(default_factory=dict)
    """Why a word was not kept, by customer."""

    def of(self, customer_id: str) -> list[PurposeState]:
        """Every purpose, and what a customer last said to it."""
        items: list[ConsentItem] = self._desk.read(self._desk.store.consents_of, customer_id)
        words = {item.consent.purpose: item for item in items}
        return [PurposeState(purpose, words.get(purpose)) for purpose in PURPOSES]

    def say(
        self,
        customer_id: str,
        purpose: ConsentPurpose,
        answer: ConsentAnswer,
        signature: bytes | None = None,
    ) -> None:
        """Keep what a customer says, aloud or with their signature (SVG)."""
        desk = self._desk
        self.problems.pop(customer_id, None)
        try:
            signed = None if signature is None else self._signed(customer_id, signature)
            word = Consent(
                id=desk.ids(),
                customer_id=customer_id,
                employee_id=desk.store.me.id,
                purpose=purpose,
                answer=answer,
                said="spoken" if signed is None else "signed",
                occurred_at=desk.now(),
                evidence=None if signed is None else signed.id,
            )
            desk.attachments.commit([Insert.of("consent", word)], [signed] if signed else [])
        except (Refusal, DiskFull) as fault:
            self.problems[customer_id] = fault if isinstance(fault, Refusal) else Said("disk_full")
            desk.refresh()
        else:
            desk.runner.wake()

    def _signed(self, customer_id: str, signature: bytes) -> Attachment:
        attachments = self._desk.attachments
        return attachments.record_of(attachments.hold("signature", signature), customer_id)
