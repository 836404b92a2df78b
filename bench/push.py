"""How fast the server takes in what devices bring: one device and twenty at once, an empty store
and a full one, on SQLite and on PostgreSQL.

The server is a process of its own; the requests are prepared, so that it is measured and not who
asks. Time runs until the verdicts were read, which come after the commit. The floors are the same
records in the same run, through what no server can do without.
"""

import asyncio
import os
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from bench.report import Report
from fieldbook.branch import Branch
from fieldbook.database import FILE
from mobile_app.device import wall_clock
from mobile_app.platform.here import connect
from mobile_app.platform.http import HttpTransport
from shared.domain import Interaction
from shared.ids import Millis, uuid7
from shared.registry import REGISTRY, Document
from shared.sync.protocol import MAX_OPS, Txn, read_line, read_request, write
from sync_server.store.schema import ENTITY_TABLES, change_log
from tests.faults.bank import Kit, make_bank
from tests.postgresql import postgresql_running

VISITS: Final = 10_000
BEFORE: Final = 90_000
DEVICES: Final = 20
NOTE: Final = "客户对两年期存款利率和房贷提前还款的手续都问得很细，约好带方案再来。" * 2
_IDLE: Final = 500


@dataclass(slots=True)
class Sender:
    """One device as the server knows it: its token, its customers, and where it stands."""

    kit: Kit
    transport: HttpTransport
    cursor: str | None = None
    sent: int = 0
    took: float = field(default=0.0)
    """Seconds until verdicts were read, of all its requests."""

    async def post(self, txns: Sequence[Txn]) -> None:
        """Hold one exchange to its end."""
        body = self._body(txns)
        began = time.perf_counter()
        async for text in self.transport.exchange(self.kit.identity.token, body):
            line = read_line(text)
            if line["line"] == "verdicts":
                self.took += time.perf_counter() - began
                assert all(each["status"] == "applied" for each in line["verdicts"])
            elif line["line"] == "page":
                self.cursor = line["cursor"]

    def _body(self, txns: Sequence[Txn]) -> bytes:
        status = {"pending": 0, "oldest_pending_at": None, "sent_at": wall_clock()}
        frame = {"proto": 1, "schema": 1, "cursor": self.cursor, "device": status}
        return write({**frame, "txns": txns})

    def batch(self, size: int = MAX_OPS) -> list[Txn]:
        """Make the next visits, of about 600 bytes, a transaction each."""
        return [self._visit() for _ in range(size)]

    def _visit(self) -> Txn:
        self.sent += 1
        visit = Interaction(
            id=_new_id(),
            customer_id=self.kit.customers[self.sent % len(self.kit.customers)],
            employee_id=self.kit.identity.employee.id,
            channel="visit",
            purpose="deposit",
            outcome="follow_up",
            occurred_at=wall_clock() - self.sent,
            need="safety",
            satisfaction=4,
            note=NOTE,
        )
        return {
            "txn": _new_id(),
            "ops": [
                {
                    "op_id": _new_id(),
                    "device_seq": self.sent,
                    "kind": "insert",
                    "entity": "interaction",
                    "id": visit.id,
                    "occurred_at": visit.occurred_at,
                    "version": 0,
                    "doc": asdict(visit),
                }
            ],
        }


def measure(report: Report) -> None:
    """Measure both databases."""
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        _measure(report, Branch(Path(folder)), one=25_000, twenty=20_000)
    with (
        postgresql_running() as url,
        tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder,
    ):
        _measure(report, Branch(Path(folder), url), one=8_000, twenty=8_000)


def _measure(report: Report, branch: Branch, one: int, twenty: int) -> None:
    name = "PostgreSQL" if branch.database else "SQLite"
    report.section(f"Push into {name}: {VISITS:,} visits, {MAX_OPS:,} to a request")
    branch.data.mkdir(parents=True, exist_ok=True)
    kits = make_bank(branch.folder, branch.url, DEVICES, branch.database)
    with branch.serving():
        batches = asyncio.run(_served(report, branch, kits, one, twenty))
    for floor, rate in _floors(branch, batches).items():
        report.add(f"floor in this run: {floor}", f"{rate:,.0f} /s")


async def _served(
    report: Report, branch: Branch, kits: Sequence[Kit], one: int, twenty: int
) -> list[list[Txn]]:
    senders = [Sender(kit, connect(branch.url)) for kit in kits]
    for each in senders:
        await each.post([])
    first = senders[0]
    batches = _batches(first)
    await _timed(report, branch, "one device, an empty store", one, _alone(first, batches))
    await _timed(report, branch, f"{DEVICES} devices at once", twenty, _together(senders))
    for _ in range((BEFORE - VISITS) // MAX_OPS - DEVICES):
        await first.post(first.batch())
    name = f"{BEFORE:,} visits are there"
    await _timed(report, branch, f"one device, {name}", one, _alone(first, _batches(first)))
    await _timed(report, branch, f"{DEVICES} devices at once, {name}", twenty, _together(senders))
    await _timed(report, branch, "exchanges that bring nothing, in turn", 1_000, _idle(first))
    for each in senders:
        await each.transport.close()
    return batches


async def _timed(
    report: Report, branch: Branch, name: str, target: int, work: Awaitable[tuple[int, float]]
) -> None:
    """Add how many a second it was, and what the server itself took for each.

    The processor's time tells what changed even where others keep the machine busy.
    """
    before = _cpu_s(branch)
    count, took = await work
    own = (_cpu_s(branch) - before) / count * 1e6
    report.at_least(name, count / took, target, "/s")
    report.add(
        "  of it the server's processor time, each", f"{own:,.0f} us", f"{1e6 / own:,.0f} /s"
    )


def _cpu_s(branch: Branch) -> float:
    """Return the processor time (s) that the server has had so far."""
    assert branch.server is not None
    fields = Path(f"/proc/{branch.server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _batches(sender: Sender) -> list[list[Txn]]:
    return [sender.batch() for _ in range(VISITS // MAX_OPS)]


async def _alone(sender: Sender, batches: Sequence[list[Txn]]) -> tuple[int, float]:
    """Post batch after batch; return how many records it was and the seconds to their verdicts."""
    before = sender.took
    for txns in batches:
        await sender.post(txns)
    return sum(map(len, batches)), sender.took - before


async def _together(senders: Sequence[Sender]) -> tuple[int, float]:
    """Let every device send one full request at the same moment, and hear it to the end."""
    batches = [sender.batch() for sender in senders]
    began = time.perf_counter()
    await asyncio.gather(
        *(sender.post(txns) for sender, txns in zip(senders, batches, strict=True))
    )
    return sum(map(len, batches)), time.perf_counter() - began


async def _idle(sender: Sender) -> tuple[int, float]:
    began = time.perf_counter()
    for _ in range(_IDLE):
        await sender.post([])
    return _IDLE, time.perf_counter() - began


def _floors(branch: Branch, batches: Sequence[list[Txn]]) -> dict[str, float]:
    """Time the parts that no server can do without, on the same records."""
    bodies = [write(_request(txns)) for txns in batches]
    documents = [[op["doc"] for txn in txns for op in txn["ops"]] for txns in batches]
    entity = REGISTRY["interaction"]
    found = {
        "the request, read": _rate(lambda: [read_request(body) for body in bodies]),
        "its documents, validated": _rate(
            lambda: [entity.many.validate_python(each) for each in documents]
        ),
    }
    rows = [_rows(number, each) for number, each in enumerate(documents, 1_000_000)]
    if branch.database:
        url = branch.database
        found["both tables' rows, COPY and commit"] = _rate(lambda: _copied(url, rows))
    else:
        file = branch.data / FILE
        found["both tables' rows, bare driver and commit"] = _rate(lambda: _inserted(file, rows))
    return found


def _request(txns: Sequence[Txn]) -> dict[str, Any]:
    status = {"pending": 0, "oldest_pending_at": None, "sent_at": 0}
    return {"proto": 1, "schema": 1, "cursor": None, "device": status, "txns": txns}


Rows = list[tuple[Any, ...]]


def _rows(seq: int, documents: Sequence[Document]) -> tuple[Rows, Rows]:
    """The same visits under other ids, as rows of their table and of the change log."""
    said = "someone", "device"
    values, fresh = REGISTRY["interaction"].values, [each | {"id": _new_id()} for each in documents]
    return [(*values(each), 1, "floor") for each in fresh], [
        (seq, place, "floor", "interaction", each["id"], "put", 1, write(each), *said, _new_id(), 0)
        for place, each in enumerate(fresh)
    ]


def _inserted(file: Path, batches: Sequence[tuple[Rows, Rows]]) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-8192")
        for visits, log in batches:
            with connection:
                for table, rows in ((ENTITY_TABLES["interaction"], visits), (change_log, log)):
                    marks = ", ".join("?" * len(table.columns))
                    connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)  # noqa: S608


def _copied(url: str, batches: Sequence[tuple[Rows, Rows]]) -> None:
    with psycopg.connect(url) as connection:
        for visits, log in batches:
            for table, rows in ((ENTITY_TABLES["interaction"], visits), (change_log, log)):
                names = ", ".join(table.columns.keys())
                with (
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY {table.name} ({names}) FROM STDIN".encode()) as copy,
                ):
                    for row in rows:
                        copy.write_row(row)
            connection.commit()


def _rate(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return VISITS / (time.perf_counter() - began)


def _new_id() -> str:
    return uuid7(Millis(wall_clock()), secrets.token_bytes(10))
