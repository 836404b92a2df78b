"""`fieldbook smoke`: the main job once, with real processes, and what was seen said plainly.

A server and two devices of one manager and one of the supervisor; a visit is saved while the
server is down, the device is killed, the server comes back, and the visit must reach the other
device, the supervisor and the shared record.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from fieldbook.stop import Stop
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from mobile_app.platform.storage import ProfileFiles
from mobile_app.store.records import RecordState

PIN: Final = "480263"
_UP_WITHIN_S: Final = 20.0
_ROUNDS: Final = 20


def smoke(_asked: argparse.Namespace) -> int:
    """Run the main job; say what was seen, or stop at the first thing that was not."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fieldbook-smoke-") as folder:
        asyncio.run(_Smoke(Path(folder)).run())
    print(f"All of it works ({time.monotonic() - began:.1f} s).")
    return 0


class _Smoke:
    """One run in one temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "server"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    async def run(self) -> None:
        _fieldbook("demo", "--data", str(self.data), "--seed-only")
        _say("demo bank written")
        with self._server():
            _say(f"server up at {self.url}")
            for store, employee_no in (("phone", "AM001"), ("tablet", "AM001"), ("chief", "SV001")):
                self._enrol(store, employee_no)
        _say("server down")
        visit, customer = self._visit_and_be_killed()
        with self._server():
            _say("server up again")
            await self._deliver(visit, customer)
            await self._latency(customer)
            self._read_record(visit, customer)

    @contextmanager
    def _server(self) -> Iterator[None]:
        command = [sys.executable, "-m", "fieldbook", "server", "--data", str(self.data)]
        with subprocess.Popen(
            [*command, "--port", str(self.port)], stdout=subprocess.DEVNULL
        ) as server:
            try:
                _wait_for(self.url)
                yield
            finally:
                server.send_signal(signal.SIGTERM)
                if server.wait(15) not in (0, -signal.SIGTERM):
                    raise Stop(f"The server did not stop cleanly: status {server.returncode}.")

    def _admin(self, *words: str) -> Any:
        return _fieldbook("admin", *words, "--data", str(self.data), "--json")

    def _store(self, name: str) -> str:
        return str(self.folder / name)

    def _enrol(self, store: str, employee_no: str) -> None:
        code = self._admin("enrol-code", employee_no)["code"]
        where = ("--store", self._store(store), "--json")
        _fieldbook("device", "enrol", "--server", self.url, "--code", code, *where)
        moved = _fieldbook("device", "sync", *where)
        _say(f"{store} of {employee_no} enrolled, {moved['pulled']} rows pulled")

    def _visit_and_be_killed(self) -> tuple[str, str]:
        """Save a visit with no server, and kill the device the moment it says so."""
        where = ("--store", self._store("phone"), "--json")
        [customer] = _fieldbook("device", "customers", "--limit", "1", *where)
        command = [
            *(sys.executable, "-c", _SAVE_AND_HANG, self._store("phone"), customer["id"]),
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=_with_pin()
        ) as device:
            assert device.stdout is not None  # noqa: S101 - a pipe was asked for
            visit = device.stdout.readline().strip()
            device.kill()
        if not visit:
            raise Stop("The visit was not saved.")
        status = _fieldbook("device", "status", *where)
        _expect(
            status["pending"] == 1, f"one visit waiting after the kill, not {status['pending']}"
        )
        _say("visit saved with no server, device killed, visit still there: 本机")
        return visit, customer["id"]

    async def _deliver(self, visit: str, customer: str) -> None:
        async with asyncio.timeout(30):
            for name in ("phone", "tablet", "chief"):
                device = await self._open(name)
                began = time.monotonic()
                await device.runner.sync_once()
                found = {item.interaction.id: item for item in device.store.timeline(customer)}
                await device.close()
                _expect(visit in found, f"the visit on {name}")
                _expect(found[visit].state is RecordState.IN_RECORD, "已入档")
                _say(f"visit on {name}: 已入档, synced in {_ms(began)}")

    async def _open(self, name: str) -> Device:
        device = Device(ProfileFiles(self.folder / name))
        await device.unlock(PIN)
        return device

    async def _latency(self, customer: str) -> None:
        """Save on one device, and time until the supervisor's has it, over the live line."""
        phone, chief = await self._open("phone"), await self._open("chief")
        for device in (phone, chief):
            device.keep_in_sync()
            await _listening(device)
        times = sorted([await _seen_after(phone, chief, customer) for _ in range(_ROUNDS)])
        for device in (phone, chief):
            await device.close()
        middle, last = times[len(times) // 2], times[-1]
        _say(
            f"saved on the phone, seen by the supervisor: median {middle:.0f}, worst {last:.0f} ms"
        )

    def _read_record(self, visit: str, customer: str) -> None:
        token = self._admin("system-token", "smoke")["token"]
        answer = httpx.get(
            f"{self.url}/v1/customers/{customer}/timeline",
            headers={"authorization": f"Bearer {token}"},
        )
        _expect(answer.status_code == 200, "the record can be read")
        items = [item["id"] for item in answer.json()["items"]]
        _expect(items.count(visit) == 1, "the visit once in the shared record")
        _say("visit once in the shared record, read by another system")


_SAVE_AND_HANG: Final = """
import sys, time
from fieldbook.__main__ import main
main(["device", "visit", "--store", sys.argv[1], "--customer", sys.argv[2],
      "--purpose", "relationship", "--outcome", "follow_up"])
sys.stdout.flush()
time.sleep(600)
"""


async def _listening(device: Device) -> None:
    """Wait until a device's live line is open and it is up to date."""
    ready = asyncio.Event()

    def look() -> None:
        if device.runner.listening and device.runner.status == "idle":
            ready.set()

    stop = device.runner.on_status(look)
    async with asyncio.timeout(10):
        await ready.wait()
    stop()


async def _seen_after(phone: Device, chief: Device, customer: str) -> float:
    seen = asyncio.Event()
    [made] = new_visit(
        phone.store, wall_clock(), customer_id=customer, purpose="relationship", outcome="done"
    )

    def look() -> None:
        if chief.store.timeline(customer, 1)[0].interaction.id == made.id:
            seen.set()

    stop = chief.store.on_change(look)
    began = time.perf_counter()
    phone.store.commit(made)
    async with asyncio.timeout(10):
        await seen.wait()
    stop()
    return (time.perf_counter() - began) * 1000


def _fieldbook(*words: str) -> Any:
    command = [sys.executable, "-m", "fieldbook", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_with_pin())
    if done.returncode != 0:
        raise Stop(f"`fieldbook {' '.join(words[:2])}` failed: {done.stderr.strip()}")
    return json.loads(done.stdout) if "--json" in words else done.stdout


def _with_pin() -> dict[str, str]:
    return {**os.environ, "FIELDBOOK_PIN": PIN}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    """Wait until the server answers; it has a bounded time to come up."""
    ends = time.monotonic() + _UP_WITHIN_S
    while time.monotonic() < ends:
        try:
            if httpx.get(f"{url}/healthz", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise Stop(f"The server did not come up within {_UP_WITHIN_S:.0f} s.")


def _expect(seen: object, what: str) -> None:
    if not seen:
        raise Stop(f"Not seen: {what}.")


def _ms(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"


def _say(line: str) -> None:
    print(f"  {line}", flush=True)
