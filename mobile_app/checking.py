"""Checking: when this device's rows are compared with the server's, and what came of it.

About once a day, in a quiet minute, and whenever the user asks. It reads every shared row, which
takes a second in a browser, so a check that was not asked for gives way as soon as there is
anything else to do.
"""

import asyncio
from collections.abc import Callable
from contextlib import closing
from typing import Final, Protocol

from mobile_app.store.device_store import DeviceStore
from mobile_app.store.records import Check
from shared.errors import Unreachable
from shared.sync.digest import read_answer
from shared.sync.session import ProtocolError
from shared.sync.verify import Ask, Compared, Outcome, compare

DAY_MS: Final = 24 * 3_600_000
SOON_MS: Final = 3_600_000
"""When to try again after a check that came to nothing: the server was busy, or is too old."""
_AFTER: Final = "check_after"


class Questions(Protocol):
    """The way to the server, as far as a check needs it."""

    async def digest(self, token: str, body: bytes) -> bytes:
        """Post one question; return the answer. Raises Unreachable or Refusal."""


class Checking:
    """The checks of one store."""

    def __init__(self, store: DeviceStore, way: Questions, clock: Callable[[], int]) -> None:
        self._store, self._way, self._clock = store, way, clock
        self._repaired = 0
        """Rows put right by comparisons that then had to begin anew."""

    def overdue_ms(self) -> int:
        """Return for how long a check has been due; negative if it is not. The first is due a day
        after this is first asked."""
        now, after = self._clock(), int(self._store.setting(_AFTER) or 0)
        if not after or after - now > 2 * DAY_MS:  # a clock that was wrong is put right
            self._put_off(DAY_MS)
            return -DAY_MS
        return now - after

    def _put_off(self, wait_ms: int) -> None:
        self._store.set_setting(_AFTER, str(self._clock() + wait_ms))

    async def once(self, give_way: Callable[[], bool]) -> Check | None:
        """Compare once, and repair; None if it gave way or the server moved on meanwhile.

        Raises Unreachable or Refusal.
        """
        self._put_off(SOON_MS)
        compared = await self._compare(give_way)
        if compared is None:
            return None
        self._repaired += compared.repaired
        if compared.outcome == "stale":
            return None
        self._put_off(DAY_MS)
        return self._note(compared.outcome)

    def _note(self, outcome: Outcome) -> Check:
        if outcome == "agreed" and self._repaired:
            outcome = "repaired"
        check = Check(self._clock(), outcome, self._repaired)
        self._repaired = 0
        self._store.note_check(check)
        return check

    async def _compare(self, give_way: Callable[[], bool]) -> Compared | None:
        token = self._store.identity.token
        with closing(compare(self._store)) as comparing:
            try:
                wish = next(comparing)
                while not give_way():
                    if isinstance(wish, Ask):
                        answer = await self._way.digest(token, wish.body)
                        wish = comparing.send(read_answer(answer))
                    else:
                        await asyncio.sleep(0)
                        wish = comparing.send(None)
            except StopIteration as end:
                compared: Compared = end.value
                return compared
            except (ProtocolError, ValueError) as error:
                raise Unreachable("something else answered in the server's place") from error
        return None
