"""Where a customer stands, with its cause; and the alerts that the day brings, handled in taps."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from mobile_app.store.device_store import DeviceStore
from shared.domain import Identifier
from shared.testing.around import a_case, a_risk, a_state, an_alert
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import a_store, arrive, device_with

CHURN = {"kind": "churn", "evidence": str(a_risk("c1")["reasons"])}
DOWNGRADE = {"kind": "downgrade", "evidence": '["gold",480,500,3]'}
PAPERS = {"kind": "papers", "evidence": "p1", "day": "2026-12-20"}
GRADE = {"kind": "papers", "evidence": "risk_grade", "day": "2026-12-20"}
BIRTHDAY = {"kind": "birthday", "evidence": "77", "day": "2026-11-28"}
COMPLAINT = {"kind": "complaint", "evidence": "k1"}
PAPER = asdict(Identifier("p1", "c1", "passport", "E1234", "1234", "core", "2026-12-20"))
NO_FLOW = dict.fromkeys(("direction", "amount", "assets", "median", "threshold", "days"))


async def shown(store: DeviceStore, path: str, **how: Any) -> Stage:
    stage = await opened(device_with(store), **how)
    await stage.go(path)
    return stage


def test_a_state_is_told_with_why_since_when_and_what_was_before(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        former = a_state("c1", state="stable", before=None, cause="settled", since="2026-03-05")
        arrive(store, 2, ("customer_state", former), ("customer_state", a_state("c1")),
               ("churn_risk", a_risk("c1")))  # fmt: skip

        stage = await shown(store, "/customers/c1")

        for said in (
            "有流失风险", "流失风险 70 分，60 分是警戒线", "三个月里资产少了 80 % 以上",
            "最近一次满意度只有 1 分", "+50", "之前：稳定（3月5日起）",
        ):  # fmt: skip
            assert stage.says(said), said
        assert not stage.says("流失迹象合计")
        store.close()

    running(scene)


def test_the_points_of_the_change_are_told_where_those_of_today_are_others(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("customer_state", a_state("c1", evidence="65")),
               ("churn_risk", a_risk("c1")))  # fmt: skip

        stage = await shown(store, "/customers/c1")

        assert stage.says("流失迹象合计 65 分")
        assert stage.says("流失风险 70 分")
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (None, "到10月3日开户已有 4005 天"),
        ("new", "到10月3日开户已有 4005 天"),
        ("won_back", "到10月3日挽回已有 4005 天，没有再到警戒线"),
    ],
)
def test_days_of_calm_say_what_they_are_counted_from(
    tmp_path: Path, before: str | None, said: str
) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        calm = {"state": "stable", "cause": "settled", "evidence": "4005", "since": "2026-10-03"}
        arrive(store, 2, ("customer_state", a_state("c1", before=before, **calm)))

        stage = await shown(store, "/customers/c1")

        assert stage.says("10月3日起")
        assert stage.says(said)
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("cause", "evidence", "said"),
    [
        ("returned", "12000000", "又回来了，现有资产 12.00 万"),
        ("account_opened", "2026-11-18", "11月18日 开了第一个账户"),
        ("settled", "", "没有异常迹象"),
        ("no_account", "", "还没有在本行开户"),
    ],
)
def test_every_cause_is_a_sentence(tmp_path: Path, cause: str, evidence: str, said: str) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("customer_state", a_state("c1", cause=cause, evidence=evidence)))

        stage = await shown(store, "/customers/c1")

        assert stage.says(said)
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("alert", "said", "cause"),
    [
        (CHURN, "70 分·", "dissatisfied"),
        (DOWNGRADE, "连续 3 个月低于黄金客户线", "invested_elsewhere"),
        (PAPERS, "护照12月20日到期", "renewing"),
        (GRADE, "风险测评12月20日到期", "renewing"),
        (COMPLAINT, "短信通知费重复扣收·先联系客户", "dissatisfied"),
        (BIRTHDAY, "11月28日生日，满 77 岁", "well"),
    ],
)
def test_each_kind_says_what_it_is_about_and_is_handled_in_two_taps(
    tmp_path: Path, alert: dict[str, Any], said: str, cause: str
) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        made = an_alert("c1", id="a1", severity="normal", **{**NO_FLOW, **alert})
        case = a_case("c1", id="k1")
        arrive(store, 2, ("identifier", PAPER), ("service_case", case), ("alert", made))
        stage = await shown(store, "/today/c1/a1")
        assert stage.says(said)
        assert not stage.says("防诈骗")
        assert len([text for text in stage.texts() if "流失风险" in text]) <= 1

        await stage.tap_key(f"cause:{cause}")
        await stage.tap("已沟通")

        [step] = steps(store)
        assert step["kind"] == "transition"
        assert store.value("alert", "a1", "status") == "handled"
        assert store.value("alert", "a1", "cause") == cause
        store.close()

    running(scene)


def test_what_was_taken_back_asks_nothing_of_anyone(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        made = an_alert("c1", id="a1", status="withdrawn", **{**NO_FLOW, **CHURN})
        arrive(store, 2, ("alert", made))

        stage = await shown(store, "/today/c1/a1")

        assert stage.says("已自动撤回")
        assert not stage.says("怎么处理的")
        assert store.alerts_waiting() == 0
        store.close()

    running(scene)


def test_a_score_is_drawn_against_the_line_of_its_tier(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("alert", an_alert("c1", id="a1", **{**NO_FLOW, **DOWNGRADE})))

        stage = await shown(store, "/today/c1/a1", language="en")

        assert stage.says("score 480, line 500")
        store.close()

    running(scene)
