"""A storm: after a power cut every device of the bank comes back in the same second.

Each opens its live line and posts what it has saved meanwhile; one in four has no cursor and reads
everything anew, as all do once a backup was restored. Some have a long answer to read and stand
still in the midst of it. All share one server process, whose memory is watched, and nobody may
wait a minute. A device that is asked to come again later does so, as the real one does.
Then all hang up and come a second time, to read everything from the beginning: nothing is left of
the first time, and no more memory is taken.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from pydantic_core import from_json

from mobile_app.device import wall_clock
from shared.sync.protocol import read_line, write
from shared.testing.builders import a_request, a_task, an_interaction, insert, txn
from sync_server.exchange import hold
from sync_server.store.database import Database
from tests.faults import checks
from tests.faults.bank import Kit, bring, make_bank, opened_database
from tests.faults.memory import Memory
from tests.faults.processes import Server, unforeseen
from tests.faults.tally import Progress, Tally, silent
from tests.faults.wire import Message, read_head, read_message, read_rest

_LONGEST_WAIT_S: Final = 60.0
_GIVEN_UP_S: Final = 300.0
_PATIENCE_S: Final = 30.0
"""For how long a device waits for an answer before it tries anew."""
_PEAK_MB: Final = 400
"""What the server's memory may peak at above its start, however many devices come."""
_GROWTH_MB: Final = 300
_AGAIN_MB: Final = 64
"""What it may grow by in a second storm: what the first one took is there to be used again."""
_TO_A_BRANCH: Final = 25
"""Devices of one branch; each holds the employees of its own."""
_STANDING: Final = 40
"""At most so many stand still while they read: more than a database has connections."""
_LONG: Final = 1_000
"""Visits in the record of each of those: far more than a socket holds."""
_SMALL_WINDOW: Final = 4_096


@dataclass(slots=True)
class Returning:
    """A device that comes back: what it has to send, from where it reads, and how it fared."""

    kit: Kit
    cursor: str | None
    saved: checks.Saved
    txns: list[Any]
    stands_still: bool
    waited_s: float = 0.0
    """From the beginning of the storm until it was up to date."""

    def request(self) -> bytes:
        """The body of its next exchange."""
        return write(a_request(self.txns, self.cursor))

    def take(self, payload: bytes) -> bool:
        """Take an answer in; say whether there is more."""
        lines = [read_line(line) for line in payload.splitlines()]
        for line in lines:
            if line["line"] == "page":
                self.cursor = line["cursor"]
        self.txns = []
        end = lines[-1]
        assert end["line"] == "end", "an answer without an end"
        return end["more"]


@dataclass(slots=True)
class Storm:
    """One storm over one server."""

    port: int
    tally: Tally
    random: Random
    others_are_done: asyncio.Event = field(default_factory=asyncio.Event)
    lines: list[asyncio.StreamWriter] = field(default_factory=list)

    async def rage(self, devices: Sequence[Returning]) -> None:
        """Let everyone come at once, and wait until all are up to date."""
        for device in devices:
            device.waited_s = 0.0
        try:
            await self._until_over(devices)
        except TimeoutError:
            late = sum(not device.waited_s for device in devices)
            what = f"{late:,} devices were not up to date after {_GIVEN_UP_S:.0f} s"
            self.tally.violated("all", [what])

    async def _until_over(self, devices: Sequence[Returning]) -> None:
        standing = [asyncio.create_task(self._stand(each)) for each in devices if each.stands_still]
        coming = [
            asyncio.create_task(self._come(each)) for each in devices if not each.stands_still
        ]
        async with asyncio.timeout(_GIVEN_UP_S):
            await asyncio.gather(*coming)
            self.others_are_done.set()
            await asyncio.gather(*standing)
            for line in self.lines:
                line.close()
            while await self._listening():
                await asyncio.sleep(0.1)

    async def _listening(self) -> int:
        """How many lines the server still holds open."""
        reader, writer = await _connected(self.port)
        with closing(writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            said = await read_message(reader)
        assert said is not None
        return int(from_json(said.payload)["listening"])

    async def _come(self, device: Returning) -> None:
        began = asyncio.get_running_loop().time()
        await self._listen(device)
        more = True
        while more:
            said = await self._exchange(device)
            if said is None:
                self.tally.faults["gave up and tried anew"] += 1
                await asyncio.sleep(self.random.uniform(0, 2))
            elif said.status == 200:
                more = device.take(said.payload)
            else:
                await self._refused(device, said)
        device.waited_s = asyncio.get_running_loop().time() - began
        self.tally.faults["came back"] += 1

    async def _refused(self, device: Returning, said: Message) -> None:
        code = from_json(said.payload)["code"] if said.payload[:1] == b"{" else "?"
        if (said.status, code) != (503, "unavailable"):
            self.tally.violated(device.kit.folder.name, [f"status {said.status}, code {code}"])
        self.tally.faults["asked to come again later"] += 1
        await asyncio.sleep(said.retry_after_s)

    async def _listen(self, device: Returning) -> None:
        """Open the live line and leave it open."""
        reader, writer = await _connected(self.port)
        self.lines.append(writer)
        writer.write(_head("GET /v1/live", device))
        await reader.readuntil(b"hello")

    async def _exchange(self, device: Returning) -> Message | None:
        """Hold an exchange; None where the line broke, or the device's patience did."""
        reader, writer = await _connected(self.port)
        with closing(writer), suppress(TimeoutError):
            writer.write(_head("POST /v1/sync", device, device.request()))
            async with asyncio.timeout(_PATIENCE_S):
                return await read_message(reader)
        return None

    async def _stand(self, device: Returning) -> None:
        """Begin to read a long answer, and go on when all others are through."""
        reader, writer = await _connected(self.port, _SMALL_WINDOW)
        with closing(writer):
            writer.write(_head("POST /v1/sync", device, device.request()))
            head = await read_head(reader)
            self.tally.faults["stood still in the midst of an answer"] += 1
            await self.others_are_done.wait()
            said = await read_rest(reader, head)
        if said.status != 200 or device.take(said.payload):
            self.tally.violated(device.kit.folder.name, ["a slow reader's answer was not whole"])


def _head(what: str, device: Returning, body: bytes = b"") -> bytes:
    token = device.kit.identity.token
    lines = f"{what} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
    return f"{lines}content-length: {len(body)}\r\n\r\n".encode() + body


async def _connected(
    port: int, window: int | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    one = socket.socket()
    one.setblocking(False)
    if window:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=one, limit=window or 2**24)


def rage(folder: Path, runs: int, seed: int, progress: Progress = silent) -> Tally:
    """Let `runs` devices come back to one server at once."""
    tally, random = Tally("devices that come back at once", seed), Random(seed)
    server = Server(folder / "server")
    kits = make_bank(folder, server.url, runs, branches=-(-runs // _TO_A_BRANCH))
    database = opened_database(server.data)
    devices = [_returning(database, kit, place, runs) for place, kit in enumerate(kits)]
    database.close()
    progress("the bank is there")
    server.start()
    try:
        assert server.child is not None
        assert server.child.pid is not None
        memory = Memory.of(server.child.pid)
        asyncio.run(Storm(server.port, tally, random).rage(devices))
        tally.violated("all", memory.complaints(_GROWTH_MB, _PEAK_MB))
        tally.notes["the server's memory"] = memory.said()
        _judge(devices, tally)
        progress("and once more, all from the beginning")
        memory = Memory.of(server.child.pid)
        for device in devices:
            device.cursor = None
        asyncio.run(Storm(server.port, tally, random).rage(devices))
        tally.violated("again", memory.complaints(_AGAIN_MB, _PEAK_MB))
        tally.notes["and in a second storm"] = memory.said()
        _judge(devices, tally)
    finally:
        server.stop()
    _look_at_the_record(server, devices, tally)
    return tally.close()


def _returning(database: Database, kit: Kit, place: int, runs: int) -> Returning:
    me, customer = kit.identity.employee.id, kit.customers[0]
    stands_still = place < min(_STANDING, runs // 5)
    if stands_still:
        bring(database, "interaction", [an_interaction(customer, me) for _ in range(_LONG)])
    visit, task = an_interaction(customer, me), a_task(customer)
    txns = [txn(insert("interaction", visit), insert("task", task))]
    device = Returning(kit, None, (str(visit["id"]), str(task["id"])), [], stands_still)
    if place % 4 and not stands_still:
        lines = hold(database, kit.identity.token, device.request(), wall_clock()).lines
        device.take(b"\n".join(lines))
    device.txns = txns
    return device


def _judge(devices: Sequence[Returning], tally: Tally) -> None:
    """Note how long devices waited, over all storms; those that stood still do not count."""
    waits = sorted(device.waited_s for device in devices if not device.stands_still)
    median, longest = waits[len(waits) // 2], waits[-1]
    before = tally.notes.get("waits", "")
    tally.notes["waits"] = f"{before}median {median:.1f} s, longest {longest:.1f} s; "
    if longest > _LONGEST_WAIT_S:
        tally.violated("all", [f"a device waited {longest:.0f} s"])
    tally.runs += len(devices)


def _look_at_the_record(server: Server, devices: Sequence[Returning], tally: Tally) -> None:
    database = opened_database(server.data)
    saved = {device.kit.identity.device_id: [device.saved] for device in devices}
    tally.violated("all", checks.lost(database, saved))
    database.close()
    tally.violated("all", unforeseen(server.log))
