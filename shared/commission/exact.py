"""Exact arithmetic and canonical text, because a fen that depends on a float is nobody's fen.

Between two roundings an amount is an integer or a fraction. Canonical JSON has sorted keys, no
blanks and only ASCII, so that its digest is the same on every machine.
"""

import json
from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256

from shared.money import Fen

WHOLE_BP = 10_000
"""A whole sale in basis points."""


def round_fen(above: int, below: int = 1) -> Fen:
    """Round `above / below` (`below` > 0) to a whole fen, half away from zero.

    Two integers rather than a fraction: this runs several times a sale, and takes a fifth of it.
    """
    rounded = (2 * abs(above) + below) // (2 * below)
    return Fen(-rounded if above < 0 else rounded)


def times(amount: int, rate: Fraction) -> Fen:
    """Multiply fen by a rate and round, without a fraction in between."""
    return round_fen(amount * rate.numerator, rate.denominator)


def ceil_fen(exact: Fraction) -> Fen:
    """Round up to a whole fen, so that a share which must not be too small never is."""
    return Fen(-(-exact.numerator // exact.denominator))


def split_fen(total: Fen, shares_bp: Sequence[int]) -> tuple[Fen, ...]:
    """Share `total` fen by basis points that sum to 10,000; the parts sum to it exactly.

    Largest remainder, ties in declared order; a negative total gives the exact mirror.
    """
    sign = -1 if total < 0 else 1
    exact = [abs(total) * bp for bp in shares_bp]
    parts = [each // WHOLE_BP for each in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: -(exact[i] % WHOLE_BP))
    for i in by_remainder[: abs(total) - sum(parts)]:
        parts[i] += 1
    return tuple(Fen(sign * part) for part in parts)


def yuan(amount: Fen) -> str:
    """Write an amount as data: yuan with two decimals, no grouping ("-1234.50")."""
    whole, fen = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{fen:02d}"


def grouped(amount: Fen) -> str:
    """Write an amount as a trace shows it ("1,234.50")."""
    whole, fen = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole:,}.{fen:02d}"


def decimal_text(number: Fraction) -> str:
    """Write a number without trailing zeros; six decimals where it has no end ("1.2")."""
    return _decimal(number.numerator, number.denominator)


def percent(rate: Fraction) -> str:
    """Write a rate as people say it ("70 %", "1.2 %")."""
    return f"{_decimal(100 * rate.numerator, rate.denominator)} %"


def _decimal(above: int, below: int) -> str:
    millionths = round_fen(above * 1_000_000, below)
    whole, rest = divmod(abs(millionths), 1_000_000)
    text = f"{whole:,}.{rest:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if millionths < 0 else text


def canonical(document: object) -> bytes:
    """Write the one JSON text of a document."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")


def digest(document: object) -> str:
    """Return the SHA-256 of a document's canonical JSON, in hexadecimal."""
    return sha256(canonical(document)).hexdigest()
