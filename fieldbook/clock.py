"""The wall clock of the command line."""

import time

from shared.ids import Millis


def now() -> Millis:
    """Return milliseconds since 1970-01-01 UTC."""
    return Millis(time.time_ns() // 1_000_000)
