"""The devices of the demo's people: what they saved, brought as a real device brings it."""

from collections.abc import Sequence
from random import Random
from typing import Final

from shared.domain import Employee
from shared.ids import Millis, uuid7
from shared.sync.change import Change, Insert, Transition
from shared.sync.protocol import Op, Txn
from shared.sync.ruling import Caller
from sync_server.demo.history import Saved
from sync_server.store.database import Database
from sync_server.store.ingest import accept, actor_of
from sync_server.store.scopes import granted
from sync_server.store.unit_of_work import UnitOfWork

_TXNS_A_BATCH: Final = 250


class RefusedDemo(Exception):
    """The bank refused a record of the demo: the generator is wrong."""


class Devices:
    """One device for each employee."""

    def __init__(self, database: Database, people: Sequence[Employee], random: Random) -> None:
        self._database = database
        self._people = {one.id: one for one in people}
        self._random = random

    def push(self, saved: Sequence[Saved], now: int) -> int:
        """Bring transactions, person by person and each one's in time order; count them."""
        by_author: dict[str, list[Saved]] = {}
        for each in sorted(saved, key=lambda one: one.at):
            by_author.setdefault(each.employee_id, []).append(each)
        for author, mine in by_author.items():
            for start in range(0, len(mine), _TXNS_A_BATCH):
                self._exchange(self._people[author], mine[start : start + _TXNS_A_BATCH], now)
        return len(saved)

    def _exchange(self, employee: Employee, saved: Sequence[Saved], now: int) -> None:
        txns = [self._txn(each) for each in saved]
        with self._database.writing() as connection:
            scopes = frozenset(granted(connection, employee.id))
            caller = Caller(employee.id, f"demo:{employee.employee_no}", employee.role, scopes)
            accepted = accept(UnitOfWork(connection, actor_of(caller), now), txns, caller)
        for verdict in accepted.verdicts:
            if verdict["status"] == "rejected":
                raise RefusedDemo(verdict)

    def _txn(self, saved: Saved) -> Txn:
        ops = [self._op(change, saved.at) for change in saved.changes]
        return {"txn": self._new_id(saved.at), "ops": ops}

    def _op(self, change: Change, at: int) -> Op:
        op: Op = {
            "op_id": self._new_id(at),
            "device_seq": 0,
            "kind": "insert",
            "entity": change.entity,
            "id": change.id,
            "occurred_at": at,
            "version": 0,
        }
        if isinstance(change, Insert):
            return {**op, "doc": change.document}
        assert isinstance(change, Transition)  # noqa: S101 - nobody saves anything else
        step = {change.field: [change.before, change.after]}
        said = {name: [None, value] for name, value in change.said.items()}
        return {**op, "kind": "transition", "version": 1, "set": step | said}

    def _new_id(self, at: int) -> str:
        return uuid7(Millis(at), self._random.randbytes(10))
