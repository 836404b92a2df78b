"""A server whose disk fills up: it refuses in a sentence, loses nothing, and goes on with room.

Its data lie on a small file system of their own, of which a ballast leaves a little room: none,
then a page more each time. Real devices save and sync against the real server process until it
refuses; then the ballast goes, and everything that was saved has to arrive, once. Needs Linux and
root.
"""

import asyncio
import errno
import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from mobile_app.device import wall_clock
from mobile_app.store.device_store import DeviceStore
from mobile_app.sync_runner import SyncRunner
from shared.errors import Refusal
from tests.faults import checks
from tests.faults.bank import Kit, make_bank, opened_database, save_visit
from tests.faults.kill import transport_to, until_quiet
from tests.faults.link import NotHere
from tests.faults.processes import Server, unforeseen
from tests.faults.tally import Progress, Tally, silent

_PAGE: Final = 4_096
_SIZE_MB: Final = 96
"""Of the file system: the database, its journal and what is to spare."""
_ROOMS: Final = 40
"""Pages of room at most: an exchange with one visit writes about ten."""
_TRIES: Final = 50
"""Within which the server writes nothing of its own between two system calls."""
_ROUNDS: Final = 30
"""Within which the smallest exchange must have met the end of the room."""


def fill_server(folder: Path, runs: int, seed: int, progress: Progress = silent) -> Tally:
    """Fill the server's disk `runs` times, each time with another room left."""
    tally = Tally("a server's disk is full with n pages of room", seed)
    data = folder / "server"
    data.mkdir()
    try:
        with _file_system(data):
            _fill_again_and_again(_Bank(folder, Server(data), tally, Random(seed)), runs, progress)
    except NotHere as reason:
        tally.not_run = str(reason)
    return tally.close()


@contextmanager
def _file_system(place: Path) -> Iterator[None]:
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m", "tmpfs", str(place)]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotHere("there is no mount here") from None
    if made.returncode != 0:
        raise NotHere(f"no file system may be mounted: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@dataclass(slots=True)
class _Bank:
    """A server on the small file system, and two devices elsewhere."""

    folder: Path
    server: Server
    tally: Tally
    random: Random
    kits: list[Kit] = field(init=False)
    saved: dict[str, list[checks.Saved]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.kits = make_bank(self.folder, self.server.url, devices=2)

    @contextmanager
    def room_for(self, pages: int) -> Iterator[None]:
        """Leave so much room on the server's disk."""
        ballast = self.server.data / "ballast"
        with ballast.open("wb") as file:
            for _ in range(_TRIES):
                free = os.statvfs(self.server.data)
                try:
                    os.posix_fallocate(file.fileno(), 0, (free.f_bavail - pages) * free.f_frsize)
                    break
                except OSError as error:  # the server has taken a page since
                    if error.errno != errno.ENOSPC:
                        raise
                    file.truncate(0)
            else:
                raise AssertionError("the server goes on writing, and takes the room that is left")
        try:
            yield
        finally:
            ballast.unlink()

    async def live(self, pages: int) -> None:
        """Save and sync until the server has no room; then, with room, until all is quiet."""
        with ExitStack() as stack:
            stores = [(kit, stack.enter_context(kit.opened())) for kit in self.kits]
            with self.room_for(pages):
                for kit, store in stores:
                    await self._until_refused(kit, store)
            for kit, store in stores:
                transport = transport_to(kit.identity.server_url)
                await until_quiet(
                    SyncRunner(store, transport, wall_clock, self.random.random), store
                )
                await transport.close()

    async def _until_refused(self, kit: Kit, store: DeviceStore) -> None:
        transport = transport_to(kit.identity.server_url)
        runner = SyncRunner(store, transport, wall_clock, self.random.random)
        try:
            for _ in range(_ROUNDS):
                pair = save_visit(store, self.random.choice(kit.customers))
                self.saved[kit.identity.device_id].append(pair)
                await runner.sync_once()
            self.tally.faults["never full"] += 1
        except Refusal as refusal:
            self.tally.faults[f"refused: {refusal.code}"] += 1
            if refusal.code != "unavailable":
                self.tally.violated(self.tally.runs, [f"refused as {refusal.code}"])
        finally:
            await transport.close()


def _fill_again_and_again(bank: _Bank, runs: int, progress: Progress) -> None:
    tally = bank.tally
    bank.server.start()
    try:
        while tally.runs < runs:
            asyncio.run(bank.live(tally.runs % _ROOMS))
            tally.runs += 1
            if tally.runs % 50 == 0:
                progress(f"{tally.runs} of {runs} times full, {len(tally.violations)} violations")
    finally:
        bank.server.stop()
    bank.server.start()  # which has its files checked
    bank.server.stop()
    tally.violated("all", bank.server.complaints)
    database = opened_database(bank.server.data)
    tally.violated("all", checks.in_the_end(database, bank.kits, bank.saved))
    database.close()
    tally.violated("all", unforeseen(bank.server.log))
    tally.notes["saves acknowledged"] = f"{sum(map(len, bank.saved.values())):,}"
