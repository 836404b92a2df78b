"""How fast field work travels: from one device to another, into the server and out of it."""

import asyncio
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json

from bench.bare import bare_round_trip_ms
from bench.push import Sender
from bench.report import Report, percentile
from fieldbook.branch import PIN, Branch
from fieldbook.smoke import listening
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from mobile_app.platform.here import connect
from mobile_app.platform.storage import ProfileFiles
from shared.sync.protocol import MAX_OPS, Line, read_line, write
from shared.sync.session import Post, converse
from tests.faults.bank import Kit

ROUNDS: Final = 200
VISITS: Final = 10_000


async def measure(report: Report, branch: Branch) -> None:
    """Measure latency and pull over loopback, with the server as a process of its own."""
    await _latency(report, branch)
    await _fill(branch)
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


async def _fill(branch: Branch) -> None:
    """Let a device bring the visits that another one then lacks."""
    device = await branch.device("AM002")
    customers = tuple(row.id for row in device.store.customers("", 200))
    kit = Kit(branch.folder, device.store.identity, customers)
    sender = Sender(kit, connect(branch.url), device.store.cursor())
    for _ in range(VISITS // MAX_OPS):
        await sender.post(sender.batch())
    await sender.transport.close()
    await device.close()


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
