"""The figures of a team's customers, worked out on the device and read by a supervisor."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from mobile_app.i18n import Words
from mobile_app.store.device_store import DeviceStore
from shared.domain import Employee, Task
from shared.domain.customer_value import value_id
from shared.registry import Document
from shared.testing.around import a_risk, a_state, a_value
from tests.screens.memory import DAY_MS, ME, NOW, contact, person
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

MINUTE = 60_000
NOVEMBER, OCTOBER = NOW - 2 * DAY_MS, NOW - 32 * DAY_MS


def met(n: int, at: int = NOVEMBER, **fields: Any) -> tuple[str, Document]:
    """A visit of twenty minutes, unless said otherwise."""
    known: dict[str, Any] = {
        "id": f"i{n}", "satisfaction": None, "channel": "visit", "outcome": "done",
        "occurred_at": at, "started_at": at, "ended_at": at + 20 * MINUTE, "supersedes": None,
    }  # fmt: skip
    return "interaction", asdict(replace(contact(n), **(known | fields)))


def sold(n: int, **fields: Any) -> tuple[str, Document]:
    """A sale the day after a visit."""
    known: dict[str, Any] = {
        "id": f"s{n}", "customer_id": "c1", "employee_id": "e1", "product_id": "p1",
        "occurred_at": NOVEMBER + DAY_MS, "amount": 5_000_000, "status": "confirmed",
    }  # fmt: skip
    return "sale", known | fields


def valued(n: int, **fields: Any) -> list[tuple[str, Document]]:
    """A customer with a value."""
    id = f"v{n}"
    someone = replace(person(), id=id, name=f"客户{n}")
    return [
        ("customer", asdict(someone)),
        ("customer_value", a_value(id, **fields) | {"id": value_id(id)}),
    ]


def scene_of(
    tmp_path: Path,
    documents: list[tuple[str, Document]],
    act: Callable[[Stage, DeviceStore], Awaitable[None]],
    me: Any = BOSS,
    **how: Any,
) -> None:
    async def scene() -> None:
        tmp_path.mkdir(exist_ok=True)
        store = a_store(tmp_path, me)
        arrive(store, 2, *documents)
        stage = await opened(device_with(store), **how)
        await act(stage, store)
        store.close()

    running(scene)


def test_a_supervisor_opens_the_four_pillars_from_the_field(tmp_path: Path) -> None:
    tasks = [
        ("task", asdict(Task("t2", "c1", "visit", "再访", "2026-11-10", status="done"))),
        ("task", asdict(Task("t3", "c1", "call", "回访", "2026-11-11", status="dropped"))),
        ("task", asdict(Task("t4", "c1", "call", "回访", "2026-11-12"))),
    ]
    documents = [
        *tasks,
        met(1, satisfaction=5),
        met(2, channel="call", outcome="not_met", ended_at=NOVEMBER + 2 * MINUTE),
        met(3, channel="counter", employee_id="", satisfaction=3, started_at=None, ended_at=None),
        met(4, OCTOBER, satisfaction=4),
        ("customer_value", a_value("c1", tier="gold")),
        ("customer_state", a_state("c1", state="stable", before=None, since="2026-10-03")),
        ("customer_state", a_state("c1")),
    ]

    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.tap("经营")

        for said in (
            "50 %", "到期的 2 件办了 1 件", "拜访 1、电话 1、其他 0",
            "黄金以上客户见到 1/1（100 %）", "比上月同期：接触 +1 次·黄金以上见到 ±0 个百分点",
            "评估过的客户共 1 位", "这段时间里：有流失风险 +1 位",
            "3 分以下 1/2（50 %）", "比上月同期：低分 +50 个百分点·那时中位 4，1 次",
            "¥39.00", "22 分钟、3 次接触·平均每次 ¥13.00", "比上月同期：+¥9.00",
        ):  # fmt: skip
            assert stage.says(said), (said, stage.texts())
        await stage.tap("上月")
        assert stage.says("¥30.00")
        assert stage.says("这段时间以前没有评估过，比不了")

    scene_of(tmp_path, documents, act)


def test_each_pillar_opens_what_it_is_made_of(tmp_path: Path) -> None:
    documents = [
        met(1, satisfaction=2),
        met(3, channel="counter", employee_id="", started_at=None, ended_at=None),
        *valued(1, tier="platinum"),
        ("customer_value", a_value("c1", tier="gold")),
        ("customer_state", a_state("c1", state="stable", before=None, since="2026-10-03")),
        ("customer_state", a_state("c1")),
    ]

    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business")

        await stage.tap("过程：计划完成")
        for said in ("王敏", "0 件办了 0 件·拜访 1·电话 0·黄金以上见到 1/2", "客户1"):
            assert stage.says(said), said
        await stage.tap("返回")
        await stage.tap("状态：有流失风险的客户")
        for said in ("稳定 → 有流失风险", "1 位·+1", "0 位·-1", "刘秀兰"):
            assert stage.says(said), said
        await stage.tap("返回")
        await stage.tap("满意度：中位分")
        for said in ("2 分", "1 次·100 %", "刘秀兰", "·王敏"):
            assert stage.says(said), said
        await stage.tap("返回")
        await stage.tap("成本：服务成本")
        for said in (
            "王敏",
            "20 分钟、1 次接触",
            "¥30.00",
            "柜面、客服和其他同事",
            "¥6.00",
        ):
            assert stage.says(said), said
        await stage.go("/field/business/process")
        await stage.tap("客户1")
        assert stage.all_views()[-1].startswith("/customers/v1")

    scene_of(tmp_path, documents, act)


def test_where_nothing_is_known_that_is_said_and_no_nought_is_made_up(tmp_path: Path) -> None:
    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business")

        assert stage.says("客户状态还没有评估")
        assert stage.says("没有打分，说不了")
        for path, said in (
            ("quintiles", "有价值评估的客户 0 位，至少要 5 位。"),
            ("channels", "这段时间没有接触"),
            ("retention", "还说不了留存"),
            ("cost", "这段时间没有接触"),
        ):
            await stage.go(f"/field/business/{path}")
            assert stage.says(said), path

    scene_of(tmp_path, [], act)


def test_a_visit_during_which_the_clock_was_set_is_not_measured(tmp_path: Path) -> None:
    store, hour = a_store(tmp_path), 3_600_000
    ends = (NOW - hour, NOW + hour, NOW + 25 * hour)
    visits = (replace(contact(n), started_at=NOW, ended_at=end) for n, end in enumerate(ends))
    arrive(store, 2, *(("interaction", asdict(each)) for each in visits))

    found = store.worked(None, 0, NOW + 1)

    assert sorted((each.spent for each in found), key=str) == [hour, None, None]
    store.close()


def test_without_a_price_a_cost_is_not_known(tmp_path: Path) -> None:
    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business")

        assert stage.says("价值模型的价格还没有到")
        assert not stage.says("¥0.00")
        await stage.go("/field/business/channels")
        assert stage.says("价值模型的价格还没有到")

    scene_of(tmp_path, [met(1)], act)


def five(tmp_path: Path) -> list[tuple[str, Document]]:
    figures = ((700, 60, 40), (300, 40, 0), (200, 20, 0), (100, 10, 0), (30, 90, 20))
    return [
        each
        for n, (revenue, cost, loss) in enumerate(figures, 1)
        for each in valued(
            n,
            contribution=(revenue - cost - loss) * 100,
            revenue=revenue * 100,
            cost=cost * 100,
            loss=loss * 100,
        )
    ]


def test_fifths_stand_against_the_lines_and_leave_as_a_table(tmp_path: Path) -> None:
    saved: dict[str, str] = {}

    async def keep(name: str, content: bytes) -> bool:
        saved[name] = content.decode("utf-8-sig")
        return True

    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business/quintiles")
        stage.here.desk.business.save = keep

        for said in (
            "贡献最多的五分之一·1 位", "贡献 ¥600.00，平均 ¥600.00", "收入是花费的 7.00 倍",
            "到了 6 倍线", "¥700.00·52.6 %", "¥100.00·35.7 %", "收入是花费的 0.27 倍",
            "在参考线里：收回花费的 1/4 到 1/3", "贡献 -¥80.00，平均 -¥80.00",
        ):  # fmt: skip
            assert stage.says(said), (said, stage.texts())
        await stage.tap("导出表格")

        [(name, text)] = saved.items()
        assert stage.says(f"5 行存到了 {name}")
        head, first, *_, last = text.splitlines()
        assert head.startswith("五分之一,客户数,贡献（元）,平均贡献（元）")
        assert (
            first == "贡献最多的五分之一,1,600.00,600.00,700.00,52.6,60.00,40.00,100.00,35.7,7.00"
        )
        assert last == "贡献最少的五分之一,1,-80.00,-80.00,30.00,2.3,90.00,20.00,110.00,39.3,0.27"

    scene_of(tmp_path, five(tmp_path), act)


def test_a_customer_of_four_makes_no_fifth(tmp_path: Path) -> None:
    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business/quintiles")

        assert stage.says("有价值评估的客户 4 位，至少要 5 位。")

    scene_of(tmp_path, five(tmp_path)[:8], act)


def test_channels_stand_side_by_side_and_few_contacts_are_not_compared(tmp_path: Path) -> None:
    saved: dict[str, str] = {}

    async def keep(name: str, content: bytes) -> bool:
        saved[name] = content.decode("utf-8-sig")
        return True

    visits = [met(n, outcome="done" if n < 6 else "declined") for n in range(10)]
    calls = [met(20, NOVEMBER - DAY_MS, channel="call", ended_at=NOVEMBER - DAY_MS + 6 * MINUTE)]
    old = [met(30, NOW - 120 * DAY_MS, channel="wechat")]
    put_right = [met(40, channel="call"), met(41, supersedes="i40")]
    sales = [
        sold(1), sold(2, amount=None, qty=1), sold(3, status="cancelled"),
        sold(4, status="intent"), sold(5, occurred_at=NOW - 80 * DAY_MS),
    ]  # fmt: skip
    counter = [
        met(50 + n, channel="counter", purpose="service", started_at=None, ended_at=None,
            occurred_at=NOVEMBER - DAY_MS)
        for n in range(2)
    ]  # fmt: skip
    value = ("customer_value", a_value("c1"))
    documents = [*visits, *calls, *old, *put_right, *counter, *sales, value]

    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business/channels")
        stage.here.desk.business.save = keep

        for said in (
            "拜访·11 次接触", "有意向或办成 7 次", "63.6 %", "¥47.14",
            "220 分钟·见到 11 次·共花 ¥330.00·之后 30 天成交 2 笔 5.00 万",
            "柜面·2 次接触", "都是客户自己来办的，没有结果可比", "见到 2 次·共花 ¥12.00",
            "电话·1 次接触", "只有 1 次，不到 10 次，比不了",
            "另有 1 笔成交，前 30 天没有见到过客户，不算给任何渠道。",
        ):  # fmt: skip
            assert stage.says(said), (said, stage.texts())
        assert not stage.says("微信")
        await stage.tap("导出表格")
        [text] = saved.values()
        assert text.splitlines()[1] == "拜访,11,0,220,11,7,63.6,330.00,47.14,2,50000.00"
        await stage.tap("近 365 天")
        assert stage.says("微信·1 次接触")

    scene_of(tmp_path, documents, act)


def test_who_left_is_named_with_what_spoke_for_it(tmp_path: Path) -> None:
    since = {"since": "2026-10-03", "before": None, "state": "stable"}
    documents = [
        *valued(1, tier="gold"), *valued(2), *valued(3),
        *(("customer_state", a_state(f"v{n}", **since)) for n in (1, 2)),
        ("customer_state", a_state("v3", **(since | {"state": "lost"}))),
        ("customer_state", a_state("v1", state="lost", since="2026-11-12")),
        ("customer_state", a_state("v3", state="won_back", since="2026-11-12")),
        ("churn_risk", a_risk("v1")),
    ]  # fmt: skip

    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business")
        await stage.tap("留存")

        for said in (
            "50 %", "2 位里留下 1 位", "50 %·1/2", "0 %·0/1", "黄金客户",
            "1 位走的客户身上，最近一次评估有这些流失迹象", "资产减少", "满意度低",
            "客户1", "客户3",
        ):  # fmt: skip
            assert stage.says(said), (said, stage.texts())
        assert not stage.says("客户2")
        await stage.tap("本季")
        assert stage.says("从 10月3日 晚到 11月24日 晚")
        await stage.tap("上季")
        assert stage.says("还说不了留存")

    scene_of(tmp_path, documents, act)


def test_an_account_manager_sees_their_own_customers_only(tmp_path: Path) -> None:
    another = replace(person(), id="x1", name="别人的客户", owner_id="e2")
    documents = [
        ("customer", asdict(another)),
        met(1),
        met(2, customer_id="x1"),
        ("customer_value", a_value("c1", tier="gold")),
        ("customer_value", a_value("x1", tier="gold")),
    ]

    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/performance")
        await stage.tap("我的客户经营情况")

        assert stage.says("拜访 1、电话 0、其他 0")
        assert stage.says("黄金以上客户见到 1/1（100 %）")
        assert stage.says("你名下客户的数")

    scene_of(tmp_path, documents, act, ME)


@pytest.mark.parametrize("width", [390, 1280])
def test_one_goes_back_step_by_step(tmp_path: Path, width: int) -> None:
    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.tap("经营")
        await stage.tap("渠道效率")
        assert stage.page.route == "/field/business/channels"

        await stage.tap("返回")
        assert stage.page.route == "/field/business"
        await stage.tap("返回")

        assert stage.page.route == "/field"

    scene_of(tmp_path, [met(1)], act, width=width)


def test_a_gold_customer_whom_a_colleague_met_was_met_by_the_bank(tmp_path: Path) -> None:
    colleague = Employee("e2", "AM002", "李强", "account_manager", "u1")
    documents = [
        ("employee", asdict(colleague)),
        ("customer_value", a_value("c1", tier="gold")),
        met(1, employee_id="e2"),
    ]

    async def team(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business")
        assert stage.says("黄金以上客户见到 1/1（100 %）")
        await stage.go("/field/business/process")
        assert stage.says("拜访 0·电话 0·黄金以上见到 1/1")

    async def own(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/me/business")
        assert stage.says("拜访 0、电话 0、其他 0")
        assert stage.says("黄金以上客户见到 1/1（100 %）")
        await stage.go("/me/business/process")
        assert not stage.says("刘秀兰")
        await stage.go("/me/business/cost")
        assert stage.says("柜面、客服和其他同事")
        assert not stage.says("不是客户经理")

    scene_of(tmp_path / "team", documents, team)
    scene_of(tmp_path / "own", documents, own, ME)


def test_a_month_whose_cost_nobody_knows_is_not_compared_with(tmp_path: Path) -> None:
    letter = met(2, OCTOBER, channel="mail", started_at=None, ended_at=None)
    documents = [met(1), letter, ("customer_value", a_value("c1"))]

    async def act(stage: Stage, _store: DeviceStore) -> None:
        await stage.go("/field/business")

        assert stage.says("¥30.00")
        assert not stage.says("+¥30.00")
        await stage.tap("上月")
        assert stage.says("价值模型的价格还没有到")

    scene_of(tmp_path, documents, act)


def test_what_was_saved_of_one_table_is_not_said_under_another(tmp_path: Path) -> None:
    async def keep(_name: str, _content: bytes) -> bool:
        return True

    async def act(stage: Stage, _store: DeviceStore) -> None:
        stage.here.desk.business.save = keep
        await stage.go("/field/business/quintiles")
        await stage.tap("导出表格")
        assert stage.says("5 行存到了")

        await stage.go("/field/business/channels")

        assert not stage.says("行存到了")

    scene_of(tmp_path, [*five(tmp_path), met(1)], act)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("business.done", {"visits": 1, "calls": 1, "others": 1}),
        ("business.of", {"n": 1}),
        ("channels.thin", {"n": 1, "least": 10}),
        ("churn.products_closed", {"n": 1}),
        ("retention.reasons", {"n": 1}),
        ("retention.no_reasons", {"n": 1}),
        ("field.visits", {"n": 1}),
        ("field.calls", {"n": 1}),
        ("line.minutes", {"of": "Visit", "base": 1, "rate": "¥1.50"}),
        ("line.contacts", {"of": "Counter", "base": 1, "rate": "¥6.00"}),
    ],
)
def test_one_is_told_as_one_in_english(key: str, said: dict[str, Any]) -> None:
    text = Words("en", lambda: NOW)(key, **said)

    assert not re.search(
        r"\b(these 1|1 \w*(visits|calls|contacts|minutes|accounts|customers))\b", text
    )
    assert "1 assessed customers" not in text
