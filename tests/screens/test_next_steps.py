"""What is advised on the customer's page and on the day's list, from the device's own rows."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from mobile_app.store.device_store import DeviceStore
from shared.domain import ChurnRisk, Task
from shared.domain.action_answer import ActionAnswer
from shared.domain.churn_risk import AT_RISK, churn_id
from shared.domain.consent import ConsentPurpose
from shared.registry import Document
from shared.testing.around import a_consent, a_value, an_account, an_alert
from shared.testing.builders import new_id
from shared.testing.selling import a_product, a_sale, a_wealth_product
from tests.screens.memory import DAY_MS, NOW, contact
from tests.screens.stage import opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

TODAY = "2026-11-24"
DEPOSIT = a_product("DEP-3Y", line="deposit", name="三年期定期", measure="amount", unit="元")
CALM = a_wealth_product("WM-R1", name="安心日开理财", risk_grade="R1")
MATURING = an_account("c1", id="ac1", matures_on="2026-12-04", as_of=NOW)
DONE: Document = asdict(Task("t1", "c1", "visit", "再次上门", "2026-11-20", status="done"))
"""The visit that the store begins with, made: nothing is planned for the customer."""


def met(number: int, days: float, **fields: Any) -> tuple[str, Document]:
    at = NOW - round(days * DAY_MS)
    known = {"occurred_at": at, "need": None, "satisfaction": None, **fields}
    return "interaction", asdict(contact(number, **known))


def taken_care_of(day: str) -> Document:
    """Somebody handled the alert of what matured in the account on a day."""
    return an_alert("c1", id="al1", kind="maturity", day=day, evidence="ac1", status="handled")


def at_risk(points: int) -> ChurnRisk:
    """The risk of c1, of one reason."""
    reasons = f'[["assets_down", {points}, 80]]'
    return ChurnRisk(churn_id("c1"), "c1", points, reasons, "2026-11-20")


def stocked(folder: Path, *documents: tuple[str, Document], me: Any = None) -> DeviceStore:
    """A store in which both customers were met often enough, and what is given beside."""
    store = a_store(folder, me) if me else a_store(folder)
    enough = [met(number, 30 + number, customer_id=f"c{number % 2 + 1}") for number in range(4)]
    arrive(store, 2, ("task", DONE), ("product", DEPOSIT), ("product", CALM), *enough)
    arrive(store, 3, *documents)
    return store


def refused(purpose: ConsentPurpose) -> Document:
    return a_consent("c1", "e1", purpose=purpose)


def advised(store: DeviceStore, customer: str = "c1") -> list[str]:
    return [each.signal.rule for each in store.advised(customer, TODAY, NOW)]


def test_of_a_customer_who_lacks_nothing_nothing_is_advised(tmp_path: Path) -> None:
    store = stocked(tmp_path)

    assert advised(store) == []
    assert store.advised_today(TODAY, NOW) == []
    store.close()


@pytest.mark.parametrize(
    ("documents", "rule"),
    [
        ([("account", MATURING)], "maturing"),
        ([("account", {**MATURING, "kind": "demand", "matures_on": None})], "idle"),
        ([met(20, 20, need="growth")], "need"),
        ([met(20, 20, need="education")], "life_event"),
        ([met(20, 10, satisfaction=2)], "satisfaction"),
        ([("customer_value", a_value("c1", below=3))], "tier_watch"),
        ([("churn_risk", asdict(at_risk(AT_RISK)))], "retain"),
    ],
)
def test_every_rule_sees_what_it_looks_for_in_the_real_store(
    tmp_path: Path, documents: list[tuple[str, Document]], rule: str
) -> None:
    store = stocked(tmp_path, *documents)

    assert advised(store) == [rule]
    assert [each.signal.rule for each in store.advised_today(TODAY, NOW)] == [rule]
    store.close()


@pytest.mark.parametrize(
    ("documents", "rules"),
    [
        ([("account", MATURING)], []),
        ([("account", {**MATURING, "kind": "demand", "matures_on": None})], []),
        ([met(20, 20, need="growth")], []),
        ([met(20, 20, need="education")], []),
        ([("customer_value", a_value("c1", below=3))], []),
        ([met(20, 10, satisfaction=2)], ["satisfaction"]),
        ([("churn_risk", asdict(at_risk(AT_RISK)))], ["retain"]),
    ],
)
def test_who_refused_marketing_contact_is_looked_after_and_sold_nothing(
    tmp_path: Path, documents: list[tuple[str, Document]], rules: list[str]
) -> None:
    store = stocked(tmp_path, *documents, ("consent", refused("marketing_contact")))

    assert advised(store) == rules
    assert [each.signal.rule for each in store.advised_today(TODAY, NOW)] == rules
    store.close()


def test_who_refused_marketing_contact_is_greeted_all_the_same(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    arrive(store, 2, ("task", DONE), met(1, 120), ("consent", refused("marketing_contact")))

    assert advised(store) == ["service_floor"]
    store.close()


def test_who_is_not_at_risk_yet_is_left_alone(tmp_path: Path) -> None:
    store = stocked(tmp_path, ("churn_risk", asdict(at_risk(AT_RISK - 1))))

    assert advised(store) == []
    store.close()


def test_who_was_met_once_in_half_a_year_is_met_again(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    arrive(store, 2, ("task", DONE), met(1, 120), met(2, 60, outcome="not_met"))

    found = store.advised_today(TODAY, NOW)

    assert [(each.signal.customer_id, each.signal.rule, each.signal.days) for each in found] == [
        ("c2", "service_floor", None),
        ("c1", "service_floor", 120),
    ]
    store.close()


@pytest.mark.parametrize(
    ("documents", "why"),
    [
        (
            [("alert", taken_care_of("2026-12-04"))],
            "somebody took care of that money",
        ),
        ([("account", {**MATURING, "closed_on": "2026-11-20"})], "the account is closed"),
        (
            [("task", asdict(Task("t9", "c1", "call", "回访", "2026-12-01")))],
            "a call is planned for next week",
        ),
        (
            [("consent", refused("personalisation"))],
            "the customer refused to be recommended to",
        ),
        (
            [
                (
                    "action_answer",
                    asdict(ActionAnswer(new_id(), "c1", "e9", "maturing", "no_need", NOW - DAY_MS)),
                )
            ],
            "a colleague said that it does not suit",
        ),
        ([met(30, 1)], "the customer was met yesterday"),
    ],
)
def test_nothing_is_advised_where(
    tmp_path: Path, documents: list[tuple[str, Document]], why: str
) -> None:
    store = stocked(tmp_path, ("account", MATURING), *documents)

    assert advised(store) == [], why
    assert store.advised_today(TODAY, NOW) == [], why
    store.close()


def test_money_that_was_renewed_matures_again(tmp_path: Path) -> None:
    store = stocked(tmp_path, ("account", MATURING), ("alert", taken_care_of("2025-12-04")))

    assert advised(store) == ["maturing"]
    store.close()


def test_of_what_matures_on_several_days_the_first_and_the_last_are_said(tmp_path: Path) -> None:
    async def scene() -> None:
        small = {**MATURING, "id": "ac2", "balance": 5_000_000, "matures_on": "2026-11-25"}
        store = stocked(tmp_path, ("account", MATURING), ("account", small))
        stage = await opened(device_with(store))

        await stage.go("/customers/c1")

        assert stage.says("87.00 万，1 到 10 天后陆续到期")
        arrive(store, 4, ("account", {**small, "matures_on": TODAY}))
        await stage.settle()
        assert stage.says("87.00 万，今天起 10 天内陆续到期")
        store.close()

    running(scene)


def test_what_was_said_yesterday_evening_is_not_said_to_be_of_today(tmp_path: Path) -> None:
    async def scene() -> None:
        low = met(20, 0.9, satisfaction=1)
        store = stocked(tmp_path, low)
        stage = await opened(device_with(store))

        await stage.go("/customers/c1")

        assert stage.says("1 天前打了低分，之后还没见到")
        assert not stage.says("今天打了低分")
        store.close()

    running(scene)


def alone(number: int, days: float, channel: str = "self_service") -> tuple[str, Document]:
    """What a system of the bank tells that a customer did without anybody of the bank."""
    said = {"channel": channel, "purpose": "service", "outcome": "done", "employee_id": ""}
    return met(number, days, source="渠道系统", **said)


@pytest.mark.parametrize("channel", ["self_service", "online", "mail", "sms"])
def test_who_did_something_without_anybody_of_the_bank_was_not_met(
    tmp_path: Path, channel: str
) -> None:
    low, lately = met(20, 10, satisfaction=2), alone(21, 5, channel)
    store = stocked(tmp_path, ("account", MATURING), low, lately, alone(22, 1, channel))

    assert advised(store) == ["satisfaction", "maturing"]
    store.close()


def test_two_visits_to_a_machine_are_not_the_two_times_that_everyone_is_met(
    tmp_path: Path,
) -> None:
    store = a_store(tmp_path)
    arrive(store, 2, ("task", DONE), alone(1, 20), alone(2, 50), alone(3, 100))

    [found] = store.advised("c1", TODAY, NOW)

    assert (found.signal.rule, found.signal.days) == ("service_floor", None)
    store.close()


@pytest.mark.parametrize("channel", ["counter", "call_centre"])
def test_who_was_served_by_somebody_of_the_bank_was_met(tmp_path: Path, channel: str) -> None:
    store = stocked(tmp_path, met(20, 10, satisfaction=2), alone(21, 5, channel))

    assert advised(store) == []
    store.close()


def test_what_was_offered_after_the_need_answers_it(tmp_path: Path) -> None:
    offered = a_sale("c1", "e1", str(CALM["id"]), occurred_at=NOW - 10 * DAY_MS)
    store = stocked(tmp_path, met(20, 20, need="growth"), ("sale", offered))

    assert advised(store) == []
    store.close()


def test_a_contact_that_was_put_right_counts_as_it_now_stands(tmp_path: Path) -> None:
    wrong = met(20, 20, need="growth")
    right = met(21, 20, need=None, supersedes="i20")
    store = stocked(tmp_path, wrong, right)

    assert advised(store) == []
    store.close()


def test_suspicious_money_is_never_a_reason(tmp_path: Path) -> None:
    store = stocked(tmp_path, ("alert", an_alert("c1", direction="in")), ("alert", an_alert("c2")))

    assert store.advised_today(TODAY, NOW) == []
    store.close()


def test_the_page_says_what_why_which_product_how_and_until_when(tmp_path: Path) -> None:
    async def scene() -> None:
        calls = [met(n, 35 + 7 * n, channel="call", outcome="done") for n in range(40, 43)]
        store = stocked(tmp_path, ("account", MATURING), *calls)
        stage = await opened(device_with(store))

        await stage.go("/customers/c1")

        for said in (
            "下一步建议",
            "谈到期资金的去处",
            "82.00 万 10 天后到期",
            "可谈 三年期定期、用电话（3 次有结果 3 次）",
            "今天到12月4日",
            "渠道偏好：电话",
        ):
            assert stage.says(said), said
        store.close()

    running(scene)


def test_two_taps_put_it_on_a_days_list(tmp_path: Path) -> None:
    async def scene() -> None:
        store = stocked(tmp_path, ("account", MATURING))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        await stage.tap("谈到期资金的去处：安排")
        await stage.tap_key("plan:maturing:tomorrow")

        [made] = steps(store)
        assert made["entity"] == "task"
        assert made["doc"] | {"id": ""} == {
            "id": "", "customer_id": "c1", "kind": "call", "title": "谈到期资金的去处",
            "due": "2026-11-25", "reason": "82.00 万 10 天后到期", "status": "open",
            "interaction_id": None, "promised": False,
        }  # fmt: skip
        assert not stage.says("下一步建议")
        assert stage.says("·谈到期资金的去处")
        assert stage.says("明天")
        store.close()

    running(scene)


def test_two_taps_say_that_it_does_not_suit_and_it_keeps_silent(tmp_path: Path) -> None:
    async def scene() -> None:
        store = stocked(tmp_path, ("account", MATURING), met(20, 20, need="growth"))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        await stage.tap("谈到期资金的去处：不合适")
        await stage.tap_key("no:maturing:no_need")

        [made] = steps(store)
        assert (made["entity"], made["doc"]["action"]) == ("action_answer", "maturing")
        assert made["doc"]["reason"] == "no_need"
        assert not stage.says("谈到期资金的去处")
        assert stage.says("给增值的方案")
        await stage.go("/me/sync")
        assert stage.says("建议的答复")
        store.close()

    running(scene)


def test_one_tap_starts_the_contact(tmp_path: Path) -> None:
    async def scene() -> None:
        store = stocked(tmp_path, ("account", MATURING))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        await stage.tap("谈到期资金的去处：记电话")

        assert stage.all_views()[-1] == "/customers/c1/log"
        assert stage.here.desk.form("c1").channel == "call"
        store.close()

    running(scene)


def test_today_says_whom_it_is_worth_turning_to_and_nobody_twice(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("task", DONE), ("account", MATURING), met(1, 70), met(2, 90))
        stage = await opened(device_with(store))
        desk = stage.here.desk

        assert stage.says("今天值得联系")
        assert stage.says("82.00 万 10 天后到期·谈到期资金的去处")
        assert "c1" in [item.customer_id for item in desk.day().proposals]
        assert "c1" not in [each.customer_id for each in desk.advice.besides(desk.day().proposals)]
        await stage.tap("记电话·刘秀兰")

        assert desk.form("c1").channel == "call"
        store.close()

    running(scene)


def test_of_who_refused_only_that_is_said(tmp_path: Path) -> None:
    async def scene() -> None:
        word = ("consent", refused("personalisation"))
        store = stocked(tmp_path, ("account", MATURING), word)
        stage = await opened(device_with(store))

        await stage.go("/customers/c1")

        assert stage.says("客户不同意个性化推荐")
        assert not stage.says("渠道偏好：")
        assert not stage.says("下一步建议")
        store.close()

    running(scene)


def test_of_who_refused_marketing_contact_that_is_said_beside_what_serves_them(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        word = ("consent", refused("marketing_contact"))
        store = stocked(tmp_path, ("account", MATURING), met(20, 10, satisfaction=2), word)
        stage = await opened(device_with(store))

        await stage.go("/customers/c1")

        assert stage.says("客户不同意营销联系")
        assert stage.says("回访不满意")
        assert not stage.says("谈到期资金的去处")
        assert stage.says("渠道偏好")
        store.close()

    running(scene)


@pytest.mark.parametrize("purpose", ["personalisation", "marketing_contact"])
@pytest.mark.parametrize("answer", ["given", "refused"])
def test_what_was_planned_with_who_refused_says_that_nothing_is_to_be_sold(
    tmp_path: Path, purpose: ConsentPurpose, answer: str
) -> None:
    async def scene() -> None:
        planned = asdict(Task("t2", "c1", "call", "谈到期资金的去处", TODAY))
        word = a_consent("c1", "e1", purpose=purpose, answer=answer)
        store = stocked(tmp_path, ("task", planned), ("consent", word))
        stage = await opened(device_with(store))

        await stage.go("/today")

        assert stage.says("谈到期资金的去处")
        assert stage.says("不谈销售") is (answer == "refused")
        store.close()

    running(scene)


def test_who_is_proposed_and_refused_is_marked(tmp_path: Path) -> None:
    word = a_consent("c2", "e1", purpose="marketing_contact")
    store = stocked(tmp_path, ("consent", word))
    in_summer = NOW + 200 * DAY_MS

    items = {each.customer_id: each for each in store.today("2027-06-12", in_summer)}

    assert [items["c2"].title, items["c2"].spared] == ["silent", True]
    assert not items["c1"].spared
    store.close()


@pytest.mark.parametrize("purpose", ["personalisation", "marketing_contact"])
@pytest.mark.parametrize("answer", ["given", "refused"])
def test_a_birthday_is_an_occasion_only_of_who_allows_it(
    tmp_path: Path, purpose: str, answer: str
) -> None:
    store = stocked(tmp_path, ("consent", a_consent("c1", "e1", purpose=purpose, answer=answer)))
    hers = {**asdict(store._customers_by_id(["c1"])["c1"]), "birth_date": f"1950{TODAY[4:]}"}
    arrive(store, 4, ("customer", hers))

    titles = {each.customer_id: each.title for each in store.today(TODAY, NOW)}

    assert (titles.get("c1") == "birthday") is (answer == "given")
    store.close()


def test_a_supervisor_reads_it_and_starts_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        store = stocked(tmp_path, ("account", MATURING), me=BOSS)
        stage = await opened(device_with(store))

        await stage.go("/customers/c1")

        assert stage.says("谈到期资金的去处")
        assert not [one for one in stage.shown(ft.OutlinedButton) if "安排" in str(one.content)]
        store.close()

    running(scene)
