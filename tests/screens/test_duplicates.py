"""Customers who are perhaps one: seen side by side, decided offline, and what it leaves behind."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from mobile_app.i18n import Words
from mobile_app.state.duplicates import compared
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.duplicate_records import Paired
from mobile_app.telling import told
from shared.domain import Duplicate, Employee, Identifier
from shared.domain.duplicate import duplicate_id
from shared.domain.provenance import Origin, provenance_id, written
from shared.ids import uuid7
from shared.registry import Document
from tests.screens.cases import an_op, decided
from tests.screens.memory import DAY_MS, LONG_COMPANY, ME, NOW, company, person
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with, refuse

COLLEAGUE = Employee("e2", "AM002", "李强", "account_manager", "u1")
ELDER = replace(
    person(), id=uuid7(NOW - 900 * DAY_MS, b"a" * 10), birth_date="1952-03-12",  # type: ignore[arg-type]
)  # fmt: skip
TWIN = replace(
    ELDER, id=uuid7(NOW - 3 * DAY_MS, b"b" * 10), owner_id="e2", phone="138 0000 1234",  # type: ignore[arg-type]
    birth_date="1952-03-21", address=None, deposit_balance=None,
)  # fmt: skip

PAIR = duplicate_id(ELDER.id, TWIN.id)


def a_pair(**fields: Any) -> Duplicate:
    known = {
        "id": PAIR, "customer_id": ELDER.id, "other_id": TWIN.id, "score": 95,
        "reasons": "name_same\nphone_same\nbirth_differs\nowners_differ", "found_at": NOW - DAY_MS,
    }  # fmt: skip
    return Duplicate(**(known | fields))  # type: ignore[arg-type]


def suspecting(folder: Path, me: Employee = BOSS, *more: tuple[str, Document]) -> DeviceStore:
    """A device that holds both records, their numbers and the suspicion."""
    store = a_store(folder, me)
    number = Identifier("y1", ELDER.id, "id_card", "320106195203124521", "4521", "core")
    other = replace(number, id="y2", customer_id=TWIN.id, value="320106195203124539")
    documents = [asdict(each) for each in (number, other)]
    arrive(
        store, 2, ("employee", asdict(COLLEAGUE)), ("customer", asdict(ELDER)),
        ("customer", asdict(TWIN)), *(("identifier", each) for each in documents),
        ("duplicate", asdict(a_pair())), *more,
    )  # fmt: skip
    return store


def done(store: DeviceStore, seq: int = 3, **fields: Any) -> None:
    """The server has carried the merge out: one record leaves, the pair says who decided."""
    store.apply_page(
        {
            "line": "page", "after": str(seq - 1), "cursor": str(seq), "seq": seq, "begin": [],
            "complete": [], "gone": [], "rows": [
                {"entity": "customer", "id": TWIN.id, "scope": "s", "op": "leave", "version": 2},
                {
                    "entity": "duplicate", "id": PAIR, "scope": "s", "op": "put", "version": 2,
                    "doc": asdict(a_pair(**(decided("merged") | fields))),
                },
            ],
        }
    )  # fmt: skip


async def at(store: DeviceStore, path: str, width: int = 390, language: str = "zh") -> Stage:
    stage = await opened(device_with(store), width, language=language)
    await stage.go(path)
    return stage


def decisions(store: DeviceStore) -> list[dict[str, Any]]:
    """What waits to be sent about pairs."""
    return [op["set"] for txn in store.pending(10) for op in txn["ops"]]


# In the inbox


def test_the_inbox_counts_pairs_and_says_whom_and_why(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)

        stage = await at(store, "/inbox")

        assert stage.says("1 条需处理")
        for said in ("疑似重复 1", "刘秀兰（两份记录）", "95 分"):
            assert stage.says(said), said
        assert stage.says("名称相同、电话相同、出生日期不同、由两位客户经理分别管户")
        store.close()

    running(scene)


def test_a_manager_is_not_asked_to_decide(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path, ME)

        stage = await at(store, "/customers")

        assert store.to_settle().total == 0
        assert not stage.says("需处理")
        store.close()

    running(scene)


def test_pairs_to_decide_stand_first_the_likeliest_at_the_top(tmp_path: Path) -> None:
    store = suspecting(
        tmp_path, BOSS,
        ("duplicate", asdict(a_pair(id="sure", other_id="c1", score=140))),
        ("duplicate", asdict(a_pair(id="half", other_id="elsewhere", score=150))),
        ("duplicate", asdict(a_pair(id="unlike", other_id="c3", score=45, reasons="name_same"))),
        ("duplicate", asdict(a_pair(id="late", other_id="c2", **decided("distinct")))),
        ("duplicate", asdict(a_pair(id="old", **decided("split", at=NOW - 31 * DAY_MS)))),
    )  # fmt: skip

    found = store.duplicates(NOW - 30 * DAY_MS, 9)

    assert [each.duplicate.id for each in found] == ["sure", PAIR, "half", "late"]
    assert store.to_settle().duplicates == 2
    store.close()


def test_a_pair_of_which_one_was_merged_meanwhile_is_no_longer_decided(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(
            tmp_path, BOSS,
            ("duplicate", asdict(a_pair(id="du2", customer_id="c1", other_id=ELDER.id,
                                        **decided("merged")))),
        )  # fmt: skip
        stage = await at(store, f"/inbox/{PAIR}")

        assert stage.says("其中一份已并入别的客户，这一对不用再判断。")
        with pytest.raises(AssertionError):
            stage.find("合并", "click")
        assert store.to_settle().duplicates == 0
        store.close()

    running(scene)


def test_a_record_of_another_team_is_left_to_who_sees_both(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path, BOSS, ("duplicate", asdict(a_pair(other_id="elsewhere"))))

        stage = await at(store, f"/inbox/{PAIR}")

        assert stage.says("有一份记录不在你的团队")
        with pytest.raises(AssertionError):
            stage.find("合并", "click")
        store.close()

    running(scene)


# Side by side


@pytest.mark.parametrize("width", [390, 1280])
def test_a_pair_shows_both_records_and_where_they_agree_and_differ(
    tmp_path: Path, width: int
) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)

        stage = await at(store, f"/inbox/{PAIR}", width)

        for said in (
            "继续用的", "要并入的", "一致", "不同", "一边没填", "1952年3月12日", "1952年3月21日",
            "王敏", "李强", "身份证 **** 4521", "身份证 **** 4539", "¥1,234,567.89",
            "2024年6月7日", "11月21日", "像同一位的地方", "不像的地方", "出生日期不同",
            "继续用王敏管户的这一份", "李强以后不管这位客户", "以后发现不对，可以拆开",
            "像的程度 95 分。70 分起要人判断，130 分起才算有把握。",
        ):  # fmt: skip
            assert stage.says(said), said
        assert not stage.says("195203124521")
        store.close()

    running(scene)


def test_what_is_only_written_differently_agrees() -> None:
    one, other = (
        Paired(each, None, numbers, None)
        for each, numbers in (
            (ELDER, (Identifier("y1", ELDER.id, "id_card", "11010119520312452x", "452x", "core"),)),
            (TWIN, (Identifier("y2", TWIN.id, "id_card", "11010119520312452X", "452X", "card"),)),
        )
    )

    found = {each.field: each.match for each in compared(one, other)}

    assert (found["phone"], found["number"], found["name"]) == ("same", "same", "same")
    assert (found["birth_date"], found["address"]) == ("differs", "one")
    assert found["since"] == "none"


def test_a_passport_says_nothing_about_an_identity_card() -> None:
    card = Identifier("y1", ELDER.id, "id_card", "110101195203124521", "4521", "core")
    paper = Identifier("y2", TWIN.id, "passport", "E12345678", "5678", "core")

    one, other = Paired(ELDER, None, (card,), None), Paired(TWIN, None, (paper,), None)

    assert {each.match for each in compared(one, other) if each.field == "number"} == {"none"}


def test_two_companies_are_compared_by_who_represents_them(tmp_path: Path) -> None:
    async def scene() -> None:
        one = replace(company(3), legal_representative="陈䶮")
        other = replace(company(4, f"{LONG_COMPANY}（集团）"), legal_representative="陈龚")
        pair = a_pair(id="du3", customer_id="c3", other_id="c4", reasons="name_variant")
        documents = [("customer", asdict(each)) for each in (one, other)]
        store = suspecting(tmp_path, BOSS, *documents, ("duplicate", asdict(pair)))

        stage = await at(store, "/inbox/du3", language="en")

        for said in ("Representative", "陈龚", "Differ", "a legal form written differently"):
            assert stage.says(said), said
        store.close()

    running(scene)


# Deciding


@pytest.mark.parametrize(
    ("word", "chip", "status", "means"),
    [
        ("合并", "核对过证件原件", "merged", "连上后合并，在那之前两份都照常用"),
        ("不是同一位", "是一家人", "distinct", "已存在本机，不会丢。连上后自动送达。"),
    ],
)
def test_a_decision_takes_a_reason_and_waits_for_the_link(
    tmp_path: Path, word: str, chip: str, status: str, means: str
) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)
        stage = await at(store, f"/inbox/{PAIR}")
        await stage.tap(word)
        assert stage.find(word, "click").disabled

        await stage.tap(chip)
        await stage.tap(word)

        assert decisions(store) == [
            {
                "status": ["open", status], "reason": [None, chip], "decided_by": [None, "e9"],
                "decided_at": [None, NOW],
            }
        ]  # fmt: skip
        assert stage.says(means)
        assert stage.says(f"原因：{chip}")
        assert stage.says("本机")
        assert store.to_settle().total == 0
        await stage.go("/inbox")
        assert stage.says("近 30 天判断过的")
        store.close()

    running(scene)


def test_deciding_can_be_thought_better_of(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)
        stage = await at(store, f"/inbox/{PAIR}")
        await stage.tap("合并")

        await stage.tap("取消")

        assert decisions(store) == []
        assert stage.find("不是同一位", "click")
        store.close()

    running(scene)


def test_a_reason_begun_on_one_pair_never_stands_on_the_next(tmp_path: Path) -> None:
    async def scene() -> None:
        other = a_pair(id="du2", customer_id="c1", other_id=ELDER.id, score=99)
        store = suspecting(tmp_path, BOSS, ("duplicate", asdict(other)))
        stage = await at(store, f"/inbox/{PAIR}", 1280)
        await stage.tap("合并")
        await stage.tap("核对过证件原件")

        await stage.go("/inbox/du2")
        await stage.tap("合并")

        assert stage.find("合并", "click").disabled
        store.close()

    running(scene)


def test_a_merge_is_taken_apart_with_a_reason(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)
        done(store)
        stage = await at(store, "/inbox")
        assert stage.says("没有疑似重复的客户。")
        assert stage.says("周建国·证件号一样")
        await stage.tap("刘秀兰（两份记录）")
        assert stage.says("另一份的内容都在这份记录里。")

        await stage.tap("拆开")
        await stage.tap("客户说不是本人")
        await stage.tap("拆开")

        [said] = decisions(store)
        assert (said["status"], said["reason"]) == (["merged", "split"], [None, "客户说不是本人"])
        assert stage.says("连上后拆开，在那之前仍是一份。")
        store.close()

    running(scene)


def test_a_merge_by_the_server_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)
        done(store, decided_by="job:identity")

        stage = await at(store, f"/inbox/{PAIR}")

        assert stage.says("系统·今天")
        assert stage.says("系统自动合并")
        await stage.go("/me")
        await stage.tap("English")
        await stage.go(f"/inbox/{PAIR}")
        assert stage.says("Merged by itself")
        store.close()

    running(scene)


def test_a_refused_decision_is_told_without_an_id() -> None:
    said = {"status": ["open", "merged"], "reason": [None, "核对过证件原件"],
            "decided_by": [None, "e9"], "decided_at": [None, NOW]}  # fmt: skip

    found = told(Words("zh", lambda: NOW), an_op(1, "transition", "duplicate", PAIR, set=said))

    assert found.head == "疑似重复"
    assert found.facts == ("状态：待判断 → 已合并", "原因：核对过证件原件")


def test_a_merge_that_was_refused_is_not_told_as_done(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)
        store.decide_duplicate(a_pair(), "merged", "核对过证件原件", NOW)
        refuse(store, "merged_already")

        stage = await at(store, f"/inbox/{PAIR}")

        assert stage.says("这一步没被接收，两份记录都没动。")
        assert not stage.says("已合并")
        assert not stage.says("另一份的内容都在这份记录里。")
        with pytest.raises(AssertionError):
            stage.find("拆开", "click")
        await stage.go(f"/customers/{ELDER.id}")
        assert not stage.says("由两份记录合并")
        await stage.go("/inbox")
        assert stage.says("没被接收 1")
        assert stage.says("这次没有合并，资料都没动")
        store.close()

    running(scene)


# What a merge leaves behind


@pytest.mark.parametrize("me", [ME, BOSS])
def test_who_was_merged_is_found_in_no_list(tmp_path: Path, me: Employee) -> None:
    store = suspecting(tmp_path, me)
    done(store)

    lists: Sequence[Sequence[Any]] = (
        store.customers(""), store.customers("刘秀兰"), store.customers("1234"),
        store.today("2026-11-24", NOW),
    )  # fmt: skip

    assert not {getattr(each, "id", None) for found in lists for each in found} & {TWIN.id}
    assert not [each for each in store.today("2026-11-24", NOW) if each.customer_id == TWIN.id]
    store.close()


def test_the_old_id_leads_to_the_one_who_goes_on_and_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path, ME)
        stage = await at(store, f"/customers/{TWIN.id}")
        assert not stage.says("你打开的那份记录")

        done(store)
        await stage.settle()

        assert stage.says("你打开的那份记录已并入这位客户")
        assert stage.says("由两份记录合并，今天")
        assert not stage.says("看这次合并")
        await stage.go(f"/customers/{ELDER.id}")
        assert not stage.says("你打开的那份记录")
        store.close()

    running(scene)


def test_a_chain_leads_to_its_end_and_only_its_last_merge_is_taken_apart(tmp_path: Path) -> None:
    async def scene() -> None:
        first = duplicate_id(TWIN.id, "former")
        chained = a_pair(id=first, other_id="former", **decided("merged", at=NOW - DAY_MS))
        store = suspecting(tmp_path, BOSS, ("duplicate", asdict(chained)))
        done(store)

        stage = await at(store, "/customers/former")

        assert stage.says("你打开的那份记录已并入这位客户")
        assert stage.says("由 3 份记录合并")
        await stage.go(f"/inbox/{first}")
        assert stage.says("先拆开后一次")
        assert "拆开" not in stage.texts()
        await stage.go(f"/inbox/{PAIR}")
        assert stage.find("拆开", "click")
        store.close()

    running(scene)


def test_pairs_in_a_ring_lead_nowhere_and_end(tmp_path: Path) -> None:
    ring = [("one", "two"), ("two", "three"), ("three", "one")]
    pairs = [a_pair(id=f"{a} {b}", other_id=a, customer_id=b, **decided("merged")) for a, b in ring]
    store = suspecting(tmp_path, BOSS, *(("duplicate", asdict(each)) for each in pairs))

    assert [store.going_on(id) for id, _ in ring] == ["one", "two", "three"]
    store.close()


def test_a_visit_begun_at_the_old_id_is_recorded_at_the_one_who_goes_on(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path, ME)
        done(store)
        stage = await at(store, f"/customers/{TWIN.id}")

        await stage.tap("开始拜访")

        assert stage.all_views()[-1] == f"/customers/{ELDER.id}/log"
        store.close()

    running(scene)


def test_a_supervisor_goes_from_the_customer_to_the_merge(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)
        done(store)
        stage = await at(store, f"/customers/{ELDER.id}")

        await stage.tap("看这次合并")

        assert stage.all_views()[-1] == f"/inbox/{PAIR}"
        assert stage.find("拆开", "click")
        store.close()

    running(scene)


def test_a_merge_that_waits_for_the_link_is_not_told_as_done(tmp_path: Path) -> None:
    async def scene() -> None:
        store = suspecting(tmp_path)
        store.decide_duplicate(a_pair(), "merged", "核对过证件原件", NOW)

        stage = await at(store, f"/customers/{ELDER.id}")

        assert stage.says("已定把另一份记录合并进来，连上后生效。")
        assert store.going_on(TWIN.id) == TWIN.id
        store.close()

    running(scene)


def test_every_field_says_its_source_on_a_tap(tmp_path: Path) -> None:
    async def scene() -> None:
        origins = {
            "name": Origin("verified", NOW - 20 * DAY_MS), "phone": Origin("manager", NOW),
            "birth_date": Origin("system", None),
        }  # fmt: skip
        kept: Document = {
            "id": provenance_id("c1"), "customer_id": "c1", "kept_at": NOW,
            "fields": written(origins),
        }  # fmt: skip
        store = suspecting(tmp_path, ME, ("provenance", kept))
        stage = await at(store, "/customers/c1")
        assert not stage.says("11月4日")

        await stage.tap("看每一项的来源")

        said = stage.texts()
        assert said[said.index("11月4日") + 1] == "已核实"
        assert said[said.index("11月24日") + 1] == "客户自述"
        assert said[said.index("日期不详") + 1] == "银行系统"
        store.close()

    running(scene)


def test_nothing_is_said_of_sources_that_nobody_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)

        stage = await at(store, "/customers/c1")

        assert not stage.says("资料来源")
        store.close()

    running(scene)


def test_two_records_that_became_three_are_counted(tmp_path: Path) -> None:
    async def scene() -> None:
        again = a_pair(id="du2", other_id="gone", **decided("merged", at=NOW - DAY_MS))
        store = suspecting(tmp_path, ME, ("duplicate", asdict(again)))
        done(store)

        stage = await at(store, f"/customers/{ELDER.id}")

        assert stage.says("由 3 份记录合并，最近一次今天")
        store.close()

    running(scene)
