"""Writing the demo bank: what the bank's systems know comes as an import, field work as pushes.

Nothing is written past the paths of the real thing: an import goes through the unit of work, every
contact, sale and answer is judged by the arbiter as an operation of its author's device, what the
core systems say is read from a file, and a month is closed by two supervisors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from shared.registry import REGISTRY
from sync_server.demo.bank import Bank, make_bank
from sync_server.demo.catalogue import make_commission_rules, make_goals
from sync_server.demo.clock import moment
from sync_server.demo.contacts import DAYS
from sync_server.demo.doubles import make_doubles
from sync_server.demo.months import live_through
from sync_server.demo.sources import make_sources
from sync_server.store.database import Database
from sync_server.store.scopes import refresh_scopes
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

SEED: Final = 20_260
Progress = Callable[[str], None]


def seed(database: Database, today: date, now: int, progress: Progress) -> Bank:
    """Write the demo bank of `today` into an empty database."""
    bank = make_bank(SEED, today)
    began = min(now, moment(today - timedelta(days=DAYS + 1)))
    for name, records in (*_imports(bank, today), *_rewards(bank, today)):
        _import(database, name, records, began)
        progress(f"{name}: {len(records)}")
    live_through(database, bank, today, now, progress)
    doubles = make_doubles(Random(f"{SEED}:doubles"), today, bank.customers, bank.identifiers)
    _import(database, "customer", doubles.customers, now)
    _import(database, "identifier", doubles.identifiers, now)
    progress(f"doubles: {len(doubles.customers)}")
    return bank


def _imports(bank: Bank, today: date) -> Iterator[tuple[str, Sequence[Any]]]:
    yield "org_unit", bank.org_units
    yield "employee", bank.employees
    yield "visit_template", bank.visit_templates
    yield "customer", bank.customers
    sources = Random(f"{SEED}:sources")
    yield "provenance", make_sources(sources, today, bank.customers)
    yield "identifier", bank.identifiers
    yield "account", [each.account for each in bank.accounts]
    yield "product", bank.products


def _rewards(bank: Bank, today: date) -> Iterator[tuple[str, Sequence[Any]]]:
    random = Random(f"{SEED}:rewards")
    rules = make_commission_rules(random, today, bank.org_units, bank.employees)
    yield "commission_rule", rules
    yield from make_goals(random, today, bank.employees)


def _import(database: Database, name: str, records: Sequence[Any], at: int) -> None:
    for start in range(0, len(records), CHUNK):
        with database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:demo"), at)
            chunk = records[start : start + CHUNK]
            unit.import_rows(REGISTRY[name], [asdict(record) for record in chunk])
            unit.finish()
            if name == "employee":
                refresh_scopes(connection)
