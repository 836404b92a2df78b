"""The story of the customer of 77, whole: what her bank's systems say becomes an alert, and what
people make of it becomes three sales, each paid to the fen as was agreed."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from fieldbook.branch import Branch
from fieldbook.clock import now
from fieldbook.database import FILE
from fieldbook.story import outcome_lines, tell
from fieldbook.story_devices import Players, players
from fieldbook.story_steps import STEPS, Scene, Step
from mobile_app.device import Device
from shared.domain import Employee
from shared.domain.days import bank_day, bank_period
from shared.domain.sale import read_shares
from shared.registry import Document
from sync_server.demo import make_bank
from sync_server.demo.seed import SEED
from sync_server.demo.story import outcome_files, story_files
from sync_server.store.database import open_sqlite

LOAN, OUTSIDE, STAYS = 120_000_000, 60_000_000, 80_000_000
"""What the daughter borrows and brings in, and what of her mother's stays (fen)."""
_LOAN_TIERS: Final = ((100_000_000, 10), (200_000_000, 15), (None, 20))
"""Widths of the tiers (fen), and what each pays of 10,000."""


@contextmanager
def told_branch(folder: Path) -> Iterator[tuple[Branch, Scene, str]]:
    """A branch that serves, and a system that may tell it what happens."""
    branch = Branch(folder / "branch")
    branch.seed()
    token = str(branch.admin("system-token", "core")["token"])
    database = open_sqlite(branch.data / FILE)
    try:
        scene = Scene(database, make_bank(SEED, bank_day(now())))
        with branch.serving():
            yield branch, scene, token
    finally:
        database.close()


def by_tiers(before: int, amount: int) -> int:
    """What a loan pays on top of what came before it in the month, counted tier by tier (fen)."""
    begins, paid = 0, 0
    for width, rate in _LOAN_TIERS:
        ends = begins + width if width else before + amount + begins
        within = max(0, min(before + amount, ends) - max(before, begins))
        paid += within * rate
        begins = ends
    return paid // 10_000


def loans_before(scene: Scene, employee: Employee) -> int:
    """What an employee has of this month's home loans that were disbursed, in fen."""
    month = f'"DISBURSED":"{bank_period(now())}'
    shares = scene.rows("sale_share", employee_id=employee.id, product_code="LOAN-HOME")
    return sum(part_of(each, employee.id) for each in shares if month in str(each["events"]))


def part_of(share: Document, employee: str) -> int:
    [bp] = [each.pay_bp for each in read_shares(str(share["shares"])) if each.employee == employee]
    return int(str(share["amount"])) * bp // 10_000


def play(scene: Scene, hands: Players, *without: Step) -> None:
    for step in STEPS:
        if step.name not in without:
            hands.play(step.name, step.by(scene))
            assert step.is_done(scene), step.name


def earned_on(device: Device, sale: str) -> int:
    """What a device computes that its user has earned of a sale."""
    found = device.store.pay(bank_period(now())).confirmed
    return sum(each.amount for each in found.entries if each.sale == sale and each.type == "EARN")


def test_a_very_large_sum_that_leaves_is_an_urgent_alert(tmp_path: Path) -> None:
    with told_branch(tmp_path) as (branch, scene, token):
        with pytest.raises(LookupError):
            _ = scene.alert

        for _ in range(2):
            tell(branch.url, token, story_files(scene.bank, scene.today, now()))

        alert = scene.alert
    assert (alert["severity"], alert["direction"]) == ("urgent", "out")
    assert int(str(alert["amount"])) >= 100_000_000


def test_three_outcomes_are_linked_to_their_cause_and_paid_to_the_fen(tmp_path: Path) -> None:
    with told_branch(tmp_path) as (branch, scene, token), players(scene, branch.url) as hands:
        lin, zhou = scene.owner, scene.colleague
        before = {each.id: loans_before(scene, each) for each in (lin, zhou)}
        tell(branch.url, token, story_files(scene.bank, scene.today, now()))
        play(scene, hands)
        assert all(each.earned == 0 for each in scene.credited())

        for _ in range(2):
            files = outcome_files(scene.bank, scene.sales, scene.today, now())
            tell(branch.url, token, files)

        sales = {int(str(each["amount"])): str(each["id"]) for each in scene.sales}
        paid = {(each.sale_id, each.employee_id): int(each.earned) for each in scene.credited()}
        assert paid == {
            (sales[STAYS], lin.id): 64_000,
            (sales[OUTSIDE], zhou.id): 33_600,
            (sales[OUTSIDE], lin.id): 14_400,
            (sales[LOAN], zhou.id): by_tiers(before[zhou.id], LOAN * 7 // 10),
            (sales[LOAN], lin.id): by_tiers(before[lin.id], LOAN * 3 // 10),
        }
        assert {each["status"] for each in scene.sales} == {"confirmed"}
        agree(branch, scene, paid)
        lines = "\n".join(outcome_lines(scene))
    assert "(33,600 fen)" in lines
    assert "The story has been played." in lines


def agree(branch: Branch, scene: Scene, paid: dict[tuple[str, str], int]) -> None:
    """Hold fresh devices of both to what the server says, entry by entry and by the statement."""

    async def look() -> None:
        for employee in (scene.owner, scene.colleague):
            device = await branch.device(employee.employee_no)
            for (sale, payee), amount in paid.items():
                if payee == employee.id:
                    assert earned_on(device, sale) == amount
            period = bank_period(now())
            statement = device.store.statements()[period]
            [mine] = [
                row for row in device.store.pay(period).confirmed.statements if row.period == period
            ]
            assert int(mine.payable) == statement.payable
            await device.close()

    asyncio.run(look())


def test_the_alert_shows_both_managers_and_their_supervisor_what_came_of_it(
    tmp_path: Path,
) -> None:
    with told_branch(tmp_path) as (branch, scene, token):
        tell(branch.url, token, story_files(scene.bank, scene.today, now()))
        with players(scene, branch.url) as hands:
            play(scene, hands)

        alert, referral = str(scene.alert["id"]), scene.referral
        assert referral is not None

        async def look() -> None:
            owner = await branch.device(scene.owner.employee_no)
            colleague = await branch.device(scene.colleague.employee_no)
            chief = await branch.device("SV001")
            for device in (owner, chief):
                [passed_on] = device.store.referrals_after(alert)
                assert len(passed_on.outcomes) == 2
                assert len(device.store.outcomes_after(alert)) == 1
            [mothers] = owner.store.referrals_of(scene.lady.id)
            [daughters] = colleague.store.referrals_of(scene.daughter.id)
            assert {each.sale_id for each in mothers.outcomes} == {
                each.sale_id for each in daughters.outcomes
            }
            assert {each.customer_name for each in mothers.outcomes} != {scene.daughter.name}
            assert colleague.store.customer(scene.lady.id) is None
            for device in (owner, colleague, chief):
                await device.close()

        asyncio.run(look())


def read_until(lines: Iterator[str], *marks: str) -> str:
    return next(line for line in lines if any(mark in line for mark in marks))


@contextmanager
def demo(folder: Path, *story: str) -> Iterator["tuple[subprocess.Popen[str], Iterator[str]]"]:
    command = [sys.executable, "-m", "fieldbook", "demo", "--data", str(folder / "demo"), "--story"]
    with subprocess.Popen(
        [*command, *story, "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        try:
            yield running, iter(running.stdout.readline, "")
        finally:
            running.terminate()


def test_the_demo_tells_it_at_a_key_and_says_what_to_do_next(tmp_path: Path) -> None:
    with demo(tmp_path) as (running, lines):
        assert running.stdin is not None
        read_until(lines, "press Enter")
        running.stdin.write("\n")
        running.stdin.flush()

        assert read_until(lines, "Told.", "did not take").startswith("Told.")
        assert "资金异常" in read_until(lines, "1. ")


def test_the_demo_plays_all_of_it_by_itself(tmp_path: Path) -> None:
    with demo(tmp_path, "auto") as (_, lines):
        assert read_until(lines, "What came of it", "did not take").startswith("What")
        assert "confirmed" in read_until(lines, "住房贷款")
        assert read_until(lines, "has been played")
