"""Backup and restore of a branch that is kept in one file; PostgreSQL has its own tools.

A restored server lacks what came after its backup, so it gets a new generation: every device then
sends again what it has sent in the last 14 days and reads its rows anew.
"""

import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, update

from sync_server.store.schema import meta


class NotABackup(Exception):
    """The file is damaged, or is no backup of a branch."""


class InUse(Exception):
    """A server, or another command, has the database open."""


def back_up(database: Path, target: Path) -> int:
    """Copy a database, which may be in use, to `target`; return the bytes of the copy.

    The copy is of one moment, checked, on the disk when this returns, and takes its name only
    then. Raises NotABackup for a database that is damaged.
    """
    beside = target.with_name(f"{target.name}.part")
    beside.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(beside)) as copy:
        source.backup(copy, pages=4096)
        copy.execute("PRAGMA journal_mode=DELETE")
    check(beside)
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(target)
    return target.stat().st_size


def check(file: Path) -> None:
    """Raise NotABackup unless a file is a whole database of a branch."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            [(said,)] = connection.execute("PRAGMA integrity_check(1)").fetchall()
            known = connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    except sqlite3.DatabaseError as error:
        raise NotABackup(str(error)) from None
    if said != "ok" or known is None:
        raise NotABackup(said)


def restore(backup: Path, database: Path, now: int) -> Path | None:
    """Put a backup in a database's place; return where the replaced one is kept, if there was one.

    Raises NotABackup, and InUse while a server has the database; nothing is changed then. Give the
    restored database a new generation before anyone meets it.
    """
    check(backup)
    kept = _set_aside(database, now) if database.exists() else None
    beside = database.with_name(f"{database.name}.part")
    database.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(backup, beside)
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(database)
    return kept


def _set_aside(database: Path, now: int) -> Path:
    with closing(sqlite3.connect(database, timeout=0)) as connection:
        try:
            # Leaving WAL takes the whole file, which nobody else may have open; and folds the log
            # into it.
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.OperationalError as error:
            raise InUse(str(error)) from None
        except sqlite3.DatabaseError:
            pass  # damaged: the very reason to restore
    kept = database.with_name(f"{database.name}.replaced-{now}")
    database.replace(kept)
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)
    return kept


def new_generation(connection: Connection) -> str:
    """Tell every device that the server counts anew; return the generation's name."""
    name = secrets.token_hex(8)
    connection.execute(update(meta).where(meta.c.key == "generation").values(value=name))
    return name
