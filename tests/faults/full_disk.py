"""A device whose disk fills up at any write: it says so, loses nothing, and goes on with room.

The disk is a file system below the cipher that refuses the n-th write and all after it, as a full
one does. A working day (save, edit, be told news, sync) is gone through for each n, until one is
larger than the day has writes; the files are never thrown away in between.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

import apsw

from mobile_app.store import dbapi
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.faults import DiskFull
from mobile_app.store.opening import open_store
from mobile_app.store.vault import Keys
from shared.sync.change import Insert, Patch
from shared.testing.builders import a_task, an_interaction
from tests.faults import checks
from tests.faults.tally import Progress, Tally, silent
from tests.sync.world import CUSTOMERS, LIN, Tablet, World

_CHECKPOINT_PAGES: Final = 30
"""So small that the days' writes reach the databases themselves, not only their journals."""


class Disk(apsw.VFS):
    """The file system of one device, which can run out of room."""

    def __init__(self) -> None:
        self.name = f"disk{secrets.token_hex(4)}"
        self.left: int | None = None
        """How many writes there is room for; None for any number."""
        self.refused = 0
        super().__init__(self.name, "")

    @property
    def vfs(self) -> str:
        """The name under which encrypted databases are opened here."""
        return f"multipleciphers-{self.name}"

    def xOpen(self, name: Any, flags: list[int]) -> "DiskFile":  # noqa: N802 - SQLite's names
        return DiskFile(self, name, flags)

    def take(self) -> None:
        """Count a write, or refuse it."""
        if self.left == 0:
            self.refused += 1
            raise apsw.FullError("no room")
        if self.left is not None:
            self.left -= 1


class DiskFile(apsw.VFSFile):
    """A file that takes its room from the disk."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.take()
        super().xWrite(data, offset)


@dataclass(slots=True)
class Day:
    """One working day on a device whose disk is full from some write on."""

    tablet: Tablet
    disk: Disk
    random: Random
    saved: list[checks.Saved] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Ids of what the device said it could not save."""
    complaints: list[str] = field(default_factory=list)

    def live(self, room: int, *, restart: bool) -> None:
        """Work with room for so many writes; then with as much as is needed."""
        self.disk.left, self.disk.refused = room, 0
        self._work()
        if restart:
            self._try(self.reopen)
            self._work()
        self._look("while the disk is full")
        self.disk.left = None
        if restart and self.disk.refused:
            self.reopen()
        self._work()
        self.complaints += checks.unsound(self.tablet.store)
        self.complaints += checks.forgotten(self.tablet.store, self.saved)
        self.complaints += checks.hidden(self.tablet.store, self.saved)
        self.complaints += self._undead()
        if left := checks.waiting(self.tablet.store):
            self.complaints.append(f"{left} operations wait though there is room")

    def _work(self) -> None:
        self._try(self._save)
        self._try(self._edit)
        news = {"contact_note": self.random.choice(("上午在", "午后在", "请先打电话"))}
        self.tablet.branch.change("customer", CUSTOMERS[1], **news)
        self._try(self.tablet.sync)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except DiskFull:
            pass
        except Exception as error:  # noqa: BLE001 - the disk may do to the app what it likes
            self.complaints.append(f"{act.__name__} failed with {error!r}")

    def _save(self) -> None:
        store = self.tablet.store
        visit = an_interaction(CUSTOMERS[0], LIN, id=store.new_id(), note="谈了贷款" * 50)
        task = a_task(CUSTOMERS[0], id=store.new_id(), interaction_id=visit["id"])
        pair = str(visit["id"]), str(task["id"])
        try:
            store.commit(Insert("interaction", visit), Insert("task", task))
        except DiskFull:
            self.refused += pair
            raise
        self.saved.append(pair)

    def _edit(self) -> None:
        store = self.tablet.store
        card = store.customer(CUSTOMERS[0])
        assert card is not None
        before = card.customer.occupation
        change = {"occupation": (before, self.random.choice(("教师", "医生", "会计")))}
        store.commit(Patch("customer", CUSTOMERS[0], change))

    def _look(self, when: str) -> None:
        """Read what the screens read."""
        try:
            store = self.tablet.store
            store.overview()
            store.customers("", 10)
            store.timeline(CUSTOMERS[0])
        except Exception as error:  # noqa: BLE001
            self.complaints.append(f"nothing can be read {when}: {error!r}")

    def _undead(self) -> list[str]:
        """What was refused must not be there: its user has done it again since."""
        kept = checks.kept_ids(self.tablet.store)
        return [f"said to be not saved, and is: {id}" for id in self.refused if id in kept]

    def reopen(self) -> None:
        """Start the app again."""
        self.tablet.store.close()
        self.tablet.store = opened(self.tablet, self.disk)


@dataclass(frozen=True, slots=True)
class Files:
    """A tablet's files on a disk."""

    folder: Path
    vfs: str

    def path(self, name: str) -> str:
        return str(self.folder / name)


def opened(tablet: Tablet, disk: Disk) -> DeviceStore:
    """Open a tablet's files on a disk."""
    key = tablet.name.encode().ljust(32)
    files, keys = Files(tablet.folder, disk.vfs), Keys(mirror=key, outbox=key)
    return open_store(files, keys, tablet.clock, tablet.random.randbytes)


def fill_device(_folder: Path, runs: int, seed: int, progress: Progress = silent) -> Tally:
    """Fill a device's disk at every write of a day, until `runs` days have gone by."""
    tally, random = Tally("a device's disk is full at the n-th write", seed), Random(seed)
    world, disk, room = World(), Disk(), 0
    day = Day(world.tablets[0], disk, random)
    day.reopen()
    while tally.runs < runs:
        with patch.object(dbapi, "CHECKPOINT_PAGES", _CHECKPOINT_PAGES):
            day.live(room, restart=random.random() < 0.5)
        tally.violated(f"with room for {room} writes", day.complaints)
        tally.faults["full at a write" if disk.refused else "not full"] += 1
        tally.runs += 1
        room = room + 1 if disk.refused else 0
        day.complaints.clear()
        if tally.runs % 100 == 0:
            progress(f"{tally.runs} of {runs} days, {len(tally.violations)} violations")
    tally.notes["saves acknowledged, refused"] = f"{len(day.saved)}, {len(day.refused) // 2}"
    world.close()
    disk.unregister()
    return tally.close()
