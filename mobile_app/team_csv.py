"""The team's statements as a table that a spreadsheet opens: CSV, UTF-8 with its mark, in yuan."""

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
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for row in rows:
        amounts = [yuan(Fen(getattr(row.statement, name))) for name in COLUMNS]
        writer.writerow([_harmless(row.name), *amounts])
    return _MARK + out.getvalue().encode()


def _harmless(text: str) -> str:
    """Keep a name from being read as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
