"""Writing the demo bank: what the bank's systems know comes as an import, field work as pushes.

Nothing is written past the paths of the real thing: an import goes through the unit of work, and
every contact and task is judged by the arbiter as an operation of its manager's device.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import islice
from random import Random
from typing import Any, Final

from shared.domain import Employee
from shared.ids import Millis, uuid7
from shared.registry import REGISTRY
from shared.sync.change import Change, Insert, Transition
from shared.sync.protocol import Op, Txn
from shared.sync.ruling import Caller
from sync_server.demo.bank import Bank, make_bank
from sync_server.demo.catalogue import make_commission_rules, make_goals, make_products
from sync_server.demo.clock import born_at
from sync_server.demo.history import device_history
from sync_server.store.database import Database
from sync_server.store.ingest import accept, actor_of
from sync_server.store.scopes import granted, refresh_scopes
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

SEED: Final = 20_260
_TXNS_A_BATCH: Final = 250
Progress = Callable[[str], None]


class RefusedDemo(Exception):
    """The arbiter refused a record of the demo bank: the generator is wrong."""


def seed(database: Database, today: date, now: int, progress: Progress) -> Bank:
    """Write the demo bank of `today` into an empty database."""
    bank = make_bank(SEED, today)
    for name, records in (*_imports(bank), *_selling(bank, today)):
        _import(database, name, records, now)
        progress(f"{name}: {len(records)}")
    random = Random(SEED)
    pushed = 0
    for employee, txns in _by_employee(bank, random):
        pushed += _push(database, employee, txns, now)
    progress(f"field work of {len(bank.employees)} people: {pushed} transactions")
    return bank


def _imports(bank: Bank) -> Iterator[tuple[str, Sequence[Any]]]:
    yield "org_unit", bank.org_units
    yield "employee", bank.employees
    yield "visit_template", bank.visit_templates
    yield "customer", bank.customers
    yield "identifier", bank.identifiers


def _selling(bank: Bank, today: date) -> Iterator[tuple[str, Sequence[Any]]]:
    random = Random(f"{SEED}:catalogue")
    yield "product", make_products(random, today)
    yield (
        "commission_rule",
        make_commission_rules(random, today, bank.org_units, bank.employees),
    )
    yield from make_goals(random, today, bank.employees)


def _import(database: Database, name: str, records: Sequence[Any], now: int) -> None:
    for chunk in _chunks(records, CHUNK):
        with database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:demo"), now)
            unit.import_rows(REGISTRY[name], [asdict(record) for record in chunk])
            unit.finish()
            if name == "employee":
                refresh_scopes(connection)


def _by_employee(bank: Bank, random: Random) -> Iterator[tuple[Employee, list[Txn]]]:
    history: dict[str, list[Txn]] = {}
    people = {}
    for employee, changes in device_history(bank):
        people[employee.id] = employee
        history.setdefault(employee.id, []).append(_txn(changes, random))
    for id, txns in history.items():
        yield people[id], txns


def _txn(changes: Sequence[Change], random: Random) -> Txn:
    at = born_at(changes[0].id)
    ops = [_op(change, at, random) for change in changes]
    return {"txn": uuid7(at, random.randbytes(10)), "ops": ops}


def _op(change: Change, at: Millis, random: Random) -> Op:
    op: Op = {
        "op_id": uuid7(at, random.randbytes(10)),
        "device_seq": 0,
        "kind": "insert",
        "entity": change.entity,
        "id": change.id,
        "occurred_at": at,
        "version": 0,
    }
    if isinstance(change, Insert):
        return {**op, "doc": change.document}
    assert isinstance(change, Transition)  # noqa: S101 - the history has nothing else
    step = {change.field: [change.before, change.after]}
    return {**op, "kind": "transition", "version": 1, "set": step}


def _push(database: Database, employee: Employee, txns: Sequence[Txn], now: int) -> int:
    for chunk in _chunks(txns, _TXNS_A_BATCH):
        with database.writing() as connection:
            scopes = frozenset(granted(connection, employee.id))
            caller = Caller(employee.id, f"demo:{employee.employee_no}", employee.role, scopes)
            accepted = accept(UnitOfWork(connection, actor_of(caller), now), chunk, caller)
        for verdict in accepted.verdicts:
            if verdict["status"] == "rejected":
                raise RefusedDemo(verdict)
    return len(txns)


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
