"""Sparing: marketing alerts that are taken back because who they are about refuses them by a merge.

A refusal holds for the person: who goes on is spared as soon as either record had refused. A merge
keeps what it took back as a step of its own, so that a split brings it back.
"""

from typing import Final

from sqlalchemy import select

from shared.domain.alert import MARKETING
from shared.registry import REGISTRY
from sync_server.store.consents import spared
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.withdrawing import take_back

TAKEN_BACK: Final = {"status": ("open", "withdrawn")}
"""What became of such an alert, as a merge keeps it."""
_ALERT: Final = REGISTRY["alert"]
_COLUMNS: Final = ENTITY_TABLES["alert"].c


def spare(unit: UnitOfWork, customer: str) -> list[str]:
    """Take back what sells to one who refuses that, and return those alerts' ids."""
    if not spared(unit.connection, [customer]):
        return []
    stands = (
        select(*(_COLUMNS[name] for name in _ALERT.fields))
        .where(_COLUMNS.customer_id == customer, _COLUMNS.status == "open")
        .where(_COLUMNS.kind.in_(sorted(MARKETING)))
        .order_by(_COLUMNS.id)
        .with_for_update()
    )
    found = [row._asdict() for row in unit.connection.execute(stands)]
    take_back(unit, found)
    return [str(each["id"]) for each in found]
