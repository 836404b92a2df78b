"""What a device waits for: its first sync, whole; what it costs when there is nothing new."""

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from bench.report import Report
from fieldbook.branch import PIN, Branch
from fieldbook.database import FILE
from mobile_app.device import Device, wall_clock
from mobile_app.platform.here import connect
from mobile_app.platform.storage import ProfileFiles
from shared.registry import REGISTRY, Document
from shared.sync.protocol import write
from shared.sync.session import request_body
from shared.testing.builders import a_customer, a_unit, an_employee, an_interaction
from sync_server.exchange import hold
from sync_server.store.database import Database, open_sqlite
from sync_server.store.scopes import refresh_scopes
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

CUSTOMERS: Final = 2_000
CONTACTS: Final = 40_000
ASKED: Final = 1_000
_NOTE: Final = "客户问到两年期存款的利率和房贷提前还款的手续，约好下周带方案再来。"


def measure(report: Report) -> None:
    """Measure a full portfolio between a real server process and headless devices."""
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        branch = Branch(Path(folder))
        _fill(branch.data)
        with branch.serving():
            report.section(f"First sync of {CUSTOMERS:,} customers and {CONTACTS:,} contacts")
            device = asyncio.run(_first_sync(report, branch))
            report.section("An exchange with nothing new")
            asyncio.run(_nothing_new_over_http(report, branch, device))
        database = open_sqlite(branch.data / FILE)
        _nothing_new(report, database, device)
        database.close()
        demo = Branch(Path(folder) / "demo")
        demo.seed()
        with demo.serving():
            report.section("The same of the demo bank, whose records are not alike")
            asyncio.run(_on_the_wire(report, demo))


def _fill(data: Path) -> None:
    """Write one account manager's portfolio, as the bank's systems bring it."""
    database = open_sqlite(data / FILE)
    unit = a_unit("branch", None)
    manager = an_employee(str(unit["id"]), employee_no="AM001")
    customers = [a_customer(str(manager["id"])) for _ in range(CUSTOMERS)]
    contacts = [
        an_interaction(
            str(customers[place % CUSTOMERS]["id"]),
            str(manager["id"]),
            note=f"{_NOTE}{place}",
            occurred_at=wall_clock() - place * 60_000,
        )
        for place in range(CONTACTS)
    ]
    _bring(database, "org_unit", [unit])
    _bring(database, "employee", [manager])
    with database.writing() as connection:
        refresh_scopes(connection)
    _bring(database, "customer", customers)
    _bring(database, "interaction", contacts)
    database.close()


def _bring(database: Database, entity: str, documents: Sequence[Document]) -> None:
    for first in range(0, len(documents), CHUNK):
        with database.writing() as connection:
            unit = UnitOfWork(connection, Actor("bench", None), wall_clock())
            unit.import_rows(REGISTRY[entity], documents[first : first + CHUNK])
            unit.finish()


@dataclass(frozen=True, slots=True)
class _Known:
    """What an exchange of the device that has everything says."""

    token: str
    body: bytes


async def _first_sync(report: Report, branch: Branch) -> _Known:
    device = Device(ProfileFiles(branch.folder / "phone"))
    await device.enrol(branch.url, branch.code("AM001"), PIN)
    began = time.perf_counter()
    done = await device.runner.sync_once()
    took = time.perf_counter() - began
    assert done.pulled >= CUSTOMERS + CONTACTS
    report.at_most("enrolled, until all is in the encrypted mirror", took, 3, "s")
    known = _Known(device.store.identity.token, request_body(device.store, []))
    await device.close()
    return known


async def _on_the_wire(report: Report, branch: Branch) -> None:
    """Count the bytes of the answers to a first sync, as sent and as JSON."""
    device = await branch.device("AM001")
    request = json.loads(request_body(device.store, [])) | {"cursor": None}
    token = device.store.identity.token
    await device.close()
    sent = plain = 0
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    async with httpx.AsyncClient(verify=False, timeout=60) as client:  # noqa: S501 - loopback
        more = True
        while more:
            body = write(request)
            async with client.stream(
                "POST", f"{branch.url}/v1/sync", headers=headers, content=body
            ) as answer:
                lines = [line async for line in answer.aiter_lines()]
                sent += answer.num_bytes_downloaded
            plain += sum(len(line.encode()) + 1 for line in lines)
            said = [json.loads(line) for line in lines]
            request["cursor"] = [line["cursor"] for line in said if line["line"] == "page"][-1]
            more = said[-1]["more"]
    report.at_most("bytes on the wire of those of the JSON", 100 * sent / plain, 35, "%")


async def _nothing_new_over_http(report: Report, branch: Branch, known: _Known) -> None:
    transport = connect(branch.url)
    began = time.perf_counter()
    for _ in range(ASKED):
        async for _ in transport.exchange(known.token, known.body):
            pass
    rate = ASKED / (time.perf_counter() - began)
    await transport.close()
    report.add("over HTTP, one device after the other", f"{rate:,.0f} /s")


def _nothing_new(report: Report, database: Database, known: _Known) -> None:
    began = time.perf_counter()
    for _ in range(ASKED):
        for _ in hold(database, known.token, known.body, wall_clock()).lines:
            pass
    rate = ASKED / (time.perf_counter() - began)
    report.at_least("decided in one process, without HTTP", rate, 10_000, "/s")
