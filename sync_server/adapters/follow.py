"""What an import does to the refused rows that are kept: it adds its own, and settles others.

A row that is taken settles the same row that was refused before, and the one that it says it
corrects. A correction that is refused itself is kept in the place of what it corrects.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sync_server.adapters.columns import OF_REFUSED, REFUSED
from sync_server.adapters.lines import Row, Spoilt
from sync_server.adapters.report import Outcome, State
from sync_server.store.refused_rows import Content, Refused, RefusedRows, Sending, Standing
from sync_server.store.unit_of_work import UnitOfWork

_ASIDE: Final = frozenset(column.name for column in OF_REFUSED)
LONGEST_TEXT: Final = 4_000
"""Characters that are kept of a line that cannot be read."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How refused rows are kept: by the database's own key, as whose, and how many new ones."""

    secret: bytes
    sending: Sending
    room: int


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
    if not refused:
        return 0
    said = [_said(each, refused) for each in chunk if each.line in refused]
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


def _said(each: Row | Spoilt, refused: Mapping[int, Outcome]) -> Refused:
    outcome = refused[each.line]
    assert outcome.why is not None  # noqa: S101 - a refused line says why
    return Refused(each.line, content_of(each), outcome.what, outcome.why)


def content_of(each: Row | Spoilt) -> Content:
    """Return what a row says, without what is there for its correction."""
    if isinstance(each, Spoilt):
        return each.text[:LONGEST_TEXT]
    return {name: cell for name, cell in each.cells.items() if name not in _ASIDE}
