"""What a manager puts right at a customer: guarded fields, interests, and one's own contacts."""

from dataclasses import asdict, replace
from typing import get_args

import pytest

from mobile_app.state.inbox import ASKABLE
from mobile_app.store.records import LateWork, RecordState, TimelineItem
from shared.domain import Customer, Employee
from shared.domain.change_request import RequestField
from shared.sync.change import Add, Insert, Remove
from tests.screens.cases import a_request, an_op
from tests.screens.memory import (
    LONG_COMPANY,
    NOW,
    MemoryDevice,
    MemoryStore,
    company,
    contact,
    person,
)
from tests.screens.stage import Stage, opened, running

SUPERVISOR = Employee("e9", "SV001", "周建国", "supervisor", "u1")


def holding(customer: Customer, device: MemoryDevice | None = None) -> MemoryDevice:
    """A device that holds one customer."""
    device = device or MemoryDevice()
    device.store.people = [customer]
    device.store.documents["customer", customer.id] = asdict(customer)
    return device


async def at_customer(device: MemoryDevice, width: int = 390, language: str = "zh") -> Stage:
    """The customer's page."""
    stage = await opened(device, width, language=language)
    await stage.go(f"/customers/{device.store.people[0].id}")
    return stage


# Asking for a change of a guarded field


def test_every_field_that_may_be_asked_for_can_be_asked_for() -> None:
    offered = {field for fields in ASKABLE.values() for field in fields}

    assert offered == set(get_args(RequestField))


def test_a_new_birth_date_is_asked_for_with_proof() -> None:
    async def scene() -> None:
        device = holding(person())
        stage = await at_customer(device)
        await stage.tap("申请改资料")
        await stage.tap("出生日期")
        assert stage.says("现在是：空")
        await stage.type("birth_date:ask:c1", "1952年3月12日")
        assert stage.find("提交申请", "click").disabled
        await stage.tap("身份证原件已核对")

        await stage.tap("提交申请")

        assert device.store.decided == [
            ("request change", "c1", "birth_date", None, "1952-03-12", "身份证原件已核对")
        ]
        assert device.runner.woken == 1
        assert not stage.says("改哪一项")

    running(scene)


def test_a_risk_grade_is_chosen_and_not_typed() -> None:
    async def scene() -> None:
        device = holding(person())
        stage = await at_customer(device)
        await stage.tap("申请改资料")
        await stage.tap("风险等级")
        await stage.tap("R2 稳健型")
        await stage.tap("风险测评问卷已签")

        await stage.tap("提交申请")

        [(_, _, field, old, new, _)] = device.store.decided
        assert (field, old, new) == ("risk_grade", None, "R2")

    running(scene)


def test_a_company_has_a_legal_representative_and_no_birth_date() -> None:
    async def scene() -> None:
        stage = await at_customer(holding(company()))
        await stage.tap("申请改资料")

        assert stage.says("法定代表人")
        assert stage.says("名称")
        assert not stage.says("出生日期")
        assert not stage.says("性别")

    running(scene)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("姓名", "", "还没有填"),
        ("姓名", "刘秀兰", "和现在的一样"),
        ("姓名", "兰" * 200, "这个值用不了"),
        ("出生日期", "昨天", "日期没认出来"),
        ("出生日期", "2099-01-01", "日期在今天之后"),
    ],
)
def test_a_value_that_is_none_to_ask_for_is_said_and_kept(
    field: str, typed: str, said: str
) -> None:
    async def scene() -> None:
        device = holding(person())
        stage = await at_customer(device)
        await stage.tap("申请改资料")
        await stage.tap(field)
        key = {"姓名": "name", "出生日期": "birth_date"}[field]
        await stage.type(f"{key}:ask:c1", typed)
        await stage.tap("身份证原件已核对")

        await stage.tap("提交申请")

        assert stage.says(said)
        assert device.store.decided == []

    running(scene)


def test_a_field_whose_request_waits_is_not_asked_for_twice() -> None:
    async def scene() -> None:
        device = holding(person())
        device.store.request_cards = [a_request(own=True)]
        stage = await at_customer(device)
        await stage.tap("申请改资料")

        await stage.tap("姓名")

        assert stage.says("这一项已有一条申请在等批准")
        assert not stage.says("提交申请")

    running(scene)


def test_ones_own_request_is_seen_and_taken_back() -> None:
    async def scene() -> None:
        device = holding(person())
        device.store.request_cards = [a_request(own=True, state=RecordState.LOCAL)]
        stage = await at_customer(device)
        assert stage.says("等主管批准，批准前档案里的值不变。")
        assert stage.says("本机")

        await stage.tap("撤回")

        assert device.store.decided == [("request", "q1", "withdrawn", None)]

    running(scene)


@pytest.mark.parametrize("place", ["/customers/c1", "/me/sync"])
def test_what_became_of_a_request_is_said_with_the_answer(place: str) -> None:
    async def scene() -> None:
        device = holding(person())
        card = a_request(own=True)
        declined = replace(card.request, status="declined", answer="与证件不一致")
        device.store.answered_cards = [replace(card, request=declined)]
        stage = await opened(device)
        await stage.go(place)

        assert stage.says("未批准")
        assert stage.says("刘秀兰 → 刘秀蓝·答复：与证件不一致")

    running(scene)


def test_a_supervisor_asks_for_nothing_at_a_customer() -> None:
    async def scene() -> None:
        stage = await at_customer(holding(person(), MemoryDevice(MemoryStore(SUPERVISOR))))

        assert not stage.says("申请改资料")

    running(scene)


# Interests


def test_an_interest_is_added_and_removed_with_one_tap() -> None:
    async def scene() -> None:
        device = holding(replace(person(), interests="书法\n子女留学"))
        stage = await at_customer(device)

        await stage.tap("高尔夫")
        await stage.tap("书法")

        assert device.store.committed == [
            (Add("customer", "c1", "interests", "高尔夫"),),
            (Remove("customer", "c1", "interests", "书法"),),
        ]
        assert device.runner.woken == 2

    running(scene)


def test_an_interest_is_added_in_ones_own_word_and_never_twice() -> None:
    async def scene() -> None:
        device = holding(replace(person(), interests="京剧"))
        stage = await at_customer(device)
        await stage.tap("别的…")
        for text in ("  ", "京剧", " 太极 拳\n"):
            await stage.type("interest", text)
            await stage.tap("加上")

        assert device.store.committed == [(Add("customer", "c1", "interests", "太极 拳"),)]

    running(scene)


def test_a_company_is_not_asked_what_it_likes() -> None:
    async def scene() -> None:
        stage = await opened(holding(company()))
        await stage.go("/customers/c2")

        assert stage.says("是谁")
        assert not stage.says("兴趣")

    running(scene)


def test_a_supervisor_reads_the_interests_and_changes_none() -> None:
    async def scene() -> None:
        device = holding(replace(person(), interests="书法"), MemoryDevice(MemoryStore(SUPERVISOR)))
        stage = await at_customer(device)

        assert stage.says("书法")
        assert not stage.says("高尔夫")
        with pytest.raises(AssertionError):
            await stage.tap("书法")

    running(scene)


# One's own contacts, corrected; and two that look the same


def with_contacts(*items: TimelineItem) -> MemoryDevice:
    """A device whose customer has these contacts."""
    device = holding(person())
    device.store.contacts["c1"] = list(items)
    for item in items:
        one = item.interaction
        device.store.documents["interaction", one.id] = asdict(one)
    return device


def line(number: int = 1, **changes: object) -> TimelineItem:
    """One contact of one's own."""
    item = TimelineItem(contact(number), "王敏", RecordState.IN_RECORD, ())
    return replace(item, **changes)  # type: ignore[arg-type]


def test_ones_own_contact_is_corrected_from_the_timeline() -> None:
    async def scene() -> None:
        device = with_contacts(line())
        stage = await at_customer(device)
        await stage.tap("更正：拜访·存款·有意向")
        assert stage.all_views()[-1] == "/customers/c1/i1"
        await stage.tap_key("outcome:done")

        await stage.tap("保存更正")

        [(made,)] = device.store.committed
        assert isinstance(made, Insert)
        assert (made.document["supersedes"], made.document["outcome"]) == ("i1", "done")
        assert made.document["occurred_at"] == contact().occurred_at
        assert stage.all_views() == ["/customers", "/customers/c1"]

    running(scene)


def test_a_colleagues_contact_and_a_refused_one_are_not_corrected_here() -> None:
    async def scene() -> None:
        device = with_contacts(
            line(interaction=contact(1, employee_id="e2"), by_name="李强"),
            line(2, state=RecordState.ISSUE),
        )
        stage = await at_customer(device)

        assert stage.says("李强")
        assert not any(text.startswith("更正") for text in stage.texts())

    running(scene)


def test_a_correction_says_what_was_said_before() -> None:
    async def scene() -> None:
        former = contact(1, outcome="declined", note="说不要")
        item = line(interaction=contact(2, supersedes="i1"), formers=(former,))
        stage = await at_customer(with_contacts(item))

        assert stage.says("更正过，原来记的：拜访·存款·已婉拒")
        assert stage.says("说不要")

    running(scene)


def test_two_that_look_the_same_are_shown_as_such_until_both_are_said_to_be_right() -> None:
    async def scene() -> None:
        twin = contact(2, employee_id="e2")
        device = with_contacts(line(twin=twin, twin_by="李强"), line(2, interaction=twin))
        stage = await at_customer(device)
        when = stage.here.words.moment(twin.occurred_at)
        assert stage.says(f"和{when} 李强记的那条几乎一样。两条都在，没有合并。")

        await stage.tap("两条都对")

        assert not stage.says("几乎一样")
        again = await at_customer(device)
        assert not again.says("几乎一样")

    running(scene)


def test_ones_own_of_two_is_corrected_and_a_colleagues_is_not() -> None:
    async def scene() -> None:
        twin = contact(2)
        device = with_contacts(line(twin=twin, twin_by="王敏"), line(2))
        stage = await at_customer(device)
        assert stage.says("自己记的那条几乎一样")
        await stage.tap("更正这条")
        assert stage.all_views()[-1] == "/customers/c1/i1"

        device.store.contacts["c1"][0] = line(
            interaction=contact(1, employee_id="e2"), twin=twin, twin_by="王敏"
        )
        other = await at_customer(device)

        assert other.says("两条都对")
        assert not other.says("更正这条")

    running(scene)


def test_a_supervisor_sees_that_two_look_the_same_and_is_asked_nothing() -> None:
    async def scene() -> None:
        device = holding(person(), MemoryDevice(MemoryStore(SUPERVISOR)))
        device.store.contacts["c1"] = [line(twin=contact(2), twin_by="王敏")]
        stage = await at_customer(device)

        assert stage.says("王敏记的那条几乎一样")
        assert not stage.says("两条都对")

    running(scene)


# What was delivered after a hand-over


def test_a_record_from_before_the_hand_over_says_that_it_was_accepted() -> None:
    async def scene() -> None:
        device = holding(person(name=LONG_COMPANY))
        visit = an_op(1, "insert", "interaction", "i1", doc=asdict(contact()))
        device.store.late_items = [LateWork(visit, NOW, RecordState.IN_RECORD)]
        stage = await opened(device)
        await stage.go("/me/sync")

        assert stage.says("拜访·存款·有意向")
        assert stage.says("这条是移交前记的，已照收，由接手的同事跟进")

    running(scene)
