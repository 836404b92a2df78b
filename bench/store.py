"""How fast the device answers its user: search and save, on the encrypted store."""

import secrets
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

from bench.report import Report, percentile
from fieldbook.visits import new_visit
from mobile_app.device import wall_clock
from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore, Identity
from shared.domain import Customer, Employee
from shared.registry import REGISTRY
from shared.sync.protocol import PageLine, Row
from sync_server.demo.bank import make_bank

CUSTOMERS: Final = 5_000
_ROUNDS: Final = 100


def measure(report: Report) -> None:
    """Measure search among 5,000 customers and the saving of a visit."""
    report.section(f"On the device ({CUSTOMERS:,} customers, encrypted)")
    with tempfile.TemporaryDirectory() as folder:
        store = store_of(Path(folder), CUSTOMERS)
        for name, text in (
            ("name", "王"),
            ("initials", "zx"),
            ("last four digits", "1234"),
            ("address", "望湖路"),
        ):
            report.at_most(
                f"search by {name}, p50", _ms(lambda t=text: store.customers(t, 50)), 10, "ms"
            )  # type: ignore[misc]
        customer = store.customers("", 1)[0].id
        report.at_most("a visit saved, p50", _ms(lambda: _save(store, customer)), 10, "ms")
        report.at_most(
            "today's list, p50", _ms(lambda: store.today("2026-11-24", wall_clock())), 30, "ms"
        )
        store.close()


def _save(store: DeviceStore, customer: str) -> None:
    store.commit(
        *new_visit(
            store,
            wall_clock(),
            customer_id=customer,
            purpose="deposit",
            outcome="follow_up",
            next_step="送方案",
            next_due="2026-11-26",
        )
    )


def _ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return percentile(times, 0.5)


def store_of(folder: Path, count: int) -> DeviceStore:
    """Make a device's store that holds `count` customers of one manager."""
    mirror = open_engine(str(folder / "mirror.db"), secrets.token_bytes(32))
    outbox = open_engine(str(folder / "outbox.db"), secrets.token_bytes(32))
    store = DeviceStore(mirror, outbox, wall_clock, secrets.token_bytes)
    bank = make_bank(1, date(2026, 11, 24))
    me = next(one for one in bank.employees if one.role == "account_manager")
    store.become(Identity(store.new_id(), "token", "http://127.0.0.1", me))
    store.apply_page(_page(store, me, bank.customers, count))
    return store


def _page(store: DeviceStore, me: Employee, customers: list[Customer], count: int) -> PageLine:
    names = REGISTRY["customer"].fields
    scope = f"portfolio:{me.id}"
    rows: list[Row] = []
    for place in range(count):
        each = customers[place % len(customers)]
        document = {name: getattr(each, name) for name in names}
        document |= {"id": store.new_id(), "owner_id": me.id}
        rows.append(
            {
                "entity": "customer",
                "id": document["id"],
                "scope": scope,
                "op": "put",
                "version": 1,
                "doc": document,
            }
        )
    return {
        "line": "page",
        "after": None,
        "cursor": "made here",
        "seq": 1,
        "begin": [scope],
        "complete": [scope],
        "gone": [],
        "rows": rows,
    }
