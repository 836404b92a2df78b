"""What an import does to the refused rows that are kept: it adds its own, and settles others.

A row that is taken settles the same row that was refused before, the one that it says it corrects,
and of a file that comes anew everything refused before about the same thing: tried again, that
would put the old word in the place of the new one. A correction that is refused itself is kept in
the place of what it corrects.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sync_server.adapters.columns import OF_REFUSED, REFUSED
from sync_server.adapters.lines import Row, Spoilt
from sync_server.adapters.report import Outcome, State
from sync_server.store.refused_rows import Content, Refused, RefusedRows, Sending, Standing, Which
from sync_server.store.unit_of_work import UnitOfWork

_ASIDE: Final = frozenset(column.name for column in OF_REFUSED)
_NEWS: Final = frozenset({State.APPLIED, State.CHANGED, State.WAITING})
LONGEST_TEXT: Final = 4_000
"""Characters that are kept of a line that cannot be read."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How refused rows are kept: by the database's own key, as whose, and how many new ones."""

    secret: bytes
    sending: Sending
    room: int
    about: tuple[tuple[str, ...], ...] = ()
    """By which columns a row that is taken settles others; see `Kind.about`."""


def follow_refused(
    unit: UnitOfWork,
    keeping: Keeping,
    chunk: Sequence[Row | Spoilt],
    outcomes: Sequence[Outcome],
) -> int:
    """Keep what was refused of a chunk and settle what was taken; return how many are kept."""
    rows, sending = RefusedRows(unit.connection, keeping.secret), keeping.sending
    refused = {each.line: each for each in outcomes if each.state is State.REFUSED}
    if rows.is_any_open(sending.kind):
        _settle(rows, sending, chunk, refused.keys())
        _settle_former(rows, keeping, chunk, outcomes)
    if not refused:
        return 0
    said = [_said(each, refused, rows, keeping) for each in chunk if each.line in refused]
    return rows.keep(sending, said, keeping.room)


def _settle(
    rows: RefusedRows, sending: Sending, chunk: Sequence[Row | Spoilt], refused: Collection[int]
) -> None:
    said = {each.line: rows.digest(sending.kind, content_of(each)) for each in chunk}
    still = {said[line] for line in refused}
    taken = {digest for line, digest in said.items() if line not in refused}
    named = {
        (each.cells[REFUSED.name], each.line in refused)
        for each in chunk
        if isinstance(each, Row) and REFUSED.name in each.cells
    }
    taken |= {digest for digest, is_refused in named if not is_refused}
    replaced = {digest for digest, is_refused in named if is_refused} - taken
    by = f"import:{sending.sender}"
    rows.settle(sending.kind, taken - still, Standing.TAKEN, by, sending.at)
    rows.settle(sending.kind, replaced - still, Standing.REPLACED, by, sending.at)


def _settle_former(
    rows: RefusedRows,
    keeping: Keeping,
    chunk: Sequence[Row | Spoilt],
    outcomes: Sequence[Outcome],
) -> None:
    """Settle what was refused before about things of which something newer has been taken."""
    news = {each.line for each in outcomes if each.state in _NEWS}
    about = {_about(rows, keeping, each) for each in chunk if each.line in news} - {None}
    if about:
        sending, by = keeping.sending, f"import:{keeping.sending.sender}"
        which = Which(kind=sending.kind, about={str(each) for each in about})
        rows.settle_all(which, Standing.REPLACED, by, sending.at)


def _about(rows: RefusedRows, keeping: Keeping, each: Row | Spoilt) -> str | None:
    """Return a digest of the thing that a row is about; None where that does not matter."""
    if isinstance(each, Spoilt):
        return None
    for columns in keeping.about:
        if columns[-1] in each.cells:
            said = {name: each.cells[name] for name in columns if name in each.cells}
            return rows.digest(f"{keeping.sending.kind} about", said)
    return None


def _said(
    each: Row | Spoilt, refused: Mapping[int, Outcome], rows: RefusedRows, keeping: Keeping
) -> Refused:
    outcome = refused[each.line]
    assert outcome.why is not None  # noqa: S101 - a refused line says why
    about = _about(rows, keeping, each)
    return Refused(each.line, content_of(each), outcome.what, outcome.why, about)


def content_of(each: Row | Spoilt) -> Content:
    """Return what a row says, without what is there for its correction."""
    if isinstance(each, Spoilt):
        return each.text[:LONGEST_TEXT]
    return {name: cell for name, cell in each.cells.items() if name not in _ASIDE}
