"""`fieldbook admin backup`, `restore` and `new-generation`."""

import argparse
import json
from pathlib import Path
from typing import Any

from fieldbook.clock import now
from fieldbook.database import FILE, opened
from fieldbook.stop import Stop
from sync_server.store.backup import InUse, NotABackup, new_generation
from sync_server.store.backup import back_up as copy
from sync_server.store.backup import restore as put_back


def back_up(asked: argparse.Namespace) -> int:
    """Copy the branch's file, also while the server runs."""
    source = _file(asked)
    if not source.exists():
        raise Stop(f"There is no branch in {asked.data}, so nothing was backed up.")
    try:
        size = copy(source, asked.file)
    except NotABackup as error:
        raise Stop(
            f"The database is damaged ({error}), so no backup was written. Earlier backups are "
            "untouched: restore the latest."
        ) from None
    except OSError as error:
        raise Stop(f"{asked.file} cannot be written: {error.strerror}. Nothing changed.") from None
    _answer(asked, {"file": str(asked.file), "bytes": size}, f"{asked.file}: {size:,} bytes.")
    return 0


def restore(asked: argparse.Namespace) -> int:
    """Put a backup in the place of the branch's file."""
    try:
        kept = put_back(asked.file, _file(asked), now())
    except InUse:
        raise Stop(
            "The server still has this database open. Nothing was changed; stop it and try again."
        ) from None
    except (NotABackup, OSError) as error:
        raise Stop(f"{asked.file} is no backup of a branch: {error}. Nothing changed.") from None
    with opened(asked) as database, database.writing() as connection:
        generation = new_generation(connection)
    where = f" What it replaced is kept as {kept.name}." if kept else ""
    text = f"Restored.{where} Devices send again what they sent in the last 14 days."
    _answer(asked, {"generation": generation, "kept": str(kept) if kept else None}, text)
    return 0


def renew(asked: argparse.Namespace) -> int:
    """Give a database that was restored by other means its new generation."""
    with opened(asked) as database, database.writing() as connection:
        generation = new_generation(connection)
    text = "Done. Start the servers again: devices send what they sent in the last 14 days."
    _answer(asked, {"generation": generation}, text)
    return 0


def _file(asked: argparse.Namespace) -> Path:
    if asked.data is None:
        raise Stop(
            "PostgreSQL is backed up with pg_dump and restored with pg_restore; then run "
            "`fieldbook admin new-generation`. Nothing was changed."
        )
    file: Path = asked.data / FILE
    return file


def _answer(asked: argparse.Namespace, answer: Any, text: str) -> None:
    print(json.dumps(answer, ensure_ascii=False) if asked.json else text)
