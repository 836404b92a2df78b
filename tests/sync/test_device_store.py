"""The device's store against the real server: what its user sees, one situation a test."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from mobile_app.store.records import RecordState
from shared.errors import Refusal
from shared.registry import Document
from shared.sync.change import Insert, Patch, Transition
from shared.testing.builders import a_task, an_interaction
from tests.sync import checks
from tests.sync.world import BOSS, CUSTOMERS, DAY_MS, LIN, STRANGER, ZHOU, Tablet, World

MINE = CUSTOMERS[0]


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture
def lin(world: World) -> Tablet:
    return world.tablets[0]


@pytest.fixture
def boss(world: World) -> Tablet:
    return world.tablets[2]


def visit(tablet: Tablet, customer: str = MINE) -> Document:
    """Save a visit and return it."""
    document = an_interaction(
        customer, tablet.identity.employee.id, id=tablet.store.new_id(), note="谈了贷款"
    )
    tablet.save(Insert("interaction", document))
    return document


def sees(tablet: Tablet, document: Document) -> bool:
    return ("interaction", document["id"]) in checks.read(tablet).shown


def state(tablet: Tablet, document: Document) -> RecordState:
    return tablet.store.state("interaction", str(document["id"]))


def test_a_visit_goes_from_this_device_to_delivered_to_in_the_record(lin: Tablet) -> None:
    saved = visit(lin)
    states = [state(lin, saved)]
    lin.sync_verdicts_only()
    states.append(state(lin, saved))
    lin.sync()
    states.append(state(lin, saved))

    assert states == [RecordState.LOCAL, RecordState.DELIVERED, RecordState.IN_RECORD]


def test_a_visit_that_was_delivered_stays_visible_until_it_comes_back(lin: Tablet) -> None:
    saved = visit(lin)
    lin.sync_verdicts_only()

    lin.reopen()

    assert (sees(lin, saved), state(lin, saved)) == (True, RecordState.DELIVERED)


def test_a_verdict_that_comes_twice_does_not_take_a_record_back(lin: Tablet) -> None:
    saved = visit(lin)
    lin.sync()

    lin.hear_again()

    assert state(lin, saved) is RecordState.IN_RECORD
    assert lin.store.overview().delivered == 0


def test_a_refused_record_that_is_sent_again_is_judged_anew(world: World, lin: Tablet) -> None:
    change = {"need": (None, "housing")}
    world.branch.change("customer", MINE, owner_id=STRANGER)
    lin.save(Patch("customer", MINE, change))
    lin.sync()
    [refused] = lin.store.outbox()
    assert refused.refusal == Refusal("not_yours", {})
    world.branch.change("customer", MINE, owner_id=LIN)

    lin.store.resend(refused.op_id)
    lin.sync()

    assert lin.store.outbox() == []
    assert world.branch.rows()["customer", MINE].document["need"] == "housing"


def test_a_refused_record_and_what_depends_on_it_are_sent_again_one_after_the_other(
    world: World, lin: Tablet
) -> None:
    task = a_task(MINE, id=lin.store.new_id())
    lin.save(Insert("task", task), Patch("customer", MINE, {"name": ("客户0", "错")}))
    lin.save(Transition("task", str(task["id"]), "status", "open", "done"))
    lin.sync()
    refused = {item.op_id: item.refusal for item in lin.store.outbox()}
    assert {each.code for each in refused.values() if each} == {
        "guarded_field",
        "depends_on_rejected",
    }

    for op_id in list(refused)[::-1]:
        lin.store.resend(op_id)
    lin.sync()

    assert len(lin.store.outbox()) == len(refused)


def test_work_on_a_customer_who_left_is_hidden_and_comes_back_with_them(
    world: World, lin: Tablet
) -> None:
    lin.save(Insert("task", a_task(MINE, id=lin.store.new_id())))
    change = Patch("customer", MINE, {"name": ("客户0", "错")})
    saved = an_interaction(MINE, LIN, id=lin.store.new_id())
    lin.save(Insert("interaction", saved), change)
    lin.sync()
    world.branch.change("customer", MINE, owner_id=STRANGER)
    lin.sync()
    assert not sees(lin, saved)

    world.branch.change("customer", MINE, owner_id=LIN)
    lin.sync()

    assert (sees(lin, saved), state(lin, saved)) == (True, RecordState.ISSUE)


def test_an_edit_that_came_to_nothing_is_not_shown_for_the_sake_of_a_refused_one(
    world: World, lin: Tablet
) -> None:
    lin.save(Patch("customer", MINE, {"contact_note": (None, None)}))
    lin.save(Patch("customer", MINE, {"name": ("客户0", "错")}))
    world.branch.change("customer", MINE, contact_note="午后在")
    with patch.object(lin.store, "pending", lambda *_: []):
        lin.sync()

    lin.sync()

    shown = checks.read(lin).shown["customer", MINE].document
    assert (shown["contact_note"], shown["name"]) == ("午后在", "错")


def test_a_visit_made_before_the_customer_moved_on_reaches_the_record(
    world: World, lin: Tablet
) -> None:
    saved = visit(lin)
    world.branch.change("customer", MINE, owner_id=ZHOU)

    lin.sync()
    world.tablets[1].sync()

    assert lin.store.outbox() == []
    assert sees(world.tablets[1], saved)


def test_a_customer_who_passed_through_a_colleague_to_a_stranger_leaves_the_supervisor(
    world: World, boss: Tablet
) -> None:
    world.branch.change("customer", MINE, owner_id=ZHOU)
    world.branch.change("customer", MINE, owner_id=STRANGER)

    boss.sync()

    assert ("customer", MINE) not in checks.read(boss).shown


def test_a_restored_server_gets_back_what_its_backup_lacks(world: World, lin: Tablet) -> None:
    world.branch.back_up()
    saved = visit(lin)
    lin.sync()
    world.branch.restore()

    lin.sync()

    assert ("interaction", saved["id"]) in world.branch.rows()
    assert state(lin, saved) is RecordState.IN_RECORD


def test_a_restored_server_takes_nothing_off_the_screen_while_it_catches_up(
    world: World, lin: Tablet
) -> None:
    world.branch.back_up()
    saved = visit(lin)
    lin.sync()
    world.branch.restore()

    for lines in range(1, 12):
        lin.sync(deliver=lines)
        lin.reopen()

        assert sees(lin, saved)


def test_a_broken_record_is_set_aside_and_the_rest_goes_on(world: World, lin: Tablet) -> None:
    broken = lin.store.new_id()
    op = {"op_id": broken, "kind": "insert", "entity": "task", "id": broken, "of_old": 1}
    body = {**op, "doc": a_task(MINE, id=broken)}
    lin.store._outbox.append([(lin.store.new_id(), [body])], lin.clock())  # type: ignore[list-item]
    saved = [visit(lin) for _ in range(5)]

    lin.sync()

    assert [item.op_id for item in lin.store.outbox()] == [broken]
    assert {state(lin, each) for each in saved} == {RecordState.IN_RECORD}


def test_a_supervisors_review_reaches_the_manager(lin: Tablet, boss: Tablet) -> None:
    saved = visit(lin)
    lin.sync()
    boss.sync()
    review = {
        "id": boss.store.new_id(),
        "interaction_id": saved["id"],
        "customer_id": MINE,
        "employee_id": BOSS,
        "kind": "coach",
        "occurred_at": boss.clock(),
        "text": "下次带上产品手册",
    }
    boss.save(Insert("review", review))
    boss.sync()

    lin.sync()

    [item] = lin.store.timeline(MINE)
    assert [each.review.text for each in item.reviews] == ["下次带上产品手册"]


@pytest.mark.parametrize("days", [-7, 7])
def test_a_wrong_clock_changes_nothing_but_what_it_says(
    world: World, lin: Tablet, days: int
) -> None:
    lin.skew = days * 24 * 3_600_000

    saved = visit(lin)
    lin.sync()

    assert state(lin, saved) is RecordState.IN_RECORD
    checks.after_the_faults(world)


def test_what_was_settled_is_kept_for_a_fortnight_of_the_server(lin: Tablet, world: World) -> None:
    """However long it had waited, and whatever the device's clock says."""
    lin.skew = -30 * DAY_MS
    visit = an_interaction(CUSTOMERS[0], LIN, id=lin.store.new_id())
    lin.store.commit(Insert("interaction", visit))
    kept = []

    for days in (0, 1, 13, 2):
        world.branch.now += days * DAY_MS
        lin.skew = -lin.skew
        lin.reopen()
        lin.sync()
        kept.append(lin.store.fate("interaction", str(visit["id"])))

    assert kept == ["done", "done", "done", None]


@pytest.mark.parametrize(
    ("typed", "kept"), [("谈\0了", "谈了"), ("好\ud83d", "好\ufffd"), ("\ud83d\ude00", "😀")]
)
def test_what_no_person_types_costs_nobody_a_text(lin: Tablet, typed: str, kept: str) -> None:
    visit = an_interaction(CUSTOMERS[0], LIN, id=lin.store.new_id(), note=typed)
    lin.store.save_draft("c1", {"note": [typed]})
    lin.store.commit(Insert("interaction", visit))
    lin.store.commit(Patch("customer", CUSTOMERS[0], {"contact_note": (None, typed)}))

    lin.sync()

    assert lin.store.draft("c1") == {"note": [kept]}
    assert lin.store.overview().pending == lin.store.overview().issues == 0
    assert lin.store.timeline(CUSTOMERS[0])[0].interaction.note == kept
    card = lin.store.customer(CUSTOMERS[0])
    assert card is not None
    assert card.customer.contact_note == kept
