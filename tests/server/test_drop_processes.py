"""The drop folder of a server that is a process of its own and may be killed at any moment."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldbook.branch import Branch
from fieldbook.database import FILE
from mobile_app.device import wall_clock
from shared.domain.days import bank_day
from sync_server.adapters.marks import MARK
from sync_server.store.database import open_sqlite
from tests.server.importing import HEADER, ImportingBranch

DAY = (bank_day(wall_clock()) - timedelta(days=2)).isoformat()
ROW = f"C-1,ACTIVATED,{DAY},,,1\n"
WITHIN_S = 60.0
ROWS, KILLS = 16_000, 2


@dataclass
class Dropped:
    """The branch, what its record has become, and the folder that it watches."""

    branch: Branch
    record: ImportingBranch
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.branch.folder / "drop"
        self.folder.mkdir()

    def put(self, name: str, *rows: str) -> Path:
        """Move a file in as a careful system does: written aside, renamed when whole, marked."""
        aside = self.branch.folder / name
        aside.write_text("".join([f"{HEADER}\n", *rows]))
        return marked(aside.rename(self.folder / name))

    def report(self, name: str) -> Any:
        """Wait until a file was put away; return its report."""
        path = self.folder / "done" / name
        until(path.exists)
        return json.loads(path.with_name(f"{name}.report.json").read_text())

    def events(self) -> int:
        """How many of the core systems' events are kept."""
        with self.record.database.reading() as connection:
            kept = connection.exec_driver_sql("SELECT count(*) FROM core_event").scalar_one()
        return int(kept)

    def kept(self) -> list[tuple[Any, ...]]:
        """The refused rows: file, line, reason and where each stands."""
        statement = "SELECT file, line, code, state FROM refused_row"
        with self.record.database.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]


def marked(file: Path) -> Path:
    """Say that a file is whole, so that nobody waits for it to stay quiet."""
    file.with_name(f"{file.name}{MARK}").touch()
    return file


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.005)


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Dropped]:
    branch = Branch(tmp_path)
    branch.data.mkdir()
    database = open_sqlite(branch.data / FILE)
    yield Dropped(branch, ImportingBranch(database))
    database.close()


def test_a_file_is_left_in_peace_until_it_is_whole_and_then_taken_once(bank: Dropped) -> None:
    with bank.branch.serving(drop=bank.folder):
        slow = bank.folder / "confirmations-slow.csv"
        slow.write_text(f"{HEADER}\n{ROW}C-1,APPL")
        (bank.folder / "confirmations-unnamed.csv.part").write_text(f"{HEADER}\n{ROW}")
        bank.put("confirmations-quick.csv", f"C-1,FUNDED,{DAY},,,1\n")
        quick = bank.report("confirmations-quick.csv")  # by then the others were looked at twice
        sale = bank.record.sale_now()

        with slow.open("a") as rest:
            rest.write(f"IED,{DAY},,,1\n")
        marked(slow)
        taken = bank.report("confirmations-slow.csv")

    assert (quick["applied"], sale["funded_on"], sale["activated_on"]) == (1, DAY, None)
    assert (taken["applied"], taken["lines"]) == (2, 2)
    left = {path.name for path in bank.folder.iterdir()}
    assert left == {"done", "failed", "confirmations-unnamed.csv.part"}


def test_bad_rows_are_mended_and_the_file_is_put_there_again(bank: Dropped) -> None:
    applied, wrong = f"C-1,APPLIED,{DAY},,,1\n", f"C-1,FUNDED,{DAY},100.005,,\n"
    with bank.branch.serving(drop=bank.folder):
        bank.put("confirmations.csv", applied, wrong)
        first = bank.report("confirmations.csv")

        bank.put("confirmations.csv", applied, wrong.replace("100.005", "100.01"))
        second = bank.report("confirmations.2.csv")

    assert [(line["line"], line["code"]) for line in first["told"]] == [(3, "row_amount")]
    assert (first["applied"], first["refused"]) == (1, 1)
    assert (second["applied"], second["known"], second["refused"]) == (1, 1, 0)
    assert bank.record.sale_now()["amount"] == 10_001


def test_a_file_that_nothing_can_be_read_of_is_put_aside_with_the_reason(bank: Dropped) -> None:
    with bank.branch.serving(drop=bank.folder):
        unknown = bank.folder / "households.csv"
        unknown.write_text(f"{HEADER}\n{ROW}")
        marked(unknown)
        failed = bank.folder / "failed" / "households.csv"
        until(failed.exists)

    assert json.loads(failed.with_name("households.csv.report.json").read_text())["code"] == (
        "unknown_import"
    )


def test_a_server_that_is_killed_while_it_reads_a_file_loses_no_row_of_it(bank: Dropped) -> None:
    sales = [bank.record.sells(f"K-{place}") for place in range(0, ROWS, ROWS // 8)]
    bank.put(
        "confirmations.csv",
        *(f"K-{place},ACTIVATED,{DAY},,,1\n" for place in range(ROWS)),
        f"K-1,FUNDED,{DAY},1.005,,\n",
    )
    for _ in range(KILLS):
        before = bank.events()
        with bank.branch.serving(drop=bank.folder):
            until(lambda: bank.events() > before)  # noqa: B023 - called within the turn
            bank.branch.kill()
        file = bank.folder / "confirmations.csv"
        assert file.exists(), "it was over before it was killed"
        assert file.with_name(f"{file.name}{MARK}").exists(), "it would wait to be quiet"

    with bank.branch.serving(drop=bank.folder):
        report = bank.report("confirmations.csv")

    assert bank.events() == ROWS
    assert report["applied"] + report["waiting"] + report["known"] == ROWS
    assert (report["known"] > 0, report["refused"], report["kept"]) == (True, 1, 1)
    assert bank.kept() == [("confirmations.csv", ROWS + 2, "row_amount", "open")]
    rows = bank.record.store.rows("sale")
    confirmed = [rows[str(sale["id"])] for sale in sales]
    assert [row.document["activated_on"] for row in confirmed] == [DAY] * len(sales)
    assert [row.version for row in confirmed] == [2] * len(sales), "confirmed more than once"
