"""The mirror: the shared rows of this device's scopes, with the user's own work on top.

Theory of operation. `apply` writes a page and its cursor in one transaction. For a row on which
the user has unsettled operations, the shared row goes to `row_base` and the mirror shows base plus
operations; when they are settled, the base takes its place back. The overlay can be made again
from the outbox at any time, so a crash between the two files costs nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pydantic_core import from_json, to_json
from sqlalchemy import Engine

from mobile_app.store import deferred
from mobile_app.store.bridge import ask, empty_log, unflushed, writing
from mobile_app.store.dbapi import Connection as Driver
from mobile_app.store.deferred import Deferred, is_strange
from mobile_app.store.mirror_rows import PUT, ROW, Key, document_of, last_word, values_of
from mobile_app.store.outbox import Unsettled
from mobile_app.store.tables import mirror_metadata
from mobile_app.store.upgrade import MIRROR_STEPS, bring_up
from shared.registry import REGISTRY, Document
from shared.sync.overlay import replay
from shared.sync.protocol import MAX_OPS, Op, PageLine, Receipt, Row

_RECEIPTS: Final = "SELECT id, purged, rows, at FROM purge_receipt ORDER BY id LIMIT ?"
_SETTLED_ISSUES: Final = (
    "SELECT id, status FROM issue WHERE status != 'open' AND id IN (SELECT value FROM json_each(?))"
)
_BASE: Final = (
    "INSERT INTO row_base (entity, id, doc, version, scope_id, epoch) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (entity, id) DO UPDATE SET doc=excluded.doc, version=excluded.version, "
    "scope_id=excluded.scope_id, epoch=excluded.epoch"
)
_POSITION: Final = ("cursor", "seq", "epoch", "synced_at")
_BASED: Final = "SELECT entity, id FROM row_base"


class Mirror:
    """The mirror file."""

    def __init__(self, engine: Engine, new_id: Callable[[], str]) -> None:
        self.engine, self._new_id = engine, new_id
        with engine.begin() as connection:
            self._meta = bring_up(connection, mirror_metadata, MIRROR_STEPS).meta

    def take_up(self, unsettled: Unsettled) -> None:
        """Read what an earlier version of the app did not understand, once after each upgrade.

        The user's own work on these rows is not shown anew; that is done at every opening.
        """
        shape = self._meta["shape"]
        if self._meta.get("taken_up") == shape:
            return
        with writing(self.engine) as driver:
            applying = _Applying(driver, unsettled, self._epoch())
            for rows in deferred.kept(driver):
                applying.take_up([row for row in rows if row.entity in REGISTRY])
            _write_meta(driver, {"taken_up": shape})

    def meta(self) -> Mapping[str, str]:
        """Return the mirror's position and age: cursor, seq, epoch, synced_at."""
        return self._meta

    def seq(self) -> int:
        """Return the server transaction up to which the mirror holds everything."""
        return int(self.meta().get("seq", 0))

    def forget_seq(self) -> None:
        """The server counts anew: nothing that it says it has is known to be contained here."""
        with writing(self.engine) as driver:
            _write_meta(driver, {"seq": "0"})
        self._meta = {**self._meta, "seq": "0"}

    def overlaid(self) -> set[Key]:
        """Return the rows that show more than the shared record has."""
        return set(ask(self.engine, _BASED))

    def version(self, key: Key) -> int:
        """Return the version of a row that the user sees; 0 if it is only theirs."""
        name, id = key
        found = ask(self.engine, f"SELECT version FROM {name} WHERE id = ?", (id,))  # noqa: S608
        return int(found[0][0]) if found else 0

    def apply(self, page: PageLine, unsettled: Unsettled, now: int) -> bool:
        """Write a page and its cursor; return False, and nothing, if it does not follow ours."""
        if page["after"] != self._meta.get("cursor"):
            return False
        with writing(self.engine) as driver:
            applying = _Applying(driver, unsettled, self._epoch())
            applying.page(page)
            purged = applying.purged
            self._write_receipts(driver, purged, now)
            position = {
                "cursor": page["cursor"],
                "seq": str(page["seq"]),
                "epoch": str(applying.epoch),
                "synced_at": str(now),
            }
            _write_meta(driver, position)
        self._meta = position
        if purged:  # or the log would keep a copy of the pages that the purge has wiped
            empty_log(self.engine)
        return True

    def _write_receipts(self, driver: Driver, purged: Mapping[str, int], now: int) -> None:
        rows = [(self._new_id(), what, count, now) for what, count in purged.items()]
        if rows:
            driver.run_many(
                "INSERT INTO purge_receipt (id, purged, rows, at) VALUES (?, ?, ?, ?)", rows
            )

    def receipts(self) -> list[Receipt]:
        """Return what was purged and the server does not know to be gone yet."""
        rows = ask(self.engine, _RECEIPTS, (MAX_OPS,))
        return [{"id": id, "purged": what, "rows": count, "at": at} for id, what, count, at in rows]

    def drop_receipts(self, ids: Sequence[str]) -> None:
        """Forget receipts that the server has written down."""
        if ids:
            with writing(self.engine) as driver:
                driver.run_many("DELETE FROM purge_receipt WHERE id = ?", [(id,) for id in ids])

    def forget(self) -> None:
        """Take every shared row off this device, and the position with them."""
        with writing(self.engine) as driver:
            for table in (*REGISTRY, "row_base", "deferred_row"):
                driver.run(f"DELETE FROM {table}")  # noqa: S608
            driver.run_many("DELETE FROM meta WHERE key = ?", [(key,) for key in _POSITION])
        self._meta = {}
        empty_log(self.engine)

    def document(self, key: Key) -> Document | None:
        """Return a row as the user sees it, or None."""
        found = ask(self.engine, ROW[key[0]], (key[1],))
        return document_of(key[0], found[0][:-3]) if found else None

    def issues_settled(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the status of those of these issues that are no longer open."""
        wanted = to_json(ids).decode()
        return dict(ask(self.engine, _SETTLED_ISSUES, (wanted,)))

    def integrity(self) -> str:
        """Return "ok", or what is wrong with the file."""
        return str(ask(self.engine, "PRAGMA quick_check(1)")[0][0])

    def repair(self, cursor: str | None, rows: Sequence[Row], unsettled: Unsettled) -> bool:
        """Write rows that differed from the server's at `cursor`; False if we stand elsewhere."""
        if cursor != self._meta.get("cursor"):
            return False
        with writing(self.engine) as driver:
            _Applying(driver, unsettled, self._epoch()).repair(rows)
        return True

    def _epoch(self) -> int:
        return int(self._meta.get("epoch", 0))

    def overlay(self, keys: Iterable[Key], unsettled: Unsettled) -> None:
        """Show the user's own operations on these rows; take away what is no longer theirs.

        Not flushed: the outbox is the truth about it, and after a power loss it is made again.
        """
        with unflushed(self.engine) as driver:
            applying = _Applying(driver, unsettled, self._epoch())
            applying.overlay(keys)


class _Applying:
    """One transaction on the mirror."""

    def __init__(self, driver: Driver, unsettled: Unsettled, epoch: int) -> None:
        self.driver = driver
        self.unsettled = unsettled
        self.epoch = epoch
        self.purged: dict[str, int] = {}
        """What left this device, a scope or a customer, with how many rows."""

    def page(self, page: PageLine) -> None:
        self._purge(page["gone"])
        self.epoch += len(page["begin"])
        beneath, removed = self._rows(page["rows"])
        self._sweep(page["complete"])
        self._refresh(beneath, everything=bool(removed or page["gone"] or page["complete"]))

    def take_up(self, rows: Sequence[Deferred]) -> None:
        """Write rows that were deferred, each as of the walk in which it came."""
        now = self.epoch
        for row in rows:
            version, epoch = self._came_with(row)
            self.epoch = now if epoch is None else epoch
            frame: Row = {
                "entity": row.entity,
                "id": row.id,
                "scope": row.scope,
                "op": "put",
                "version": version,
                "doc": row.document,
            }
            self._put(row.entity, [frame])
        self.epoch = now

    def _came_with(self, row: Deferred) -> tuple[int, int | None]:
        """Return version and epoch; where 0.1.0 kept none, those of the part it understood.

        A version that is not known is 0, which the next comparison puts right.
        """
        if row.version is not None:
            return row.version, row.epoch
        key = row.entity, row.id
        if base := self._base(key):
            return base.version, base.epoch
        found = self.driver.ask(ROW[row.entity], (row.id,))
        return (found[0][-3], found[0][-1]) if found else (0, None)

    def repair(self, rows: Sequence[Row]) -> None:
        self._drop("deferred_row", {(row["entity"], row["id"]) for row in rows})
        beneath, _ = self._rows(rows)
        self._refresh(beneath, everything=True)

    def _rows(self, rows: Sequence[Row]) -> tuple[set[Key], int]:
        """Write shared rows; return those beneath the user's work, and how many were removed."""
        puts, removals = last_word(rows)
        beneath: set[Key] = set()
        for name, each in puts.items():
            beneath |= self._put(name, each)
        for row in removals:
            self._remove(row)
        return beneath, len(removals)

    def _refresh(self, beneath: set[Key], *, everything: bool) -> None:
        """Show anew what the page changed beneath the user's work, and settle what it settled.

        Work without a base is that on a customer who was not here; perhaps they are back now.
        """
        based = set(self.driver.ask(_BASED))
        hidden = self.unsettled.keys - based
        settled = based - self.unsettled.keys | based & self.unsettled.settling()
        self.overlay(hidden | (based if everything else beneath | settled))

    def overlay(self, keys: Iterable[Key]) -> None:
        """Make rows from their bases and the operations on them.

        Customers first: whether a new row has a home here depends on its customer's.
        """
        in_order = sorted(keys, key=lambda key: key[0] != "customer")
        for key, ops in self.unsettled.on(in_order).items():
            base = self._base(key)
            if base is None and ops:
                base = self._lay_base(key, ops)
            if base is not None and ops:
                self._show(key, base, ops)
            elif base is not None:
                self._settle(key, base)

    def _show(self, key: Key, base: "_Base", ops: Sequence[Op]) -> None:
        document, version, scope, epoch = base
        home = scope if document is not None else self._home(key, ops)
        shown = replay(document, ops)
        if home is None:  # a new row whose customer has left this device
            self._drop_base(key)
        if shown is None or home is None:
            self._delete(key)
        else:
            self._write(key[0], [(*values_of(key[0], shown), version, home, epoch)])

    def _lay_base(self, key: Key, ops: Sequence[Op]) -> "_Base | None":
        """Copy the row as it is beneath a new overlay; None if it is not of our scopes."""
        rows = self.driver.ask(ROW[key[0]], (key[1],))
        if rows:
            *values, version, scope_id, epoch = rows[0]
            base = _Base(document_of(key[0], values), version, scope_id, epoch)
        else:
            scope = self._home(key, ops)
            if scope is None:
                return None
            base = _Base(None, 0, scope, self.epoch)
        self._write_base(key, base)
        return base

    def _home(self, key: Key, ops: Sequence[Op]) -> str | None:
        """Find the scope of a new row: its customer's, if the customer is here."""
        entity, document = REGISTRY[key[0]], ops[0].get("doc")
        if document is None:  # an edit of a row that is not here
            return None
        if not entity.of_customer:
            return f"{entity.scope}:{document.get(entity.scope_key)}"
        sql = "SELECT scope_id FROM customer WHERE id = ?"
        found = self.driver.ask(sql, (document.get("customer_id"),))
        return found[0][0] if found else None

    def _base(self, key: Key) -> "_Base | None":
        sql = "SELECT doc, version, scope_id, epoch FROM row_base WHERE entity = ? AND id = ?"
        rows = self.driver.ask(sql, key)
        if not rows:
            return None
        doc, version, scope, epoch = rows[0]
        # A base from before an upgrade lacks the columns that came with it.
        document = None if doc is None else REGISTRY[key[0]].known(from_json(doc))
        return _Base(document, version, scope, epoch)

    def _write_base(self, key: Key, base: "_Base") -> None:
        document, *rest = base
        encoded = None if document is None else to_json(document)
        self.driver.run(_BASE, (*key, encoded, *rest))

    def _settle(self, key: Key, base: "_Base") -> None:
        """The operations are settled: the shared row takes its place back."""
        document, *rest = base
        if document is None:
            self._delete(key)
        else:
            self._write(key[0], [(*values_of(key[0], document), *rest)])
        self._drop_base(key)

    def _put(self, name: str, rows: Sequence[Row]) -> set[Key]:
        """Write shared rows; return those beneath the user's own work, which is to be shown."""
        deferred.keep(self.driver, [row for row in rows if is_strange(row)], self.epoch)
        if name not in REGISTRY:
            return set()
        if deferred.any_kept(self.driver):
            understood = {(name, row["id"]) for row in rows if not is_strange(row)}
            self._drop("deferred_row", understood)
        beneath = [row for row in rows if (name, row["id"]) in self.unsettled.keys]
        for row in beneath:
            kept = REGISTRY[name].known(row["doc"])
            self._write_base(
                (name, row["id"]), _Base(kept, row["version"], row["scope"], self.epoch)
            )
        plain = [row for row in rows if (name, row["id"]) not in self.unsettled.keys]
        self._write(
            name,
            [
                (*values_of(name, row["doc"]), row["version"], row["scope"], self.epoch)
                for row in plain
            ],
        )
        self._drop_bases({(name, row["id"]) for row in plain})
        return {(name, row["id"]) for row in beneath}

    def _write(self, name: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self.driver.run_many(PUT[name], rows)

    def _remove(self, row: Row) -> None:
        key = row["entity"], row["id"]
        if row["entity"] == "customer" and row["op"] == "leave":
            self.purged[f"customer:{row['id']}"] = self._count_of_customer(row["id"])
        condition = "id = ?" if row["op"] == "delete" else "id = ? AND scope_id = ?"
        values = (row["id"],) if row["op"] == "delete" else (row["id"], row["scope"])
        if row["entity"] in REGISTRY:
            self.driver.run(f"DELETE FROM {key[0]} WHERE {condition}", values)  # noqa: S608
        self.driver.run(
            f"DELETE FROM row_base WHERE entity = ? AND {condition}",  # noqa: S608
            (key[0], *values),
        )
        self.driver.run(
            f"DELETE FROM deferred_row WHERE entity = ? AND {condition}",  # noqa: S608
            (key[0], *values),
        )

    def _count_of_customer(self, id: str) -> int:
        """Count the rows that leave with a customer, who is the first of them in a page."""
        children = [name for name, entity in REGISTRY.items() if entity.of_customer]
        sql = "SELECT count(*) FROM {} WHERE customer_id = ?"
        return 1 + sum(int(self.driver.ask(sql.format(name), (id,))[0][0]) for name in children)

    def _purge(self, scopes: Sequence[str]) -> None:
        for scope in scopes:
            self.purged[scope] = sum(
                self.driver.run(
                    f"DELETE FROM {table} WHERE scope_id = ?",  # noqa: S608
                    (scope,),
                )
                for table in (*REGISTRY, "row_base", "deferred_row")
            )

    def _sweep(self, scopes: Sequence[str]) -> None:
        """After a whole walk through a scope: what it did not come upon is gone."""
        for scope in scopes:
            bound = (scope, self.epoch)
            deferred.sweep(self.driver, *bound)
            self.driver.run(
                "UPDATE row_base SET doc = NULL, version = 0 WHERE scope_id = ? AND epoch < ?",
                bound,
            )
            for table in REGISTRY:
                self.driver.run(
                    f"DELETE FROM {table} WHERE scope_id = ? AND epoch < ? AND id NOT IN "  # noqa: S608
                    "(SELECT id FROM row_base)",
                    bound,
                )

    def _delete(self, key: Key) -> None:
        self.driver.run(f"DELETE FROM {key[0]} WHERE id = ?", (key[1],))  # noqa: S608

    def _drop_base(self, key: Key) -> None:
        self._drop_bases({key})

    def _drop_bases(self, keys: set[Key]) -> None:
        self._drop("row_base", keys)

    def _drop(self, table: str, keys: set[Key]) -> None:
        if keys:
            self.driver.run_many(
                f"DELETE FROM {table} WHERE entity = ? AND id = ?",  # noqa: S608
                list(keys),
            )


class _Base(NamedTuple):
    """The shared row beneath an overlay; `document` is None where there is none yet."""

    document: Document | None
    version: int
    scope: str
    epoch: int


def _write_meta(driver: Driver, values: Mapping[str, str]) -> None:
    driver.run_many("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", list(values.items()))
