"""What a customer allows: shown with its age, recorded in at most three taps, by them too."""

from pathlib import Path

import pytest

from mobile_app.store.device_store import DeviceStore
from shared.domain import Consent
from shared.domain.consent import ConsentAnswer, ConsentPurpose
from shared.sync.change import Insert
from shared.testing.around import a_consent, an_alert
from tests.screens.memory import NOW
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

HOUR = 3_600_000


def says(store: DeviceStore, purpose: ConsentPurpose, answer: ConsentAnswer, at: int = NOW) -> None:
    """The customer says a word, and the device has not sent it yet."""
    word = Consent(store.new_id(), "c1", "e1", purpose, answer, "spoken", at)
    store.commit(Insert.of("consent", word))


async def customer(store: DeviceStore, **how: str) -> Stage:
    stage = await opened(device_with(store), **how)  # type: ignore[arg-type]
    await stage.go("/customers/c1")
    return stage


def test_who_was_never_asked_has_not_allowed_anything(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)

        stage = await customer(store)

        for said in ("授权", "个性化推荐", "营销联系", "信息共享", "没说过，不算同意"):
            assert stage.says(said), said
        store.close()

    running(scene)


def test_the_latest_word_stands_with_how_and_when_it_was_said(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        before = a_consent("c1", "e1", id="w1", answer="given", occurred_at=NOW - 9 * HOUR)
        after = a_consent("c1", "e1", id="w2", said="online", occurred_at=NOW - 2 * HOUR)
        arrive(store, 2, ("consent", after), ("consent", before))

        stage = await customer(store)

        assert stage.says("不同意·线上·2 小时前")
        assert store.refusing(["c1", "c2"]) == {"c1"}
        store.close()

    running(scene)


def test_two_taps_keep_what_was_said_aloud(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await customer(store)

        await stage.tap("个性化推荐：不同意")
        assert stage.says("没处理的营销预警会撤回")
        await stage.tap("口头说的")

        [made] = steps(store)
        assert (made["doc"]["purpose"], made["doc"]["answer"], made["doc"]["said"]) == (
            "personalisation",
            "refused",
            "spoken",
        )
        assert stage.says("不同意·口头·刚刚")
        assert store.refusing(["c1"]) == {"c1"}
        store.close()

    running(scene)


def test_three_taps_and_a_stroke_keep_what_was_signed_with_its_signature(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await customer(store)

        await stage.tap("信息共享：同意")
        await stage.tap("签字")
        await stage.stroke((10, 10), (60, 40))
        await stage.tap(stage.here.words("signature.done"))

        word, signature = steps(store)
        assert (word["entity"], signature["entity"]) == ("consent", "attachment")
        assert word["doc"]["said"] == "signed"
        assert word["doc"]["evidence"] == signature["doc"]["id"]
        assert stage.says("同意·签字·刚刚")
        store.close()

    running(scene)


@pytest.mark.parametrize("purpose", ["personalisation", "marketing_contact"])
def test_a_refusal_takes_marketing_alerts_off_the_day_before_it_is_sent(
    tmp_path: Path, purpose: ConsentPurpose
) -> None:
    store = a_store(tmp_path)
    sells = an_alert("c1", id="a1", kind="maturity", day="2026-12-04", direction=None)
    protects, hers = an_alert("c1", id="a2"), an_alert("c2", id="a3", kind="birthday")
    arrive(store, 2, ("alert", sells), ("alert", protects), ("alert", hers))
    assert (len(store.own_alerts(9)), store.alerts_waiting()) == (3, 3)

    says(store, purpose, "refused")

    assert {item.alert.id for item in store.own_alerts(9)} == {"a2", "a3"}
    assert store.alerts_waiting() == 2
    states = {item.alert.id: item.alert.status for item in store.alerts_of("c1")}
    assert states == {"a1": "withdrawn", "a2": "open"}
    store.close()


def test_who_allows_it_again_before_it_is_sent_has_their_alert_back(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    arrive(store, 2, ("alert", an_alert("c1", id="a1", kind="birthday")))

    says(store, "personalisation", "refused")
    says(store, "personalisation", "given", NOW + 1)

    assert [item.alert.status for item in store.own_alerts(9)] == ["open"]
    store.close()


def test_what_was_handled_before_the_refusal_stays_handled(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    arrive(
        store,
        2,
        ("alert", an_alert("c1", id="a1", kind="birthday", status="handled")),
        ("consent", a_consent("c1", "e1")),
    )

    item = store.alert("a1")
    assert item is not None
    assert item.alert.status == "handled"
    store.close()


def test_the_customer_says_it_on_the_screen_that_is_turned_to_them(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await customer(store)
        await stage.tap(stage.here.words("facing.enter"))
        assert stage.says("您的授权")

        await stage.tap("打电话、发消息介绍产品：不同意")
        assert stage.says("我们不再为推销打扰您")
        await stage.tap("不签字，口头确认")

        [made] = steps(store)
        assert (made["doc"]["purpose"], made["doc"]["answer"]) == ("marketing_contact", "refused")
        assert stage.here.gate.phase == "facing"
        store.close()

    running(scene)


def test_whoever_does_not_record_field_work_only_reads(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)

        stage = await customer(store)

        assert stage.says("没说过，不算同意")
        assert not stage.says("个性化推荐：同意")
        store.close()

    running(scene)
