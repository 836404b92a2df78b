"""The server's tables: one per synced entity from the registry, and what sync keeps beside them.

`change_log` is the order of everything: `seq` counts server transactions, `ord` the rows within
one. It keeps each accepted document as the bytes that devices are sent, so that a pull joins bytes
(0.3 us a row) instead of encoding columns (6.5 us).

Small rows of which imports bring many have no rowid on SQLite: they lie in the tree of their key,
and there is no second one whose pages each row costs. A database that was made before keeps its
tables as they are.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

import shared.domain  # noqa: F401  (declares the entities)
from shared.registry import REGISTRY
from shared.tables import entity_table

SCHEMA_VERSION: Final = 6

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""schema_version, generation (changes when a backup is restored), cursor_key (hex),
turned_to (the month into which everyone's statements were last brought), looked_to (the day on
which somebody last looked what matures)."""

sync_clock = Table(
    "sync_clock",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""One row. Bumped last in every writing transaction: order of seq = commit = visibility."""

change_log = Table(
    "change_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("ord", BigInteger, primary_key=True, autoincrement=False),
    Column("scope_id", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("doc", LargeBinary),
    Column("actor", Text, nullable=False),
    Column("device_id", Text),
    Column("op_id", Text),
    Column("at", BigInteger, nullable=False),
)
Index("ix_change_log_scope_seq", change_log.c.scope_id, change_log.c.seq)
_OP_IDS = change_log.c.op_id.is_not(None)
Index(
    "ux_change_log_op_id",
    change_log.c.op_id,
    unique=True,
    sqlite_where=_OP_IDS,
    postgresql_where=_OP_IDS,
)
"""An operation counts once; one that only created its record is remembered nowhere else."""

applied_op = Table(
    "applied_op",
    metadata,
    Column("op_id", Text, primary_key=True),
    Column("device_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("seq", BigInteger),
    Column("verdict", Text),
    Column("at", BigInteger, nullable=False),
)
"""Every operation's one verdict, but for those of plain batches, whose change log says it all.
`verdict` is kept whole only where it says more than applied."""

set_aside_op = Table(
    "set_aside_op",
    metadata,
    Column("op_id", Text, primary_key=True),
    Column("device_id", Text, nullable=False),
    Column("employee_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("code", Text),
    Column("body", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("txn", Text),
)
"""Operations of a later version, whole, until an upgrade takes them up; what was refused is kept as
a synced `issue`. 0.1.0 kept no txn, and what it had refused."""

field_history = Table(
    "field_history",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Who changed which field to what (JSON text), from the row's second version on."""

receipt = Table(
    "receipt",
    metadata,
    Column("id", Text, primary_key=True),
    Column("device_id", Text, nullable=False, index=True),
    Column("employee_id", Text, nullable=False),
    Column("purged", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("purged_at", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""Devices' word that rows which are no longer their users' are off them."""

tombstone = Table(
    "tombstone",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

scope_member = Table(
    "scope_member",
    metadata,
    Column("employee_id", Text, primary_key=True),
    Column("scope_id", Text, primary_key=True),
    Column("granted_seq", BigInteger, nullable=False),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("employee_id", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

device = Table(
    "device",
    metadata,
    Column("id", Text, primary_key=True),
    Column("employee_id", Text, nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("oldest_pending_at", BigInteger),
    Column("skew_ms", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("former", Text),
)
"""status: active, revoked, replaced (it took a new code and is another device since). `former` is
the device that this one was before."""

system_account = Table(
    "system_account",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("rights", Text),
)
"""`rights`: what it may do, one a line; null for an account of before there were any."""

access = Table(
    "access",
    metadata,
    Column("id", Text, primary_key=True),
    Column("system", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("customer_id", Text, index=True),
    Column("extent", Text),
    Column("at", BigInteger, nullable=False, index=True),
)
"""What other systems have read: of one customer, or of everyone between two places in the change
log (`extent`). `id` is in the order of time."""

webhook = Table(
    "webhook",
    metadata,
    Column("name", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("types", Text, nullable=False),
    Column("rights", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ord", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("failing_since", BigInteger),
    Column("said", Text),
    Column("next_at", BigInteger, nullable=False),
    Column("claimed_until", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
"""Where changes are sent, and up to which row of the change log (`seq`, `ord`) they were accepted.
The secret of each follows from cursor_key and `id`. `said`: what went wrong last."""

value_model = Table(
    "value_model",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("terms", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""The bank's own versions of how a customer's value is computed, as they were brought (JSON)."""

blob = Table(
    "blob",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
    Column("have", BigInteger, nullable=False),
    Column("edition", BigInteger, nullable=False),
    Column("device_id", Text, nullable=False, index=True),
    Column("shown_from", BigInteger, nullable=False),
    Column("touched_at", BigInteger, nullable=False),
)
"""The content of attachments. Whole, and checked, as soon as `have` is `total`; `edition` counts
how often bytes were taken away again. `device_id` sent last, without a gap since `shown_from`."""

blob_part = Table(
    "blob_part",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)
"""The bytes from `number` * 256 KiB on, 256 KiB of them but in the last part."""

blob_holder = Table(
    "blob_holder",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("employee_id", Text, primary_key=True),
)
"""Who has shown that they have a content, by sending its end: knowing its name is not enough."""

core_event = Table(
    "core_event",
    metadata,
    Column("key", Text, primary_key=True),
    Column("external_ref", Text, index=True),
    Column("sale_id", Text, index=True),
    Column("event", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("amount", BigInteger),
    Column("qty", BigInteger),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What the bank's core systems have said of sales, each once by its key, whether or not the sale
is here yet; a device may bring it later."""

commission_rest = Table(
    "commission_rest",
    metadata,
    Column("employee_id", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("entries", Text, nullable=False),
)
"""What other months post in an employee's open month (JSON), from the last full computation: with
it a new sale is priced from its own month alone."""

daily_flow = Table(
    "daily_flow",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("inflow", BigInteger, nullable=False),
    Column("outflow", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What went in and out of an account on a day, as the bank's systems last said (fen). No device has
it: what is unusual in it reaches them as alerts."""

fee = Table(
    "fee",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("day", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What an account's customer paid the bank for, as its systems last said (fen). No device has it:
a year of it is part of the customer's value."""
Index("ix_fee_account_day", fee.c.account_id, fee.c.day)

assessment_due = Table(
    "assessment_due",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""Customers who are assessed anew before the next day, and since when (ms); see
`store.assessment_due`."""

refused_row = Table(
    "refused_row",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("sender", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("about", Text),
    Column("sealed", LargeBinary),
    Column("state", Text, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("settled_at", BigInteger),
    Column("settled_by", Text),
)
"""Rows of imports that were refused, each once by the keyed digest of what it says; see
`store.refused_rows`. `about`: a keyed digest of the thing that it is about, where a later row of
the same would take its place. `sealed`: what it says and why it was refused; null once it is
settled."""
Index("ix_refused_row_open", refused_row.c.state, refused_row.c.kind)

customer_said = Table(
    "customer_said",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("as_of", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""What a system of the bank said of a customer last, sealed; see `store.said`. `digest`: keyed, of
the kind and the number of the document."""

merge = Table(
    "merge",
    metadata,
    Column("id", Text, primary_key=True),
    Column("survivor", Text, nullable=False, index=True),
    Column("loser", Text, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("split_at", BigInteger),
)
"""Two customers made one, by the id of their `duplicate`."""

merge_step = Table(
    "merge_step",
    metadata,
    Column("merge_id", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
"""What a merge changed in one row, sealed: field to what it was and what it became. With it a split
puts back what nobody has changed since; see `store.merge_steps`."""

_UNASKED: Final = {
    "interaction": ("customer_id", "employee_id", "occurred_at"),
    "customer": ("merged_into",),
    "account": ("matures_on",),
    "identifier": ("last_four", "valid_until"),
    "alert": ("due_at",),
}
"""Fields that only devices look rows up by, or that have an index of another kind here: each index
is a sixth of what an insert takes."""
WALKED_BY: Final = {"account": "customer_id"}
"""By what the rows of a scope lie together, where that is not the id: accounts come in files, by
customer, and have digests for their ids. By those, each row of a file would change a page of the
index that no other does."""
ENTITY_TABLES: Final = {
    entity.name: entity_table(
        entity,
        metadata,
        own=(),
        unasked=_UNASKED.get(entity.name, ()),
        walked_by=WALKED_BY.get(entity.name, "id"),
    )
    for entity in REGISTRY.values()
}
_INTERACTION: Final = ENTITY_TABLES["interaction"].c
_ACCOUNT: Final = ENTITY_TABLES["account"].c
_IDENTIFIER: Final = ENTITY_TABLES["identifier"].c
Index("ix_interaction_timeline", _INTERACTION.customer_id, _INTERACTION.occurred_at)
Index("ix_identifier_value", _IDENTIFIER.value)
Index("ix_customer_phone", ENTITY_TABLES["customer"].c.phone)
Index("ix_merge_step_row", merge_step.c.entity, merge_step.c.id)


def _index_where_said(name: str, column: Column[Any], *then: Column[Any]) -> None:
    """Index the rows that say something in a column, and none else.

    Beside sparing what they cost, such an index is no way to the rows that say nothing: of those
    merged into nobody, who are nearly all, it would have the database put every one in order for
    each page of a walk by ids.
    """
    said = column.is_not(None)
    Index(name, column, *then, sqlite_where=said, postgresql_where=said)


_index_where_said("ix_customer_merged", ENTITY_TABLES["customer"].c.merged_into)
_index_where_said("ix_account_maturing", _ACCOUNT.matures_on, _ACCOUNT.id)
_index_where_said("ix_identifier_ending", _IDENTIFIER.valid_until, _IDENTIFIER.id)
