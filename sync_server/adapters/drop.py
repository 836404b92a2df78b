"""The drop folder: files that another system puts there are taken in, and put away with a report.

Theory of operation. The folder is looked at once a second. A file is taken when it has not changed
since the look before and its last line ends, so that one that is still being written is left in
peace; one whose name ends in `.part` is never looked at, and renaming it says that it is whole. Its
kind is how its name begins: `confirmations-20260331.csv`. It is taken in as from the command line,
then moved to `done`, or to `failed` if nothing of it could be read, with the report beside it.

The report is on the disk before the file moves. A server that dies in between finds the file where
it was, and takes it in again, which changes nothing.
"""

import asyncio
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from shared.errors import Refusal, refused
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, Tell, load
from sync_server.store.database import Database, DatabaseUnavailable

LOOK_EVERY_S: Final = 1.0
CUT_SHORT_MS: Final = 10 * 60_000
"""A file whose last line has not ended for so long is not being written any more."""
DONE: Final = "done"
FAILED: Final = "failed"
_ENDINGS: Final = frozenset({".csv", ".txt", ".json", ".jsonl", ".ndjson"})
_KIND: Final = re.compile(r"[a-z]+")
log = logging.getLogger("fieldbook")


@dataclass(frozen=True, slots=True)
class _Look:
    """How a file looked: it is whole if it looks the same the next time."""

    size: int
    changed_ns: int


@dataclass(slots=True)
class DropFolder:
    """One folder, and how its files looked the last time."""

    folder: Path
    seen: Mapping[str, _Look] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the folder, and those that files are put away into."""
        for name in (DONE, FAILED):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def ready(self, now: int) -> list[Path]:
        """Look; return the files that are whole, by name, and those that never will be."""
        looks = dict(self._looks())
        still = [name for name, look in sorted(looks.items()) if self.seen.get(name) == look]
        self.seen = looks
        return [
            self.folder / name
            for name in still
            if _ends(self.folder / name) or _is_old(looks[name], now)
        ]

    def _looks(self) -> Iterator[tuple[str, _Look]]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                is_ours = Path(entry.name).suffix.lower() in _ENDINGS
                if is_ours and not entry.name.startswith(".") and entry.is_file():
                    about = entry.stat()
                    yield entry.name, _Look(about.st_size, about.st_mtime_ns)


async def watch_folder(
    drop: DropFolder, database: Database, clock: Callable[[], int], tell: Tell
) -> None:
    """Take in what comes into a folder, until cancelled."""
    while True:
        try:
            for file in await run_in_threadpool(drop.ready, clock()):
                await run_in_threadpool(take_file, file, database, clock(), tell)
        except (OSError, DatabaseUnavailable) as error:
            log.warning("the drop folder cannot be worked on: %s", error)
        await asyncio.sleep(LOOK_EVERY_S)


def take_file(file: Path, database: Database, now: int, tell: Tell) -> Path:
    """Take one file in and put it away; return where it is now.

    Raises OSError and DatabaseUnavailable; the file is left for the next look then.
    """
    try:
        report = _loaded(file, database, now, tell)
    except Refusal as why:
        sentences = {"zh": why.sentence("zh"), "en": why.sentence("en")}
        return _put_away(file, FAILED, {"code": why.code} | sentences)
    except (OSError, DatabaseUnavailable):
        raise
    except Exception:
        # A bug, and the file would meet it again at every look: it is logged and put aside.
        log.exception("the file %s failed", file.name)
        return _put_away(file, FAILED, {"code": "server_failed"})
    return _put_away(file, DONE, report)


def _loaded(file: Path, database: Database, now: int, tell: Tell) -> dict[str, Any]:
    named = _KIND.match(file.name.lower())
    kind = kind_named(named.group() if named else file.name)
    if file.stat().st_size and not _ends(file):
        raise refused("file_cut_short")
    with file.open("rb") as source:
        return load(database, kind, source, Sender("drop", now, file.name), tell).as_json()


def _ends(file: Path) -> bool:
    """Whether a file's last line ends; that of an empty file has not begun."""
    with file.open("rb") as source:
        if source.seek(0, os.SEEK_END) == 0:
            return False
        source.seek(-1, os.SEEK_END)
        return source.read(1) == b"\n"


def _is_old(look: _Look, now: int) -> bool:
    return now - look.changed_ns // 1_000_000 > CUT_SHORT_MS


def _put_away(file: Path, where: str, report: Mapping[str, Any]) -> Path:
    target = _free(file.parent / where / file.name)
    said = json.dumps({"file": file.name, **report}, ensure_ascii=False, indent=2)
    with target.with_name(f"{target.name}.report.json").open("w", encoding="utf-8") as written:
        written.write(f"{said}\n")
        written.flush()
        os.fsync(written.fileno())
    return file.rename(target)


def _free(target: Path) -> Path:
    """Return a name that nothing was put away under: a system may use one name every day."""
    number, free = 1, target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem}.{number}{target.suffix}")
    return free
