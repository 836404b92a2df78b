"""How fast the server takes in what the bank's systems say of accounts, and what moves on them.

Files as they come, on SQLite, through the same door as every import: read, matched by identity
number, written with the deposits that follow, logged for the devices, committed a chunk at a
time. `LARGE` in the environment measures a million accounts, as long as that takes.
"""

import gc
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Final

from bench.report import Report
from shared.domain import Identifier
from shared.identity import id_card_check
from shared.registry import REGISTRY, Document
from shared.testing.builders import NOW, a_customer, a_unit, an_employee, new_id
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import State
from sync_server.store.database import Database, open_sqlite
from sync_server.store.maturing import look_at_maturities
from sync_server.store.unit_of_work import CHUNK, GARBAGE_AFTER, Actor, UnitOfWork

SIZES: Final = (20_000, 100_000)
LARGE: Final = 1_000_000
MANAGERS: Final = 100
_EACH: Final = 2
"""Accounts of a customer."""
_MOVES: Final = 10
"""One in so many accounts has another balance in the file of the next day."""
_RATE: Final = 20_000
_MB: Final = 1_024
_DAY_MS: Final = 24 * 3_600_000
_KINDS: Final = (("demand", ""), ("time_deposit", "2026-12-20"))
_HEADER: Final = "source,number,kind,name,balance,as_of,rate,matures_on,id_kind,id_number\n"


def measure(report: Report) -> None:
    """Measure each size in a database of its own."""
    gc.set_threshold(GARBAGE_AFTER)  # as the server and the command do
    sizes = (*SIZES, LARGE) if os.environ.get("LARGE") else SIZES
    report.section("Imports (SQLite, a customer has two accounts)")
    rates = {size: _measure(report, size) for size in sizes}
    for size, before in zip(sizes[1:], sizes, strict=False):
        report.add(
            f"rate of {size:,} to {before:,} accounts", f"{rates[size] / rates[before]:.2f} x"
        )


def _measure(report: Report, size: int) -> float:
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        database = open_sqlite(Path(folder) / "server.db")
        cards = list(_customers(database, size // _EACH))
        file = Path(folder) / "accounts.csv"
        file.write_text("".join([_HEADER, *_accounts(cards, "1000.00", "2026-11-16")]))
        before = _peak_mb()
        rate = _take(report, database, "accounts", file, {State.APPLIED: size})
        _take(report, database, "accounts", file, {State.KNOWN: size})
        moved = size // _MOVES
        file.write_text("".join([_HEADER, *_a_day_later(cards)]))
        _take(report, database, "accounts", file, {State.CHANGED: moved, State.KNOWN: size - moved})
        file.write_text("".join([_HEADER, *_accounts(cards, "999.00", "2026-11-18")]))
        _take(report, database, "accounts", file, {State.CHANGED: size})
        file.write_text("".join(["source,number,day,inflow,outflow\n", *_flows(size)]))
        _take(report, database, "flows", file, {State.APPLIED: size})
        report.at_most("memory that all this took on top", _peak_mb() - before, 64, "MB")
        turned = _timed(lambda: look_at_maturities(database, NOW + 3 * _DAY_MS))
        report.add(f"alerts of the day on which {size // _EACH:,} come near", f"{turned:.1f} s")
        database.close()
    return rate


def _customers(database: Database, count: int) -> Iterator[str]:
    """Make customers with identity cards; yield the numbers."""
    unit = a_unit("branch", None)
    managers = [an_employee(str(unit["id"])) for _ in range(MANAGERS)]
    _bring(database, "org_unit", [unit])
    _bring(database, "employee", managers)
    for start in range(0, count, CHUNK):
        places = range(start, min(count, start + CHUNK))
        people = [a_customer(str(managers[each % MANAGERS]["id"])) for each in places]
        cards = [_card(each) for each in places]
        known = [
            Identifier(new_id(), str(person["id"]), "id_card", card, card[-4:], "core")
            for person, card in zip(people, cards, strict=True)
        ]
        _bring(database, "customer", people)
        _bring(database, "identifier", [asdict(each) for each in known])
        yield from cards


def _card(place: int) -> str:
    born, order = divmod(place, 1_000)
    year, day = divmod(born, 28)
    body = f"480102{1940 + year}07{day + 1:02d}{order:03d}"
    return body + id_card_check(body)


def _bring(database: Database, entity: str, documents: Sequence[Document]) -> None:
    with database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:bench"), NOW)
        unit.import_rows(REGISTRY[entity], documents)
        unit.finish()


def _accounts(cards: Sequence[str], balance: str, day: str) -> Iterator[str]:
    """Rows in the order of account numbers, which is not that of customers."""
    for place, card in _shuffled(cards):
        kind, matures = _KINDS[place % len(_KINDS)]
        yield (
            f"core,{_number(place)},{kind},活期存款,{balance},{day},1.55,{matures},id_card,{card}\n"
        )


def _a_day_later(cards: Sequence[str]) -> Iterator[str]:
    """The same rows, but for the few accounts on which something has moved."""
    same = _accounts(cards, "1000.00", "2026-11-16")
    moved = _accounts(cards, "1001.00", "2026-11-17")
    for place, (before, after) in enumerate(zip(same, moved, strict=True)):
        yield before if place % _MOVES else after


def _shuffled(cards: Sequence[str]) -> Iterator[tuple[int, str]]:
    owners = [card for card in cards for _ in range(_EACH)]
    Random(1).shuffle(owners)
    return enumerate(owners)


def _number(place: int) -> str:
    return f"62170000{place:011d}"


def _flows(size: int) -> Iterator[str]:
    for place in range(size):
        out = "90000.00" if place % 1_000 == 0 else "120.00"
        yield f"core,{_number(place)},2026-11-17,0.00,{out}\n"


def _take(
    report: Report, database: Database, kind: str, file: Path, expected: Mapping[State, int]
) -> float:
    """Take a file in, of which so many rows come to each state, and add how fast it was.

    Returns the rows a second.

    The processor's time tells what changed even where others keep the machine busy.
    """
    with file.open("rb") as source:
        began, busy = time.perf_counter(), time.process_time()
        found = load(database, kind_named(kind), source, Sender("bench", NOW), lambda *_: None)
        busy, took = time.process_time() - busy, time.perf_counter() - began
    assert {state: found.counts[state] for state in expected} == expected, found.as_json()
    size = sum(expected.values())
    told = (f"{count / size:.0%} {state}" for state, count in expected.items())
    name = f"{size:,} {kind}, {', '.join(told)}"
    report.at_least(name, size / took, _RATE, "rows/s")
    report.add(f"{name}: of the processor", f"{size / busy:,.0f} rows/s")
    return size / took


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB
