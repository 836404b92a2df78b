"""How fast field work travels: from one device to another, into the server and out of it."""

import asyncio
import os
import secrets
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import create_engine, insert

from bench.bare import bare_round_trip_ms
from bench.report import Report, percentile
from fieldbook.branch import PIN, Branch
from fieldbook.smoke import listening
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from mobile_app.platform.here import connect
from mobile_app.platform.storage import ProfileFiles
from shared.registry import REGISTRY, Document
from shared.sync.protocol import MAX_OPS, Line, Txn, read_line, write
from shared.sync.session import Post, converse
from sync_server.store.schema import ENTITY_TABLES, metadata

ROUNDS: Final = 200
VISITS: Final = 10_000
_NOTE: Final = "客户对两年期存款利率和房贷提前还款的手续都问得很细，约好带方案再来。" * 2


async def measure(report: Report, branch: Branch) -> None:
    """Measure latency, push and pull over loopback, with the server as a process of its own."""
    await _latency(report, branch)
    documents = await _documents(await branch.device("AM002"))
    await _push(report, branch, documents)
    await _pull(report, branch)
    report.at_most("server's memory after all this", _rss_mb(branch), 150, "MB")


def idle(report: Report, branch: Branch) -> None:
    """Measure the server's memory before anyone has asked it for anything."""
    report.at_most("server's memory, idle", _rss_mb(branch), 80, "MB")


async def _latency(report: Report, branch: Branch) -> None:
    report.section("From one device to another (headless devices in two processes, loopback)")
    folder = branch.folder / "other"
    other = Device(ProfileFiles(folder))
    await other.enrol(branch.url, branch.code("AM001"), PIN)
    await other.runner.sync_once()
    customer = other.store.customers("", 1)[0].id
    await other.close()
    one = await branch.device("AM001")
    await listening(one)
    times = await _seen_times(one, folder, customer)
    await one.close()
    bare = await bare_round_trip_ms(ROUNDS)
    middle = percentile(times, 0.5)
    report.at_most(f"save to visible elsewhere, p50 of {ROUNDS}", middle, 15, "ms")
    report.at_most(f"save to visible elsewhere, p99 of {ROUNDS}", percentile(times, 0.99), 50, "ms")
    report.add("the bare round trips it makes: post, poke, post (p50)", f"{bare:.2f} ms")
    report.at_most("ratio to the bare round trips", middle / bare, 2, "x")


async def _seen_times(one: Device, folder: Path, customer: str) -> list[float]:
    listener = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.listener", str(folder), customer),
        stdout=asyncio.subprocess.PIPE,
    )
    assert listener.stdout is not None
    seen = listener.stdout
    try:
        while await seen.readline() != b"ready\n":
            pass
        return [await _seen_after(one, seen, customer) for _ in range(ROUNDS)]
    finally:
        listener.kill()
        await listener.wait()


async def _seen_after(one: Device, seen: asyncio.StreamReader, customer: str) -> float:
    [made] = new_visit(
        one.store, wall_clock(), customer_id=customer, purpose="relationship", outcome="done"
    )
    began = time.perf_counter_ns()
    one.store.commit(made)
    async with asyncio.timeout(10):
        while True:
            id, at = (await seen.readline()).split()
            if id.decode() == made.id:
                return (int(at) - began) / 1e6


async def _documents(device: Device) -> list[Document]:
    """Make visits of about 600 bytes each for the device's customers, and close it."""
    store = device.store
    customers = [row.id for row in store.customers("", 200)]
    made = [
        new_visit(
            store,
            wall_clock() - index,
            customer_id=customers[index % len(customers)],
            purpose="deposit",
            outcome="follow_up",
            need="safety",
            note=_NOTE,
            satisfaction=4,
        )[0].document
        for index in range(VISITS)
    ]
    await device.close()
    return made


async def _push(report: Report, branch: Branch, documents: Sequence[Document]) -> None:
    report.section(f"Push of {VISITS:,} visits of {len(write(documents[0]))} bytes, one device")
    floors = _floors(branch.folder, documents)
    device = await branch.device("AM002")
    took = 0.0
    transport, token = connect(branch.url), device.store.identity.token
    cursor = device.store.cursor()
    for txns in _batches(device, documents):
        body = _body(txns, cursor)
        began = time.perf_counter()
        async for text in transport.exchange(token, body):
            line = read_line(text)
            if line["line"] == "verdicts":
                took += time.perf_counter() - began
                assert all(each["status"] == "applied" for each in line["verdicts"])
            elif line["line"] == "page":
                cursor = line["cursor"]
    rate = VISITS / took
    await transport.close()
    await device.close()
    report.at_least("accepted, validated, merged, logged, durable", rate, 15_000, "/s")
    for name, floor in floors.items():
        report.add(
            f"floor in this run: {name}", f"{floor:,.0f} /s", f"push is {rate / floor:.2f} of it"
        )


def _batches(device: Device, documents: Sequence[Document]) -> list[list[Txn]]:
    """Prepare the requests' transactions, so that the server is measured and not who asks."""
    new_id = device.store.new_id
    txns: list[Txn] = [
        {
            "txn": new_id(),
            "ops": [
                {
                    "op_id": new_id(),
                    "device_seq": place,
                    "kind": "insert",
                    "entity": "interaction",
                    "id": str(document["id"]),
                    "occurred_at": wall_clock(),
                    "version": 0,
                    "doc": document,
                }
            ],
        }
        for place, document in enumerate(documents)
    ]
    return [txns[place : place + MAX_OPS] for place in range(0, len(txns), MAX_OPS)]


def _body(txns: list[Txn], cursor: str | None) -> bytes:
    status = {"pending": 0, "oldest_pending_at": None, "sent_at": wall_clock()}
    frame = {"proto": 1, "schema": 1, "cursor": cursor, "device": status}
    return write({**frame, "txns": txns})


def _floors(folder: Path, documents: Sequence[Document]) -> dict[str, float]:
    """Time the parts that no server can do without, on the same documents in the same run."""
    entity = REGISTRY["interaction"]
    rows = [{**document, "version": 1, "scope_id": "x"} for document in documents]
    return {
        "raw SQLite executemany": _rate(lambda: _raw_insert(folder / "raw.db", rows)),
        "SQLAlchemy Core executemany": _rate(lambda: _core_insert(folder / "core.db", rows)),
        "pydantic validation": _rate(lambda: entity.many.validate_python(list(documents))),
    }


def _rate(work: Any) -> float:
    began = time.perf_counter()
    work()
    return VISITS / (time.perf_counter() - began)


def _raw_insert(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    names = list(rows[0])
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"CREATE TABLE t ({', '.join(names)}, PRIMARY KEY (id))")
        marks = ", ".join("?" * len(names))
        connection.executemany(
            f"INSERT INTO t VALUES ({marks})",  # noqa: S608 - the columns are ours
            [tuple(row.values()) for row in rows],
        )
    connection.close()


def _core_insert(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        metadata.create_all(connection, [ENTITY_TABLES["interaction"]])
        connection.execute(insert(ENTITY_TABLES["interaction"]), list(rows))
    engine.dispose()


async def _pull(report: Report, branch: Branch) -> None:
    report.section(f"Pull of {VISITS:,} visits and more, one device that lacks them")
    code, folder = branch.code("AM002"), branch.folder / secrets.token_hex(3)
    device = Device(ProfileFiles(folder))
    await device.enrol(branch.url, code, PIN)
    served, rows = await _served(branch, device)
    began = time.perf_counter()
    applied = await device.runner.sync_once()
    applied_rate = applied.pulled / (time.perf_counter() - began)
    size = os.stat(folder / "mirror.db").st_size / 1e6
    await device.close()
    report.at_least(f"served and decoded ({rows:,} rows)", served, 60_000, "/s")
    report.at_least(
        "served, decoded and applied, encrypted and durable", applied_rate, 30_000, "/s"
    )
    report.add("the device's encrypted mirror then", f"{size:.1f} MB")


async def _served(branch: Branch, device: Device) -> tuple[float, int]:
    """Read everything as the conversation would, but keep nothing."""
    wish = next(converse(device.store))
    assert isinstance(wish, Post)
    transport, token, rows = connect(branch.url), device.store.identity.token, 0
    request: dict[str, Any] = from_json(wish.body)
    began = time.perf_counter()
    more = True
    while more:
        async for text in transport.exchange(token, write(request)):
            line: Line = read_line(text)
            if line["line"] == "page":
                rows += len(line["rows"])
                request["cursor"] = line["cursor"]
            elif line["line"] == "end":
                more = line["more"]
    rate = rows / (time.perf_counter() - began)
    await transport.close()
    return rate, rows


def _rss_mb(branch: Branch) -> float:
    assert branch.server is not None
    status = Path(f"/proc/{branch.server.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024
