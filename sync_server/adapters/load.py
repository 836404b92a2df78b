"""Loading a file: its rows a chunk at a time, each chunk one transaction, told as it is done.

Broken off in the middle, what was committed stays, and the file is simply loaded again.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from sync_server.adapters.follow import Keeping, follow_refused
from sync_server.adapters.kinds import Kind
from sync_server.adapters.lines import Row, Spoilt, rows_of
from sync_server.adapters.order import in_order
from sync_server.adapters.report import Outcome, Report, State
from sync_server.exchange import Poke
from sync_server.store.authority import credit, hold_the_ledger
from sync_server.store.database import Database
from sync_server.store.refused_rows import MOST_OF_FILE, Sending
from sync_server.store.unit_of_work import Actor, UnitOfWork

Tell = Callable[[Report, Poke | None], None]
"""Told while a file is read and after each chunk: what it has come to, and whom that concerns."""


_NEWS_ONE_IN: Final = 5
"""One row in so many that writes: the order costs each row 10 us, and spares such a one 50."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose file it is, as the change log names them, when it came (ms), and what it is called."""

    name: str
    at: int
    file: str = ""


def called(file: Path) -> str:
    """Return the name of a file as a text, also where a system wrote it in another encoding."""
    return os.fsencode(file.name).decode(errors="replace")


def load(database: Database, kind: Kind, source: BinaryIO, sender: Sender, tell: Tell) -> Report:
    """Take a file into the record; return what came of it.

    `source` can be read again from its beginning. Raises a refusal of the whole file before
    anything of it was taken in, and DatabaseUnavailable after any chunk.
    """
    report, places = Report(kind.name), kind.places
    rows = rows_of(source, kind.columns)
    while chunk := list(islice(rows, kind.chunk)):
        outcomes, kept, poke = write_chunk(
            database, kind, chunk, sender, MOST_OF_FILE - report.kept
        )
        report.add(outcomes, kept)
        tell(report, poke)
        if places is not None and _is_much_new(outcomes):
            rows = in_order(database, places, rows, lambda: tell(report, None))
            places = None
    return report


def _is_much_new(outcomes: Sequence[Outcome]) -> bool:
    """Whether it pays to bring what follows into the order of the record before it is written."""
    news = sum(each.state in (State.APPLIED, State.CHANGED) for each in outcomes)
    return news * _NEWS_ONE_IN >= len(outcomes)


def write_chunk(
    database: Database,
    kind: Kind,
    chunk: Sequence[Row | Spoilt],
    sender: Sender,
    room: int,
    *,
    is_new: bool = True,
) -> tuple[list[Outcome], int, Poke | None]:
    """Take rows in one transaction.

    Return what they came to, how many of the refused ones are kept, and whom it concerns. At most
    `room` are kept that were not before. Rows that are tried again are not new: they settle nothing
    but themselves.
    """
    keeping = Keeping(
        database.cursor_key,
        Sending(kind.name, sender.name, sender.file, sender.at),
        room,
        kind.about if is_new else (),
    )
    actor = Actor(f"import:{sender.name}")
    return database.write(
        lambda connection: _take(UnitOfWork(connection, actor, sender.at), kind, chunk, keeping)
    )


def _take(
    unit: UnitOfWork, kind: Kind, chunk: Sequence[Row | Spoilt], keeping: Keeping
) -> tuple[list[Outcome], int, Poke | None]:
    hold_the_ledger(unit.connection)
    outcomes = kind.take(unit, [each for each in chunk if isinstance(each, Row)])
    outcomes += _spoilt(chunk)
    credit(unit)
    kept = follow_refused(unit, keeping, chunk, outcomes)
    seq = unit.finish()
    poke = None if seq is None else Poke(seq, frozenset(unit.scopes), None)
    return sorted(outcomes, key=lambda each: each.line), kept, poke


def _spoilt(chunk: Sequence[Row | Spoilt]) -> Iterator[Outcome]:
    for each in chunk:
        if isinstance(each, Spoilt):
            yield Outcome(each.line, State.REFUSED, "", each.why)
