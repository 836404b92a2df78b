"""The way on foot, from a real browser to a real server and back, with the network down."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from fieldbook.branch import Branch
from tests.browser.harness import device
from tests.browser.test_day import CUSTOMER, customer_id, enrol, find, log_visit, timeline


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path / "branch")
    made.seed()
    return made


def test_a_visit_goes_out_in_a_file_and_its_verdict_comes_back_in_one(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    bundle, answer = tmp_path / "stick.bundle", tmp_path / "stick.answer"
    with device(playwright, chromium, tmp_path / "tablet") as tablet:
        with branch.serving(webapp):
            enrol(tablet.screen, branch, "AM001")
            find(tablet.screen, CUSTOMER)
            before = len(timeline(branch, customer_id(branch, CUSTOMER)))
        tablet.disconnect()
        tablet.screen.tap("开始拜访")
        log_visit(tablet.screen)
        tablet.screen.misses("提交后先存本机")
        tablet.screen.tap("返回")
        tablet.screen.tap("我的")
        tablet.screen.tap("看同步情况")
        tablet.screen.scroll_to("导出同步包", within="还没入档的")

        with tablet.screen.page.expect_download() as download:
            tablet.screen.tap("导出同步包")
        download.value.save_as(bundle)
        tablet.screen.sees("已导出 2 条")
        told = branch.admin("import-bundle", str(bundle), "--answer", str(answer))
        with tablet.screen.page.expect_file_chooser() as chooser:
            tablet.screen.tap("读取回执")
        chooser.value.set_files(answer)

        tablet.screen.sees("回执已读：2 条已送达")
        with branch.serving():
            made = timeline(branch, customer_id(branch, CUSTOMER))

    assert told["verdicts"] == {"applied": 2}
    assert len(made) == before + 1
