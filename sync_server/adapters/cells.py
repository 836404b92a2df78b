"""What stands in a cell: a day, an amount, a word of a list. Anything else is refused as it reads.

Nothing is guessed: 2026/3/1 may be the first of March, and 12.345 may be twelve yuan or twelve
thousand.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Final

from shared.errors import refused
from shared.money import Fen, parse_yuan
from sync_server.adapters.lines import Row

_DAY: Final = re.compile(r"(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,4}")
_YUAN: Final = re.compile(r"[0-9]{1,12}\.[0-9]{2}")
_MOMENT: Final = re.compile(
    r"[0-9-]{10}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?([+-][0-9]{2}:[0-9]{2}|Z)?"
)
_PERCENT: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")
_BEIJING: Final = timezone(timedelta(hours=8))
_CNY: Final = frozenset({"CNY", "人民币"})
_YES: Final = {"是": "true", "否": "false", "true": "true", "false": "false"}
_SECONDS: Final = re.compile(r"[0-9]{1,5}")
MOST_PIECES: Final = 10_000
_LONGEST: Final = 200
"""Characters of a name or a number, as the record keeps them."""


def text(row: Row, column: str, longest: int = _LONGEST) -> str:
    """Return a cell that must say something."""
    cell = row.cells.get(column, "")
    if not cell:
        raise refused("row_lacks", column=column)
    if len(cell) > longest:
        raise refused("row_value", column=column, value=_cut(cell), wanted=f"<= {longest}")
    return cell


def text_or_none(row: Row, column: str, longest: int = _LONGEST) -> str | None:
    """Return a cell that may be empty."""
    return text(row, column, longest) if column in row.cells else None


def word(row: Row, column: str, words: Mapping[str, str]) -> str:
    """Return a word of a list, whichever of its spellings the cell has."""
    cell = text(row, column)
    found = words.get(cell) or words.get(cell.upper()) or words.get(cell.lower())
    if found is None:
        wanted = " | ".join(dict.fromkeys(words.values()))
        raise refused("row_value", column=column, value=_cut(cell), wanted=wanted)
    return found


def is_yes(row: Row, column: str) -> bool:
    """Return yes or no; no for an empty cell."""
    return column in row.cells and word(row, column, _YES) == "true"


def day(row: Row, column: str) -> date:
    """Return a day."""
    cell = text(row, column)
    try:
        if _DAY.fullmatch(cell):
            return date.fromisoformat(cell)
    except ValueError:
        pass  # The 30th of February has the right form; the sentence below is for it too.
    raise refused("row_value", column=column, value=_cut(cell), wanted="2026-03-31")


def day_or_none(row: Row, column: str) -> date | None:
    """Return a day, or None for an empty cell."""
    return day(row, column) if column in row.cells else None


def past_day(row: Row, column: str, today: date) -> date:
    """Return a day that has come."""
    found = day(row, column)
    if found > today:
        raise refused("row_future", column=column, value=found.isoformat())
    return found


def past_day_or_none(row: Row, column: str, today: date) -> date | None:
    """Return a day that has come, or None for an empty cell."""
    return past_day(row, column, today) if column in row.cells else None


def amount(row: Row) -> Fen | None:
    """Return the amount, in yuan with exactly two decimals; None for an empty cell."""
    currency = row.cells.get("currency", "CNY")
    if currency.upper() not in _CNY:
        raise refused("row_currency", value=_cut(currency))
    cell = row.cells.get("amount")
    if cell is None:
        return None
    found = parse_yuan(cell) if _YUAN.fullmatch(cell) else 0
    if found <= 0:
        raise refused("row_amount", value=_cut(cell))
    return Fen(found)


def yuan(row: Row, column: str) -> Fen:
    """Return a balance or a sum of a day, in yuan with exactly two decimals; it may be zero."""
    cell = text(row, column)
    if not _YUAN.fullmatch(cell):
        raise refused("row_amount", value=_cut(cell))
    return parse_yuan(cell)


def past_moment(row: Row, column: str, now: int) -> int:
    """Return a moment that has come (ms), by the clock in Beijing where the cell names no other.

    A day is its first moment: what is said of it is never shown as fresher than it is.
    """
    cell = text(row, column)
    found = _moment(cell)
    if found is None:
        raise refused("row_value", column=column, value=_cut(cell), wanted="2026-03-31 17:30")
    if found > now:
        raise refused("row_future", column=column, value=_cut(cell))
    return found


@lru_cache
def _moment(cell: str) -> int | None:
    """Read a moment or a day; most rows of a file have the same."""
    try:
        if _DAY.fullmatch(cell) or _MOMENT.fullmatch(cell):
            read = datetime.fromisoformat(cell)
            aware = read if read.tzinfo else read.replace(tzinfo=_BEIJING)
            return round(aware.timestamp()) * 1_000
    except (ValueError, OverflowError):
        pass
    return None


def percent_or_none(row: Row, column: str) -> str | None:
    """Return percent a year as the fraction that the record keeps: 1.55 is 0.0155."""
    cell = text_or_none(row, column)
    if cell is None:
        return None
    if not _PERCENT.fullmatch(cell):
        raise refused("row_value", column=column, value=_cut(cell), wanted="1.55")
    return _fraction(cell)


@lru_cache
def _fraction(percent: str) -> str:
    return f"{(Decimal(percent) / 100).normalize():f}"


def seconds_or_none(row: Row, column: str) -> int | None:
    """Return how many seconds something took; None for an empty cell."""
    cell = text_or_none(row, column)
    if cell is not None and not _SECONDS.fullmatch(cell):
        raise refused("row_value", column=column, value=_cut(cell), wanted="0 - 99999")
    return None if cell is None else int(cell)


def pieces(row: Row) -> int | None:
    """Return how many pieces; None for an empty cell."""
    cell = row.cells.get("qty")
    if cell is None:
        return None
    if not _COUNT.fullmatch(cell) or int(cell) > MOST_PIECES:
        raise refused("row_value", column="qty", value=_cut(cell), wanted=f"1 - {MOST_PIECES}")
    return int(cell)


def _cut(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:40]}…"
