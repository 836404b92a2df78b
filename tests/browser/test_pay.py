"""The user's own month of commission in a real browser, with the network gone."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from fieldbook.branch import Branch
from mobile_app.device import wall_clock
from shared.domain import CommissionRule, Product, Quality, SaleShare, Target
from shared.domain.days import bank_period
from shared.domain.goal import quality_id, target_id
from shared.domain.sale_share import share_id
from shared.registry import REGISTRY
from sync_server.store.database import open_sqlite
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.browser.harness import device
from tests.browser.test_day import LATEST, asked, enrol

CARD = Product("p-card", "CARD", "畅行信用卡", "card", "on_site", "count", "张", "2026-01-01")
LOAN = Product("p-loan", "LOAN", "个人经营贷", "loan", "on_site", "amount", "元", "2026-01-01")
_COMMON: dict[str, Any] = {"version": 1, "from": "2026-01-01"}
TERMS: dict[str, dict[str, Any]] = {
    "CARD": {
        "kind": "UNIT", "metric": "COUNT", "unit_price": "60.00", "recognise_on": "ACTIVATED",
        "accelerators": [{"min_attainment": "1.20", "multiplier": "1.2"}],
        "clawback": [{"to_month": 6, "rate": "1.00"}],
    },
    "LOAN": {
        "kind": "TIER_MARGINAL", "metric": "AMOUNT", "recognise_on": "DISBURSED",
        "tiers": [["0", "10000", "0.05"], ["10000", "30000", "0.08"], ["30000", None, "0.10"]],
        "deferral": {"rate": "0.40", "years": 3},
    },
}  # fmt: skip


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path / "branch")
    made.seed()
    return made


def bring(branch: Branch, entity: str, rows: Iterable[Any]) -> None:
    """Let the server have rows, as an import does."""
    database = open_sqlite(branch.data / "fieldbook.db")
    with database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:test"), wall_clock())
        unit.import_rows(REGISTRY[entity], [asdict(row) for row in rows])
        unit.finish()
    database.close()


def pay(branch: Branch, employee: str, shares: Iterable[SaleShare]) -> None:
    """Give an account manager a month of commission."""
    now = wall_clock()
    period = bank_period(now)
    [unit] = asked(branch, "SELECT id FROM org_unit WHERE parent_id IS NULL")
    [drafter] = asked(branch, "SELECT id FROM employee WHERE employee_no = ?", "SV001")
    bring(branch, "product", [CARD, LOAN])
    rules = [
        CommissionRule(
            f"r-{code}", code.lower(), 1, unit, drafter, now,
            json.dumps({"id": code.lower(), "product": code, **_COMMON, **terms}),
            "年度方案：按激活计酬", "approved",
        )
        for code, terms in TERMS.items()
    ]  # fmt: skip
    bring(branch, "commission_rule", rules)
    bring(branch, "target", [
        Target(target_id(employee, "CARD", period), employee, "CARD", period, "10"),
        Target(target_id(employee, "LOAN", period), employee, "LOAN", period, "50000"),
    ])  # fmt: skip
    bring(branch, "quality", [Quality(quality_id(employee, period), employee, period, "0.95")])
    bring(branch, "sale_share", shares)


def a_share(employee: str, number: int, product: Product, **fields: Any) -> SaleShare:
    """A share of this month that the bank has confirmed, unless `events` say otherwise."""
    now = wall_clock()
    day = datetime.fromtimestamp(now / 1000, UTC).date().replace(day=1).isoformat()
    event = TERMS[product.code]["recognise_on"]
    counted = product.measure == "count"
    known = {
        "shares": json.dumps([[employee, 10_000]]),
        "sale_status": "confirmed",
        "qty": 1 if counted else None,
        "amount": None if counted else 900_000,
        "events": json.dumps({event: day}),
        "status": "own",
        "customer_label": "单*珍",
    }
    return SaleShare(
        id=share_id(f"s{number}", employee), employee_id=employee, sale_id=f"s{number}",
        seller_id=employee, product_id=product.id, product_code=product.code, occurred_at=now,
        **{**known, **fields},
    )  # fmt: skip


def test_a_figure_opens_its_trace_and_an_objection_is_kept_with_no_network(
    webapp: Path, branch: Branch, playwright: Playwright, chromium: Path, tmp_path: Path
) -> None:
    [me] = asked(branch, "SELECT id FROM employee WHERE employee_no = ?", "AM001")
    joint = json.dumps([[me, 7000], ["another", 3000]])
    pay(branch, me, [a_share(me, 1, CARD, qty=7, shares=joint), a_share(me, 2, LOAN)])
    portrait = device(playwright, chromium, tmp_path / "tablet", size=(390, 1400))
    with branch.serving(webapp), portrait as tablet:
        screen = tablet.screen
        enrol(screen, branch, "AM001")
        screen.sees("还有")
        screen.tap("业绩", exact=True)
        screen.sees("预估应发")
        tablet.disconnect()

        screen.tap("畅行信用卡·单")
        screen.tap("销售所得")
        screen.sees("7 张 x 60.00 x 70 % = 294.00")
        screen.sees("你的分成 70 %")
        screen.tap("对销售所得提异议")
        screen.tap("分成不对")
        screen.tap("提出异议", exact=True)

        screen.sees("等答复")
        screen.sees("本机")
        tablet.reconnect()
        screen.misses("本机")
    assert asked(branch, f"SELECT claim FROM dispute {LATEST}") == ["分成不对"]
