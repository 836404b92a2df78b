"""An alert on its whole way: raised at the bank, on the device by itself, handled with no link."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from fieldbook.branch import Branch
from mobile_app.device import wall_clock
from mobile_app.words import TABLE
from shared.domain.alert import QUESTIONS
from shared.domain.days import bank_day
from shared.registry import REGISTRY, Document
from shared.testing.around import an_account, an_alert
from sync_server.store.database import open_sqlite
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.browser.harness import Screen, device
from tests.browser.test_day import CUSTOMER, asked, enrol, find, unlock

MINUTE = 60_000


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path / "branch")
    made.seed()
    return made


def bring(branch: Branch, entity: str, *documents: Document) -> None:
    """Let the server have rows while it runs, as an import does."""
    database = open_sqlite(branch.data / "fieldbook.db")
    with database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:test"), wall_clock())
        unit.import_rows(REGISTRY[entity], documents)
        unit.finish()
    database.close()


def customer_of(branch: Branch) -> str:
    [id] = asked(branch, "SELECT id FROM customer WHERE name = ?", CUSTOMER)
    return id


def an_alarm(branch: Branch) -> Document:
    """Nearly everything left today, 20 minutes ago."""
    now = wall_clock()
    raised = now - 20 * MINUTE
    return an_alert(customer_of(branch), raised_at=raised, day=bank_day(now).isoformat())


def handle(screen: Screen) -> int:
    """Handle the alert from Today; return how many taps it took."""
    no = [f"{TABLE[f'question.{name}'][0]}：否" for name in QUESTIONS]
    taps = ("资金异常", *no, "购房", "已转介")
    for name in taps:
        screen.tap(name)
    return len(taps)


def test_an_alert_comes_by_itself_and_is_handled_with_no_link(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    with (
        branch.serving(webapp),
        device(playwright, chromium, tmp_path / "tablet", size=(390, 1800)) as tablet,
    ):
        screen = tablet.screen
        enrol(screen, branch, "AM001")
        screen.sees("还有")

        alarm = an_alarm(branch)
        bring(branch, "alert", alarm)

        screen.sees("资金异常")
        screen.sees("紧急")
        tablet.disconnect()
        assert handle(screen) <= 6
        screen.sees("已处理")
        screen.sees("本机")
        tablet.reconnect()
        screen.misses("本机")
    said = "SELECT status || ' ' || answers || ' ' || cause || ' ' || action FROM alert"
    assert asked(branch, f"{said} WHERE id = ?", str(alarm["id"])) == [
        "handled no,no,no housing referred"
    ]


def test_the_screen_turned_to_a_customer_gives_way_to_the_pin_alone(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    with branch.serving(webapp), device(playwright, chromium, tmp_path / "tablet") as tablet:
        bring(branch, "account", an_account(customer_of(branch)))
        bring(branch, "alert", an_alarm(branch))
        screen = tablet.screen
        enrol(screen, branch, "AM001")
        screen.sees("资金异常")
        find(screen, CUSTOMER)
        screen.tap("给客户看")
        screen.sees("您在本行的账户")

        screen.press("Escape")
        screen.page.go_back()

        screen.sees("三年期定期存款")
        screen.misses("资金异常")
        screen.tap("结束展示")
        unlock(screen)
        screen.misses("您在本行的账户")
        screen.sees("记一笔")
