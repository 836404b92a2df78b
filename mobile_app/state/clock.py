"""Clock and ids: where time and randomness enter the app, so that tests can bring their own."""

import os
import time
from collections.abc import Callable

from shared.ids import Millis, uuid7

Now = Callable[[], int]
Ids = Callable[[], str]


def now() -> int:
    """Return the moment by this device's clock, in ms."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """Return a new record id, ordered by time."""
    return uuid7(Millis(now()), os.urandom(10))
