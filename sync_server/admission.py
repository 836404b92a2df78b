"""Admission: how many exchanges the server has in hand at once; who comes past that, comes again.

A queue without an end is worse than a refusal. When every device of a large bank came back in one
second, the last ones waited longer than a device has patience; they hung up and asked anew, while
the server went on working through the questions that nobody waited for any more, and it never
caught up. A device that is told to come again does so by itself and loses nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import randint
from typing import Final

from shared.errors import refused

IN_HAND: Final = 200
"""Exchanges: some three seconds of work for a small machine, a tenth of a device's patience."""
COME_AGAIN_S: Final = (2, 15)
"""From and to how many seconds whoever is not admitted is asked to keep off. Not the same for
everyone: else those who were refused together come back together."""


@dataclass(slots=True)
class Admission:
    """Counts the exchanges in hand."""

    most: int = IN_HAND
    draw: Callable[[int, int], int] = randint
    in_hand: int = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Have one more in hand; raise the refusal `unavailable` where there are enough."""
        if self.in_hand >= self.most:
            refusal = refused("unavailable", reason="busy")
            refusal.wait_s = self.draw(*COME_AGAIN_S)
            raise refusal
        self.in_hand += 1
        try:
            yield
        finally:
            self.in_hand -= 1
