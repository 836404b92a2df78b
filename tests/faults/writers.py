"""Eight writers at once, and a reader that pulls by cursor: it must see every row, once, in order.

Each writer holds its transaction open for a while, here and there and also between the bump of
the clock row and the commit; some roll back at the last moment; one transaction that has nothing to
do with any of this stays open all the time. A cursor over what a row drew when it was inserted
would lose rows here by the half.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

from sqlalchemy import Connection, text

from mobile_app.device import wall_clock
from shared.sync.protocol import read_line, write
from shared.testing.builders import a_request, a_task, an_interaction, insert, txn
from sync_server.exchange import hold
from sync_server.store.database import Database
from sync_server.store.identity import known_device
from sync_server.store.intake import take_in
from tests.faults.bank import Kit, make_bank, opened_database
from tests.faults.tally import Progress, Tally

WRITERS: Final = 8
_LONGEST_HOLD_S: Final = 0.02
_ROLLED_BACK: Final = 0.15
_HELD: Final = 0.5


class _RolledBack(Exception):
    """A writer changed its mind."""


@dataclass(slots=True)
class Writer:
    """One writer, and the tasks that it has committed, in that order."""

    database: Database
    kit: Kit
    random: Random
    tally: Tally
    committed: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Write a visit with its next step; or, now and then, nothing after all."""
        customer = self.random.choice(self.kit.customers)
        task = a_task(customer)
        visit = an_interaction(customer, self.kit.identity.employee.id)
        request = a_request([txn(insert("interaction", visit), insert("task", task))])

        def work(connection: Connection) -> None:
            self._hold("held before anything is written")
            known = known_device(connection, self.kit.identity.token)
            take_in(connection, known, request, wall_clock())
            self._hold("held between the bump and the commit")
            if self.random.random() < _ROLLED_BACK:
                self.tally.faults["rolled back at the last moment"] += 1
                raise _RolledBack

        with suppress(_RolledBack):
            self.database.write(work)
            self.committed.append(str(task["id"]))

    def _hold(self, where: str) -> None:
        if self.random.random() < _HELD:
            self.tally.faults[where] += 1
            time.sleep(self.random.uniform(0, _LONGEST_HOLD_S))


@dataclass(slots=True)
class Reader:
    """A device as the protocol knows it: a cursor, and what came with every page."""

    database: Database
    kit: Kit
    cursor: str | None = None
    seqs: list[int] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)

    def pull(self) -> None:
        """Hold one exchange, and keep what it brings."""
        body = write(a_request(cursor=self.cursor))
        answer = hold(self.database, self.kit.identity.token, body, wall_clock())
        for line in map(read_line, answer.lines):
            if line["line"] == "page":
                self.cursor = line["cursor"]
                self.seqs.append(line["seq"])
                self.tasks += [row["id"] for row in line["rows"] if row["entity"] == "task"]

    def complaints(self, writers: list[Writer]) -> Iterator[str]:
        """Hold what was read against what was committed."""
        places = {id: place for place, id in enumerate(self.tasks)}
        committed = {id for writer in writers for id in writer.committed}
        yield from (f"committed and never read: {id}" for id in committed - places.keys())
        yield from (f"read and never committed: {id}" for id in places.keys() - committed)
        if len(places) != len(self.tasks):
            yield f"{len(self.tasks) - len(places)} rows were read twice"
        if any(later < earlier for earlier, later in pairwise(self.seqs)):
            yield "the pages' seq went back"
        for writer in writers:
            read = [places[id] for id in writer.committed if id in places]
            if read != sorted(read):
                yield "a writer's commits were read in another order than they were made"


def write_at_once(folder: Path, runs: int, seed: int, progress: Progress, url: str) -> Tally:
    """Commit or roll back `runs` transactions, eight at a time, under the eyes of a reader."""
    tally, random = Tally(f"{WRITERS} writers at once on PostgreSQL", seed), Random(seed)
    kits = make_bank(folder, "", WRITERS + 1, url)
    database = opened_database(folder, url)
    writers = [Writer(database, kits[0], Random(random.random()), tally) for _ in range(WRITERS)]
    reader = Reader(database, kits[0])
    reader.pull()
    turns = iter(range(runs))
    lock, done = threading.Lock(), threading.Event()

    def work(writer: Writer) -> None:
        while True:
            with lock:
                if next(turns, None) is None:
                    return
                tally.runs += 1
                if tally.runs % 1_000 == 0:
                    progress(f"{tally.runs} of {runs} transactions")
            writer.write()

    def read() -> int:
        pulls = 0
        while not done.is_set():
            reader.pull()
            pulls += 1
        return pulls

    with _long_transaction(database, tally), ThreadPoolExecutor(WRITERS + 1) as pool:
        reading = pool.submit(read)
        for working in [pool.submit(work, writer) for writer in writers]:
            working.result()
        done.set()
        tally.notes["pulls meanwhile"] = f"{reading.result():,}"
        reader.pull()
    tally.violated("all", reader.complaints(writers))
    tally.notes["committed"] = f"{sum(len(writer.committed) for writer in writers):,}"
    database.close()
    return tally.close()


@contextmanager
def _long_transaction(database: Database, tally: Tally) -> Iterator[None]:
    """Keep a transaction open that wrote something else, older than all that is written within."""
    with database.engine.connect() as connection:
        connection.execute(text("CREATE TABLE elsewhere (id bigint)"))
        tally.faults["an unrelated transaction open all the while"] += 1
        try:
            yield
        finally:
            connection.rollback()
