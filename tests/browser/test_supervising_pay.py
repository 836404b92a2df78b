"""What supervisors decide about commission, in real browsers, until everyone concerned has it."""

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from fieldbook.branch import Branch
from shared.commission.facts import Share
from shared.domain.sale import read_shares
from tests.browser.harness import DESKTOP, Screen, device
from tests.browser.test_day import asked, enrol


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path / "branch")
    made.seed()
    return made


def at_commission(screen: Screen, branch: Branch, employee_no: str, kind: str) -> None:
    """Enrol a supervisor and open one of the lists."""
    enrol(screen, branch, employee_no)
    screen.tap(re.compile("^佣金"))
    named = re.compile(f"^{kind}")
    # Also where it is the one that was chosen before: a second tap must not turn it off.
    screen.lead(named, screen.page.get_by_role("checkbox", name=named, checked=True))


def has_sent(screen: Screen) -> None:
    """Wait until nothing is only on this device."""
    screen.misses(re.compile("条在本机"))
    screen.sees("已同步")


def number_of(branch: Branch, employee_id: str) -> str:
    [number] = asked(branch, "SELECT employee_no FROM employee WHERE id = ?", employee_id)
    return number


def held_by(branch: Branch, employee_no: str, ref: str) -> tuple[str, Sequence[Share]]:
    """What a manager's own device says of a sale: its state, and who has what."""

    async def look() -> tuple[str, Sequence[Share]]:
        held = await branch.device(employee_no)
        claims = [each for each in held.store.shares() if each.external_ref == ref]
        [mine] = [each for each in claims if each.stands]
        await held.close()
        return mine.status, read_shares(mine.shares)

    # Playwright's loop is that of this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, look()).result()


def test_a_sale_that_two_claim_is_decided_and_both_have_the_decided_split(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    claimed = "SELECT {} FROM sale_share WHERE status = 'contested' ORDER BY sale_id"
    label, ref = (asked(branch, claimed.format(it))[0] for it in ("customer_label", "external_ref"))
    claimants = [number_of(branch, each) for each in asked(branch, claimed.format("employee_id"))]
    assert sorted(claimants) == ["AM001", "AM002"]
    desk = device(playwright, chromium, tmp_path / "desk", size=DESKTOP)
    with branch.serving(webapp), desk as boss:
        screen = boss.screen
        at_commission(screen, branch, "SV001", "裁定")
        screen.tap(re.compile(f"^{re.escape(label)}"))
        boss.disconnect()

        screen.type("林晓岚（%）", "60")
        screen.sees("还剩 40 %")
        screen.type("周文渊（%）", "40")
        screen.tap("裁定", exact=True)
        screen.tap("共同完成")
        screen.tap("确认裁定")

        screen.sees("已经处理完了")
        screen.sees(re.compile("1 条在本机"))
        boss.reconnect()
        has_sent(screen)
        [(_, lins), (_, zhous)] = held = [held_by(branch, no, ref) for no in ("AM001", "AM002")]

    assert [status for status, _ in held] == ["decided", "decided"]
    assert lins == zhous
    assert {number_of(branch, each.employee): each.pay_bp for each in lins} == {
        "AM001": 6_000,
        "AM002": 4_000,
    }
    assert asked(branch, "SELECT DISTINCT reason FROM sale_share WHERE external_ref = ?", ref) == [
        "共同完成"
    ]


def test_a_rule_is_drafted_by_one_supervisor_and_approved_by_another(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    with (
        branch.serving(webapp),
        device(playwright, chromium, tmp_path / "first", size=DESKTOP) as one,
        device(playwright, chromium, tmp_path / "second", size=DESKTOP) as other,
    ):
        maker, checker = one.screen, other.screen
        at_commission(maker, branch, "SV001", "规则")
        maker.tap(re.compile("^车主信用卡"))
        maker.tap("起草新版本")
        maker.type("单价（元）", "50")
        maker.type("理由", "车主卡要补贴")
        maker.tap("提交审批")
        maker.sees("车主信用卡 第 2 版")
        maker.sees("每件 ¥45.00 → 每件 ¥50.00")
        maker.tap("批准", exact=True)
        maker.sees(re.compile("自己提出的事不能自己批准"))
        has_sent(maker)

        at_commission(checker, branch, "SV002", "规则")
        checker.tap(re.compile("^车主信用卡 第 2 版"))
        checker.sees(re.compile("顾明川起草"))
        checker.tap("批准", exact=True)
        checker.sees(re.compile("梁静宜批准"))
        has_sent(checker)

        maker.sees(re.compile("梁静宜批准"))

    sql = "SELECT {} FROM commission_rule WHERE rule = 'card-car' AND number = 2"
    assert asked(branch, sql.format("status")) == ["approved"]
    people = [*asked(branch, sql.format("employee_id")), *asked(branch, sql.format("checker_id"))]
    assert [number_of(branch, each) for each in people] == ["SV001", "SV002"]


def test_a_month_is_reviewed_by_one_supervisor_and_closed_by_another(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    with (
        branch.serving(webapp),
        device(playwright, chromium, tmp_path / "first", size=DESKTOP) as one,
        device(playwright, chromium, tmp_path / "second", size=DESKTOP) as other,
    ):
        maker, checker = one.screen, other.screen
        at_commission(maker, branch, "SV001", "关账")
        maker.tap(re.compile("进行中$"))
        maker.tap("林晓岚")
        maker.tap(re.compile("销售所得"))
        maker.sees(re.compile("版规则"))
        maker.tap("返回", exact=True)
        maker.tap("提交复核")
        maker.sees("顾明川提交复核")
        maker.page.get_by_role("button", name="关账", exact=True).click()
        maker.sees(re.compile("自己提出的事不能自己批准"))
        has_sent(maker)

        at_commission(checker, branch, "SV002", "关账")
        checker.tap(re.compile("复核中$"))
        checker.sees("顾明川提交复核")
        checker.page.get_by_role("button", name="关账", exact=True).click()

        checker.sees(re.compile("顾明川提交，梁静宜关账"))
        checker.sees(re.compile("·已关账"))
        maker.sees(re.compile("·已关账"))

    [period] = asked(branch, "SELECT MAX(period) FROM pay_period")
    sql = "SELECT {} FROM pay_period WHERE period = ?"
    people = [asked(branch, sql.format(it), period)[0] for it in ("employee_id", "checker_id")]
    assert asked(branch, sql.format("status"), period) == ["closed"]
    assert [number_of(branch, each) for each in people] == ["SV001", "SV002"]
