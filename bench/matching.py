"""Customers who are one: how sure the sweep is, held against a bank of which the truth is known.

What counts: every two records of one customer (three records are three pairs). *Precision* is, of
all pairs that the sweep has made one, the share that are. *Recall* is, of all pairs of one customer
with one owner, the share that it has made one; with two owners a pair is never merged by itself and
so counts in neither, but is told beside it. Recall counts pairs that nothing in their records
proves, too: in one record of sixteen the identity number is missing. What such a bank is made of,
and how often what is missing, stands in `bench.doubled`.
"""

import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from bench.doubled import Judged, fill, judge, records
from bench.report import Report
from shared.testing.builders import NOW
from sync_server.store.database import open_sqlite
from sync_server.store.duplicates import find

SIZE: Final = 20_000
SIZES: Final = (20_000, 100_000)
"""Banks without doubles: a night in which there is nothing to merge."""
PRECISION: Final = 0.999
RECALL: Final = 0.95
_SEED: Final = 2026
_FILE: Final = "fieldbook.db"


def measure(report: Report) -> None:
    """Measure what a first sweep is right about, and how a night's grows with the bank."""
    report.section(
        f"Customers who are one, in {SIZE:,} records of which the truth is known (SQLite)"
    )
    _add_truth(report)
    report.section("A night's sweep in which nobody is twice (SQLite, a process of its own)")
    rates, peaks = [], []
    for size in SIZES:
        rate, before, peak = _night(size)
        rates.append(rate)
        peaks.append(peak - before)
        report.add(f"{size:,} customers", f"{rate:,.0f} rows/s of the processor")
        report.add("  memory at its highest, and before", f"{peak} MiB, {before} MiB")
    growth = SIZES[-1] // SIZES[0]
    report.add(
        f"time per customer, in the {growth} times larger bank", f"{rates[0] / rates[-1]:.2f}"
    )
    report.add(f"memory taken, in the {growth} times larger bank", f"{peaks[-1] - peaks[0]:+} MiB")


def _add_truth(report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder:
        known = records(_SEED, SIZE)
        database = open_sqlite(Path(folder) / _FILE)
        fill(database, known)
        began = time.process_time()
        *_, sweep = find(database, NOW)
        took = time.process_time() - began
        found = judge(database, known)
        database.close()
    report.add("pairs of one customer with one owner", f"{found.doubles:,}")
    report.add("pairs of relatives, namesakes, sister companies, branches", f"{found.hard:,}")
    _add_share(report, "precision of automatic merges", found.precision, PRECISION)
    _add_share(report, "recall of automatic merges", found.recall, RECALL)
    report.add("  where both records have an identity number", _share(_numbered(found)))
    rest = found.doubles - found.found
    report.add("of the rest, before a supervisor", f"{found.left:,} of {rest:,}")
    apart = f"{found.owners_differ_left:,} of {found.owners_differ:,}"
    report.add("with two owners, before a supervisor", apart)
    told = f"{found.queue:,}, {found.queued_two:,}"
    report.add("before a supervisor in all, and those of them who are two", told)
    report.add(
        "processor, the whole sweep, for each merge", f"{took / sweep.merged * 1_000:.0f} ms"
    )


def _add_share(report: Report, name: str, value: float, least: float) -> None:
    report.add(name, _share(value), f">= {least}", value >= least)


def _share(value: float) -> str:
    return f"{value:.4f}"


def _numbered(found: Judged) -> float:
    return found.numbered_found / max(1, found.numbered)


def _night(size: int) -> tuple[float, int, int]:
    """Return rows/s of the processor, and the memory of the process before and at its highest."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_sqlite(Path(folder) / _FILE)
        fill(database, records(_SEED, size, doubled=0))
        for _ in find(database, NOW):
            pass  # what coincides in names and days is queued now, and is not news that night
        database.close()
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=fresh) as process:
            took, before, peak = process.submit(_swept, folder).result()
    return size / took, before, peak


def _swept(folder: str) -> tuple[float, int, int]:
    database = open_sqlite(Path(folder) / _FILE)
    before = _highest()
    began = time.process_time()
    for _ in find(database, NOW):
        pass
    took = time.process_time() - began
    database.close()
    return took, before, _highest()


def _highest() -> int:
    """Return this program's memory at its highest, in MiB; `getrusage` has its parent's, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1_024
