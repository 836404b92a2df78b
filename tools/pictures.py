"""Takes the pictures of docs/pictures from the real app: `python -m tools.pictures`.

A demo branch of a fixed day, devices that do some work, and Chromium at the sizes of a phone, a
tablet and a desk. Nothing in a picture is arranged that a user could not see.
"""

import asyncio
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from bundle.build import ROOT, Plan, build
from fieldbook.branch import PIN, Branch
from fieldbook.visits import new_visit
from mobile_app.device import wall_clock
from shared.domain import Review
from shared.sync.change import Insert
from tests.browser.harness import DESKTOP, PHONE, TABLET, Screen, device
from tests.conftest import find_chromium

PICTURES: Final = ROOT / "docs" / "pictures"
_DAY: Final = (("AM001", 4), ("AM002", 3), ("AM003", 5), ("AM004", 1))
_CHOICES: Final = (
    ("deposit", "interested", "safety", "问了三年期大额存单，想先和女儿商量。"),
    ("loan", "follow_up", "liquidity", "旺季前要备货，流水单已带回。"),
    ("relationship", "done", "retirement", "陪着看了养老账户的收益。"),
    ("wealth", "follow_up", "growth", "理财到期，约周四到网点。"),
    ("card", "declined", "payment", "暂时不办，留了资料。"),
)


_WHOLE: Final = (390, 4_600)
"""A page from its head to its foot."""


def main() -> int:
    """Take every picture anew."""
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write("There is no Chromium on this machine.\n")
        return 1
    webapp = ROOT / "build" / "webapp"
    build(Plan(app=ROOT, out=webapp), print)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        branch = Branch(Path(name))
        branch.seed()
        with branch.serving(webapp):
            for who, take, size in (
                ("SV001", _supervisor, DESKTOP),
                ("AM001", _manager, PHONE),
            ):
                with device(playwright, chromium, Path(name) / who, size) as started:
                    started.screen.page.set_default_timeout(60_000)
                    _enrol(started.screen, branch, who)
                    take(branch, started.screen, started)
    return 0


def _enrol(screen: Screen, branch: Branch, employee_no: str) -> None:
    profile = employee_no.lower()
    screen.open(f"{branch.url}/app/?profile={profile}&code={branch.code(employee_no)}")
    screen.type("设一个 6 位数字 PIN", PIN)
    screen.type("再输一次 PIN", PIN)
    screen.tap("登记", exact=True)
    screen.tap("开始今天")


def _shot(screen: Screen, name: str, size: tuple[int, int], *, dark: bool = False) -> None:
    screen.page.emulate_media(color_scheme="dark" if dark else "light")
    screen.page.set_viewport_size({"width": size[0], "height": size[1]})
    screen.page.wait_for_timeout(1_500)  # the client draws its last frame when it likes
    screen.picture(PICTURES / f"{name}.png", size, dark)
    sys.stdout.write(f"{name}\n")


def _supervisor(branch: Branch, screen: Screen, _started: Any) -> None:
    _apart(lambda: _work(branch))
    screen.sees("拜访 5")
    _shot(screen, "supervisor-desktop", DESKTOP)
    _shot(screen, "supervisor-desktop-dark", DESKTOP, dark=True)
    _shot(screen, "supervisor-tablet", TABLET)
    _shot(screen, "supervisor-phone", PHONE)
    _shot(screen, "business-desktop", DESKTOP)  # puts the desk's size back
    screen.tap(re.compile("^经营"))
    screen.sees("盈利五分")
    _shot(screen, "business-desktop", DESKTOP)
    screen.tap(re.compile("^盈利五分"))
    screen.sees("收入是花费的")
    _shot(screen, "fifths-phone", (390, 1480))
    _shot(screen, "fifths-desktop", DESKTOP)
    screen.tap("待处理")
    screen.tap("疑似重复")
    screen.tap(re.compile("两份记录"))
    screen.sees("合并会怎样")
    _shot(screen, "duplicate-desktop", DESKTOP)
    _shot(screen, "duplicate-desktop-dark", DESKTOP, dark=True)
    _shot(screen, "duplicate-phone", (390, 1560))


def _manager(_branch: Branch, screen: Screen, started: Any) -> None:
    screen.sees("还有")
    _shot(screen, "today-phone", PHONE)
    _shot(screen, "today-phone-dark", PHONE, dark=True)
    screen.tap("客户", exact=True)
    screen.type("姓名", "syz")
    screen.tap("单玉珍")
    screen.sees("谁在管")
    _shot(screen, "customer-phone", PHONE)
    _shot(screen, "customer-whole-phone", _WHOLE)
    _shot(screen, "customer-whole-tablet", (820, 3_000))
    _shot(screen, "customer-phone", PHONE)
    screen.tap("给客户看")
    screen.sees("您在本行的账户")
    _shot(screen, "facing-phone", PHONE)
    _shot(screen, "facing-tablet", TABLET)
    _shot(screen, "facing-phone", PHONE)
    screen.tap("结束展示")
    screen.type("PIN", PIN)
    screen.tap("打开", exact=True)
    screen.tap("返回")
    screen.type("姓名", "有限公司")
    screen.tap(re.compile("有限公司"))
    screen.sees("谁在管")
    _shot(screen, "company-whole-phone", _WHOLE)
    _shot(screen, "company-desktop", DESKTOP)
    _shot(screen, "company-phone", PHONE)
    screen.tap("返回")
    screen.type("姓名", "syz")
    screen.tap("单玉珍")
    screen.sees("谁在管")
    started.disconnect()
    screen.tap("开始拜访")
    screen.sees("目的")
    for chip in ("存款", "有意向", "保本", "送方案"):
        screen.tap(chip, exact=True)
    _shot(screen, "visit-phone", PHONE)
    _shot(screen, "visit-phone-dark", PHONE, dark=True)
    screen.tap("提交", exact=True)
    screen.sees("本机")
    _shot(screen, "saved-offline-phone", PHONE)
    _shot(screen, "tablet", TABLET)
    _shot(screen, "tablet-wide", DESKTOP)
    _shot(screen, "tablet-dark", TABLET, dark=True)
    screen.tap("我的")
    screen.tap("看同步情况")
    _shot(screen, "sync-phone", PHONE)
    _shot(screen, "sync-tablet", TABLET)
    started.reconnect()


def _apart(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run devices of this process beside Playwright, which has a loop of its own."""
    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    thread.join()


async def _work(branch: Branch) -> None:
    """Let some managers work today, and the supervisor answer one of them."""
    for employee_no, visits in _DAY:
        made = await branch.device(employee_no)
        customers = made.store.customers("", 40)
        for place in range(visits):
            purpose, outcome, need, note = _CHOICES[place]
            made.store.commit(
                *new_visit(
                    made.store,
                    wall_clock() - (visits - place) * 2_400_000,
                    customer_id=customers[place * 7].id,
                    purpose=purpose,
                    outcome=outcome,
                    need=need,
                    note=note,
                )
            )
        await made.runner.sync_once()
        await made.close()
    await _review(branch)


async def _review(branch: Branch) -> None:
    chief = await branch.device("SV001")
    latest = chief.store.feed(1)[0].interaction
    chief.store.commit(
        Insert.of(
            "review",
            Review(
                id=chief.store.new_id(),
                interaction_id=latest.id,
                customer_id=latest.customer_id,
                employee_id=chief.store.me.id,
                kind="praise",
                occurred_at=wall_clock(),
                text="问得细，下一步也定得好。",
            ),
        )
    )
    await chief.runner.sync_once()
    await chief.close()


if __name__ == "__main__":
    sys.exit(main())
