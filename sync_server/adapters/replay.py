"""Replay: refused rows that are kept are tried again as they stand, as if their files came now.

Kinds that others refer to come first: an account may be what a flow was refused for. Each file of a
sender is tried by itself, in the order of its lines, and gets a report as an import does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync_server.adapters.kinds import KINDS, rank
from sync_server.adapters.lines import Row, Spoilt
from sync_server.adapters.load import Sender, Tell, write_chunk
from sync_server.adapters.report import Report
from sync_server.store.database import Database
from sync_server.store.refused_rows import Kept, RefusedRows, Which
from sync_server.store.unit_of_work import CHUNK


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of the kept rows of one file."""

    sender: str
    file: str
    report: Report

    def as_json(self) -> dict[str, Any]:
        """Return it as it is answered."""
        return {"sender": self.sender, "file": self.file} | self.report.as_json()


def replay(database: Database, which: Which, now: int, tell: Tell) -> Iterator[Replayed]:
    """Try open rows again, a chunk in a transaction; yield what each file came to.

    Raises DatabaseUnavailable after any chunk; what was taken stays taken.
    """
    for each in _files(database, which):
        assert each.kind is not None  # noqa: S101 - as the other two, it is one file's
        report, sender = Report(each.kind), Sender(each.sender or "", now, each.file or "")
        digests = _order(database, each)
        for start in range(0, len(digests), CHUNK):
            some = replace(each, digests=digests[start : start + CHUNK])
            _try_again(database, _kept(database, some), report, sender, tell)
        yield Replayed(sender.name, sender.file, report)


def _try_again(
    database: Database, kept: Sequence[Kept], report: Report, sender: Sender, tell: Tell
) -> None:
    """Take kept rows; files of one name may have had the same lines, so these are told apart."""
    chunk = [_row(place, each) for place, each in enumerate(kept)]
    outcomes, still, poke = write_chunk(
        database, KINDS[report.kind], chunk, sender, room=0, is_new=False
    )
    report.add([replace(each, line=kept[each.line].refused.line) for each in outcomes], still)
    tell(report, poke)


def _row(place: int, kept: Kept) -> Row | Spoilt:
    said = kept.refused
    if isinstance(said.content, str):
        return Spoilt(place, said.why, said.content)
    return Row(place, said.content)


def _files(database: Database, which: Which) -> list[Which]:
    """Return the files that have such rows, those of kinds that others refer to first."""
    with database.reading() as connection:
        counts = RefusedRows(connection, database.cursor_key).counts(which)
    files = dict.fromkeys((row["kind"], row["sender"], row["file"]) for row in counts)
    found = [
        replace(which, kind=kind, sender=sender, file=file)
        for kind, sender, file in files
        if kind in KINDS
    ]
    return sorted(found, key=lambda each: rank(str(each.kind)))


def _order(database: Database, which: Which) -> list[str]:
    with database.reading() as connection:
        return RefusedRows(connection, database.cursor_key).order(which)


def _kept(database: Database, which: Which) -> list[Kept]:
    with database.reading() as connection:
        return RefusedRows(connection, database.cursor_key).kept(which)
