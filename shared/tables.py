"""The tables of both sides, derived from the registry, so that a new field is added in one place.

A synced row carries, beside the entity's own fields, `version` (counts accepted writes) and
`scope_id`; each side adds what it keeps for itself.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, MetaData, Table, Text

from shared.registry import Entity, Field

_TYPES = {str: Text, int: BigInteger, float: Double, bool: Boolean}


def entity_table(entity: Entity, metadata: MetaData, own: Sequence[Column[object]]) -> Table:
    """Build the table of an entity with the keeping side's `own` columns at its end."""
    table = Table(
        entity.name,
        metadata,
        *(_column(field) for field in entity.fields.values()),
        Column("version", BigInteger, nullable=False),
        Column("scope_id", Text, nullable=False),
        *own,
    )
    Index(f"ix_{entity.name}_scope_id", table.c.scope_id, table.c.id)
    return table


def _column(field: Field) -> Column[object]:
    return Column(
        field.name,
        _TYPES[field.python_type](),
        primary_key=field.name == "id",
        nullable=field.nullable,
        index=field.indexed,
    )
