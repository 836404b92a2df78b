"""The story of the customer of 77: what her bank's systems say becomes an alert for her owner."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

from fieldbook.branch import Branch
from fieldbook.clock import now
from fieldbook.story import tell
from sync_server.demo import make_bank, story_customer
from sync_server.demo.clock import BEIJING
from sync_server.demo.seed import SEED
from sync_server.demo.story import story_files


def alert_of(branch: Branch, customer: str) -> tuple[str, str, int] | None:
    query = (
        "SELECT severity, direction, amount FROM alert"
        " WHERE customer_id = ? AND kind = 'abnormal_flow'"
    )
    with closing(sqlite3.connect(branch.data / "fieldbook.db")) as connection:
        found: tuple[str, str, int] | None = connection.execute(query, (customer,)).fetchone()
    return found


def test_a_very_large_sum_that_leaves_is_an_urgent_alert(tmp_path: Path) -> None:
    branch = Branch(tmp_path / "branch")
    branch.seed()
    today = datetime.now(BEIJING).date()
    bank = make_bank(SEED, today)
    lady = story_customer(bank)
    token = str(branch.admin("system-token", "core")["token"])
    assert alert_of(branch, lady.id) is None

    with branch.serving():
        for _ in range(2):
            tell(branch.url, token, story_files(bank, today, now()))

    found = alert_of(branch, lady.id)
    assert found is not None
    assert found[:2] == ("urgent", "out")
    assert found[2] >= 100_000_000


def test_the_demo_tells_it_at_a_key(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    command = [sys.executable, "-m", "fieldbook", "demo", "--data", str(data), "--story"]
    with subprocess.Popen(
        [*command, "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdin is not None
        assert demo.stdout is not None
        lines = iter(demo.stdout.readline, "")
        assert any("press Enter" in line for line in lines)
        demo.stdin.write("\n")
        demo.stdin.flush()
        said = next(line for line in lines if "Told." in line or "did not take" in line)
        demo.terminate()
    assert said.startswith("Told.")
