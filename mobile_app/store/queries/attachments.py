"""Attachments: which records of photos, recordings and signatures this device holds."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select

from mobile_app.store.queries.reading import Reading, among, every, listed
from mobile_app.store.records import AttachmentItem
from mobile_app.store.tables import MIRROR
from shared.domain import Attachment

_attachment = MIRROR["attachment"]


class AttachmentQueries(Reading):
    """The records; their content is in `blobs`."""

    def attachment(self, attachment_id: str) -> AttachmentItem | None:
        """Return one attachment, or None when this device holds no such record."""
        found = self._attachments("id", [attachment_id])
        return found[0] if found else None

    def attachments(self, customer_id: str) -> list[AttachmentItem]:
        """Return everything that is attached to a customer, latest first."""
        return self._attachments("customer_id", [customer_id])

    def attachments_of(
        self, interaction_ids: Sequence[str]
    ) -> Mapping[str, tuple[AttachmentItem, ...]]:
        """Return what is attached to each of these contacts, in the order made."""
        found: dict[str, tuple[AttachmentItem, ...]] = {}
        for item in self._attachments("interaction_id", interaction_ids):
            contact = item.attachment.interaction_id or ""
            found[contact] = (item, *found.get(contact, ()))
        return found

    def named_blobs(self, names: Collection[str]) -> set[str]:
        """Return those of these names that a record on this device names."""
        return {item.attachment.sha256 for item in self._attachments("sha256", names)}

    def _attachments(self, field: str, values: Collection[str]) -> list[AttachmentItem]:
        rows = self._ask(_by(field), values=listed(values)) if values else []
        return [
            AttachmentItem(each, self._name_of(each.employee_id), self.state("attachment", each.id))
            for each in (Attachment(*row) for row in rows)
        ]


@cache
def _by(field: str) -> Select[Any]:
    return (
        every("attachment")
        .where(among(_attachment.c[field], "values"))
        .order_by(_attachment.c.occurred_at.desc(), _attachment.c.id.desc())
    )
