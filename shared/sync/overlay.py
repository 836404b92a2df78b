"""The overlay: how a row looks on the device, which shows its user's own work at once."""

from collections.abc import Iterable

from shared.registry import REGISTRY, Document
from shared.sync.merge import members
from shared.sync.protocol import Op


def replay(base: Document | None, ops: Iterable[Op]) -> Document | None:
    """Return the shared row `base` with the user's own unsettled operations on top.

    None is a row that is not there. An edit of such a row has nothing to show.
    """
    row = base
    for op in ops:
        if op["kind"] == "insert":
            row = REGISTRY[op["entity"]].known(op["doc"]) if row is None else row
        elif op["kind"] == "delete":
            row = None
        elif row is not None and op["kind"] in ("add", "remove"):
            row = {**row, **{name: members(str(row[name]), *pair) for name, pair in _pairs(op)}}
        elif row is not None:
            row = {**row, **{name: new for name, (_, new) in op["set"].items()}}
    return row


def _pairs(op: Op) -> Iterable[tuple[str, tuple[str | None, str | None]]]:
    return ((name, (old, new)) for name, (old, new) in op["set"].items())
