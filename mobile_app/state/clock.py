"""Clock and ids: where time and randomness enter the app, so that tests can bring their own."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import flet as ft

from shared.ids import Millis, uuid7

Now = Callable[[], int]
Ids = Callable[[], str]
_MINUTE_MS: Final = 60_000


@dataclass(eq=False)
class Minute(ft.Observable):
    """The minute it is. A leaf that is handed it is drawn anew as each one passes."""

    count: int = 0

    def pass_to(self, now: int) -> None:
        """Note what time it is (ms)."""
        if self.count != now // _MINUTE_MS:
            self.count = now // _MINUTE_MS


def now() -> int:
    """Return the moment by this device's clock, in ms."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """Return a new record id, ordered by time."""
    return uuid7(Millis(now()), os.urandom(10))
