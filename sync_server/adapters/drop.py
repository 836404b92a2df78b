"""The drop folder: files that another system puts there are taken in, and put away with a report.

Theory of operation. The folder is looked at once a second. A file is whole when its sender says so
by a mark, `NAME.ok` beside it: an empty one that is not older than the file, or one with the file's
SHA-256, which is checked. A file without a mark is taken when it has looked the same for a while,
ten seconds unless the server was told otherwise, and its last line ends: whoever writes in place
and pauses for longer at the end of a line has said that it is whole. A name that ends in `.part` is
never looked at. How long a file has been quiet is what was seen of it here: the times that a file
bears may be those of another machine.

Its kind is how its name begins: `confirmations-20260331.csv`. It is taken in as from the command
line, then moved to `done`, or to `failed` if nothing of it could be read, with the report beside
it. The report is on the disk before the mark goes, and the mark goes before the file moves: a
server that dies in between finds the file where it was, and takes it in again, which changes
nothing, and no mark is left for the next file of that name.
"""

import asyncio
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from shared.errors import Refusal
from sync_server.adapters.kinds import KINDS, kind_named, rank
from sync_server.adapters.load import Sender, Tell, called, load
from sync_server.adapters.marks import is_as_said, mark_of, unmark
from sync_server.adapters.whole import Look, as_seen, ends, look_at, require_whole
from sync_server.store.database import Database, DatabaseUnavailable

LOOK_EVERY_S: Final = 1.0
QUIET_S: Final = 10.0
"""How long a file without a mark must look the same, if the server is not told otherwise."""
CUT_SHORT_S: Final = 600.0
"""A file whose last line has not ended for so long is not being written any more."""
DONE: Final = "done"
FAILED: Final = "failed"
_ENDINGS: Final = frozenset({".csv", ".txt", ".json", ".jsonl", ".ndjson"})
_KIND: Final = re.compile(rf"({'|'.join(KINDS)})(?![a-z])")
log = logging.getLogger("fieldbook")


@dataclass(slots=True)
class DropFolder:
    """One folder, and since when its files have looked as they do."""

    folder: Path
    quiet_s: float | None = QUIET_S
    """None: a file without a mark is never taken."""
    seen: Mapping[str, tuple[Look, float]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the folder, and those that files are put away into."""
        for name in (DONE, FAILED):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def ready(self, at: float) -> list[Path]:
        """Look; return the files that are whole and those that never will be.

        Those that others refer to come first: accounts are refused whose customers are not there.
        `at`: seconds by a clock that does not jump.
        """
        now = {name: (look, self._since(name, look, at)) for name, look in self._looks()}
        self.seen = now
        return [
            self.folder / name
            for name, (_, since) in sorted(now.items(), key=lambda each: _in_turn(each[0]))
            if self._is_ready(self.folder / name, at - since)
        ]

    def _since(self, name: str, look: Look, at: float) -> float:
        before, since = self.seen.get(name, (None, at))
        return since if before == look else at

    def _is_ready(self, file: Path, quiet_s: float) -> bool:
        mark = mark_of(file)
        if mark is None:
            is_quiet = self.quiet_s is not None and quiet_s >= self.quiet_s
            return is_quiet and (_ends(file) or quiet_s > CUT_SHORT_S)
        # One that came before its file is not held against every part of it.
        is_worth_it = not mark.is_older or quiet_s > 0
        is_whole = is_worth_it and is_as_said(file, mark)
        return is_whole or quiet_s >= (self.quiet_s or QUIET_S)

    def _looks(self) -> Iterator[tuple[str, Look]]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                is_ours = Path(entry.name).suffix.lower() in _ENDINGS
                if is_ours and not entry.name.startswith(".") and entry.is_file():
                    yield entry.name, look_at(self.folder / entry.name)


async def watch_folder(
    drop: DropFolder, database: Database, clock: Callable[[], int], tell: Tell
) -> None:
    """Take in what comes into a folder, until cancelled."""
    while True:
        try:
            for file in await run_in_threadpool(drop.ready, time.monotonic()):
                await run_in_threadpool(take_file, file, database, clock(), tell)
        except (OSError, DatabaseUnavailable) as error:
            log.warning("the drop folder cannot be worked on: %s", error)
        await asyncio.sleep(LOOK_EVERY_S)


def take_file(file: Path, database: Database, now: int, tell: Tell) -> Path:
    """Take one file in and put it away; return where it is now.

    One that was changed meanwhile stays, and is taken again when it is whole. Raises OSError and
    DatabaseUnavailable; the file is left for the next look then.
    """
    before = look_at(file)
    where, report = _taken(file, database, now, tell)
    if look_at(file) != before:
        log.warning("the file %s was changed while it was read, and is read again", file.name)
        return file
    return _put_away(file, where, report)


def _taken(file: Path, database: Database, now: int, tell: Tell) -> tuple[str, Mapping[str, Any]]:
    try:
        return DONE, _loaded(file, database, now, tell)
    except Refusal as why:
        sentences = {"zh": why.sentence("zh"), "en": why.sentence("en")}
        return FAILED, {"code": why.code} | sentences
    except (OSError, DatabaseUnavailable):
        raise
    except Exception:
        # A bug, and the file would meet it again at every look: it is logged and put aside.
        log.exception("the file %s failed", file.name)
        return FAILED, {"code": "server_failed"}


def _loaded(file: Path, database: Database, now: int, tell: Tell) -> dict[str, Any]:
    kind = kind_named(_kind_of(file.name))
    with file.open("rb") as opened:
        source = as_seen(opened, look_at(file))
        require_whole(file, source)
        return load(database, kind, source, Sender("drop", now, called(file)), tell).as_json()


def _kind_of(name: str) -> str:
    """Return the kind that a file's name begins with; the name where that is none."""
    named = _KIND.match(name.lower())
    return named[1] if named else name


def _in_turn(name: str) -> tuple[int, str]:
    """Return by what files are ordered that are whole at once."""
    return rank(_kind_of(name)), name


def _ends(file: Path) -> bool:
    with file.open("rb") as source:
        return ends(source)


def _put_away(file: Path, where: str, report: Mapping[str, Any]) -> Path:
    target = _free(file.parent / where / file.name)
    said = json.dumps({"file": called(file), **report}, ensure_ascii=False, indent=2)
    with target.with_name(f"{target.name}.report.json").open("w", encoding="utf-8") as written:
        written.write(f"{said}\n")
        written.flush()
        os.fsync(written.fileno())
    unmark(file)
    return file.rename(target)


def _free(target: Path) -> Path:
    """Return a name that nothing was put away under: a system may use one name every day."""
    number, free = 1, target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem}.{number}{target.suffix}")
    return free
