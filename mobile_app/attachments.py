"""Attachments: what a device does with photos, recordings and signatures, for app and command line.

Content first, record second: `hold` makes the content durable, `commit` the records, each in a
transaction of its own, so that an attachment which is refused never takes its visit with it. A form
that is still open keeps what it holds in its draft; at the next opening everything that neither a
draft nor a record stands for is swept.
"""

from collections.abc import Callable, Sequence
from typing import cast

from mobile_app.blob_runner import BlobRunner
from mobile_app.store.blobs import Blobs
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.records import AttachmentItem, ContentState, HeldContent, UnsentContent
from shared.domain import Attachment
from shared.domain.attachment import AttachmentKind, recognised
from shared.errors import refused
from shared.sync.change import Change, Insert


class Attachments:
    """The attachments of one device."""

    def __init__(
        self, store: DeviceStore, blobs: Blobs, runner: BlobRunner, clock: Callable[[], int]
    ) -> None:
        self._store, self._blobs, self._runner, self._clock = store, blobs, runner, clock
        self._recover()

    def _recover(self) -> None:
        """Bring content and records in line, wherever the last run ended."""
        drafted, came, gone = self._drafted(), [], []
        for id, _, recorded in self._blobs.own():
            fate = self._store.fate("attachment", id)
            if fate == "discarded" or (fate is None and not recorded and id not in drafted):
                gone.append(id)
            elif fate is not None and not recorded:
                came.append(id)
        if came:
            self._blobs.recorded(came)
        if gone:
            self._blobs.let_go(gone)

    def _drafted(self) -> set[str]:
        """Return the attachments of forms that are still open."""
        drafts = (self._store.draft(key) or {} for key in self._store.drafts())
        return {str(kept["id"]) for draft in drafts for kept in draft.get("attachments", ())}

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when a content comes, goes or is sent; return how to stop it."""
        return self._blobs.on_change(listener)

    # Making

    def hold(self, kind: AttachmentKind, content: bytes) -> HeldContent:
        """Make a content durable before its record is.

        Raises Refusal `attachment_size` and `attachment_type`, and DiskFull.
        """
        media_type = recognised(kind, content)
        id = self._store.new_id()
        name = self._blobs.keep(id, content, media_type)
        return HeldContent(id, kind, media_type, len(content), name)

    def let_go(self, attachment_ids: Sequence[str]) -> None:
        """Give up what no record will stand for."""
        if attachment_ids:
            self._blobs.let_go(attachment_ids)

    def commit(self, changes: Sequence[Change], attachments: Sequence[Attachment]) -> None:
        """Save changes as one transaction and each attachment as another; durable on return."""
        each = [[Insert.of("attachment", attachment)] for attachment in attachments]
        self._store.commit_each(*([changes] if changes else []), *each)
        self._blobs.recorded([attachment.id for attachment in attachments])

    def record_of(
        self,
        held: HeldContent,
        customer_id: str,
        interaction_id: str | None = None,
        caption: str | None = None,
    ) -> Attachment:
        """Return the record of a content that is held."""
        return Attachment(
            id=held.id,
            customer_id=customer_id,
            employee_id=self._store.me.id,
            kind=held.kind,
            media_type=held.media_type,
            size=held.size,
            sha256=held.sha256,
            occurred_at=self._clock(),
            interaction_id=interaction_id,
            caption=caption,
        )

    # Looking

    def state(self, attachment: Attachment) -> ContentState:
        """Return where the content of an attachment is."""
        found = self._blobs.find(attachment.sha256)
        if found is None or not found.is_whole:
            return ContentState.ELSEWHERE
        if not found.is_unsent:
            return ContentState.UPLOADED
        return ContentState.REFUSED if found.refusal else ContentState.LOCAL

    def is_held(self, held: HeldContent) -> bool:
        """Whether the content of an open form is here."""
        found = self._blobs.find(held.sha256)
        return found is not None and found.is_whole

    async def fetch(self, attachment_id: str) -> bytes:
        """Return a content, from here or else from the server, checked against its name.

        Raises Unreachable; Refusal `not_found`, `blob_waiting` and `blob_mismatch`; DiskFull.
        """
        item = self._store.attachment(attachment_id)
        if item is None:
            raise refused("not_found")
        attachment = item.attachment
        if self._blobs.content(attachment.sha256) is None:
            await self._runner.fetch(attachment.sha256, attachment.media_type)
        return cast(bytes, self._blobs.content(attachment.sha256))

    def unsent(self) -> list[UnsentContent]:
        """Return what the server does not have yet, what was refused first."""
        own = {name: id for id, name, recorded in self._blobs.own() if recorded}
        found = [
            (blob, self._store.attachment(own[blob.sha256]))
            for blob in self._blobs.unsent()
            if blob.sha256 in own
        ]
        listed = [
            UnsentContent(item, self._name(item), blob.offset, blob.refusal)
            for blob, item in found
            if item is not None
        ]
        return sorted(listed, key=lambda each: each.refusal is None)

    def _name(self, item: AttachmentItem) -> str:
        return self._store.customer_name(item.attachment.customer_id) or ""

    def retry(self, attachment: Attachment) -> None:
        """Send a refused content again at once."""
        self._runner.retry(attachment.sha256)
