"""A small branch in a folder, and devices that are enrolled there, for processes to work on.

The demo bank takes seconds to write; this one takes a blink, and a check may read all of it.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from fieldbook.database import FILE
from mobile_app.device import wall_clock
from mobile_app.platform.storage import ProfileFiles
from mobile_app.store.device_store import DeviceStore, Identity, NotEnrolled
from mobile_app.store.opening import open_store
from mobile_app.store.vault import Keys
from shared.ids import Millis
from shared.registry import REGISTRY, Document
from shared.sync.change import Add, Insert
from shared.testing.builders import a_customer, a_task, a_unit, an_employee, an_interaction
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.identity import enrol, new_code
from sync_server.store.scopes import refresh_scopes
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

CUSTOMERS: Final = 6
"""Customers of each account manager."""
_KEYS: Final = Keys(mirror=bytes(range(32)), outbox=bytes(range(32, 64)))
"""The vault is proved elsewhere, and each of its openings takes a fifth of a second."""


@dataclass(frozen=True, slots=True)
class Kit:
    """One device as it is handed out: where its files lie, who it is, and its customers."""

    folder: Path
    identity: Identity
    customers: tuple[str, ...]

    @contextmanager
    def opened(self) -> Iterator[DeviceStore]:
        """Open the device's files, for this process alone."""
        with ProfileFiles(self.folder) as files:
            store = open_store(files, _KEYS, wall_clock, secrets.token_bytes)
            try:
                _enrol(store, self.identity)
                yield store
            finally:
                store.close()


def _enrol(store: DeviceStore, known: Identity) -> None:
    try:
        _ = store.identity
    except NotEnrolled:
        store.enrol(known.device_id, known.token, known.server_url, known.employee)


def opened_database(data: Path, url: str | None = None) -> Database:
    """Open the branch's database: a file in the folder, or PostgreSQL where a URL is given."""
    return open_postgresql(url) if url else open_sqlite(data / FILE)


def make_bank(
    folder: Path, server_url: str, devices: int, url: str | None = None, branches: int = 1
) -> list[Kit]:
    """Write branches with one account manager for each device, and enrol the devices."""
    database = opened_database(folder / "server", url)
    try:
        units = [a_unit("branch", None) for _ in range(branches)]
        managers = [an_employee(str(units[place % branches]["id"])) for place in range(devices)]
        portfolios = [[a_customer(str(each["id"])) for _ in range(CUSTOMERS)] for each in managers]
        bring(database, "org_unit", units)
        bring(database, "employee", managers)
        for customers in portfolios:
            bring(database, "customer", customers)
        with database.writing() as connection:
            refresh_scopes(connection)
        return [
            Kit(
                folder / f"device-{place}",
                _enrolled(database, manager, server_url),
                tuple(str(each["id"]) for each in customers),
            )
            for place, (manager, customers) in enumerate(zip(managers, portfolios, strict=True))
        ]
    finally:
        database.close()


def with_another_device(kit: Kit, server_url: str, url: str | None = None) -> Kit:
    """Enrol one more device for the same account manager, at another server of the same branch."""
    database = opened_database(kit.folder.parent / "server", url)
    try:
        identity = _enrolled(database, asdict(kit.identity.employee), server_url)
        return Kit(kit.folder.with_name(f"{kit.folder.name}-more"), identity, kit.customers)
    finally:
        database.close()


def bring(database: Database, entity: str, documents: Sequence[Document]) -> None:
    """Write rows as the bank's own systems would."""
    with database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:test"), wall_clock())
        for start in range(0, len(documents), CHUNK):
            unit.import_rows(REGISTRY[entity], documents[start : start + CHUNK])
        unit.finish()


def _enrolled(database: Database, manager: Document, server_url: str) -> Identity:
    now = Millis(wall_clock())
    with database.writing() as connection:
        code = new_code(connection, str(manager["employee_no"]), now, 60_000)
        made = enrol(connection, code, now)
    return Identity(made.device_id, made.token, server_url, made.employee)


def save_visit(store: DeviceStore, customer: str) -> tuple[str, str]:
    """Save a visit with its next step; return the ids of both once they are durable.

    Half of them come with a word about the customer: what is new and nothing else is judged as a
    whole, anything more by the arbiter, and both have to hold.
    """
    visit = an_interaction(customer, store.identity.employee.id, id=store.new_id())
    task = a_task(customer, id=store.new_id(), interaction_id=visit["id"])
    new = Insert("interaction", visit), Insert("task", task)
    has_more = int(str(visit["id"])[-1], 16) % 2
    more = [Add("customer", customer, "interests", str(visit["id"])[-2:])] if has_more else []
    store.commit(*new, *more)
    return str(visit["id"]), str(task["id"])
