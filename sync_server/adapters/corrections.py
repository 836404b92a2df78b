"""Refused rows as a file of their kind, for a person to correct in a spreadsheet and hand in again.

The reason stands in front of each row, and the number behind it by which the corrected one settles
it. A spreadsheet would round an account number, rewrite a day and reckon what begins with `=`, so
every cell that is not plain letters has an apostrophe before it; the import takes it away.
"""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final, Literal

from sync_server.adapters.columns import OF_REFUSED, RAW, REASON, REFUSED, Column
from sync_server.adapters.kinds import Kind
from sync_server.adapters.lines import TEXT_MARK
from sync_server.store.refused_rows import Kept

Language = Literal["zh", "en"]
MARK: Final = "\ufeff"
"""By which a spreadsheet knows UTF-8."""


def corrections(kind: Kind, kept: Iterable[Kept], language: Language) -> Iterator[str]:
    """Yield the lines of the file, its header first, each with its end."""
    columns = _columns(kind)
    yield MARK + _line(_called(column, language) for column in columns)
    for each in kept:
        cells = _cells(each, language)
        yield _line(_as_text(cells.get(column.name, "")) for column in columns)


def _columns(kind: Kind) -> list[Column]:
    own = [column for column in kind.columns if column not in OF_REFUSED]
    return [REASON, *own, RAW, REFUSED]


def _called(column: Column, language: Language) -> str:
    return column.chinese[0] if language == "zh" else column.name


def _cells(kept: Kept, language: Language) -> dict[str, str]:
    content = kept.refused.content
    cells = {RAW.name: content} if isinstance(content, str) else dict(content)
    reason = kept.refused.why.sentence(language)
    return cells | {REASON.name: reason, REFUSED.name: kept.digest}


def _as_text(cell: str) -> str:
    """Return a cell on one line, as a file of rows must have it, and safe from a spreadsheet."""
    flat = " ".join(cell.splitlines())
    return flat if not flat or flat.isalpha() else TEXT_MARK + flat


def _line(cells: Iterable[str]) -> str:
    written = StringIO()
    csv.writer(written).writerow(list(cells))
    return written.getvalue()
