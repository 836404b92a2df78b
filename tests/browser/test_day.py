"""The whole path, once and for real: a visit made with no network reaches the shared record.

Real server process, real bundle, real Chromium that is killed in the middle of the day.
"""

import os
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from fieldbook.branch import PIN, Branch
from tests.browser.harness import DESKTOP, Screen, device

CUSTOMER = "单玉珍"


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path / "branch")
    made.seed()
    return made


def enrol(screen: Screen, branch: Branch, employee_no: str) -> None:
    profile = employee_no.lower()
    screen.open(f"{branch.url}/app/?profile={profile}&code={branch.code(employee_no)}")
    screen.type("设一个 6 位数字 PIN", PIN)
    screen.type("再输一次 PIN", PIN)
    screen.tap("登记", exact=True)
    screen.tap("开始今天")


def unlock(screen: Screen) -> None:
    screen.type("PIN", PIN)
    screen.tap("打开", exact=True)


def find(screen: Screen, name: str) -> None:
    screen.tap("客户", exact=True)
    screen.type("姓名", name)
    screen.tap(re.compile(rf"^{name}"))


def log_visit(screen: Screen) -> int:
    """Log a visit; return how many taps it took after the form was open."""
    taps = ("关系维护", "有意向", "保本", "送方案", "提交")
    for name in taps:
        screen.tap(name, exact=True)
    return len(taps)


def kill(folder: Path) -> None:
    """Kill every process of the Chromium whose memory is `folder`, as an empty battery would."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}".encode() in words:
            os.kill(int(entry.name), signal.SIGKILL)


def timeline(branch: Branch, customer: str) -> list[dict[str, object]]:
    token = branch.admin("system-token", "core")["token"]
    items: list[dict[str, object]] = branch.get(f"/v1/customers/{customer}/timeline", token)[
        "items"
    ]
    return items


LATEST = "ORDER BY occurred_at DESC LIMIT 1"
"""What was recorded last, among all that the demo's people recorded before."""


def asked(branch: Branch, sql: str, *values: str) -> list[str]:
    """Look into the server's database from outside, the first column of each row."""
    with closing(sqlite3.connect(branch.data / "fieldbook.db")) as connection:
        return [row[0] for row in connection.execute(sql, values)]


def customer_id(branch: Branch, name: str) -> str:
    [found] = asked(branch, "SELECT id FROM customer WHERE name = ?", name)
    return found


def test_a_visit_made_offline_outlives_a_kill_and_reaches_record_and_supervisor(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    memory = tmp_path / "tablet"
    supervisors = device(playwright, chromium, tmp_path / "desk", size=DESKTOP)
    with supervisors as desk:
        with branch.serving(webapp):
            enrol(desk.screen, branch, "SV001")
            with device(playwright, chromium, memory) as tablet:
                enrol(tablet.screen, branch, "AM001")
                tablet.screen.sees("还有")
                tablet.screen.offline_copy_is_complete()
                tablet.disconnect()
                find(tablet.screen, CUSTOMER)
                tablet.screen.tap("开始拜访")
                assert log_visit(tablet.screen) <= 5
                tablet.screen.sees("本机")
                kill(memory)
        sql = "SELECT id FROM interaction WHERE customer_id = ?"
        before = len(asked(branch, sql, customer_id(branch, CUSTOMER)))

        with device(playwright, chromium, memory) as tablet:
            tablet.disconnect()
            tablet.screen.open(f"{branch.url}/app/?profile=am001")
            unlock(tablet.screen)
            find(tablet.screen, CUSTOMER)
            tablet.screen.sees("本机")

            with branch.serving(webapp):
                tablet.reconnect()
                tablet.screen.misses("本机")
                tablet.screen.sees("已入档")
                desk.screen.sees(re.compile("拜访 1"))
                desk.screen.sees(re.compile(CUSTOMER))
                made = timeline(branch, customer_id(branch, CUSTOMER))

    assert len(made) == before + 1
    assert made[0]["kind"] == "visit"
    assert made[0]["purpose"] == "relationship"


def test_a_second_tab_is_told_that_the_first_has_the_data_open(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    with branch.serving(webapp), device(playwright, chromium, tmp_path / "tablet") as tablet:
        enrol(tablet.screen, branch, "AM001")

        second = Screen(tablet.context.new_page())
        second.open(f"{branch.url}/app/?profile=am001")

        second.sees("另一个窗口")


def test_two_people_work_side_by_side_in_one_browser(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    with branch.serving(webapp), device(playwright, chromium, tmp_path / "tablet") as tablet:
        enrol(tablet.screen, branch, "AM001")
        supervisor = Screen(tablet.context.new_page())

        enrol(supervisor, branch, "SV001")

        supervisor.sees("今日战况")
