"""A sale logged with no network, its pay told at once, and its way into the shared record."""

import re
from pathlib import Path

from playwright.sync_api import Playwright

from fieldbook.branch import Branch
from tests.browser.catalogue import stock
from tests.browser.harness import device
from tests.browser.test_day import CUSTOMER, LATEST, asked, enrol, find


def test_a_sale_logged_offline_is_priced_at_once_and_reaches_the_record(
    webapp: Path, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    branch = Branch(tmp_path / "branch")
    branch.seed()
    [unit] = asked(branch, "SELECT org_unit_id FROM employee WHERE employee_no = ?", "AM001")
    stock(branch, unit)
    with (
        branch.serving(webapp),
        device(playwright, chromium, tmp_path / "phone") as phone,
    ):
        screen = phone.screen
        enrol(screen, branch, "AM001")
        screen.sees("还有")
        screen.offline_copy_is_complete()
        phone.disconnect()
        find(screen, CUSTOMER)

        screen.tap("记销售", exact=True)
        screen.tap("云汀信用卡")
        screen.type("数量", "7")
        screen.sees("7 张 x 60.00 = 420.00")
        screen.tap("已提交", exact=True)
        screen.tap("保存", exact=True)

        screen.sees("云汀信用卡")
        screen.sees("本机")
        phone.reconnect()
        screen.misses("本机")
        screen.tap(re.compile("云汀信用卡"))
        screen.sees("业务编号")
        screen.sees("已入档")

    assert asked(branch, f"SELECT status FROM sale {LATEST}") == ["submitted"]
