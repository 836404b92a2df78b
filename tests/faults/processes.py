"""Real processes, quickly: one parent has everything imported and forks each victim.

The parent is multiprocessing's fork server. It holds no connection and runs no thread, so that
nothing of SQLite's or asyncio's is ever shared over a fork.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, Final

from fieldbook.branch import free_port
from fieldbook.server import listening, run
from sync_server.store.database import Database
from tests.faults.bank import opened_database
from tests.faults.crash import Plan, arm

_PRELOADED: Final = (
    "tests.faults.kill",
    *("anyio._backends._asyncio", "certifi", "h11", "httpcore"),
    *("httptools", "uvicorn.lifespan.on", "uvicorn.protocols.http.httptools_impl", "uvloop"),
)
_UP_WITHIN_S: Final = 60.0
Child = ForkServerProcess


@cache
def _forks() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


def forked(log: Path, work: Any, *args: Any) -> tuple[Child, Connection]:
    """Run `work(*args, said)` in a child; return it, and where to hear what it said.

    What it writes to its standard error is added to the file `log`.
    """
    heard, said = _forks().Pipe(duplex=False)
    child = _forks().Process(target=_logged, args=(log, work, *args, said), daemon=True)
    child.start()
    said.close()
    return child, heard


def _logged(log: Path, work: Any, *args: Any) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    work(*args)


def unforeseen(log: Path) -> list[str]:
    """Return what a log has of exceptions that nobody expected, one line for each."""
    lines = log.read_text().splitlines() if log.exists() else []
    starts = [place for place, line in enumerate(lines) if line.startswith("Traceback")]
    return [f"{log.name}: {_last_of(lines[place + 1 :])}" for place in starts]


def _last_of(traceback: list[str]) -> str:
    return next((line for line in traceback if line and not line.startswith(" ")), "?")


def kill(child: Child) -> None:
    """Kill a child as a power cut would, and wait until it is gone."""
    child.kill()
    child.join()


def words(heard: Connection) -> Iterator[Any]:
    """Yield what a child said, until it ended or was killed."""
    with closing(heard):
        while True:
            try:
                yield heard.recv()
            except (EOFError, ConnectionResetError):
                return


@dataclass(slots=True)
class Server:
    """The branch server as a process that can be killed and started again on the same port."""

    data: Path
    url_of_database: str | None = None
    port: int = field(default_factory=free_port)
    child: Child | None = None
    complaints: list[str] = field(default_factory=list)
    """What integrity checks found at starts."""

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server writes for its operator."""
        return self.data.with_suffix(".log")

    def start(self, plan: Plan | None = None) -> None:
        """Start it; it is up when this returns, and dies by itself where the plan says."""
        self.child, heard = forked(
            self.log, serve, self.data, self.url_of_database, self.port, plan
        )
        with closing(heard):
            if not heard.poll(_UP_WITHIN_S):
                raise TimeoutError("the server did not come up")
            self.complaints += heard.recv()

    @property
    def is_up(self) -> bool:
        """Whether the process lives."""
        return self.child is not None and self.child.is_alive()

    def kill(self) -> None:
        """Kill it."""
        assert self.child is not None
        kill(self.child)

    def stop(self) -> None:
        """Stop it as its operator would, and see that it goes cleanly."""
        assert self.child is not None
        if self.child.is_alive():
            assert self.child.pid is not None
            os.kill(self.child.pid, signal.SIGTERM)
        self.child.join(15)
        assert self.child.exitcode in (0, -signal.SIGTERM, -signal.SIGKILL), self.child.exitcode

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it until the block ends."""
        self.start()
        try:
            yield
        finally:
            self.stop()


def serve(data: Path, url: str | None, port: int, plan: Plan | None, said: Connection) -> None:
    """Be a branch server."""
    database = opened_database(data, url)
    found = unsound(database)
    listener = listening("127.0.0.1", port)
    listener.listen(2_048)
    arm(plan)
    said.send(found)
    said.close()
    run(database, listener, None)
    database.close()


def unsound(database: Database) -> list[str]:
    """Return what SQLite finds wrong in the server's file; PostgreSQL has no such question."""
    if database.is_postgresql:
        return []
    with database.reading() as connection:
        return [
            f"server file: {row[0]}"
            for row in connection.exec_driver_sql("PRAGMA integrity_check")
            if row[0] != "ok"
        ]
