"""A replica: what a device makes of pages, as plainly as it can be written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.sync.protocol import PageLine
from shared.sync.protocol import Row as PageRow
from shared.sync.ruling import Key, Row


@dataclass(slots=True)
class Replica:
    """The rows that a device holds, and its cursor."""

    cursor: str | None = None
    seq: int = 0
    rows: dict[Key, Row] = field(default_factory=dict)
    _walked: dict[str, set[Key]] = field(default_factory=dict)

    def take(self, pages: Iterable[PageLine]) -> "Replica":
        """Apply pages in order; a page that does not follow the cursor is an error."""
        for page in pages:
            self._apply(page)
        return self

    def _apply(self, page: PageLine) -> None:
        if page["after"] != self.cursor:
            raise ValueError("this page does not follow")
        for scope in page["gone"]:
            self._sweep(scope, keep=set())
        self._walked |= {scope: set() for scope in page["begin"]}
        for row in page["rows"]:
            self._take_row(row)
        for scope in page["complete"]:
            self._sweep(scope, keep=self._walked.pop(scope))
        self.cursor, self.seq = page["cursor"], page["seq"]

    def _sweep(self, scope: str, keep: set[Key]) -> None:
        self.rows = {
            key: row for key, row in self.rows.items() if row.scope != scope or key in keep
        }

    def _take_row(self, row: PageRow) -> None:
        key, present = (row["entity"], row["id"]), self.rows.get((row["entity"], row["id"]))
        if row["op"] == "put":
            self.rows[key] = Row(row["doc"], row["version"], row["scope"])
            self._walked.get(row["scope"], set()).add(key)
        elif present is not None and (row["op"] == "delete" or present.scope == row["scope"]):
            del self.rows[key]

    def of(self, entity: str) -> Mapping[str, Row]:
        """Return the rows of an entity by id."""
        return {id: row for (name, id), row in self.rows.items() if name == entity}
