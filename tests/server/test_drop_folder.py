"""The drop folder: whole files are taken in and put away, others are left in peace."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldbook.__main__ import IMPORTS
from shared.testing.builders import NOW
from sync_server.adapters.drop import CUT_SHORT_MS, DropFolder, take_file
from sync_server.adapters.kinds import KINDS
from sync_server.store.database import Database, open_sqlite
from tests.server.importing import HEADER, ImportingBranch

ROW = "C-1,ACTIVATED,2026-11-18,,,1"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_sqlite(tmp_path / "server.db")
    yield made
    made.close()


@pytest.fixture
def drop(tmp_path: Path) -> DropFolder:
    made = DropFolder(tmp_path / "drop")
    made.prepare()
    return made


def put(drop: DropFolder, name: str, content: str) -> Path:
    file = drop.folder / name
    file.write_text(content)
    return file


def changed_ms(file: Path) -> int:
    return file.stat().st_mtime_ns // 1_000_000


def test_a_file_is_ready_once_it_looks_as_before_and_its_last_line_ends(drop: DropFolder) -> None:
    whole = put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n")
    put(drop, "confirmations-2.csv", f"{HEADER}\nC-1,ACTI")
    put(drop, "confirmations-3.csv.part", f"{HEADER}\n{ROW}\n")
    now = changed_ms(whole)

    assert drop.ready(now) == []
    assert drop.ready(now) == [whole]


def test_a_file_that_was_cut_short_is_refused_in_the_end(
    drop: DropFolder, database: Database
) -> None:
    file = put(drop, "confirmations-1.csv", f"{HEADER}\nC-1,ACTI")
    later = changed_ms(file) + CUT_SHORT_MS + 1
    drop.ready(later)

    assert drop.ready(later) == [file]
    put_away = take_file(file, database, NOW, lambda *_: None)
    report = json.loads(put_away.with_name(f"{put_away.name}.report.json").read_text())
    assert (put_away.parent.name, report["code"]) == ("failed", "file_cut_short")


def test_a_file_is_taken_in_once_and_its_report_says_so(
    drop: DropFolder, database: Database
) -> None:
    branch, counts = ImportingBranch(database), []
    for _ in range(2):
        file = put(drop, "confirmations.csv", f"{HEADER}\n{ROW}\n")
        put_away = take_file(file, database, NOW, lambda *_: None)
        report = json.loads(put_away.with_name(f"{put_away.name}.report.json").read_text())
        counts.append((put_away.name, report["applied"], report["known"]))

    assert counts == [("confirmations.csv", 1, 0), ("confirmations.2.csv", 0, 1)]
    assert branch.sale_now()["status"] == "confirmed"


def test_the_command_line_names_every_kind() -> None:
    assert tuple(KINDS) == IMPORTS
