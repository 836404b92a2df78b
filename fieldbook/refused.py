"""`fieldbook refused`: the rows that imports could not take, also while the server runs."""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fieldbook.bring import told
from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from sync_server.adapters.corrections import corrections
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.replay import replay as try_again
from sync_server.adapters.report import State
from sync_server.store.access import Access, note_accesses
from sync_server.store.database import Database
from sync_server.store.refused_rows import Kept, RefusedRows, Standing, Which


def list(asked: argparse.Namespace) -> int:
    """List how many rows wait, by kind, sender, file and reason."""
    with opened(asked) as database, database.reading() as connection:
        rows = RefusedRows(connection, database.cursor_key).counts(_which(asked))
    lines = (
        f"{row['rows']:,}\t{row['kind']}\t{row['file'] or '-'}\t{row['sender']}\t{row['code']}"
        f"\tsince {datetime.fromtimestamp(row['since'] / 1000, UTC):%F}"
        for row in rows
    )
    _answer(asked, rows, "\n".join(lines) or "No refused row waits.")
    return 0


def show(asked: argparse.Namespace) -> int:
    """Show rows one by one: what each is about and why it was refused, not what it says."""
    with opened(asked) as database:
        kept = _kept(database, _which(asked), asked.most)
    rows = [_shown(each, asked.lang) for each in kept]
    lines = (
        f"{row['refused']}\t{row['kind']}\t{row['file'] or '-'}:{row['line']}\t{row['what']}"
        f"\t{row['why']}"
        for row in rows
    )
    _answer(asked, rows, "\n".join(lines) or "No refused row waits.")
    return 0


def export(asked: argparse.Namespace) -> int:
    """Write the rows of a kind whole into a file, to be corrected; the access log says so."""
    kind, which = kind_named(asked.kind), _which(asked)
    with opened(asked) as database:
        kept = _kept(database, which)
        if not kept:
            raise Stop("No such refused row waits. Nothing was written.")
        note_accesses(
            database,
            [Access("fieldbook refused export", "refused", None, f"{kind.name}: {len(kept)} rows")],
            now(),
        )
    _write(asked.out, corrections(kind, kept, asked.lang))
    text = (
        f"{len(kept):,} rows are in {asked.out}. Correct them and hand the file in: "
        f"fieldbook import {kind.name} {asked.out}"
    )
    _answer(asked, {"file": str(asked.out), "rows": len(kept)}, text)
    return 0


def replay(asked: argparse.Namespace) -> int:
    """Try rows again as they stand; 1 if one was refused again."""
    with opened(asked) as database:
        replayed = [*try_again(database, _which(asked), now(), lambda *_: None)]
    text = "\n".join(
        "\n".join([f"{each.file or '-'} of {each.sender}:", *told(each.report)])
        for each in replayed
    )
    _answer(asked, [each.as_json() for each in replayed], text or "No refused row waits.")
    return 1 if any(each.report.counts[State.REFUSED] for each in replayed) else 0


def drop(asked: argparse.Namespace) -> int:
    """Give rows up: they are not tried again, and what they say is deleted."""
    which = _which(asked)
    if which == Which():
        raise Stop("Say which rows are given up: by ID, --kind, --file or --reason. None was.")
    with opened(asked) as database, database.writing() as connection:
        rows = RefusedRows(connection, database.cursor_key)
        dropped = rows.settle_all(which, Standing.DROPPED, "fieldbook refused drop", now())
    _answer(asked, {"dropped": dropped}, f"{dropped:,} rows were given up.")
    return 0


def _which(asked: argparse.Namespace) -> Which:
    ids = getattr(asked, "ids", None)
    return Which(asked.kind, asked.file, asked.reason, digests=ids or None)


def _kept(database: Database, which: Which, most: int | None = None) -> Sequence[Kept]:
    with database.reading() as connection:
        return RefusedRows(connection, database.cursor_key).kept(which, most)


def _shown(kept: Kept, language: str) -> dict[str, Any]:
    sending, refused = kept.sending, kept.refused
    return {
        "refused": kept.digest,
        "kind": sending.kind,
        "file": sending.file,
        "sender": sending.sender,
        "line": refused.line,
        "at": sending.at,
        "what": refused.what,
        "code": refused.why.code,
        "why": refused.why.sentence(language),
    }


def _write(file: Path, lines: Iterator[str]) -> None:
    """Write a new file that nobody else may read: it has identity numbers."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Stop(f"{file} cannot be written: {error.strerror}. No row was changed.") from None
    with open(handle, "w", encoding="utf-8", newline="") as written:
        written.writelines(lines)


def _answer(asked: argparse.Namespace, answer: Any, text: str) -> None:
    print(json.dumps(answer, ensure_ascii=False) if asked.json else text)
