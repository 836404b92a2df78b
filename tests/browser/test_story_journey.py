"""The story of the customer of 77, whole, in real browsers: a file of the bank's systems becomes an
alert, the alert a referral, and the referral what both have earned of what came of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from fieldbook.branch import Branch
from fieldbook.clock import now
from fieldbook.database import FILE
from fieldbook.story import tell
from fieldbook.story_steps import STEPS, Scene
from mobile_app.words import TABLE
from shared.domain import Employee
from shared.domain.alert import QUESTIONS
from shared.domain.days import bank_day
from sync_server.demo import make_bank
from sync_server.demo.seed import SEED
from sync_server.demo.story import outcome_files, story_files
from sync_server.store.database import open_sqlite
from tests.browser.harness import Screen, device
from tests.browser.test_day import enrol, find
from tests.browser.test_supervising_pay import has_sent

LONG = (390, 3000)
"""A phone on which a whole page is in sight, so that nothing has to be scrolled to."""


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path / "branch")
    made.seed()
    return made


@pytest.fixture
def scene(branch: Branch) -> Iterator[Scene]:
    database = open_sqlite(branch.data / FILE)
    yield Scene(database, make_bank(SEED, bank_day(now())))
    database.close()


def check_and_visit(screen: Screen) -> None:
    """Ask the three questions, then go there and find out why."""
    screen.tap("资金异常")
    for name in QUESTIONS:
        screen.tap(f"{TABLE[f'question.{name}'][0]}：否")
    screen.tap("先存核实结果")
    screen.tap(TABLE["alert.customer"][0])
    screen.tap("开始拜访")
    for chip in ("预警核实", "已办成", "购房"):
        screen.tap(chip, exact=True)
    screen.tap("提交", exact=True)
    screen.sees("记关系")


def handle(screen: Screen) -> None:
    """Say what is behind the alert and what is done about it."""
    screen.tap("资金异常")
    screen.tap("购房", exact=True)
    screen.tap("已转介", exact=True)
    screen.sees("后续成果")


def tie(screen: Screen, name: str) -> None:
    """Record whose mother she is."""
    screen.tap("记关系")
    screen.tap("子女", exact=True)
    screen.type("对方姓名", name)
    screen.tap("记为客户自述")
    # Until the form has gone, what lies below it still moves.
    screen.misses("对方姓名")
    screen.sees("客户自述")


def refer(screen: Screen, name: str, colleague: str) -> None:
    """Pass the daughter on, for three tenths of what comes of it."""
    screen.lead("转介给同事", screen.page.get_by_role("textbox", name="办成后我分"))
    screen.tap(name, exact=True)
    screen.tap("购房", exact=True)
    screen.type("大概多少", "1200000")
    screen.tap(colleague, exact=True)
    screen.type("办成后我分", "30")
    screen.tap("转介", exact=True)
    screen.sees("待接受")


def sell(screen: Screen, product: str, amount: str, *chips: str, source: str = "") -> None:
    """Log a sale to the customer whose page is open."""
    screen.tap("记销售", exact=True)
    if source:
        screen.tap(source)
    screen.tap(product, exact=True)
    screen.type("金额", amount)
    for chip in chips:
        screen.tap(chip)
    screen.tap("保存", exact=True)
    screen.sees("开始拜访")


def has_credited(screen: Screen, scene: Scene, employee: Employee) -> None:
    """Wait until the month of an account manager says what they have of each sale."""
    for each in scene.credited():
        if each.employee_id == employee.id:
            screen.sees(re.compile(re.escape(f"{each.earned // 100:,}.{each.earned % 100:02}")))


def shows_all(screen: Screen, branch: Branch, scene: Scene) -> None:
    """Open the alert as the supervisor: what came of it, and who has what."""
    enrol(screen, branch, "SV001")
    find(screen, scene.lady.name)
    screen.scroll_to("往来记录", within="关系")
    screen.tap("资金异常")
    screen.sees("后续成果")
    for said in ("住房贷款", "周文渊 70 %、林晓岚 30 %", "林晓岚 100 %"):
        screen.sees(re.compile(said))


def test_what_follows_from_an_alert_is_credited_to_both_who_made_it(
    webapp: Path,
    branch: Branch,
    scene: Scene,
    playwright: Playwright,
    chromium: Path,
    tmp_path: Path,
) -> None:
    token = str(branch.admin("system-token", "core")["token"])
    with (
        branch.serving(webapp),
        device(playwright, chromium, tmp_path / "owner", size=LONG) as owners,
        device(playwright, chromium, tmp_path / "colleague", size=LONG) as colleagues,
    ):
        owner, other = owners.screen, colleagues.screen
        enrol(owner, branch, scene.owner.employee_no)
        owner.sees("还有")
        tell(branch.url, token, story_files(scene.bank, scene.today, now()))
        owner.sees("紧急")
        check_and_visit(owner)
        handle(owner)
        owner.tap(TABLE["alert.customer"][0])
        tie(owner, scene.daughter.name)
        refer(owner, scene.daughter.name, scene.colleague.name)

        enrol(other, branch, scene.colleague.employee_no)
        other.sees("同事转介给我")
        other.tap("接受转介")
        other.misses("同事转介给我")
        owner.sees("已接受")
        find(other, scene.daughter.name)
        sell(other, "住房贷款", "1200000", "预约", "一周后")
        sell(other, "一年期定期存款", "600000", "已提交")
        sell(owner, "一年期定期存款", "800000", "已提交", source="资金异常")
        for screen in (owner, other):
            screen.tap("返回", exact=True)
            screen.tap("业绩", exact=True)
            has_sent(screen)
        assert all(step.is_done(scene) for step in STEPS)

        tell(branch.url, token, outcome_files(scene.bank, scene.sales, scene.today, now()))

        has_credited(owner, scene, scene.owner)
        has_credited(other, scene, scene.colleague)
        shows_all(Screen(owners.context.new_page()), branch, scene)
    earned = {int(each.earned) for each in scene.credited()}
    assert earned >= {64_000, 33_600, 14_400}
