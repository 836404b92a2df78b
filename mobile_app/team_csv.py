"""The team's tables in a form that a spreadsheet opens: CSV, UTF-8 with its mark, in yuan."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from mobile_app.store.plan_records import TeamRow
from shared.commission.exact import yuan
from shared.money import Fen

COLUMNS: Final = (
    "opening_carry",
    "earned",
    "trimmed",
    "quality",
    "deferred",
    "released",
    "clawed",
    "adjusted",
    "payable",
    "closing_carry",
)
"""The amounts of a statement, in the order in which they add up."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MARK: Final = b"\xef\xbb\xbf"
"""Without it a spreadsheet reads Chinese names in the wrong encoding."""


def team_csv(head: Sequence[str], rows: Iterable[TeamRow]) -> bytes:
    """Write one line for each employee; `head` names the columns: the name, then COLUMNS."""
    return table_csv(
        head,
        (
            (row.name, *(yuan(Fen(getattr(row.statement, name))) for name in COLUMNS))
            for row in rows
        ),
    )


def table_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write lines of a name and of numbers as text."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows((_harmless(name), *numbers) for name, *numbers in rows)
    return _MARK + out.getvalue().encode()


def _harmless(text: str) -> str:
    """Keep a name from being read as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
