"""The visit form through real events: tap budgets, one commit, drafts that survive."""

from datetime import datetime

import pytest

from mobile_app.platform.location import Fix, NoFix
from mobile_app.state.visit import working_day
from shared.domain import VisitTemplate
from shared.errors import refused
from shared.sync.change import Insert, Transition
from tests.screens.memory import NOW, MemoryDevice, person, todo
from tests.screens.stage import Stage, opened, running

HERE = Fix(32.06, 118.79, 12.4, NOW)


def equipped() -> MemoryDevice:
    """A device with one customer who is on today's list."""
    device = MemoryDevice()
    device.store.people = [person()]
    device.store.items = [todo()]
    return device


async def started(device: MemoryDevice, fix: Fix | NoFix = HERE) -> Stage:
    """The form of a visit started from today's list."""
    stage = await opened(device, fix=fix)
    await stage.tap("开始拜访·刘秀兰")
    return stage


def test_a_visit_is_started_with_one_tap_from_today() -> None:
    async def scene() -> None:
        stage = await started(equipped())

        assert stage.all_views() == ["/today", "/today/c1", "/today/c1/log"]
        assert stage.says("开始于")
        assert stage.says("已定位，误差 12 米")

    running(scene)


def test_a_visit_is_logged_in_five_taps_without_typing() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        taps = ["purpose:deposit", "outcome:interested", "need:housing", "step:proposal"]

        for key in taps:
            await stage.tap_key(key)
        await stage.tap("提交")

        assert len(taps) + 1 <= 5
        [changes] = device.store.committed
        contact, done, follow_up = changes
        assert isinstance(contact, Insert)
        assert isinstance(follow_up, Insert)
        assert done == Transition("task", "t1", "status", "open", "done")
        assert contact.document["purpose"] == "deposit"
        assert contact.document["outcome"] == "interested"
        assert contact.document["need"] == "housing"
        assert contact.document["next_step"] == "送方案"
        assert contact.document["next_due"] == follow_up.document["due"]
        assert contact.document["latitude"] == HERE.latitude
        assert follow_up.document["interaction_id"] == contact.document["id"]
        assert follow_up.document["kind"] == "visit"

    running(scene)


def test_submitting_returns_to_the_customer_with_the_contact_on_the_timeline() -> None:
    async def scene() -> None:
        stage = await started(equipped())
        await stage.tap_key("purpose:loan")
        await stage.tap_key("outcome:done")

        await stage.tap("提交")

        assert stage.all_views()[-1] == "/today/c1"
        assert stage.says("拜访·贷款·已办成")
        assert stage.says("本机")

    running(scene)


def test_it_can_be_submitted_only_with_a_purpose_and_an_outcome() -> None:
    async def scene() -> None:
        stage = await started(equipped())
        await stage.tap_key("purpose:loan")

        assert stage.find("提交", "click").disabled
        assert stage.says("还差目的或结果")

    running(scene)


def test_a_next_step_brings_its_day_and_the_day_can_be_changed() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.tap_key("purpose:loan")
        await stage.tap_key("outcome:follow_up")
        await stage.tap_key("step:call_back")
        await stage.tap_key("due:month")

        await stage.tap("提交")

        [(_, _, follow_up)] = device.store.committed
        assert isinstance(follow_up, Insert)
        assert follow_up.document["due"] == working_day(stage.here.desk.today_text, 30)

    running(scene)


def test_any_other_day_can_be_picked_from_a_calendar() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.tap_key("purpose:loan")
        await stage.tap_key("outcome:follow_up")
        await stage.tap_key("step:call_back")
        await stage.tap_key("due:other")
        [calendar] = stage.page._dialogs.controls

        stage.session.apply_patch(calendar._i, {"value": datetime(2026, 12, 17)})  # noqa: DTZ001
        await stage.session.dispatch_event(calendar._i, "change", None)
        await stage.settle()

        assert stage.says("办到哪天：12月17日")
        assert stage.here.desk.form("c1").next_due == "2026-12-17"

    running(scene)


def test_a_day_that_falls_on_a_weekend_moves_to_monday() -> None:
    assert working_day("2026-11-24", 4) == "2026-11-30"
    assert working_day("2026-11-24", 5) == "2026-11-30"
    assert working_day("2026-11-24", 3) == "2026-11-27"


def test_a_visit_without_a_fix_says_why_and_is_not_held_up() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device, NoFix("denied"))
        await stage.tap("改原因")
        await stage.tap_key("no_fix:private")
        await stage.tap_key("purpose:loan")
        await stage.tap_key("outcome:done")

        await stage.tap("提交")

        contact = device.store.committed[0][0]
        assert isinstance(contact, Insert)
        assert contact.document["no_fix_reason"] == "private"
        assert contact.document["latitude"] is None

    running(scene)


def test_a_stale_fix_is_refused() -> None:
    async def scene() -> None:
        stage = await started(equipped(), Fix(32.06, 118.79, 12.4, NOW - 600_000))

        assert stage.says("位置已过时")

    running(scene)


def test_a_call_asks_for_no_location() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await opened(device, fix=HERE)
        await stage.tap("刘秀兰")
        await stage.tap("记电话")
        await stage.tap_key("purpose:relationship")
        await stage.tap_key("outcome:not_met")

        await stage.tap("提交")

        contact = device.store.committed[0][0]
        assert isinstance(contact, Insert)
        assert contact.document["channel"] == "call"
        assert contact.document["latitude"] is None
        assert contact.document["no_fix_reason"] is None

    running(scene)


def test_a_form_survives_the_death_of_the_app() -> None:
    async def scene() -> None:
        device = equipped()
        before = await started(device)
        await before.tap_key("purpose:deposit")
        await before.tap_key("step:proposal")
        await before.type("note", "女儿年底买房")

        after = await opened(device, fix=NoFix("indoors"))
        await after.tap("刘秀兰")
        await after.tap("接着写这次记录")
        await after.tap_key("outcome:interested")
        await after.tap("提交")

        contact = device.store.committed[0][0]
        assert isinstance(contact, Insert)
        assert contact.document["purpose"] == "deposit"
        assert contact.document["note"] == "女儿年底买房"
        assert contact.document["next_step"] == "送方案"
        assert contact.document["latitude"] == HERE.latitude
        assert device.store.kept == {}

    running(scene)


def test_a_refused_form_stays_and_says_why() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.tap_key("purpose:deposit")
        await stage.tap_key("outcome:done")
        device.store.refusal = refused("unfit", path="note", problem="too long")

        await stage.tap("提交")

        assert stage.all_views()[-1] == "/today/c1/log"
        assert stage.says("有一处填得不对")
        assert stage.here.desk.has_draft("c1")

    running(scene)


def test_dropping_a_form_records_nothing() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.tap_key("purpose:deposit")

        await stage.tap("不记了")

        assert device.store.committed == []
        assert device.store.kept == {}
        assert stage.all_views()[-1] == "/today/c1"

    running(scene)


def test_the_users_own_frequent_choices_come_first() -> None:
    async def scene() -> None:
        device = equipped()
        device.store.used = {"purpose": ["wealth", "card"]}
        stage = await started(device)

        assert stage.here.desk.form("c1").choices("purpose")[:3] == [
            "wealth",
            "card",
            "relationship",
        ]

    running(scene)


def test_a_purpose_brings_what_to_ask() -> None:
    async def scene() -> None:
        device = equipped()
        device.store.templates_kept = [
            VisitTemplate("v1", "u1", "deposit", "存款到期", "哪天到期\n打算怎么用")
        ]
        stage = await started(device)
        await stage.tap_key("purpose:deposit")

        assert stage.says("哪天到期")

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_record_keeps_the_next_step_in_the_users_words(language: str) -> None:
    async def scene() -> None:
        device = equipped()
        stage = await opened(device, language=language)
        stage.here.desk.start("c1", "visit")
        await stage.go("/today/c1/log")
        await stage.tap_key("purpose:deposit")
        await stage.tap_key("outcome:interested")
        await stage.tap_key("step:proposal")
        await stage.tap(stage.here.words("visit.submit"))

        contact = device.store.committed[0][0]
        assert isinstance(contact, Insert)
        assert contact.document["next_step"] == stage.here.words("step.proposal")

    running(scene)
