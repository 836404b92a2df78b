"""The device's tables, in three files: the mirror can be fetched again, the outbox cannot.

Mirror: the entities of the registry as the screens read them (the shared rows with the user's own
unsettled work on top), and `row_base`, the shared row beneath each such overlay. Outbox: what the
user did and what became of it, drafts, and who this device is. Blobs: the content of attachments,
apart because it is a thousand times as large.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

import shared.domain  # noqa: F401  (declares the entities)
from shared.registry import REGISTRY
from shared.tables import entity_table

mirror_metadata = MetaData()
outbox_metadata = MetaData()
blob_metadata = MetaData()

_UNASKED: Final = {"interaction": ("customer_id",)}
"""A customer's contacts are looked up in the order of time, by an index of their own."""
MIRROR: Final = {
    entity.name: entity_table(
        entity,
        mirror_metadata,
        own=[Column("epoch", BigInteger, nullable=False)],
        unasked=_UNASKED.get(entity.name, ()),
    )
    for entity in REGISTRY.values()
}
"""`epoch` counts walks through a scope: what a finished walk did not touch is gone."""
_CONTACT: Final = MIRROR["interaction"].c
Index("ix_interaction_timeline", _CONTACT.customer_id, _CONTACT.occurred_at, _CONTACT.id)
Index(
    "ix_interaction_corrects",
    _CONTACT.customer_id,
    _CONTACT.supersedes,
    sqlite_where=_CONTACT.supersedes.is_not(None),
)
"""Whether a contact was put right is asked of each one that is shown, and few are."""

row_base = Table(
    "row_base",
    mirror_metadata,
    Column("entity", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("doc", LargeBinary),
    Column("version", BigInteger, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)
"""One row for each overlaid key; `doc` is null where the shared record has no such row yet."""

mirror_meta = Table(
    "meta",
    mirror_metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""cursor, seq, epoch, synced_at, schema, shape; taken_up is the shape of the tables that deferred
rows were last read into."""

deferred_row = Table(
    "deferred_row",
    mirror_metadata,
    Column("entity", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("scope_id", Text, nullable=False),
    Column("doc", LargeBinary, nullable=False),
    Column("version", BigInteger),
    Column("epoch", BigInteger),
)
"""Rows of entities, or with columns, that this version of the app does not know yet. 0.1.0 kept
neither version nor epoch with them."""

purge_receipt = Table(
    "purge_receipt",
    mirror_metadata,
    Column("id", Text, primary_key=True),
    Column("purged", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What was purged and the server does not know to be gone yet; written with the purge itself."""

outbox = Table(
    "outbox",
    outbox_metadata,
    Column("device_seq", Integer, primary_key=True),
    Column("op_id", Text, nullable=False, unique=True),
    Column("txn", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False, index=True),
    Column("state", Text, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ack_seq", BigInteger),
    Column("verdict", LargeBinary),
    Column("replaces", Text),
    Column("settled_at", BigInteger),
)
"""state: pending, acked (verdict read), done (effect read back), deferred (kept by a server that is
too old to understand it), quarantined, discarded.
`settled_at` is when an operation was first found done, by the server's clock (ms).
`device_seq` is the rowid, so that an index on the state has the order in which things were made.
`replaces` is the refused transaction that this one corrects."""

draft = Table(
    "draft",
    outbox_metadata,
    Column("key", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)

outbox_meta = Table(
    "meta",
    outbox_metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""identity (JSON: device, token, employee, server), generation, server_schema, schema."""

blob = Table(
    "blob",
    blob_metadata,
    Column("sha256", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("refusal", LargeBinary),
)
"""state: local, uploading, stored (the server has it), fetching, fetched (it came from there).
`offset` is how much has been moved; `refusal` the server's last (JSON)."""

part = Table(
    "part",
    blob_metadata,
    Column("sha256", Text, primary_key=True),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)

attached = Table(
    "attached",
    blob_metadata,
    Column("attachment_id", Text, primary_key=True),
    Column("sha256", Text, nullable=False, index=True),
    Column("recorded", Boolean, nullable=False),
)
"""Which of this device's own attachments a blob was kept for. Not `recorded`: the record is not
known to be in the outbox yet, because a form is open or the device died in between."""

blob_meta = Table(
    "meta",
    blob_metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""generation: of the server that has what is stored."""
