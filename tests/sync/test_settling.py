"""What people decide in their inbox, from one tablet through the record to the others."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic_core import from_json
from sqlalchemy import text

from mobile_app.store.bridge import reading
from mobile_app.store.records import RecordState
from shared.domain import Interaction, Task
from shared.errors import Refusal
from shared.sync.change import Add, Delete, Insert, Patch, Remove, Transition
from shared.testing.builders import NOW
from sync_server.store.identity import revoke
from tests.sync import checks
from tests.sync.world import CUSTOMERS, LIN, ZHOU, Tablet, World


@pytest.fixture
def world() -> Iterator[World]:
    world = World(joined={"lin", "zhou", "boss"})
    yield world
    checks.after_the_faults(world)
    world.close()


@pytest.fixture
def lin(world: World) -> Tablet:
    return world.tablets[0]


@pytest.fixture
def boss(world: World) -> Tablet:
    return world.tablets[2]


def lins_customer(world: World) -> str:
    return customers_of(world, LIN)[0]


def customers_of(world: World, owner: str) -> list[str]:
    rows = world.branch.rows()
    return [id for id in CUSTOMERS if rows["customer", id].document["owner_id"] == owner]


def a_visit(tablet: Tablet, customer: str, **fields: Any) -> Interaction:
    return Interaction(
        **{
            "id": tablet.store.new_id(),
            "customer_id": customer,
            "employee_id": tablet.identity.employee.id,
            "channel": "visit",
            "purpose": "loan",
            "outcome": "follow_up",
            "occurred_at": NOW,
            **fields,
        }
    )


def issues(tablet: Tablet) -> list[Any]:
    return [item for item in tablet.store.outbox() if item.state is RecordState.ISSUE]


def contest_the_note(world: World, lin: Tablet, boss: Tablet) -> str:
    """Both change one note without a link; the supervisor's word arrives first."""
    customer = lins_customer(world)
    before = lin.store.value("customer", customer, "contact_note")
    boss.save(Patch("customer", customer, {"contact_note": (before, "只收微信")}))
    lin.save(Patch("customer", customer, {"contact_note": (before, "午后来电")}))
    for tablet in (boss, lin, boss):
        tablet.sync()
    return customer


def test_both_tablets_show_the_conflict_each_from_its_side(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    customer = contest_the_note(world, lin, boss)

    [mine], [theirs] = lin.store.conflicts(customer), boss.store.conflicts()

    assert (mine.won, mine.lost, mine.mine) == ("午后来电", "只收微信", "won")
    assert (theirs.won, theirs.lost, theirs.mine) == ("午后来电", "只收微信", "lost")
    assert theirs.lost_by == boss.identity.employee.name


@pytest.mark.parametrize(("side", "note"), [("lost", "只收微信"), ("won", "午后来电")])
def test_one_tap_takes_either_value_and_the_card_is_gone_everywhere(
    world: World, lin: Tablet, boss: Tablet, side: str, note: str
) -> None:
    customer = contest_the_note(world, lin, boss)
    [card] = boss.store.conflicts()

    boss.store.settle_conflict(card.conflict, side)
    for tablet in (boss, lin):
        tablet.sync()

    assert lin.store.value("customer", customer, "contact_note") == note
    assert (lin.store.conflicts(), boss.store.conflicts()) == ([], [])


def test_a_refused_visit_is_corrected_and_takes_the_place_of_the_first(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    visit = a_visit(lin, "00000000-0000-7000-8000-000000000000")
    lin.save(Insert.of("interaction", visit))
    for tablet in (lin, boss):
        tablet.sync()
    [item] = issues(lin)
    [card] = boss.store.team_issues()
    assert card.refusal.code == "unknown_customer"

    lin.store.resend(item.op_id, {item.op_id: {"customer_id": lins_customer(world)}})
    for tablet in (lin, boss):
        tablet.sync()

    assert issues(lin) == []
    assert boss.store.team_issues() == []
    assert ("interaction", visit.id) in world.branch.rows()


def test_a_correction_that_does_not_fit_changes_nothing(lin: Tablet) -> None:
    lin.save(Insert.of("interaction", a_visit(lin, "00000000-0000-7000-8000-000000000000")))
    lin.sync()
    [item] = issues(lin)

    with pytest.raises(Refusal, match="invalid"):
        lin.store.resend(item.op_id, {item.op_id: {"outcome": "glorious"}})

    assert [each.op_id for each in issues(lin)] == [item.op_id]


def test_what_is_given_up_has_its_reason_on_both_sides(lin: Tablet, boss: Tablet) -> None:
    lin.save(Insert.of("interaction", a_visit(lin, "00000000-0000-7000-8000-000000000000")))
    lin.sync()
    [item] = issues(lin)

    lin.store.discard(item.op_id, "客户登记错了")
    for tablet in (lin, boss):
        tablet.sync()

    assert issues(lin) == []
    assert boss.store.team_issues() == []
    [reason] = texts(boss, "SELECT reason FROM issue")
    assert reason == "客户登记错了"


def test_a_supervisor_takes_a_colleagues_visit_and_it_leaves_the_inbox(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    visit = a_visit(lin, customers_of(world, ZHOU)[0])
    lin.save(Insert.of("interaction", visit))
    for tablet in (lin, boss):
        tablet.sync()
    [card] = boss.store.team_issues()

    boss.store.decide_issue(card.issue.id, "accepted", "替同事拜访")
    for tablet in (boss, lin):
        tablet.sync()

    assert world.branch.rows()["interaction", visit.id].document["employee_id"] == LIN
    assert issues(lin) == []


def test_an_edit_of_a_deleted_task_is_saved_as_a_new_one(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    task = Task(lin.store.new_id(), lins_customer(world), "call", "回访", "2026-11-25")
    lin.save(Insert.of("task", task))
    for tablet in (lin, boss):
        tablet.sync()
    boss.save(Delete("task", task.id))
    lin.save(Patch("task", task.id, {"title": ("回访", "带合同回访")}))
    for tablet in (boss, lin):
        tablet.sync()
    [item] = issues(lin)
    assert item.refusal.code == "gone"

    lin.store.restore_as_new(item.op_id, "另存为新的")
    lin.sync()

    titles = [
        row.document["title"] for (name, _), row in world.branch.rows().items() if name == "task"
    ]
    assert "带合同回访" in titles
    assert issues(lin) == []


def visit_for_task(lin: Tablet, task: Task) -> Interaction:
    """A visit that answers a task, in one transaction with the task's step."""
    visit = a_visit(lin, task.customer_id)
    step = Transition("task", task.id, "status", "open", "done")
    lin.save(Insert.of("interaction", visit), step)
    return visit


def a_shared_task(world: World, lin: Tablet, boss: Tablet) -> Task:
    task = Task(lin.store.new_id(), lins_customer(world), "visit", "再次上门", "2026-11-25")
    lin.save(Insert.of("task", task))
    for tablet in (lin, boss):
        tablet.sync()
    return task


def test_what_was_done_along_with_the_edit_of_a_deleted_task_is_not_lost(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    task = a_shared_task(world, lin, boss)
    boss.save(Delete("task", task.id))
    visit = visit_for_task(lin, task)
    for tablet in (boss, lin):
        tablet.sync()
    [work] = lin.store.refused_work()
    assert (work.refusal and work.refusal.code, work.titles[task.id]) == ("gone", "再次上门")

    lin.store.restore_as_new(work.op_id, "另存为新的")
    lin.sync()

    rows = world.branch.rows()
    assert ("interaction", visit.id) in rows
    tasks = [row.document for (name, _), row in rows.items() if name == "task"]
    assert [task["status"] for task in tasks if task["title"] == "再次上门"] == ["open"]
    assert lin.store.refused_work() == []


def test_a_visit_is_sent_without_the_step_that_came_too_late(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    task = a_shared_task(world, lin, boss)
    boss.save(Transition("task", task.id, "status", "open", "dropped"))
    visit = visit_for_task(lin, task)
    for tablet in (boss, lin):
        tablet.sync()
    [work] = lin.store.refused_work()
    assert [op["kind"] for op in work.ops] == ["insert", "transition"]
    assert work.culprit["entity"] == "task"

    lin.store.give_up(work.op_id, "")
    for tablet in (lin, boss):
        tablet.sync()

    assert ("interaction", visit.id) in world.branch.rows()
    assert lin.store.refused_work() == []
    assert boss.store.team_issues() == []


def test_what_a_refused_edit_changed_besides_goes_out_again(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    customer = lins_customer(world)
    name = lin.store.value("customer", customer, "name")
    both = {"name": (name, "林小满"), "contact_note": (None, "午后来电")}
    lin.save(Patch("customer", customer, both))
    lin.sync()
    [work] = lin.store.refused_work()

    lin.store.ask_instead(work.op_id, "身份证原件已核对")
    for tablet in (lin, boss):
        tablet.sync()

    assert boss.store.value("customer", customer, "contact_note") == "午后来电"
    assert [card.new for card in boss.store.requests()] == ["林小满"]
    assert lin.store.refused_work() == []


def test_a_refused_decision_on_an_issue_is_given_up_for_good(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    lin.save(Insert.of("interaction", a_visit(lin, "00000000-0000-7000-8000-000000000000")))
    for tablet in (lin, boss):
        tablet.sync()
    [card] = boss.store.team_issues()
    boss.store.decide_issue(card.issue.id, "accepted", "替他收下")
    boss.sync()
    [work] = boss.store.refused_work()

    boss.store.discard(work.op_id, "先等客户建档")
    boss.sync()

    assert boss.store.refused_work() == []
    assert len(boss.store.team_issues()) == 1


def test_a_refused_rename_becomes_a_request_that_a_supervisor_approves(
    world: World, lin: Tablet, boss: Tablet
) -> None:
    customer = lins_customer(world)
    name = lin.store.value("customer", customer, "name")
    lin.save(Patch("customer", customer, {"name": (name, "林小满")}))
    lin.sync()
    [item] = issues(lin)

    lin.store.ask_instead(item.op_id, "身份证原件已核对")
    for tablet in (lin, boss):
        tablet.sync()
    [card] = boss.store.requests()
    assert (card.old, card.new, card.own) == (name, "林小满", False)
    assert lin.store.value("customer", customer, "name") == name
    boss.store.decide_request(card.request, "approved", None)
    for tablet in (boss, lin):
        tablet.sync()

    shown = lin.store.customer(customer)
    assert shown is not None
    assert (shown.customer.name, shown.customer.initials) == ("林小满", "lxm")


def test_words_added_on_two_tablets_are_all_there(world: World, lin: Tablet, boss: Tablet) -> None:
    customer = lins_customer(world)
    lin.save(Add("customer", customer, "interests", "茶"))
    boss.save(Add("customer", customer, "interests", "高尔夫"))
    assert lin.store.value("customer", customer, "interests") == "茶"
    for tablet in (lin, boss, lin):
        tablet.sync()
    lin.save(Remove("customer", customer, "interests", "茶"))
    for tablet in (lin, boss):
        tablet.sync()

    assert boss.store.value("customer", customer, "interests") == "高尔夫"


def test_a_purge_leaves_a_receipt_at_the_server_and_nothing_in_the_file(
    world: World, lin: Tablet
) -> None:
    customer = lins_customer(world)
    lin.save(Insert.of("interaction", a_visit(lin, customer, note="爱喝云汀毛尖")))
    lin.sync()
    world.branch.change("customer", customer, owner_id=ZHOU)

    lin.sync()

    with world.branch.database.reading() as connection:
        [(purged, rows)] = connection.execute(text("SELECT purged, rows FROM receipt")).all()
    assert (purged, rows >= 2) == (f"customer:{customer}", True)
    assert lin.store.receipts() == []
    plain = decrypted(lin)
    assert "爱喝云汀毛尖".encode() not in plain
    assert customer.encode() not in plain


def test_a_revoked_tablet_hands_in_its_work_and_is_emptied(world: World, lin: Tablet) -> None:
    visit = a_visit(lin, lins_customer(world))
    lin.save(Insert.of("interaction", visit))
    with world.branch.database.writing() as connection:
        revoke(connection, lin.identity.device_id)

    report = lin.sync()
    assert report is not None
    assert report.code == "revoked"
    lin.store.forget_record()

    assert texts(lin, "SELECT count(*) FROM customer") == [0]
    [item] = issues(lin)
    assert item.record_id == visit.id
    [kept] = [row for (name, _), row in world.branch.rows().items() if name == "issue"]
    assert from_json(str(kept.document["ops"]))[0]["id"] == visit.id
    world.tablets.remove(lin)


def test_what_a_revoked_tablet_had_delivered_is_not_waited_for(world: World, lin: Tablet) -> None:
    lin.save(Insert.of("interaction", a_visit(lin, lins_customer(world))))
    lin.sync_verdicts_only()
    world.branch.change("employee", LIN, active=False)

    lin.sync()

    assert lin.store.overview().delivered == 0


def texts(tablet: Tablet, sql: str) -> list[Any]:
    with reading(tablet.store._engines[0]) as connection:
        return list(connection.exec_driver_sql(sql).scalars())


def decrypted(tablet: Tablet) -> bytes:
    """The bytes of the mirror's file and log, with the encryption taken away."""
    tablet.store.close()
    key = tablet.name.encode().ljust(32)
    import apsw

    path = tablet.folder / "mirror.db"
    plain = tablet.folder / "plain.db"
    plain.write_bytes(path.read_bytes())
    driver = apsw.Connection(str(plain))
    driver.pragma("cipher", "aegis")
    driver.pragma("key", f"raw:{key.hex()}")
    driver.pragma("journal_mode", "delete")
    driver.pragma("rekey", "")
    driver.close()
    log = path.with_name("mirror.db-wal")
    assert not log.exists() or log.stat().st_size == 0
    tablet.open()
    return plain.read_bytes()


def test_one_who_left_hands_in_again_what_a_restore_took_back(world: World) -> None:
    zhou = world.tablets[1]
    world.branch.back_up()
    visit = a_visit(zhou, customers_of(world, ZHOU)[0])
    zhou.save(Insert.of("interaction", visit))
    zhou.sync()
    world.branch.restore()
    world.branch.change("employee", ZHOU, active=False)

    report = zhou.sync()

    assert report is not None
    assert report.code == "revoked"
    [kept] = [row for (name, _), row in world.branch.rows().items() if name == "issue"]
    assert from_json(str(kept.document["ops"]))[0]["id"] == visit.id
