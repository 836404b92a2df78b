"""The whole store and the power switch: what was saved is shown again, whenever it went off."""

import copy
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random

import apsw
import sqlalchemy as sa

from mobile_app.platform.opfs_vfs import HandleVFS
from mobile_app.store import dbapi
from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore
from shared.domain import Employee
from shared.ids import Millis
from shared.registry import Document
from shared.sync.change import Insert
from shared.sync.protocol import PageLine
from shared.testing.builders import NOW, a_customer, an_interaction, id_number
from tests.device.test_opfs_vfs import Disk, PowerLoss

LIN, CUSTOMER = id_number(8_001), id_number(8_002)
FILES = [
    f"{name}{kind}" for name in ("mirror.db", "outbox.db") for kind in ("", "-wal", "-journal")
]
VISITS = 4
ME = Employee(LIN, "E1", "周文渊", "account_manager", "unit")


@contextmanager
def switched_on(disk: Disk) -> Iterator[DeviceStore]:
    """The store on this disk, as after switching the device on."""
    own = f"memory{secrets.token_hex(4)}"
    vfs = HandleVFS(own, {name: disk.handle(name) for name in FILES})
    mirror, outbox = (
        open_engine(name, bytes(32), vfs=f"multipleciphers-{own}")
        for name in ("mirror.db", "outbox.db")
    )
    try:
        yield DeviceStore(mirror, outbox, lambda: Millis(NOW), Random(disk.writes).randbytes)
    finally:
        mirror.dispose()
        outbox.dispose()
        vfs.unregister()


def enrolled() -> Disk:
    """The disk of a device that has synced one customer."""
    disk = Disk()
    with switched_on(disk) as store:
        store.enrol("device", "token", "local", ME)
        store.apply_page(page_with(a_customer(LIN, id=CUSTOMER)))
    return disk


def page_with(customer: Document) -> PageLine:
    scope = f"portfolio:{LIN}"
    return {
        "line": "page",
        "after": None,
        "cursor": "first",
        "seq": 1,
        "begin": [scope],
        "complete": [scope],
        "gone": [],
        "rows": [
            {
                "entity": "customer",
                "id": CUSTOMER,
                "scope": scope,
                "op": "put",
                "version": 1,
                "doc": customer,
            }
        ],
    }


def save_until_power_is_lost(disk: Disk) -> list[str]:
    """Save visits one by one; the ids of those that were saved."""
    saved: list[str] = []
    off = (sa.exc.DBAPIError, dbapi.Error, apsw.IOError, PowerLoss)
    with suppress(*off), switched_on(disk) as store:
        for number in range(VISITS):
            visit = an_interaction(CUSTOMER, LIN, id=id_number(8_100 + number))
            store.commit(Insert("interaction", visit))
            saved.append(str(visit["id"]))
    return saved


def shown(disk: Disk) -> list[str]:
    with switched_on(disk) as store:
        return [item.interaction.id for item in store.timeline(CUSTOMER, 50)]


def lost_at(write: int, before: Disk) -> set[str]:
    """The saved visits that are not shown after a power loss at this write."""
    disk = copy.deepcopy(before)
    disk.lost_at = disk.writes + write
    saved = save_until_power_is_lost(disk)
    disk.lost_at = 0
    return set(saved) - set(shown(disk))


def test_every_saved_visit_is_shown_again_whenever_the_power_was_lost() -> None:
    disk = enrolled()
    whole = copy.deepcopy(disk)
    assert len(save_until_power_is_lost(whole)) == VISITS
    writes = whole.writes - disk.writes

    assert writes > 50
    assert [write for write in range(1, writes) if lost_at(write, disk)] == []


def test_showing_a_visit_waits_for_no_flush_but_that_of_the_outbox() -> None:
    disk = enrolled()
    with switched_on(disk) as store:
        store.commit(Insert("interaction", an_interaction(CUSTOMER, LIN)))  # makes both journals
        flushed = dict(disk.durable)

        store.commit(Insert("interaction", an_interaction(CUSTOMER, LIN)))
        changed = {name for name in FILES if disk.durable.get(name) != flushed.get(name)}

    assert changed == {"outbox.db-wal"}
