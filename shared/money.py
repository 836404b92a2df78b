"""Money is integer fen; yuan exist only as text at the edges, because floats lose fen."""

import re
from typing import NewType

Fen = NewType("Fen", int)
"""One hundredth of a yuan (CNY)."""

_YUAN = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{2}))?")
_LARGE = ((Fen(10_000_000_000), "亿"), (Fen(1_000_000), "万"))


def parse_yuan(text: str) -> Fen:
    """Read yuan such as "1234.50" or "1234"; raise ValueError for any other form."""
    match = _YUAN.fullmatch(text)
    if match is None:
        raise ValueError(f"not an amount in yuan with two decimals: {text!r}")
    sign, yuan, fen = match.groups()
    amount = int(yuan) * 100 + int(fen or 0)
    return Fen(-amount if sign else amount)


def format_yuan(amount: Fen) -> str:
    """Write the exact amount: ¥1,234,567.89."""
    yuan, fen = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}¥{yuan:,}.{fen:02d}"


def short_yuan(amount: Fen) -> str:
    """Write a large amount as people say it (123.46 万, 1.23 亿), a small one exactly."""
    for unit, word in _LARGE:
        if abs(amount) >= unit:
            hundredths = (abs(amount) * 100 + unit // 2) // unit
            whole, part = divmod(hundredths, 100)
            return f"{'-' if amount < 0 else ''}{whole:,}.{part:02d} {word}"
    return format_yuan(amount)
