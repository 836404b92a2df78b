"""What supervisors and product managers decide about commission, over the real encrypted store."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import flet as ft
import pytest
from pydantic_core import from_json, to_json

from mobile_app.store.device_store import DeviceStore
from shared.domain import Dispute, Employee, PayPeriod, SaleShare, Statement
from shared.domain.dispute import due_on
from shared.domain.pay_period import period_id
from shared.domain.statement import statement_id
from shared.registry import Document
from shared.testing.selling import a_commission_rule, a_product, terms
from tests.screens.memory import NOW
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

OTHER = Employee("e2", "AM002", "李强", "account_manager", "u1")
SECOND = Employee("e8", "SV002", "梁静宜", "supervisor", "u1")
PLANNER = Employee("e7", "PM001", "何清", "product_manager", "u1")
CARD = a_product(id="p1")
LOAN = a_product("LOAN-SME", id="p2", name="小微贷", line="loan", measure="amount", unit="元")
MONTH = "2026-10"
WIDTHS = (390, 700, 1280)


def in_force(**fields: Any) -> Document:
    return a_commission_rule("e7", "u1", id="r1", status="approved", **fields)


def a_draft(maker: str = "e8", **changed: Any) -> Document:
    text = terms("card", 2, **{"unit_price": "45.00", "from": "2026-12-01", **changed})
    return a_commission_rule(maker, "u1", "card", 2, id="r2", terms=text, reason="成本下调")


def a_share(number: int, employee: str = "e1", **fields: Any) -> Document:
    known: dict[str, Any] = {
        "id": f"x{number}",
        "employee_id": employee,
        "sale_id": f"s{number}",
        "seller_id": employee,
        "customer_label": "刘*兰",
        "product_id": "p1",
        "product_code": "CARD",
        "occurred_at": NOW,
        "shares": to_json([[employee, 10_000]]).decode(),
        "sale_status": "confirmed",
        "qty": 1,
        "events": '{"ACTIVATED":"2026-10-09"}',
        "status": "own",
    }
    return asdict(SaleShare(**{**known, **fields}))


def contested() -> list[tuple[str, Document]]:
    said: dict[str, Any] = {
        "external_ref": "C-1", "status": "contested", "stands": False, "due_on": "2026-11-20",
    }  # fmt: skip
    return [("sale_share", a_share(1, **said)), ("sale_share", a_share(2, "e2", **said))]


def a_month(status: str = "open", **fields: Any) -> Document:
    month = PayPeriod(period_id(MONTH), MONTH, "u0", status, **fields)  # type: ignore[arg-type]
    return asdict(month)


def a_statement(employee: str, payable: int) -> Document:
    return asdict(
        Statement(
            statement_id(employee, MONTH), employee, MONTH, "open", 0, payable, 0, 0, 0, 0, 0, 0,
            payable, 0, False, 3, "d", NOW,
        )
    )  # fmt: skip


def a_dispute(employee: str = "e1") -> Document:
    return asdict(
        Dispute("b1", employee, MONTH, "EARN", 6_000, "应该是两张", NOW, due_on(NOW), sale_id="s1")
    )


def a_bank(folder: Path, me: Employee, *more: tuple[str, Document]) -> DeviceStore:
    store = a_store(folder, me)
    people = [("employee", asdict(each)) for each in (OTHER, SECOND, PLANNER)]
    arrive(store, 2, *people, ("product", CARD), ("commission_rule", in_force()), *more)
    return store


def steps(store: DeviceStore) -> Iterable[tuple[str, dict[str, Any]]]:
    """What waits to be sent as steps: the entity and what is said."""
    for txn in store.pending(10):
        for op in txn["ops"]:
            yield op["entity"], op.get("set") or op["doc"]


def checked_by(who: str) -> dict[str, Any]:
    """What a step says of who judges."""
    return {"checker_id": [None, who], "checked_at": [None, NOW]}


async def at(store: DeviceStore, place: str, width: int = 1280, language: str = "zh") -> Stage:
    stage = await opened(device_with(store), width, language=language)
    await stage.go(place)
    return stage


# Rules


def test_a_draft_says_what_it_changes_and_another_supervisor_approves_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS, ("commission_rule", a_draft()))
        stage = await at(store, "/commission/rule.r2")
        assert stage.says("每件 ¥60.00 → 每件 ¥45.00")
        assert stage.says("梁静宜起草")

        await stage.tap("批准")

        said = {"status": ["draft", "approved"], **checked_by("e9")}
        assert list(steps(store)) == [("commission_rule", said)]
        assert stage.says("周建国批准")
        store.close()

    running(scene)


def test_a_supervisor_who_drafted_it_is_told_why_another_approves(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS, ("commission_rule", a_draft("e9")))
        stage = await at(store, "/commission/rule.r2")
        assert stage.says("另一位主管批准")

        await stage.tap("批准")

        assert list(steps(store)) == []
        store.close()

    running(scene)


def test_a_draft_is_declined_with_an_answer(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS, ("commission_rule", a_draft()))
        stage = await at(store, "/commission/rule.r2")
        await stage.tap("不批准")
        await stage.tap("价格需再议")

        await stage.tap("不批准")

        said = {"status": ["draft", "declined"], "answer": [None, "价格需再议"], **checked_by("e9")}
        assert list(steps(store)) == [("commission_rule", said)]
        store.close()

    running(scene)


def test_a_product_manager_drafts_a_version_and_approves_none(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, PLANNER, ("commission_rule", a_draft()))
        stage = await at(store, "/commission/rule.r2", 390)
        assert "批准" not in stage.texts()
        assert stage.says("fieldbook commission simulate")
        await stage.go("/commission/draft.r1")
        await stage.type("unit_price:r1", "55")
        await stage.type("from:r1", "2027-01-01")
        await stage.type("reason:r1", "新年价格")

        await stage.tap("提交审批")

        [(entity, made)] = steps(store)
        written = from_json(str(made["terms"]))
        assert (entity, made["number"], made["employee_id"]) == ("commission_rule", 3, "e7")
        assert (written["unit_price"], written["from"]) == ("55.00", "2027-01-01")
        assert stage.says("云汀信用卡 第 3 版")
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("unit_price", "六十", "单价没认出来"),
        ("unit_price", "60.005", "单价没认出来"),
        ("from", "明年", "生效日没认出来"),
        ("deferral.rate", "140", "递延要写"),
        ("reason", "", "为什么改"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_kept(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS)
        stage = await at(store, "/commission/draft.r1")
        await stage.type("reason:r1", "试一试")
        await stage.type("deferral.years:r1", "3" if name == "deferral.rate" else "")
        await stage.type(f"{name}:r1", text)

        await stage.tap("提交审批")

        assert stage.says(said)
        assert list(steps(store)) == []
        store.close()

    running(scene)


def test_a_version_that_two_rules_would_see_is_not_submitted(tmp_path: Path) -> None:
    async def scene() -> None:
        text = terms("card-b", 1, **{"from": "2025-01-01", "to": "2026-01-01"})
        second = a_commission_rule("e7", "u1", "card-b", 1, id="r5", status="approved", terms=text)
        store = a_bank(tmp_path, BOSS, ("commission_rule", second))
        stage = await at(store, "/commission/draft.r5")
        await stage.type("reason:r5", "试一试")
        await stage.type("from:r5", "2026-12-01")

        await stage.tap("提交审批")

        assert stage.says("同时有两条规则（card、card-b）")
        assert list(steps(store)) == []
        store.close()

    running(scene)


async def drafting_a_rule_of(store: DeviceStore, product: str) -> Stage:
    """The form of a product's first rule, with what every rule needs."""
    stage = await at(store, "/commission")
    await stage.tap("小微贷")
    await stage.type(f"from:{product}", "2026-12-01")
    await stage.type(f"reason:{product}", "新产品上线")
    return stage


def test_a_product_without_a_rule_gets_its_first_one(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS, ("product", LOAN))
        stage = await drafting_a_rule_of(store, "p2")
        await stage.tap("分段累进")
        await stage.tap("放款")
        for name, text in (("tiers.0.0", "10000"), ("tiers.0.1", "5"), ("tiers.1.1", "8")):
            await stage.type(f"{name}:p2", text)

        await stage.tap("提交审批")

        [(entity, made)] = steps(store)
        written = from_json(str(made["terms"]))
        assert (entity, made["rule"], made["number"]) == ("commission_rule", "loan-sme", 1)
        assert made["org_unit_id"] == "u1"
        assert (written["kind"], written["metric"]) == ("TIER_MARGINAL", "AMOUNT")
        assert written["recognise_on"] == "DISBURSED"
        assert written["tiers"] == [["0.00", "10000.00", "0.05"], ["10000.00", None, "0.08"]]
        assert stage.says("小微贷 第 1 版")
        store.close()

    running(scene)


def test_what_is_sold_in_pieces_is_paid_by_the_piece_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS)
        stage = await at(store, "/commission/draft.r1")

        assert stage.here.desk.plans.draft(stage.here.desk.plans.rules()[0]).text("from") == (
            "2026-12-01"
        )
        assert stage.says("按件")
        assert not stage.says("按金额比例")
        store.close()

    running(scene)


def test_a_rule_may_pay_another_way(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS, ("product", LOAN))
        stage = await drafting_a_rule_of(store, "p2")
        await stage.tap("每万元")
        await stage.tap("不计")
        await stage.type("unit_price:p2", "8")

        await stage.tap("提交审批")

        [(_, made)] = steps(store)
        written = from_json(str(made["terms"]))
        assert (written["kind"], written["unit_price"]) == ("PER_10K", "8.00")
        assert (written["whole_units"], written["rate"]) == (True, None)
        store.close()

    running(scene)


def test_a_rule_that_ends_without_another_is_refused_in_words(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS)
        stage = await at(store, "/commission/draft.r1")
        await stage.type("from:r1", "2026-12-01")
        await stage.type("to:r1", "2026-12-31")
        await stage.type("reason:r1", "只做一个月")

        await stage.tap("提交审批")

        assert stage.says("从 2027年1月1日 起没有规则")
        await stage.type("to:r1", "2026-11-30")
        await stage.tap("提交审批")
        assert stage.says("早于生效日")
        assert list(steps(store)) == []
        store.close()

    running(scene)


# A trial


def test_a_trial_says_who_gains_and_who_loses(tmp_path: Path) -> None:
    async def scene() -> None:
        sold = [
            ("sale_share", a_share(1, qty=7)),
            ("sale_share", a_share(2, "e2", qty=2)),
            ("sale_share", a_share(3, "e2", qty=None)),
        ]
        store = a_bank(tmp_path, BOSS, ("commission_rule", a_draft()), *sold[:2])
        stage = await at(store, "/commission/trial.r2")

        await stage.tap("开始试算")

        assert stage.says("-¥135.00")
        assert stage.says("¥540.00 → ¥405.00")
        assert stage.says("¥420.00 → ¥315.00")
        assert stage.says("0 人增、2 人减、0 人不变")
        store.close()

    running(scene)


def test_a_trial_lets_everything_else_have_its_turn(tmp_path: Path) -> None:
    async def scene() -> None:
        shares = [("sale_share", a_share(n, f"z{n}")) for n in range(30)]
        store = a_bank(tmp_path, BOSS, ("commission_rule", a_draft()), *shares)
        stage = await at(store, "/commission/trial.r2")
        item = stage.here.desk.plans.rule("r2")
        assert item is not None
        trial = stage.here.desk.plans.trial(item)
        assert trial is not None
        seen = []

        task = asyncio.ensure_future(trial.run())
        while not task.done():
            await asyncio.sleep(0)
            seen.append(trial.done)

        assert len(set(seen)) == 30
        store.close()

    running(scene)


# Who sold what


def test_a_contested_sale_is_decided_with_shares_and_a_reason(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS, *contested())
        stage = await at(store, "/commission/sale.x1")
        assert stage.says("王敏报的")
        assert stage.says("李强报的")
        assert stage.says("已逾期")
        await stage.type("part:e1:x1", "60")
        assert stage.says("还剩 40 %")
        await stage.type("part:e2:x1", "40")
        assert stage.says("正好 100 %")
        await stage.tap("裁定")
        await stage.tap("共同完成")

        await stage.tap("确认裁定")

        said = {
            "status": ["contested", "decided"],
            "decided": [None, '[["e1",6000],["e2",4000]]'],
            "reason": [None, "共同完成"],
        }
        assert list(steps(store)) == [("sale_share", said)]
        store.close()

    running(scene)


def test_a_sale_of_three_is_split_to_the_last_hundredth(tmp_path: Path) -> None:
    async def scene() -> None:
        three = to_json([["e1", 5_000], ["e2", 3_000], ["e5", 2_000]]).decode()
        fields: dict[str, Any] = {"shares": three, "status": "disputed", "reason": "不对"}
        store = a_bank(tmp_path, BOSS, ("sale_share", a_share(1, **fields)))
        stage = await at(store, "/commission/sale.x1", 390)

        await stage.tap("平分")

        assert stage.says("正好 100 %")
        store.close()

    running(scene)


def test_a_supervisor_does_not_decide_what_is_their_own(tmp_path: Path) -> None:
    async def scene() -> None:
        said: dict[str, Any] = {"external_ref": "C-1", "status": "contested", "stands": False}
        rows = [("sale_share", a_share(1, **said)), ("sale_share", a_share(2, "e9", **said))]
        store = a_bank(tmp_path, BOSS, *rows)
        stage = await at(store, "/commission/sale.x1")

        assert stage.says("由另一位主管裁定")
        assert "裁定" not in [text for text in stage.texts() if text == "裁定"]
        store.close()

    running(scene)


def test_an_offer_is_decided_only_once_its_term_has_run_out(tmp_path: Path) -> None:
    async def scene() -> None:
        offers = [
            ("sale_share", a_share(n, "e2", seller_id="e1", status="offered", due_on=day))
            for n, day in ((1, "2026-11-20"), (2, "2026-11-30"))
        ]
        store = a_bank(tmp_path, BOSS, *offers)
        stage = await at(store, "/commission")

        assert [each.id for each in stage.here.desk.plans.contests()] == ["x1"]
        store.close()

    running(scene)


# Disputes


def test_a_dispute_shows_its_trace_and_is_answered(tmp_path: Path) -> None:
    async def scene() -> None:
        rows = [
            ("sale_share", a_share(1)), ("dispute", a_dispute()), ("pay_period", a_month()),
            ("statement", a_statement("e1", 6_000)),
        ]  # fmt: skip
        store = a_bank(tmp_path, BOSS, *rows)
        stage = await at(store, "/commission/dispute.b1")
        assert stage.says("应该是两张")
        assert stage.says("1 张 x 60.00 = 60.00")
        assert stage.says("用第 1 版规则")
        await stage.tap("不认可")
        await stage.tap("按规则计算无误")

        await stage.tap("不认可")

        said = {"status": ["open", "declined"], "answer": [None, "按规则计算无误"]}
        assert list(steps(store)) == [("dispute", said)]
        store.close()

    running(scene)


# Months


def test_one_supervisor_puts_a_month_under_review(tmp_path: Path) -> None:
    async def scene() -> None:
        rows = [("pay_period", a_month()), ("statement", a_statement("e1", 42_000))]
        store = a_bank(tmp_path, BOSS, *rows, *contested())
        stage = await at(store, f"/commission/month.{MONTH}")
        assert stage.says("¥420.00")
        assert stage.says("待裁定的销售")

        await stage.tap("提交复核")

        said = {"status": ["open", "review"], "employee_id": [None, "e9"]}
        assert list(steps(store)) == [("pay_period", said)]
        assert stage.says("另一位主管关账")
        store.close()

    running(scene)


def test_a_month_tells_what_is_overdue_from_what_is_still_running(tmp_path: Path) -> None:
    async def scene() -> None:
        later = a_share(4, "e2", status="contested", occurred_at=NOW + 40 * 86_400_000)
        offers = [
            ("sale_share", a_share(n, "e2", seller_id="e1", status="offered", due_on=day))
            for n, day in ((1, "2026-11-20"), (2, "2026-11-30"), (3, "2026-12-01"))
        ]
        month = asdict(PayPeriod(period_id("2026-11"), "2026-11", "u0"))
        rows = [*offers, ("sale_share", later), ("pay_period", month)]
        store = a_bank(tmp_path, BOSS, *rows)
        stage = await at(store, "/commission/month.2026-11")
        sheet = stage.here.desk.plans.month("2026-11")
        assert sheet is not None

        counts = stage.here.desk.plans.to_look_at(sheet)

        assert (counts["to_decide"], counts["offered"]) == (1, 2)
        assert stage.says("答复已逾期")
        assert stage.says("还在答复期内，不挡关账")
        store.close()

    running(scene)


def test_whoever_put_a_month_under_review_does_not_close_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS, ("pay_period", a_month("review", employee_id="e9")))
        stage = await at(store, f"/commission/month.{MONTH}")

        await stage.tap("关账")

        assert list(steps(store)) == []
        assert stage.says("另一位主管")
        store.close()

    running(scene)


def test_another_supervisor_closes_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, BOSS, ("pay_period", a_month("review", employee_id="e8")))
        stage = await at(store, f"/commission/month.{MONTH}")

        await stage.tap("关账")

        said = {"status": ["review", "closing"], "checker_id": [None, "e9"]}
        assert list(steps(store)) == [("pay_period", said)]
        assert stage.says("服务器正在入账")
        store.close()

    running(scene)


def test_the_teams_statements_are_saved_as_a_table(tmp_path: Path) -> None:
    async def scene() -> None:
        rows = [
            ("pay_period", a_month()), ("statement", a_statement("e1", 42_000)),
            ("statement", a_statement("e2", 12_050)),
        ]  # fmt: skip
        store = a_bank(tmp_path, BOSS, *rows)
        stage = await at(store, f"/commission/month.{MONTH}")
        assert stage.shown(ft.DataTable)
        saved: dict[str, bytes] = {}

        async def save(name: str, content: bytes) -> bool:
            saved[name] = content
            return True

        stage.here.desk.plans.save = save
        await stage.tap("导出 CSV")

        [(name, content)] = saved.items()
        lines = content.decode("utf-8-sig").splitlines()
        assert name == "statements-2026-10.csv"
        assert content.startswith(b"\xef\xbb\xbf")
        assert lines[1:] == [
            "王敏,0.00,420.00,0.00,0.00,0.00,0.00,0.00,0.00,420.00,0.00",
            "李强,0.00,120.50,0.00,0.00,0.00,0.00,0.00,0.00,120.50,0.00",
        ]
        store.close()

    running(scene)


def test_an_entry_of_the_team_is_told_in_the_words_of_the_trace(tmp_path: Path) -> None:
    async def scene() -> None:
        rows = [("sale_share", a_share(1)), ("statement", a_statement("e1", 6_000))]
        store = a_bank(tmp_path, BOSS, *rows)
        stage = await at(store, f"/commission/person.e1.{MONTH}")
        assert stage.says("1 张 x 60.00 = 60.00")
        assert stage.says("刘*兰")
        assert not stage.says("用第 1 版规则")

        await stage.tap("1 张 x 60.00 = 60.00")

        assert stage.says("用第 1 版规则")
        store.close()

    running(scene)


def test_a_statement_is_told_by_the_rules_of_where_its_employee_works(tmp_path: Path) -> None:
    async def scene() -> None:
        far = Employee("e5", "AM005", "许承峰", "account_manager", "u2")
        text = terms("card-u2", 1, unit_price="45.00")
        theirs = a_commission_rule("e7", "u2", "card-u2", id="r9", status="approved", terms=text)
        rows = [
            ("employee", asdict(far)), ("commission_rule", theirs),
            ("sale_share", a_share(1, "e5")), ("statement", a_statement("e5", 4_500)),
        ]  # fmt: skip
        store = a_bank(tmp_path, BOSS, *rows)

        sheet = store.person_sheet("e5", MONTH)

        assert sheet is not None
        assert [(each.rule, each.amount) for each in sheet.entries] == [("card-u2", 4_500)]
        store.close()

    running(scene)


def test_a_table_is_shown_only_where_it_fits(tmp_path: Path) -> None:
    async def scene() -> None:
        rows = [("pay_period", a_month()), ("statement", a_statement("e1", 42_000))]
        store = a_bank(tmp_path, BOSS, *rows)
        stage = await at(store, f"/commission/month.{MONTH}", 820)
        assert not stage.shown(ft.DataTable)
        await stage.resize(1280)
        assert stage.shown(ft.DataTable)

        stage.here.look.enlarge("2.0")
        await stage.settle()

        assert not stage.shown(ft.DataTable)
        store.close()

    running(scene)


@pytest.mark.parametrize("width", WIDTHS)
def test_back_from_a_statement_returns_to_its_month(tmp_path: Path, width: int) -> None:
    async def scene() -> None:
        rows = [("pay_period", a_month()), ("statement", a_statement("e1", 42_000))]
        store = a_bank(tmp_path, BOSS, *rows)
        stage = await at(store, f"/commission/month.{MONTH}", width)
        await stage.tap("王敏")
        assert stage.here.path() == f"/commission/month.{MONTH}/person.e1.{MONTH}"

        await stage.tap("返回")

        assert stage.here.path() == f"/commission/month.{MONTH}"
        assert stage.says("提交复核")
        store.close()

    running(scene)


def test_back_from_a_draft_returns_to_its_rule(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = await at(a_bank(tmp_path, BOSS), "/commission/rule.r1", 390)
        await stage.tap("起草新版本")
        assert stage.all_views() == [
            "/commission", "/commission/rule.r1", "/commission/rule.r1/draft.r1",
        ]  # fmt: skip

        await stage.tap("返回")

        assert stage.all_views() == ["/commission", "/commission/rule.r1"]

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_commission_shows(tmp_path: Path, language: str, width: int) -> None:
    async def scene() -> None:
        rows = [
            ("commission_rule", a_draft()), *contested(), ("dispute", a_dispute()),
            ("pay_period", a_month()), ("statement", a_statement("e1", 42_000)),
        ]  # fmt: skip
        store = a_bank(tmp_path, BOSS, *rows)
        stage = await at(store, "/commission", width, language)
        for kind in ("rules", "contests", "disputes", "months"):
            stage.here.desk.plans.show(kind)
            await stage.settle()
            assert not stage.says("这里出了问题")
        places = (
            "rule.r1", "draft.r1", "trial.r2", "sale.x1", "dispute.b1", f"month.{MONTH}",
            f"person.e1.{MONTH}", f"month.{MONTH}/person.e1.{MONTH}", "rule.r1/draft.r1",
            "rule.none", "nothing",
        )  # fmt: skip
        for place in places:
            await stage.go(f"/commission/{place}")

            assert stage.texts(), place
            assert not stage.says("这里出了问题"), place
        store.close()

    running(scene)
