"""What a manager puts right at a customer, over the real encrypted store."""

from dataclasses import asdict, replace
from pathlib import Path

from mobile_app.i18n import Words
from mobile_app.store.device_store import DeviceStore
from shared.domain import ChangeRequest, Review
from shared.sync.change import Insert
from tests.screens.memory import DAY_MS, NOW, contact
from tests.screens.stage import opened, running
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with


def deliver(store: DeviceStore, *flags: str, seq: int = 2) -> None:
    """The server accepts what waits, with these remarks."""
    store.record_verdicts(
        [
            {
                "op_id": op["op_id"], "status": "applied", "seq": seq, "version": 1,
                "flags": list(flags),
            }
            for txn in store.pending(10)
            for op in txn["ops"]
        ]
    )  # fmt: skip


def test_a_correction_takes_the_place_of_what_it_puts_right(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        former = contact(1, outcome="declined", next_step=None, next_due=None)
        word = Review("r1", "i1", "c1", "e9", "coach", NOW, "先问清用途")
        arrive(store, 2, ("interaction", asdict(former)), ("review", asdict(word)))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")
        await stage.tap("更正：拜访·存款·已婉拒")
        await stage.tap_key("outcome:done")

        await stage.tap("保存更正")

        [item] = store.timeline("c1")
        assert (item.interaction.supersedes, item.interaction.outcome) == ("i1", "done")
        assert [one.id for one in item.formers] == ["i1"]
        assert stage.says("更正过，原来记的：拜访·存款·已婉拒")
        assert stage.says("先问清用途")
        assert len(store.feed(10)) == 1
        [row] = store.field_today(NOW - DAY_MS)
        assert (row.visits, row.customers_met) == (1, 1)
        store.close()

    running(scene)


def test_a_correction_of_a_correction_shows_one_contact(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    first = contact(1)
    second = replace(first, id="i2", supersedes="i1")
    third = replace(first, id="i3", supersedes="i2")
    other = contact(9)
    for made in (third, first, other, second):
        store.commit(Insert.of("interaction", made))

    items = store.timeline("c1")

    assert [item.interaction.id for item in items] == ["i3", "i9"]
    assert [one.id for one in items[0].formers] == ["i2", "i1"]
    store.close()


def test_two_that_look_the_same_are_told_and_stay_both(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        mine, theirs = contact(1), contact(2, employee_id="e9", occurred_at=NOW - 4_000_000)
        arrive(store, 2, ("interaction", asdict(theirs)))
        store.commit(Insert.of("interaction", mine))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")
        when = Words("zh", lambda: NOW).moment(theirs.occurred_at)
        assert stage.says(f"和{when} 周建国记的那条几乎一样")

        await stage.tap("两条都对")

        assert not stage.says("几乎一样")
        assert len(store.timeline("c1")) == 2
        store.close()
        again = a_store(tmp_path)
        later = await opened(device_with(again))
        await later.go("/customers/c1")
        assert not later.says("几乎一样")
        again.close()

    running(scene)


def test_a_correction_ends_the_likeness(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    first, second = contact(1), contact(2, occurred_at=contact(1).occurred_at - 60_000)
    store.commit(Insert.of("interaction", first))
    store.commit(Insert.of("interaction", second))
    assert [item.twin is not None for item in store.timeline("c1")] == [True, False]

    store.commit(Insert.of("interaction", replace(first, id="i3", supersedes="i1")))

    assert [item.twin for item in store.timeline("c1")] == [None, None]
    store.close()


def test_interests_change_by_words_and_are_only_here_until_they_are_sent(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")
        assert stage.says("还不知道喜欢什么")

        await stage.tap("书法")
        await stage.tap("旅游")
        await stage.tap("书法")

        assert store.value("customer", "c1", "interests") == "旅游"
        kinds = [(op["kind"], op["set"]) for txn in store.pending(10) for op in txn["ops"]]
        assert kinds == [
            ("add", {"interests": [None, "书法"]}),
            ("add", {"interests": [None, "旅游"]}),
            ("remove", {"interests": ["书法", None]}),
        ]
        assert stage.says("本机")
        store.close()

    running(scene)


def test_a_request_from_the_customers_page_leaves_the_record_as_it_is(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")
        await stage.tap("申请改资料")
        await stage.tap("姓名")
        await stage.type("name:ask:c1", "刘秀蓝")
        await stage.tap("身份证原件已核对")

        await stage.tap("提交申请")

        [card] = store.own_requests()
        assert (card.old, card.new, card.own) == ("刘秀兰", "刘秀蓝", True)
        assert store.value("customer", "c1", "name") == "刘秀兰"
        assert stage.says("等主管批准")
        assert store.to_settle().total == 0
        store.close()

    running(scene)


def test_what_became_of_ones_requests_comes_back(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        request = ChangeRequest(
            "q1", "c1", "e1", "birth_date", "null", '"1952-03-12"', "身份证原件已核对", NOW,
            "approved",
        )  # fmt: skip
        others = replace(request, id="q2", employee_id="e9")
        arrive(store, 2, ("change_request", asdict(request)), ("change_request", asdict(others)))
        stage = await opened(device_with(store))
        await stage.go("/me/sync")

        assert stage.says("已批准")
        assert stage.says("空 → 1952年3月12日")
        assert [one.request.id for one in store.own_requests()] == ["q1"]
        store.close()

    running(scene)


def test_a_visit_from_before_the_hand_over_says_so_once(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        visit = contact(1)
        store.commit(
            Insert.of("interaction", visit),
            Insert.of("interaction", replace(visit, id="i2", channel="call")),
        )
        deliver(store, "late_transfer")
        store.commit(Insert.of("interaction", contact(5)))
        deliver(store)
        stage = await opened(device_with(store))
        await stage.go("/me/sync")

        [work] = store.late_work()
        assert work.op["id"] == "i1"
        assert stage.says("这条是移交前记的，已照收，由接手的同事跟进")
        assert stage.says("已送达")

        arrive(store, 2)
        await stage.settle()

        [work] = store.late_work()
        assert work.state.value == "in_record"
        store.close()

    running(scene)


def test_a_supervisor_reads_a_corrected_contact_once_in_the_feed(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        first = contact(1)
        second = replace(first, id="i2", supersedes="i1", outcome="done")
        arrive(store, 2, ("interaction", asdict(first)), ("interaction", asdict(second)))
        stage = await opened(device_with(store))
        assert stage.says("今天 1 条还没点评")

        await stage.go("/field/feed")

        assert stage.says("拜访·存款·已办成")
        assert not stage.says("拜访·存款·有意向")
        store.close()

    running(scene)
