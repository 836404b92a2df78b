"""`fieldbook refused`, as a person at the branch machine uses it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fieldbook.branch import Branch, run
from fieldbook.stop import Stop
from sync_server.store.database import open_sqlite
from tests.server.account_bank import account
from tests.server.refusing_bank import RefusingBank

ROW = "core,6002,2026-11-17,0.00,9.00"
HOPELESS = "core,6009,2026-11-17,0.00,9.00"


@pytest.fixture
def bank(branch: Branch) -> Iterator[RefusingBank]:
    database = open_sqlite(branch.data / "fieldbook.db")
    made = RefusingBank(database)
    made.flows(ROW, HOPELESS)
    yield made
    database.close()


def refused(branch: Branch, *words: str) -> tuple[int, Any]:
    """Run a command; return its status and what it answers."""
    command = [sys.executable, "-m", "fieldbook", "refused", *words, *branch.where, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


@pytest.mark.usefixtures("bank")
def test_rows_are_counted_by_file_and_reason_and_shown_with_a_sentence(branch: Branch) -> None:
    _, [counted] = refused(branch, "list")
    _, shown = refused(branch, "show", "--lang", "en")

    assert (counted["kind"], counted["code"], counted["rows"]) == ("flows", "row_unknown", 2)
    assert [(row["line"], row["what"]) for row in shown] == [
        (2, "core …6002 2026-11-17"),
        (3, "core …6009 2026-11-17"),
    ]
    assert shown[0]["why"].startswith("The record has no number …6002")


def test_rows_are_tried_again_once_what_they_lacked_is_there(
    branch: Branch, bank: RefusingBank
) -> None:
    bank.accounts(account("6002", **bank.hers))

    status, [report] = refused(branch, "replay")
    again, [rest] = refused(branch, "replay", "--kind", "flows")

    assert (status, report["applied"], report["refused"]) == (1, 1, 1)
    assert (again, rest["applied"], rest["refused"]) == (1, 0, 1)
    assert refused(branch, "replay", "--kind", "fees") == (0, [])


def test_rows_are_written_out_corrected_and_imported(
    branch: Branch, bank: RefusingBank, tmp_path: Path
) -> None:
    out = tmp_path / "correct.csv"
    _, answer = refused(branch, "export", "flows", str(out))
    text = out.read_text(encoding="utf-8-sig")

    out.write_text(text.replace("6002", "6001").replace("6009", "6001"), encoding="gbk")
    report = run("import", "flows", str(out), *branch.where, "--json")

    assert answer["rows"] == 2
    assert out.stat().st_mode & 0o077 == 0
    assert report["refused"] == 0
    assert bank.kept() == []
    [read] = branch.admin("access-log")
    assert (read["what"], read["extent"]) == ("refused", "flows: 2 rows")


def test_a_file_that_is_there_is_not_written_over(branch: Branch, bank: RefusingBank) -> None:
    out = branch.folder / "correct.csv"
    out.write_text("mine")

    status, said = refused(branch, "export", "flows", str(out))

    assert (status, out.read_text()) == (1, "mine")
    assert "cannot be written" in said


def test_rows_are_given_up_only_where_they_are_named(branch: Branch, bank: RefusingBank) -> None:
    status, said = refused(branch, "drop")
    assert (status, "None was" in said) == (1, True)

    first = bank.kept()[0].digest
    assert refused(branch, "drop", first) == (0, {"dropped": 1})
    assert refused(branch, "drop", first) == (0, {"dropped": 0})
    assert refused(branch, "drop", "--reason", "row_unknown") == (0, {"dropped": 1})
    assert refused(branch, "list") == (0, [])


@pytest.mark.usefixtures("bank")
def test_an_import_says_that_rows_are_kept(branch: Branch, tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text(f"source,number,day,inflow,outflow\n{HOPELESS}\n")

    command = [sys.executable, "-m", "fieldbook", "import", "flows", str(file), *branch.where]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "1 refused rows are kept: see `fieldbook refused list`" in done.stdout
    with pytest.raises(Stop):
        run("import", "flows", str(file), *branch.where, "--json")
