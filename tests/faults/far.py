"""Two devices and a server, each in a network namespace, over links that lose and delay packets.

A fifth of all packets is lost and every one is 300 ms late, either way: worse than a valley with
one bar. Real devices save and sync over real TCP until nothing is on its way; both are the same
account manager's, so each has to read what the other sent.
"""

import asyncio
import json
import os
import pickle
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

from mobile_app.device import wall_clock
from mobile_app.sync_runner import SyncRunner
from shared.errors import Unreachable
from tests.faults import checks
from tests.faults.bank import Kit, make_bank, opened_database, save_visit, with_another_device
from tests.faults.kill import transport_to
from tests.faults.link import Link, NotHere, link, namespace
from tests.faults.processes import unforeseen
from tests.faults.tally import Progress, Tally, silent

LOST: Final = 0.2
LATE_S: Final = 0.3
_PORT: Final = 8710
_QUIET_WITHIN_S: Final = 600.0
_UP_WITHIN_S: Final = 60.0


def sync_from_afar(folder: Path, runs: int, seed: int, progress: Progress = silent) -> Tally:
    """Let each of two devices save and sync `runs` times over a bad link."""
    tally = Tally(f"namespaces, {LOST:.0%} of packets lost, {LATE_S * 1000:.0f} ms late", seed)
    try:
        with _joined(Random(seed)) as (places, links):
            asyncio.run(_sync(folder, runs, tally, places, links, progress))
    except NotHere as reason:
        tally.not_run = str(reason)
    return tally.close()


@contextmanager
def _joined(random: Random) -> Iterator[tuple[list[str], list[Link]]]:
    """Make a namespace for the server and two for devices, and a link to each of these."""
    names = [f"fieldbook-{os.getpid()}-{place}" for place in range(3)]
    with ExitStack() as stack:
        server, *devices = [stack.enter_context(namespace(name)) for name in names]
        links = [
            stack.enter_context(
                link(
                    ((server, f"10.77.{place}.1/24"), (device, f"10.77.{place}.2/24")),
                    *(LOST, LATE_S, random),
                )
            )
            for place, device in enumerate(devices)
        ]
        yield [server, *devices], links


async def _sync(
    folder: Path,
    runs: int,
    tally: Tally,
    places: list[str],
    links: list[Link],
    progress: Progress,
) -> None:
    [one] = make_bank(folder, f"http://10.77.0.1:{_PORT}", devices=1)
    kits = [one, with_another_device(one, f"http://10.77.1.1:{_PORT}")]
    saved: dict[str, list[checks.Saved]] = {}
    with ExitStack() as stack:
        for each in links:
            stack.enter_context(each.running())
        log = stack.enter_context((folder / "far.log").open("wb"))
        server = await _server(folder / "server", places[0], log)
        try:
            for times in (
                runs,
                0,
            ):  # once more, for what the other saved last
                working = [
                    _device(kit, times, place, log, tally)
                    for kit, place in zip(kits, places[1:], strict=True)
                ]
                for kit, pairs in zip(kits, await asyncio.gather(*working), strict=True):
                    saved.setdefault(kit.identity.device_id, []).extend(pairs)
                progress("every queue is empty")
        finally:
            server.terminate()
            await server.wait()
    for each in links:
        tally.faults.update(each.passed)
    database = opened_database(folder / "server")
    tally.violated("all", checks.in_the_end(database, kits, saved))
    database.close()
    tally.violated("all", unforeseen(folder / "far.log"))


async def _server(data: Path, place: str, log: Any) -> asyncio.subprocess.Process:
    """Run the branch's server in a namespace; return it when it listens."""
    command = ("-m", "fieldbook", "server", "--data", str(data), "--host", "0.0.0.0")  # noqa: S104
    server = await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", place, sys.executable, *command, "--port", str(_PORT)),
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    assert server.stdout is not None
    async with asyncio.timeout(_UP_WITHIN_S):
        await server.stdout.readline()
    return server


async def _device(kit: Kit, runs: int, place: str, log: Any, tally: Tally) -> list[checks.Saved]:
    """Run a device in a namespace until its work is done; return what it saved."""
    device = await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", place, sys.executable, "-m", "tests.faults.far"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    said, _ = await device.communicate(pickle.dumps((kit, runs)))
    if device.returncode != 0:
        tally.violated("all", [f"a device ended with status {device.returncode}"])
        return []
    found = json.loads(said)
    tally.runs += runs
    tally.notes["exchanges that failed"] = str(
        int(tally.notes.get("exchanges that failed", "0")) + found["failed"]
    )
    longest = max(found["longest_s"], float(tally.notes.get("longest until quiet", "0 s")[:-2]))
    tally.notes["longest until quiet"] = f"{longest:.1f} s"
    return [tuple(pair) for pair in found["saved"]]


async def _be_a_device(kit: Kit, runs: int) -> dict[str, Any]:
    """Save and sync until nothing is on its way, so many times; once without a save for none."""
    found: dict[str, Any] = {"saved": [], "failed": 0, "longest_s": 0.0}
    random = Random(runs)
    with kit.opened() as store:
        transport = transport_to(kit.identity.server_url)
        runner = SyncRunner(store, transport, wall_clock, random.random)
        for _ in range(runs or 1):
            began = time.monotonic()
            if runs:
                found["saved"].append(save_visit(store, random.choice(kit.customers)))
            async with asyncio.timeout(_QUIET_WITHIN_S):
                while True:
                    try:
                        await runner.sync_once()
                    except Unreachable:
                        found["failed"] += 1
                    else:
                        if not checks.waiting(store):
                            break
            found["longest_s"] = max(found["longest_s"], time.monotonic() - began)
        await transport.close()
    return found


if __name__ == "__main__":
    mine, times = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the parent
    sys.stdout.write(json.dumps(asyncio.run(_be_a_device(mine, times))))
