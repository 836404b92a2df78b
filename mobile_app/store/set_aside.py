"""Set aside: transactions that were refused, as they are kept, sent again or given up.

The part of the outbox that its user decides about.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, select, update

from mobile_app.store.bridge import reading
from mobile_app.store.tables import outbox
from shared.registry import Document
from shared.sync.later import COMPLETE
from shared.sync.protocol import Op

Key = tuple[str, str]
"""(entity, id)"""


class SetAside:
    """What was refused."""

    _engine: Engine

    def move(self, op_id: str, before: str, after: str) -> list[Key]:
        """Move the transaction of an operation from one state to another; return its rows."""
        with self._engine.begin() as connection:
            txn = select(outbox.c.txn).where(outbox.c.op_id == op_id).scalar_subquery()
            return list(
                connection.execute(
                    update(outbox)
                    .where(outbox.c.txn == txn, outbox.c.state == before)
                    .values(state=after, verdict=None, ack_seq=None)
                    .returning(outbox.c.entity, outbox.c.id)
                ).all()
            )

    def renew(
        self,
        op_id: str,
        txn: str,
        new_id: Callable[[], str],
        corrected: Callable[[Op, str], Op],
        without: Collection[str] = (),
    ) -> list[Key]:
        """Put the refused transaction of an operation in line again; return its rows.

        Its operations get new ids: under the old ones they have had their verdict. What they
        depended on and is no longer on its way is not waited for. `corrected` is given each
        operation and its former id. Those named in `without` are given up instead.
        """
        with self._engine.begin() as connection:
            rows = _quarantined_with(connection, op_id)
            waiting = connection.execute(select(outbox.c.op_id).where(outbox.c.state == "pending"))
            fresh = {each: each for each in waiting.scalars()}
            for row in rows:
                if row.op_id in without:
                    self._give_up(connection, row.device_seq)
                    continue
                fresh[row.op_id] = new_id()
                body = corrected(_renewed(from_json(row.body), fresh), row.op_id)
                connection.execute(
                    update(outbox)
                    .where(outbox.c.device_seq == row.device_seq)
                    .values(
                        op_id=body["op_id"],
                        txn=txn,
                        replaces=row.txn if _is_the_servers(row.verdict) else None,
                        body=to_json(body),
                        state="pending",
                        verdict=None,
                    )
                )
        return [(row.entity, row.id) for row in rows]

    def _give_up(self, connection: Connection, device_seq: int) -> None:
        connection.execute(
            update(outbox).where(outbox.c.device_seq == device_seq).values(state="discarded")
        )

    def op(self, op_id: str) -> Op:
        """Return one operation."""
        with reading(self._engine) as connection:
            body = connection.execute(select(outbox.c.body).where(outbox.c.op_id == op_id))
            op: Op = from_json(body.scalar_one())
        return op

    def refused(self, op_id: str) -> list[tuple[Op, Mapping[str, Any]]]:
        """Return the operations of a refused transaction, each with what the server said."""
        with reading(self._engine) as connection:
            rows = _quarantined_with(connection, op_id)
        return [(from_json(row.body), from_json(row.verdict)) for row in rows]

    def issue_of(self, op_id: str) -> str | None:
        """Return the server's issue about a refused transaction; None where it keeps none.

        It keeps none of what it could not read, and none about a decision on an issue.
        """
        with reading(self._engine) as connection:
            rows = _quarantined_with(connection, op_id)
        guilty = culprit_of(rows)
        kept = _is_the_servers(guilty.verdict) and guilty.entity != "issue"
        return str(guilty.txn) if kept else None

    def last_known(self, op_id: str) -> tuple[str, Document | None]:
        """Return the entity of a refused operation, and its record as its user last saw it."""
        with reading(self._engine) as connection:
            row = connection.execute(select(outbox).where(outbox.c.op_id == op_id)).one()
        return row.entity, from_json(row.verdict).get("last")

    def close_issues(self, settled: Mapping[str, str], seq: int) -> list[Key]:
        """Follow what was decided elsewhere on refused transactions: id to its new state.

        `seq` is the mirror's position, which holds what the decision brought.
        """
        keys: list[Key] = []
        with self._engine.begin() as connection:
            for txn, state in settled.items():
                statement = (
                    update(outbox)
                    .where(outbox.c.txn == txn, outbox.c.state == "quarantined")
                    .values(state=state, ack_seq=seq)
                    .returning(outbox.c.entity, outbox.c.id)
                )
                keys += [(entity, id) for entity, id in connection.execute(statement)]
        return keys

    def set_aside(self) -> list[list[Any]]:
        """Return the rows of each transaction that waits for its user, the latest first."""
        statement = (
            select(outbox).where(outbox.c.state == "quarantined").order_by(outbox.c.device_seq)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(statement).all()
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(row.txn, []).append(row)
        return list(reversed(found.values()))

    def quarantined(self) -> list[str]:
        """Return the transactions that wait for their user."""
        statement = select(outbox.c.txn).where(outbox.c.state == "quarantined").distinct()
        with reading(self._engine) as connection:
            return list(connection.execute(statement).scalars())


def culprit_of(rows: Sequence[Any]) -> Any:
    """Return the row of a refused transaction that brought it down: the others only depend."""
    return min(rows, key=lambda row: from_json(row.verdict).get("code") == "depends_on_rejected")


def _renewed(op: Op, fresh: Mapping[str, str]) -> Op:
    """The same operation under its new id; `fresh` maps what it may depend on to their ids.

    A rest names the operation that it is of, wherever that has come.
    """
    is_rest = op["kind"] == COMPLETE
    before = op.pop("depends", ())
    depends = [fresh.get(each, each) for each in before if is_rest or each in fresh]
    renewed: Op = {**op, "op_id": fresh[op["op_id"]]}
    return {**renewed, "depends": depends} if depends else renewed


def _quarantined_with(connection: Connection, op_id: str) -> Sequence[Any]:
    """Return the rows of the refused transaction that an operation is part of."""
    mine = select(outbox.c.txn).where(outbox.c.op_id == op_id).scalar_subquery()
    return connection.execute(
        select(outbox)
        .where(outbox.c.txn == mine, outbox.c.state == "quarantined")
        .order_by(outbox.c.device_seq)
    ).all()


def _is_the_servers(verdict: bytes | None) -> bool:
    """Whether a verdict was given by the server, which then keeps the transaction as an issue."""
    return verdict is not None and "op_id" in from_json(verdict)
