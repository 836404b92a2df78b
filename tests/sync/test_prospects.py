"""Prospects through real exchanges: who holds one, who contests it, and what both are told."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from pydantic_core import to_json

from shared.domain.prospect import LATE_DAYS, MOST_OPEN, PROTECTED_DAYS
from shared.errors import Refusal
from shared.registry import Document
from shared.sync.change import Insert, Patch, Transition
from shared.testing.around import a_prospect, a_prospect_contact
from shared.testing.builders import a_customer, an_employee, an_identifier, id_number
from sync_server.demo.numbers import uscc
from sync_server.store.prospecting import look_at_claims
from tests.sync.test_collaborators import held, statuses, tablets
from tests.sync.world import BOSS, BRANCH, DAY_MS, LIN, NEAR, STRANGER, ZHOU, Tablet, World

CODE, OTHER_CODE = uscc(Random(1)), uscc(Random(2))
NEWCOMER = id_number(9_019)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def claimed(tablet: Tablet, **fields: Any) -> str:
    """A manager writes a prospect down; nothing is sent yet."""
    prospect = a_prospect(tablet.identity.employee.id, **fields)
    tablet.save(Insert("prospect", prospect))
    return str(prospect["id"])


def own(tablet: Tablet, id: str) -> Document:
    """A prospect as a tablet shows it."""
    return next(each for each in held(tablet, "prospect") if each["id"] == id)


def answer(world: World, tablet: Tablet, id: str) -> tuple[object, object, object]:
    """What a manager reads of a claim: its status, why, and which colleagues it concerns."""
    tablet.sync()
    tablet.sync()
    row = own(tablet, id)
    return row["status"], row["cause"], row["others"]


def a_day_later(world: World, days: int = 1) -> None:
    world.branch.now += days * DAY_MS
    look_at_claims(world.branch.database, world.branch.now)
    world.branch.remember()


def met(tablet: Tablet, id: str, **fields: Any) -> None:
    """A manager records a contact with a prospect of theirs."""
    contact = a_prospect_contact(own(tablet, id), occurred_at=tablet.clock(), **fields)
    tablet.save(Insert("prospect_contact", contact))


def ended(tablet: Tablet, id: str, after: str, before: str = "claimed", **said: Any) -> None:
    tablet.save(Transition("prospect", id, "status", before, after, said))
    tablet.sync()


def contested(world: World) -> tuple[str, str]:
    """Lin has claimed a prospect, Zhou the same one after her; both and the supervisor know."""
    lin, zhou, boss = tablets(world)
    first = claimed(lin)
    lin.sync()
    world.branch.now += 60_000
    second = claimed(zhou)
    for tablet in (zhou, lin, zhou, boss):
        tablet.sync()
    return first, second


def awarded(boss: Tablet, *shares: tuple[str, int], **said: Any) -> None:
    [contest] = [each for each in held(boss, "prospect_contest") if each["status"] == "open"]
    known = {
        "heard": contest["claims"],
        "shares": to_json(shares).decode(),
        "reason": "先接触，有拜访记录",
        "decided_by": boss.identity.employee.id,
        **said,
    }
    step = Transition("prospect_contest", str(contest["id"]), "status", "open", "decided", known)
    boss.save(step)
    boss.sync()


# A claim that stands


def test_who_is_taken_in_first_holds_it_whatever_the_devices_clocks_say(world: World) -> None:
    lin, zhou, _ = tablets(world)
    zhou.skew = -400 * DAY_MS
    first = claimed(lin, occurred_at=lin.clock())
    lin.sync()
    world.branch.now += 60_000
    second = claimed(zhou, occurred_at=zhou.clock())

    assert answer(world, zhou, second)[0] == "contested"
    assert answer(world, lin, first)[0] == "claimed"


def test_a_claim_is_seen_by_its_manager_and_their_supervisor_alone(world: World) -> None:
    lin, zhou, boss = tablets(world)
    claimed(lin)
    for tablet in (lin, zhou, boss):
        tablet.sync()

    assert [len(held(each, "prospect")) for each in (lin, zhou, boss)] == [1, 0, 1]


def test_a_contact_begins_the_term_anew_and_without_one_it_lapses(world: World) -> None:
    lin, _, _ = tablets(world)
    kept, left = claimed(lin, name="甲公司"), claimed(lin, name="乙公司")
    lin.sync()
    a_day_later(world, PROTECTED_DAYS)
    met(lin, kept)
    met(lin, left, outcome="not_met")
    lin.sync()

    a_day_later(world, LATE_DAYS)
    assert answer(world, lin, left)[:2] == ("claimed", None)
    a_day_later(world)

    assert answer(world, lin, left)[:2] == ("lapsed", "no_contact")
    assert answer(world, lin, kept)[:2] == ("claimed", None)


def test_what_lapsed_or_was_released_is_free_for_anybody(world: World) -> None:
    lin, zhou, _ = tablets(world)
    first = claimed(lin)
    lin.sync()
    ended(lin, first, "released")

    second = claimed(zhou)
    assert answer(world, zhou, second)[0] == "claimed"

    ended(lin, first, "claimed", "released")
    assert answer(world, lin, first)[0] == "contested"


def test_a_manager_holds_only_so_many_and_may_claim_again_once_one_is_free(world: World) -> None:
    lin, _, _ = tablets(world)
    ids = [claimed(lin, name=f"第{number}公司") for number in range(MOST_OPEN + 1)]

    assert answer(world, lin, ids[-2])[:2] == ("claimed", None)
    assert answer(world, lin, ids[-1])[:2] == ("declined", "too_many")

    ended(lin, ids[0], "lost", reason="贷款在他行办了")
    ended(lin, ids[-1], "claimed", "declined")
    assert answer(world, lin, ids[-1])[:2] == ("claimed", None)


def test_ones_own_second_claim_of_the_same_is_none(world: World) -> None:
    lin, _, _ = tablets(world)
    first, second = claimed(lin), claimed(lin)

    assert answer(world, lin, second)[:2] == ("declined", "yours_already")
    assert answer(world, lin, first)[:2] == ("claimed", None)


def test_nobody_writes_into_what_is_the_servers_or_a_colleagues(world: World) -> None:
    lin, _, boss = tablets(world)
    id = claimed(lin)
    lin.sync()
    boss.sync()

    with pytest.raises(Refusal, match="not_own_fact"):
        boss.store.commit(Patch("prospect", id, {"note": (None, "我来")}))
    lin.save(Patch("prospect", id, {"renewed_at": (None, 1)}))
    lin.sync()
    assert statuses(lin)[-1] == "quarantined"


# Customers of the bank


@pytest.mark.parametrize(
    "known",
    [
        {"code": CODE, "phone": None},
        {"phone": "025 8600 1234"},
        {"phone": None, "district": "江宁区"},
    ],
)
def test_a_customer_of_the_bank_cannot_be_claimed_and_whom_to_ask_is_said(
    world: World, known: dict[str, Any]
) -> None:
    lin, _, _ = tablets(world)
    name = "云汀市明达培训有限公司"
    there = a_customer(
        STRANGER, id=id_number(70), kind="organisation", name=name, initials="ytsmdpxyxgs",
        phone="025-86001234", address="云汀市江宁区12号",
    )  # fmt: skip
    world.branch.bring("customer", there)
    world.branch.bring("identifier", an_identifier(id_number(70), kind="uscc", value=CODE))

    id = claimed(lin, name=name, **known)

    status, cause, others = answer(world, lin, id)
    assert (status, cause) == ("declined", "is_customer")
    employee = world.branch.rows()["employee", STRANGER].document
    assert others == employee["name"]
    assert own(lin, id)["customer_id"] is None


def test_a_code_that_is_learnt_later_may_show_that_it_is_a_customer(world: World) -> None:
    lin, _, _ = tablets(world)
    id = claimed(lin, name="明达")
    lin.sync()
    world.branch.bring("customer", a_customer(STRANGER, id=id_number(71), kind="organisation"))
    world.branch.bring("identifier", an_identifier(id_number(71), kind="uscc", value=CODE))

    lin.save(Patch("prospect", id, {"code": (None, CODE)}))

    assert answer(world, lin, id)[:2] == ("declined", "is_customer")


def test_a_prospect_that_becomes_a_customer_is_won_and_its_author_visits_them(world: World) -> None:
    lin, _, _ = tablets(world)
    mine, others = claimed(lin, code=CODE), claimed(lin, code=OTHER_CODE, name="明通")
    lin.sync()
    for number, owner, code in ((72, LIN, CODE), (73, ZHOU, OTHER_CODE)):
        customer = a_customer(owner, id=id_number(number), kind="organisation", name="新客户")
        world.branch.bring("customer", customer)
        world.branch.bring("identifier", an_identifier(id_number(number), kind="uscc", value=code))

    a_day_later(world)

    zhous_name = world.branch.rows()["employee", ZHOU].document["name"]
    assert answer(world, lin, mine) == ("won", None, "")
    assert answer(world, lin, others) == ("won", None, zhous_name)
    assert own(lin, mine)["customer_id"] == id_number(72)
    steps = [each["customer_id"] for each in held(lin, "task") if each["title"] == "新客户首次拜访"]
    assert steps == [id_number(72)]
    assert lin.verify().outcome == "agreed"


def test_so_is_one_of_whom_its_author_says_more_before_the_next_look(world: World) -> None:
    lin, _, _ = tablets(world)
    id = claimed(lin, code=CODE)
    lin.sync()
    world.branch.bring("customer", a_customer(LIN, id=id_number(72), kind="organisation"))
    world.branch.bring("identifier", an_identifier(id_number(72), kind="uscc", value=CODE))

    lin.save(Patch("prospect", id, {"contact_name": (None, "周经理")}))

    assert answer(world, lin, id) == ("won", None, "")
    assert own(lin, id)["customer_id"] == id_number(72)
    assert "新客户首次拜访" in [each["title"] for each in held(lin, "task")]


# Contests


def test_the_second_claim_is_kept_and_both_know_of_each_other(world: World) -> None:
    lin, zhou, boss = tablets(world)

    first, second = contested(world)

    assert (own(lin, first)["status"], own(zhou, second)["status"]) == ("claimed", "contested")
    assert own(lin, first)["others"] == own(boss, second)["others"] != ""
    [contest] = held(boss, "prospect_contest")
    assert (contest["arbiter_id"], contest["status"]) == (BOSS, "open")
    assert held(lin, "prospect_contest") == []


def test_a_supervisor_awards_it_to_one_and_the_other_is_told_why(world: World) -> None:
    lin, zhou, boss = tablets(world)
    first, second = contested(world)

    awarded(boss, (ZHOU, 10_000))

    zhous_name = world.branch.rows()["employee", ZHOU].document["name"]
    assert answer(world, lin, first) == ("declined", "awarded", zhous_name)
    assert answer(world, zhou, second) == ("claimed", None, "")
    assert own(lin, first)["answer"] == own(zhou, second)["answer"] == "先接触，有拜访记录"
    assert [each.verify().outcome for each in (lin, zhou, boss)] == ["agreed"] * 3


def test_or_to_both_with_a_split_and_then_neither_contests_the_other(world: World) -> None:
    lin, zhou, boss = tablets(world)
    first, second = contested(world)

    awarded(boss, (ZHOU, 7_000), (LIN, 3_000))
    for tablet in (lin, zhou):
        tablet.sync()
    lin.save(Patch("prospect", first, {"contact_name": (None, "周经理")}))

    assert answer(world, lin, first)[0] == answer(world, zhou, second)[0] == "claimed"
    assert own(lin, first)["shares"] == own(zhou, second)["shares"] != ""
    boss.sync()
    assert [each["status"] for each in held(boss, "prospect_contest")] == ["decided"]


def test_whoever_claims_what_two_share_contests_both_and_who_is_awarded_it_has_it_alone(
    world: World,
) -> None:
    lin, zhou, boss = tablets(world)
    first, second = contested(world)
    awarded(boss, (ZHOU, 7_000), (LIN, 3_000))
    third, id = a_third_claims(world)
    boss.sync()

    awarded(boss, (NEWCOMER, 10_000))

    assert answer(world, third, id)[0] == "claimed"
    assert answer(world, lin, first)[:2] == ("declined", "awarded")
    assert answer(world, zhou, second)[:2] == ("declined", "awarded")


def test_two_who_share_it_hold_it_as_before_once_a_third_has_given_way(world: World) -> None:
    lin, zhou, boss = tablets(world)
    first, second = contested(world)
    awarded(boss, (ZHOU, 7_000), (LIN, 3_000))
    zhou.sync()
    split = own(zhou, second)["shares"]
    third, id = a_third_claims(world)
    assert (answer(world, lin, first)[0], own(lin, first)["contest_id"] is None) == (
        "claimed",
        False,
    )

    ended(third, id, "released", "contested")

    for tablet, claim in ((lin, first), (zhou, second)):
        assert answer(world, tablet, claim)[0] == "claimed"
        assert (own(tablet, claim)["contest_id"], own(tablet, claim)["shares"]) == (None, split)
    boss.sync()
    assert "open" not in {each["status"] for each in held(boss, "prospect_contest")}


def a_third_claims(world: World) -> tuple[Tablet, str]:
    """A new colleague claims the same prospect a minute later: their tablet, and the claim."""
    world.branch.now += 60_000
    world.branch.bring("employee", an_employee(NEAR, id=NEWCOMER, employee_no="E9"))
    third = world.join("new", "E9")
    third.sync()
    id = claimed(third)
    third.sync()
    return third, id


def test_a_decision_on_what_has_changed_meanwhile_does_not_stand(world: World) -> None:
    boss = tablets(world)[2]
    contested(world)
    world.branch.bring("employee", an_employee(NEAR, id=NEWCOMER, employee_no="E9"))
    third = world.join("new", "E9")
    third.sync()
    id = claimed(third)
    third.sync()

    awarded(boss, (ZHOU, 10_000))

    assert statuses(boss) == ["quarantined"]
    assert answer(world, third, id)[0] == "contested"
    [work] = boss.store.refused_work()
    assert work.refusal is not None
    assert work.refusal.code == "claims_moved_on"
    boss.store.discard(work.op_id, "还有一位没有听过")
    boss.sync()
    awarded(boss, (NEWCOMER, 10_000))
    assert statuses(boss)[-1] in ("done", "acked")
    assert answer(world, third, id)[0] == "claimed"


def test_when_one_gives_way_the_other_has_it_and_nobody_decides(world: World) -> None:
    lin, zhou, boss = tablets(world)
    first, second = contested(world)

    ended(lin, first, "released")

    assert answer(world, zhou, second) == ("claimed", None, "")
    boss.sync()
    assert [each["status"] for each in held(boss, "prospect_contest")] == ["over"]


def test_whoever_gives_way_and_claims_again_without_a_network_contests_it_as_before(
    world: World,
) -> None:
    lin, zhou, boss = tablets(world)
    first, second = contested(world)
    world.branch.now += 60_000

    for step in (("contested", "released"), ("released", "claimed")):
        zhou.save(Transition("prospect", second, "status", *step, {}))

    assert answer(world, zhou, second)[0] == "contested"
    assert answer(world, lin, first)[0] == "claimed"
    boss.sync()
    assert sorted(str(each["status"]) for each in held(boss, "prospect_contest")) == [
        "open",
        "over",
    ]


def test_a_claim_that_is_lost_and_made_again_without_a_network_is_a_new_one(world: World) -> None:
    lin, _, _ = tablets(world)
    id = claimed(lin)
    lin.sync()
    world.branch.now += DAY_MS

    lin.save(Transition("prospect", id, "status", "claimed", "lost", {"reason": "在他行办了"}))
    lin.save(Transition("prospect", id, "status", "lost", "claimed", {}))

    assert answer(world, lin, id)[0] == "claimed"
    assert (own(lin, id)["reason"], own(lin, id)["taken_at"]) == (None, world.branch.now)


def test_no_claim_lapses_while_it_is_contested_and_none_is_kept_by_who_left(world: World) -> None:
    lin, zhou, _ = tablets(world)
    first, second = contested(world)

    a_day_later(world, PROTECTED_DAYS + LATE_DAYS + 1)
    assert answer(world, lin, first)[0] == "claimed"

    world.branch.change("employee", LIN, active=False)
    a_day_later(world)
    assert answer(world, zhou, second)[:2] == ("claimed", None)
    assert world.branch.rows()["prospect", first].document["cause"] == "left"


def test_it_goes_to_the_nearest_supervisor_over_both_as_soon_as_there_is_one(world: World) -> None:
    lin, _, _ = tablets(world)
    stranger = world.join("stranger", "E4")
    stranger.sync()
    claimed(lin)
    lin.sync()
    claimed(stranger)
    stranger.sync()
    rows = world.branch.rows().items()
    [contest] = [each.document for (name, _), each in rows if name == "prospect_contest"]
    assert contest["arbiter_id"] == ""

    head = an_employee(BRANCH, "supervisor", id=NEWCOMER, employee_no="E9")
    world.branch.bring("employee", head)
    a_day_later(world)

    tablet = world.join("head", "E9")
    tablet.sync()
    assert [each["arbiter_id"] for each in held(tablet, "prospect_contest")] == [NEWCOMER]
    assert len(held(tablet, "prospect")) == 2
    awarded(tablet, (STRANGER, 10_000))
    assert [each["status"] for each in held(tablet, "prospect_contest")] == ["decided"]


def test_a_claim_and_its_contact_of_one_day_without_a_network_come_together(world: World) -> None:
    lin, _, boss = tablets(world)
    id = claimed(lin)
    met(lin, id, note="财务总监在，想了解流贷")
    lin.save(Patch("prospect", id, {"code": (None, CODE)}))

    assert answer(world, lin, id)[0] == "claimed"

    boss.sync()
    assert own(boss, id)["code"] == CODE
    assert [each["note"] for each in held(boss, "prospect_contact")] == ["财务总监在，想了解流贷"]
    assert statuses(lin) == ["done"] * 3
