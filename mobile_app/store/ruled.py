"""Ruled: what a user does is held to the bank's own rules before it is kept.

The arbiter holds every operation to the rule of its entity, by the same code. Here the form is
still open, so a refusal comes in time to be heeded.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mobile_app.store.set_aside import Key
from shared.registry import REGISTRY, Document
from shared.sync.cases import hold
from shared.sync.change import Change, Insert, Patch, Transition

Find = Callable[[Key], Document | None]


def hold_to_rules(changes: Sequence[Change], find: Find, employee_id: str, at: int) -> None:
    """Raise the refusal of the first change that its entity's rule forbids.

    A record that is made and taken further by the same transaction is judged as it grows. `find`
    reads a record as the user sees it; a step of one that is not here is left to the server.
    """
    standing: dict[Key, Document] = {}

    def found(entity: str, id: str) -> Document | None:
        return standing.get((entity, id)) or find((entity, id))

    for change in changes:
        if not isinstance(change, Insert | Patch | Transition):
            continue
        entity, before = REGISTRY[change.entity], None
        if isinstance(change, Insert):
            after = entity.known(change.document)
        elif before := found(change.entity, change.id):
            after = {**before, **_said(change)}
        else:
            continue
        hold(entity, after, before, found, employee_id, at)
        standing[change.entity, change.id] = after


def _said(change: Patch | Transition) -> Mapping[str, Any]:
    """Return what a change makes of a record's fields."""
    if isinstance(change, Transition):
        return {change.field: change.after, **change.said}
    return {name: new for name, (_, new) in change.fields.items()}
