"""`fieldbook smoke`: the main job once, with real processes, and what was seen said plainly.

A server, two devices of one manager and one of the supervisor; a visit is saved while the server
is down, the device is killed, the server comes back, and the visit must reach the other device,
the supervisor and the shared record.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from fieldbook.branch import PIN, Branch, run, with_pin
from fieldbook.stop import Stop
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from mobile_app.platform.storage import ProfileFiles
from mobile_app.store.records import RecordState

_ROUNDS: Final = 20
_SAVE_AND_HANG: Final = """
import sys, time
from fieldbook.__main__ import main
main(["device", "visit", "--store", sys.argv[1], "--customer", sys.argv[2],
      "--purpose", "relationship", "--outcome", "follow_up"])
sys.stdout.flush()
time.sleep(600)
"""


def smoke(_asked: argparse.Namespace) -> int:
    """Run the main job; say what was seen, or stop at the first thing that was not."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fieldbook-smoke-") as folder:
        branch = Branch(Path(folder))
        branch.seed()
        _say("demo bank written")
        with branch.serving():
            _say(f"server up at {branch.url}")
            for store, employee_no in (("phone", "AM001"), ("tablet", "AM001"), ("chief", "SV001")):
                _enrol(branch, store, employee_no)
        _say("server down")
        visit, customer = _save_and_be_killed(branch)
        with branch.serving():
            _say("server up again")
            asyncio.run(_deliver(branch, visit, customer))
            _read_record(branch, visit, customer)
    _say("server stopped cleanly")
    print(f"All of it works ({time.monotonic() - began:.1f} s).")
    return 0


def _enrol(branch: Branch, store: str, employee_no: str) -> None:
    where = ("--store", str(branch.folder / store), "--json")
    code = branch.code(employee_no)
    run("device", "enrol", "--server", branch.url, "--code", code, *where)
    moved = run("device", "sync", *where)
    _say(f"{store} of {employee_no} enrolled, {moved['pulled']} rows pulled")


def _save_and_be_killed(branch: Branch) -> tuple[str, str]:
    """Save a visit with no server, and kill the device the moment it says so."""
    phone = str(branch.folder / "phone")
    [customer] = run("device", "customers", "--limit", "1", "--store", phone, "--json")
    command = [sys.executable, "-c", _SAVE_AND_HANG, phone, customer["id"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=with_pin()) as device:
        assert device.stdout is not None  # noqa: S101 - a pipe was asked for
        visit = device.stdout.readline().strip()
        device.kill()
    _expect(visit, "the visit's id from the device")
    status = run("device", "status", "--store", phone, "--json")
    _expect(status["pending"] == 1, f"one record waiting after the kill, not {status['pending']}")
    _say("visit saved with no server, device killed, the visit is still there: 本机")
    return visit, customer["id"]


async def _deliver(branch: Branch, visit: str, customer: str) -> None:
    for name in ("phone", "tablet", "chief"):
        device = await _open(branch, name)
        began = time.perf_counter()
        await device.runner.sync_once()
        took = (time.perf_counter() - began) * 1000
        found = {item.interaction.id: item for item in device.store.timeline(customer)}
        await device.close()
        _expect(visit in found, f"the visit on {name}")
        _expect(found[visit].state is RecordState.IN_RECORD, "the visit as 已入档")
        _say(f"visit on {name}: 已入档, synced in {took:.0f} ms")
    times = sorted(await _live_times(branch, customer))
    _say(
        f"saved on the phone, on the supervisor's screen: median {times[len(times) // 2]:.0f} ms, "
        f"worst {times[-1]:.0f} ms of {len(times)}"
    )


async def _open(branch: Branch, name: str) -> Device:
    device = Device(ProfileFiles(branch.folder / name))
    await device.unlock(PIN)
    return device


async def _live_times(branch: Branch, customer: str) -> list[float]:
    phone, chief = await _open(branch, "phone"), await _open(branch, "chief")
    for device in (phone, chief):
        await listening(device)
    times = [await seen_after(phone, chief, customer) for _ in range(_ROUNDS)]
    for device in (phone, chief):
        await device.close()
    return times


async def listening(device: Device) -> None:
    """Keep a device in sync; return once its live line is open and it is up to date."""
    ready = asyncio.Event()

    def look() -> None:
        if device.runner.listening and device.runner.status == "idle":
            ready.set()

    stop = device.runner.on_status(look)
    device.keep_in_sync()
    async with asyncio.timeout(10):
        await ready.wait()
    stop()


async def seen_after(one: Device, other: Device, customer: str) -> float:
    """Save a visit on one device; return after how many ms the other device's store has it."""
    seen = asyncio.Event()
    made = new_visit(
        one.store, wall_clock(), customer_id=customer, purpose="relationship", outcome="done"
    )

    def look() -> None:
        if other.store.timeline(customer, 1)[0].interaction.id == made[0].id:
            seen.set()

    stop = other.store.on_change(look)
    began = time.perf_counter()
    one.store.commit(*made)
    async with asyncio.timeout(10):
        await seen.wait()
    stop()
    return (time.perf_counter() - began) * 1000


def _read_record(branch: Branch, visit: str, customer: str) -> None:
    token = branch.admin("system-token", "smoke")["token"]
    items = branch.get(f"/v1/customers/{customer}/timeline", token)["items"]
    ids = [item["id"] for item in items]
    _expect(ids.count(visit) == 1, "the visit once in the shared record")
    _say("visit once in the shared record, as another system reads it")


def _expect(seen: object, what: str) -> None:
    if not seen:
        raise Stop(f"Not seen: {what}.")


def _say(line: str) -> None:
    print(f"  {line}", flush=True)
