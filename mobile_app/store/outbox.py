"""The outbox: what the user did, in order, until the shared record has it.

A record is saved when its row here is durable; everything else follows from these rows. States:

    pending -> acked -> done                sent, verdict read, effect read back
    pending -> quarantined -> pending       refused; corrected or sent again by its user
    quarantined -> discarded                given up by its user, kept to be read
    pending -> deferred -> pending          not understood by an older server, which keeps it; asked
                                            about again once the server has been upgraded
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import Engine, RowMapping, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from mobile_app.store.bridge import ask, reading, writing
from mobile_app.store.records import RecordState
from mobile_app.store.set_aside import Key, SetAside
from mobile_app.store.tables import draft, outbox, outbox_meta, outbox_metadata
from mobile_app.store.upgrade import OUTBOX_STEPS, bring_up
from shared.errors import Refusal
from shared.sync.later import deferred_columns, is_deferred, rest
from shared.sync.protocol import Op, Txn, Verdict

KEEP_MS: Final = 14 * 24 * 3_600_000
"""How long settled operations are kept: a server restored from a backup may ask for them."""
_BATCH_BYTES: Final = 1024 * 1024
STATES: Final = {
    "pending": RecordState.LOCAL,
    "acked": RecordState.DELIVERED,
    "deferred": RecordState.DEFERRED,
    "quarantined": RecordState.ISSUE,
}
_WORST_FIRST: Final = (
    RecordState.ISSUE,
    RecordState.LOCAL,
    RecordState.DEFERRED,
    RecordState.DELIVERED,
)
_UNSETTLED: Final = (
    "(state IN ('pending', 'quarantined', 'deferred') OR (state = 'acked' AND ack_seq > ?))"
)
_ON: Final = (
    "SELECT body FROM outbox WHERE id = ? AND entity = ? "  # noqa: S608 - nothing of a user's in it
    f"AND {_UNSETTLED} ORDER BY device_seq"
)
# Every save and every exchange runs these: as text, see `bridge`.
_APPEND: Final = (
    "INSERT INTO outbox (device_seq, op_id, txn, entity, id, state, body, created_at) "
    "VALUES (?, ?, ?, ?, ?, 'pending', ?, ?)"
)
_PENDING: Final = (
    "SELECT txn, body, replaces FROM outbox WHERE state = 'pending' AND device_seq > ? "
    "ORDER BY device_seq LIMIT ?"
)
_PENDING_OF_TXN: Final = (
    "SELECT txn, body, replaces FROM outbox WHERE txn = ? AND state = 'pending' ORDER BY device_seq"
)
_WAITING: Final = "SELECT count(*), min(created_at) FROM outbox WHERE state = 'pending'"
# A verdict that comes a second time changes nothing: its operation has gone on meanwhile.
_RECORD: Final = (
    "UPDATE outbox SET state = ?, ack_seq = ?, verdict = ? WHERE op_id = ? AND state = 'pending'"
)
_SAID: Final = "SELECT body, created_at FROM outbox WHERE op_id = ?"
_KEEP_REST: Final = (
    "INSERT OR IGNORE INTO outbox (device_seq, op_id, txn, entity, id, state, body, created_at) "
    "VALUES (?, ?, ?, ?, ?, 'deferred', ?, ?)"
)
_ASK_AGAIN: Final = (
    "UPDATE outbox SET state = 'pending', ack_seq = NULL, verdict = NULL WHERE state = 'deferred'"
)
_OPEN_OPS: Final = "SELECT op_id FROM outbox WHERE state = 'pending' AND entity = ? AND id = ?"
_SAID_OF: Final = (
    "SELECT DISTINCT state FROM outbox WHERE id = ? AND entity = ? "
    "AND +state NOT IN ('done', 'discarded')"
)
_SETTLE: Final = "UPDATE outbox SET state = 'done' WHERE state = 'acked' AND ack_seq <= ?"


class Outbox(SetAside):
    """The outbox file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with engine.begin() as connection:
            bring_up(connection, outbox_metadata, OUTBOX_STEPS)
            last = connection.execute(select(func.max(outbox.c.device_seq))).scalar()
        self._last_seq = int(last or 0)

    def append(self, txns: Iterable[tuple[str, Sequence[Op]]], now: int) -> None:
        """Save the operations of some transactions as one; durable on return."""
        rows = [self._row(txn, op, now) for txn, ops in txns for op in ops]
        with writing(self._engine) as driver:
            driver.run_many(_APPEND, rows)

    def _row(self, txn: str, op: Op, now: int) -> tuple[Any, ...]:
        self._last_seq += 1
        op["device_seq"] = self._last_seq
        return self._last_seq, op["op_id"], txn, op["entity"], op["id"], to_json(op), now

    def pending(self, most: int, after: int = 0) -> list[Txn]:
        """Return the next whole transactions to send: at least one, else up to `most` ops.

        `after` is the device_seq of an operation that they follow.
        """
        rows = ask(self._engine, _PENDING, (after, most + 1))
        if rows and rows[0][0] == rows[-1][0]:
            rows = ask(self._engine, _PENDING_OF_TXN, (rows[0][0],))
            most = len(rows)
        groups = [list(group) for _, group in groupby(rows, key=itemgetter(0))]
        if len(rows) > most:
            groups.pop()
        return _within(groups, _BATCH_BYTES)

    def record(self, verdicts: Iterable[Verdict], seq: int) -> None:
        """Keep what became of sent operations; the mirror holds everything up to `seq`.

        What the server left open of an operation that it took becomes one of its own.
        """
        verdicts = list(verdicts)
        rows = [
            (_after(verdict, seq), verdict["seq"], to_json(verdict), verdict["op_id"])
            for verdict in verdicts
        ]
        rests = [rest for verdict in verdicts for rest in self._rests(verdict)]
        if rows:
            with writing(self._engine) as driver:
                driver.run_many(_RECORD, rows)
                if rests:
                    driver.run_many(_KEEP_REST, rests)

    def _rests(self, verdict: Verdict) -> list[tuple[Any, ...]]:
        if not deferred_columns(verdict):
            return []
        found = [
            (rest(from_json(body), verdict), at)
            for body, at in ask(self._engine, _SAID, (verdict["op_id"],))
        ]
        return [self._row(op["op_id"], op, at) for op, at in found if op is not None]

    def ask_again(self) -> None:
        """Send again what an older server did not understand: it has been upgraded."""
        with writing(self._engine) as driver:
            driver.run(_ASK_AGAIN)

    def quarantine(self, txn: str, refusal: Refusal) -> None:
        """Set a transaction aside that the server could not even read."""
        verdict = {"status": "rejected", "code": refusal.code, "fields": dict(refusal.fields)}
        with self._engine.begin() as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.txn == txn, outbox.c.state == "pending")
                .values(state="quarantined", verdict=to_json(verdict))
            )

    def settle(self, seq: int) -> bool:
        """Mark as done what the mirror has read back up to `seq`; say whether anything was."""
        with writing(self._engine) as driver:
            return driver.run(_SETTLE, (seq,)) > 0

    def unsettled(self, seq: int, among: Collection[Key] | None = None) -> "Unsettled":
        """Return the operations whose effect a mirror at `seq` does not hold, by row.

        `among` narrows it to some rows. The rows' keys are read at once, the bodies of operations
        only for rows that need them: with ten thousand visits waiting, a page that concerns none
        of them costs no more for it.
        """
        return Unsettled(self._engine, seq, among)

    def open_ops(self, key: Key) -> list[str]:
        """Return the ids of pending operations on a row, which a later one depends on."""
        return [op_id for (op_id,) in ask(self._engine, _OPEN_OPS, key)]

    def state(self, key: Key) -> RecordState:
        """Return how far a record has come: the worst that any operation on it says.

        Asked of each record that is shown, so that what waits for others costs nothing.
        """
        entity, id = key
        said = [STATES[state] for (state,) in ask(self._engine, _SAID_OF, (id, entity))]
        return min(said, key=_WORST_FIRST.index, default=RecordState.IN_RECORD)

    def fate(self, key: Key) -> str | None:
        """Return the state of the operation that made a record; None if none is here."""
        statement = (
            select(outbox.c.state)
            .where(outbox.c.id == key[1], outbox.c.entity == key[0])
            .order_by(outbox.c.device_seq)
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.execute(statement).scalar()

    def counts(self) -> dict[str, int]:
        """Return how many operations stand in each state."""
        statement = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        with reading(self._engine) as connection:
            return dict(connection.execute(statement).all())

    def integrity(self) -> str:
        """Return "ok", or what is wrong with the file."""
        return str(ask(self._engine, "PRAGMA quick_check(1)")[0][0])

    def waiting(self) -> tuple[int, int | None]:
        """Return how many operations are still only here, and when the oldest was made (ms)."""
        [(count, oldest)] = ask(self._engine, _WAITING)
        return count, oldest

    def listed(self, limit: int) -> Sequence[RowMapping]:
        """Return the rows that are not in the record yet, those in need of their user first."""
        statement = (
            select(outbox)
            .where(outbox.c.state.in_(list(STATES)))
            .order_by(outbox.c.state != "quarantined", outbox.c.device_seq.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return connection.execute(statement).mappings().all()

    def late(self) -> Sequence[Any]:
        """Return the rows that were accepted after their customer had moved on, as made."""
        statement = (
            select(outbox)
            .where(outbox.c.state.in_(["acked", "done"]))
            .where(func.instr(outbox.c.verdict, b'"late_transfer"') > 0)
            .order_by(outbox.c.device_seq)
        )
        with reading(self._engine) as connection:
            return connection.execute(statement).all()

    def send_again(self) -> None:
        """Send everything again that a server restored from a backup may lack."""
        with self._engine.begin() as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.state.in_(["acked", "done", "deferred"]))
                .values(state="pending", ack_seq=None, verdict=None, settled_at=None)
            )

    def prune(self, now: int) -> None:
        """Forget operations that were settled long ago; `now` is the server's (ms)."""
        with self._engine.begin() as connection:
            done = outbox.c.state == "done"
            connection.execute(
                update(outbox).where(done, outbox.c.settled_at.is_(None)).values(settled_at=now)
            )
            connection.execute(delete(outbox).where(done, outbox.c.settled_at < now - KEEP_MS))

    def save_draft(self, key: str, body: Mapping[str, Any], now: int) -> None:
        """Save an unfinished form; durable on return."""
        row = {"key": key, "body": to_json(body), "at": now}
        self._upsert(draft, row)

    def draft(self, key: str) -> dict[str, Any] | None:
        """Return an unfinished form, or None."""
        with reading(self._engine) as connection:
            body = connection.execute(select(draft.c.body).where(draft.c.key == key)).scalar()
        return None if body is None else dict(from_json(body))

    def drop_draft(self, key: str) -> None:
        """Forget an unfinished form."""
        with self._engine.begin() as connection:
            connection.execute(delete(draft).where(draft.c.key == key))

    def drafts(self) -> list[str]:
        """Return the keys of unfinished forms, latest first."""
        with reading(self._engine) as connection:
            return list(
                connection.execute(select(draft.c.key).order_by(draft.c.at.desc())).scalars()
            )

    def read_meta(self, key: str) -> str | None:
        """Return one of the file's own values."""
        found = ask(self._engine, "SELECT value FROM meta WHERE key = ?", (key,))
        return found[0][0] if found else None

    def write_meta(self, key: str, value: str) -> None:
        """Set one of the file's own values; durable on return."""
        self._upsert(outbox_meta, {"key": key, "value": value})

    def _upsert(self, table: Any, row: Mapping[str, Any]) -> None:
        statement = upsert(table).values(row)
        rest = {name: statement.excluded[name] for name in row if name != "key"}
        with self._engine.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=rest))


class Unsettled:
    """Operations that the user must still see on top of the shared rows at one position."""

    def __init__(self, engine: Engine, seq: int, among: Collection[Key] | None) -> None:
        self._engine, self._seq = engine, seq
        self.keys = frozenset(self._where(_UNSETTLED) if among is None else among)

    def _where(self, condition: str) -> list[Any]:
        sql = f"SELECT DISTINCT entity, id FROM outbox WHERE {condition}"  # noqa: S608
        return ask(self._engine, sql, (self._seq,))

    def settling(self) -> frozenset[Key]:
        """Return the rows with an operation that the mirror at this position settles."""
        return frozenset(self._where("state = 'acked' AND ack_seq <= ?"))

    def on(self, keys: Iterable[Key]) -> dict[Key, list[Op]]:
        """Return the unsettled operations on these rows, each row's in the order made."""
        return {key: self._on(key) for key in keys}

    def _on(self, key: Key) -> list[Op]:
        entity, id = key
        return [from_json(body) for (body,) in ask(self._engine, _ON, (id, entity, self._seq))]


def _after(verdict: Verdict, seq: int) -> str:
    """The state that a verdict puts an operation in."""
    if verdict["status"] == "rejected":
        return "quarantined"
    if is_deferred(verdict):
        return "deferred"
    return "done" if verdict["seq"] is not None and verdict["seq"] <= seq else "acked"


def _within(groups: Sequence[Sequence[Any]], limit: int) -> list[Txn]:
    """Take whole transactions, at least one, while they stay within `limit` bytes."""
    taken: list[Txn] = []
    size = 0
    for rows in groups:
        size += sum(len(body) for _, body, _ in rows)
        if taken and size > limit:
            break
        txn, _, replaces = rows[0]
        whole: Txn = {"txn": txn, "ops": [from_json(body) for _, body, _ in rows]}
        if replaces is not None:
            whole["replaces"] = replaces
        taken.append(whole)
    return taken
