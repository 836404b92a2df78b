"""Record changes: what a merge or a split did is told to whoever holds the record.

A change of owner is told where customers move (`UnitOfWork.import_rows`).
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from shared.domain.record_change import record_joined
from shared.registry import REGISTRY
from sync_server.store.unit_of_work import UnitOfWork


def tell_joined(
    unit: UnitOfWork,
    kind: Literal["merged", "split"],
    others: Mapping[str, Mapping[str, Any]],
    decided_by: str,
) -> None:
    """Write of customers that they were merged or split, each with the row of the other one."""
    changes = [
        asdict(record_joined(id, kind, (other["id"], other["name"]), decided_by, unit.now))
        for id, other in others.items()
    ]
    unit.import_rows(REGISTRY["record_change"], changes)
