"""Which PINs are accepted: six digits that are not among the first a thief would try."""

from __future__ import annotations

import re
from itertools import pairwise

LENGTH = 6

# Keypad columns and diagonals, and numbers that are read as words (爱你一生一世, 一路发).
_WELL_KNOWN = frozenset([
    "147258", "258369", "159357", "147369", "147852", "963852", "741852", "201314", "521314",
    "520131", "168888", "518518", "100200", "100861", "110120", "112358", "131452", "134679",
    "142536",
])  # fmt: skip
_REPEATED = re.compile(r"(\d+?)\1+")
_PAIRS = re.compile(r"(\d)\1(\d)\2(\d)\3")


class WeakPin(Exception):
    """The PIN is not six digits, or easily guessed; nothing was changed."""


def check_pin(pin: str) -> None:
    """Raises: `WeakPin`, without the PIN in its text."""
    if not re.fullmatch(r"[0-9]{6}", pin):
        raise WeakPin(f"a PIN is {LENGTH} digits")
    if is_easily_guessed(pin):
        raise WeakPin("this PIN is easily guessed")


def is_easily_guessed(pin: str) -> bool:
    """Whether it is a run, a repetition, pairs, of two digits only, or well known."""
    return (
        _is_run(pin)
        or len(set(pin)) <= 2
        or _REPEATED.fullmatch(pin) is not None
        or _PAIRS.fullmatch(pin) is not None
        or pin in _WELL_KNOWN
    )


def _is_run(pin: str) -> bool:
    # 567890 and 987654 are runs on a keypad, hence modulo ten.
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return len(steps) == 1
