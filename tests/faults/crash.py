"""Crash points: named places in the product at which a process kills itself.

They are installed in a forked child, by patching the function at the place; the product knows
nothing of them. SIGKILL is what a power cut, an empty battery or the system's memory killer does:
nothing runs afterwards, no handler, no `finally`.
"""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from mobile_app.store.dbapi import Connection as Driver
from mobile_app.store.mirror import Mirror, _Applying
from mobile_app.store.outbox import Outbox
from sync_server import exchange
from sync_server.handlers import sync
from sync_server.store import ingest, unit_of_work


@dataclass(frozen=True, slots=True)
class Plan:
    """Die at the `nth` time that the named point is passed."""

    point: str
    nth: int


@dataclass(slots=True)
class _Countdown:
    left: int

    def pass_by(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


Install = Callable[[_Countdown], None]


def _before(owner: Any, name: str) -> Install:
    def install(countdown: _Countdown) -> None:
        whole = getattr(owner, name)

        @wraps(whole)
        def dying(*args: Any, **named: Any) -> Any:
            countdown.pass_by()
            return whole(*args, **named)

        setattr(owner, name, dying)

    return install


def _after(owner: Any, name: str) -> Install:
    def install(countdown: _Countdown) -> None:
        whole = getattr(owner, name)

        @wraps(whole)
        def dying(*args: Any, **named: Any) -> Any:
            answer = whole(*args, **named)
            countdown.pass_by()
            return answer

        setattr(owner, name, dying)

    return install


def _before_commit_in(owner: Any, name: str) -> Install:
    """Die when everything is written that a function writes, right before its commit."""

    def install(countdown: _Countdown) -> None:
        whole, commit = getattr(owner, name), Driver.commit
        inside = False

        def committing(driver: Driver) -> None:
            if inside and driver.driver.in_transaction:
                countdown.pass_by()
            commit(driver)

        @wraps(whole)
        def watched(*args: Any, **named: Any) -> Any:
            nonlocal inside
            inside = True
            try:
                return whole(*args, **named)
            finally:
                inside = False

        setattr(owner, name, watched)
        setattr(Driver, "commit", committing)  # noqa: B010 - mypy lets no method be assigned

    return install


def _in_the_middle_of_an_answer(countdown: _Countdown) -> None:
    """Die with some lines of an answer on their way and others not: each line goes out alone."""
    sync._CHUNK = 1
    whole = sync._chunks

    def dying(lines: Any) -> Any:
        for place, chunk in enumerate(whole(lines)):
            if place > 1:  # the head and the verdicts are on their way
                countdown.pass_by()
            yield chunk

    sync._chunks = dying


DEVICE_POINTS: Final[Mapping[str, Install]] = {
    "before the outbox is written": _before(Outbox, "append"),
    "before the outbox commits": _before_commit_in(Outbox, "append"),
    "after the outbox commits": _after(Outbox, "append"),
    "between outbox and overlay": _before(Mirror, "overlay"),
    "before the overlay commits": _before_commit_in(Mirror, "overlay"),
    "after the overlay": _after(Mirror, "overlay"),
    "before verdicts are recorded": _before(Outbox, "record"),
    "before recorded verdicts commit": _before_commit_in(Outbox, "record"),
    "after verdicts are recorded": _after(Outbox, "record"),
    "before a page is applied": _before(Mirror, "apply"),
    "in the middle of a page": _after(_Applying, "page"),
    "before a page commits": _before_commit_in(Mirror, "apply"),
    "between a page and its settling": _before(Outbox, "settle"),
    "after settling": _after(Outbox, "settle"),
}

SERVER_POINTS: Final[Mapping[str, Install]] = {
    "before anything is written": _before(exchange, "take_in"),
    "before the clock is bumped": _before(unit_of_work, "bump"),
    "between the bump and the log": _after(unit_of_work, "bump"),
    "between the log and the verdicts": _before(ingest, "_remember"),
    "before the commit": _after(exchange, "take_in"),
    "after the commit, before the answer": _after(exchange, "_take_in"),
    "in the middle of the answer": _in_the_middle_of_an_answer,
}


def arm(plan: Plan | None) -> None:
    """Install a crash point in this process, which is then good for nothing else."""
    if plan is not None:
        install = {**DEVICE_POINTS, **SERVER_POINTS}[plan.point]
        install(_Countdown(plan.nth))
