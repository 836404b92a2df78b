"""Collaborators through real exchanges: what they hold, what the owner sees, what is taken back."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.errors import Refusal
from shared.registry import Document
from shared.sync.change import Insert, Patch, Transition
from shared.testing.around import a_collaborator, a_relation
from shared.testing.builders import NOW, a_task, an_interaction, id_number
from sync_server.store.moves import move_customer
from tests.sync.test_merging import decided, merged, settle
from tests.sync.world import BOSS, CUSTOMERS, DAY_MS, LIN, ZHOU, Tablet, World

MINE, OTHER = CUSTOMERS[0], CUSTOMERS[1]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def tablets(world: World) -> tuple[Tablet, Tablet, Tablet]:
    lin, zhou, boss = world.tablets
    return lin, zhou, boss


def held(tablet: Tablet, entity: str = "collaboration") -> list[Document]:
    """What a tablet's mirror holds of an entity."""
    tables = tablet.store._mirror.engine
    with tables.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM {entity} ORDER BY id").mappings()
        return [dict(row) for row in rows]


def named(lin: Tablet, zhou: Tablet, **fields: Any) -> str:
    """Lin names Zhou as a collaborator; both have synced."""
    document = a_collaborator(MINE, ZHOU, LIN, **fields)
    lin.save(Insert("collaborator", document))
    lin.sync()
    zhou.sync()
    return str(document["id"])


def ended(tablet: Tablet, id: str, at: int = NOW) -> None:
    said = {"reason": "贷款已放", "ended_at": at}
    tablet.save(Transition("collaborator", id, "status", "active", "ended", said))
    tablet.sync()


def statuses(tablet: Tablet) -> list[str]:
    with tablet.store._outbox._engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT state FROM outbox ORDER BY device_seq")
        return [row.state for row in found]


def test_a_collaborator_holds_what_they_need_and_neither_customer_nor_portfolio(
    world: World,
) -> None:
    lin, zhou, _ = tablets(world)
    lin.save(Patch("customer", MINE, {"phone": (None, "13800001234")}))

    named(lin, zhou)

    [one] = held(zhou)
    assert (one["customer_id"], one["name"], one["phone"], one["role"]) == (
        MINE, "客户0", "13800001234", "loan",
    )  # fmt: skip
    assert (one["owner_id"], one["next_step"] is not None) == (LIN, True)
    assert MINE not in {row["id"] for row in held(zhou, "customer")}
    assert held(zhou, "collaborator") == []
    assert held(lin) == []


def test_what_changes_of_the_customer_follows_to_the_collaborator(world: World) -> None:
    lin, zhou, _ = tablets(world)
    named(lin, zhou)
    lin.save(Patch("customer", MINE, {"need": (None, "housing")}))
    lin.save(Insert("task", a_task(MINE, id=id_number(1), title="送方案", due="2026-01-02")))
    lin.sync()

    zhou.sync()

    [one] = held(zhou)
    assert (one["need"], one["next_step"], one["next_due"]) == ("housing", "送方案", "2026-01-02")


def test_a_collaborators_contact_stands_in_the_owners_timeline(world: World) -> None:
    lin, zhou, _ = tablets(world)
    named(lin, zhou)
    contact = an_interaction(MINE, ZHOU, id=id_number(2), channel="call", outcome="interested")
    step = a_task(MINE, id=id_number(3), interaction_id=contact["id"])
    zhou.save(Insert("interaction", contact), Insert("task", step))

    zhou.sync()
    lin.sync()
    zhou.sync()

    assert set(statuses(zhou)) == {"done"}
    [seen] = lin.store.timeline(MINE)
    assert (seen.interaction.id, seen.interaction.employee_id) == (contact["id"], ZHOU)
    card = lin.store.customer(MINE, NOW)
    assert card is not None
    assert [each.contact.id for each in card.touches] == [contact["id"]]
    [one] = held(zhou)
    assert (one["last_by_id"], one["last_outcome"]) == (ZHOU, "interested")


def test_a_contact_that_was_put_right_is_told_as_it_was(world: World) -> None:
    lin, zhou, _ = tablets(world)
    named(lin, zhou)
    wrong = an_interaction(MINE, LIN, occurred_at=NOW, outcome="interested")
    earlier = NOW - 86_400_000
    right = an_interaction(
        MINE, LIN, occurred_at=earlier, outcome="not_met", supersedes=wrong["id"]
    )
    lin.save(Insert("interaction", wrong))
    lin.save(Insert("interaction", right))

    lin.sync()
    zhou.sync()

    [one] = held(zhou)
    assert (one["last_at"], one["last_outcome"]) == (earlier, "not_met")


def test_nothing_but_contacts_comes_in_and_only_at_that_customer(world: World) -> None:
    lin, zhou, _ = tablets(world)
    named(lin, zhou)

    zhou.save(Insert("interaction", an_interaction(OTHER, ZHOU, id=id_number(4))))
    zhou.save(Insert("relation", a_relation(MINE, ZHOU, id=id_number(9))))
    zhou.sync()

    assert statuses(zhou) == ["quarantined", "quarantined"]


def test_when_it_ends_the_rows_are_gone_and_earlier_contacts_still_come_in(world: World) -> None:
    lin, zhou, _ = tablets(world)
    id = named(lin, zhou)
    before = an_interaction(MINE, ZHOU, id=id_number(5), occurred_at=NOW - 1)
    zhou.save(Insert("interaction", before))
    ended(lin, id)

    zhou.sync()
    assert held(zhou) == []
    assert statuses(zhou) == ["done"]

    world.branch.now += 60_000
    late = an_interaction(MINE, ZHOU, id=id_number(6), occurred_at=world.branch.now)
    zhou.save(Insert("interaction", late))
    zhou.sync()
    assert statuses(zhou)[-1] == "quarantined"


def test_a_contact_of_before_the_end_counts_as_that_however_late_it_is_written_down(
    world: World,
) -> None:
    lin, zhou, _ = tablets(world)
    ended(lin, named(lin, zhou))
    world.branch.now += DAY_MS
    visits = [an_interaction(MINE, ZHOU, occurred_at=at) for at in (NOW - 60_000, NOW + 60_000)]
    for visit in visits:
        step = a_task(MINE, interaction_id=visit["id"])
        zhou.save(Insert("interaction", visit), Insert("task", step))

    zhou.sync()

    assert statuses(zhou) == ["done", "done", "quarantined", "quarantined"]
    lin.sync()
    assert [each.interaction.id for each in lin.store.timeline(MINE)] == [visits[0]["id"]]


def test_an_end_by_a_clock_that_is_ahead_is_an_end_now(world: World) -> None:
    lin, zhou, _ = tablets(world)
    ended(lin, named(lin, zhou), at=NOW + 400 * DAY_MS)
    world.branch.now += DAY_MS
    zhou.save(Insert("interaction", an_interaction(MINE, ZHOU, occurred_at=zhou.clock())))

    zhou.sync()

    assert statuses(zhou) == ["quarantined"]


def test_whoever_ended_may_be_named_again(world: World) -> None:
    lin, zhou, _ = tablets(world)
    ended(lin, named(lin, zhou))

    named(lin, zhou, role="wealth")

    assert [each["role"] for each in held(zhou)] == ["wealth"]


def test_a_supervisor_names_and_ends_too(world: World) -> None:
    lin, zhou, boss = tablets(world)
    document = a_collaborator(MINE, ZHOU, BOSS)
    boss.save(Insert("collaborator", document))
    boss.sync()
    zhou.sync()
    assert len(held(zhou)) == 1

    ended(boss, str(document["id"]))

    zhou.sync()
    lin.sync()
    assert held(zhou) == []
    assert [each["status"] for each in held(lin, "collaborator")] == ["ended"]


def test_a_customer_who_moves_takes_the_collaborator_along(world: World) -> None:
    lin, zhou, _ = tablets(world)
    named(lin, zhou)

    with world.branch.database.writing() as connection:
        move_customer(connection, MINE, "E4", world.branch.now)
    zhou.sync()
    assert held(zhou)[0]["owner_id"] != LIN

    with world.branch.database.writing() as connection:
        move_customer(connection, MINE, "E2", world.branch.now)
    zhou.sync()
    assert held(zhou) == []
    assert MINE in {row["id"] for row in held(zhou, "customer")}


def moved(world: World, number: str) -> None:
    with world.branch.database.writing() as connection:
        move_customer(connection, MINE, number, world.branch.now)
    for tablet in world.tablets:
        tablet.sync()


def test_who_was_the_owner_for_a_while_collaborates_again_until_that_ends(world: World) -> None:
    lin, zhou, _ = tablets(world)
    id = named(lin, zhou)
    for number, rows in (("E2", 0), ("E1", 1), ("E2", 0), ("E1", 1)):
        moved(world, number)
        assert len(held(zhou)) == rows

    ended(lin, id)

    zhou.sync()
    assert (held(zhou), statuses(lin)[-1]) == ([], "done")
    assert [each.verify().outcome for each in (lin, zhou)] == ["agreed"] * 2


def test_a_supervisor_names_nobody_for_a_customer_who_has_left_the_team(world: World) -> None:
    _, zhou, boss = tablets(world)
    boss.save(Insert("collaborator", a_collaborator(MINE, ZHOU, BOSS)))

    moved(world, "E4")

    assert statuses(boss) == ["quarantined"]
    zhou.sync()
    assert held(zhou) == []


def test_a_merge_takes_the_collaborator_along_and_a_split_gives_them_back(world: World) -> None:
    lin, zhou, boss = tablets(world)
    named(lin, zhou)
    lin.save(Patch("customer", OTHER, {"phone": (None, "13900004321")}))
    lin.sync()

    id = merged(world, OTHER, MINE)
    assert [(each["customer_id"], each["name"]) for each in held(zhou)] == [(OTHER, "客户1")]

    world.branch.now += 60_000
    decided(boss, id, "merged", "split")
    settle(world)
    assert [(each["customer_id"], each["name"]) for each in held(zhou)] == [(MINE, "客户0")]
    assert zhou.verify().outcome == "agreed"


@pytest.mark.parametrize(
    ("colleague", "by", "code"),
    [
        (LIN, LIN, "collaborator_wrong"),
        (BOSS, LIN, "collaborator_wrong"),
        (id_number(77), LIN, "collaborator_wrong"),
    ],
)
def test_nobody_names_the_owner_a_supervisor_or_a_stranger(
    world: World, colleague: str, by: str, code: str
) -> None:
    lin, _, _ = tablets(world)

    with pytest.raises(Refusal) as refusal:
        lin.store.commit(Insert("collaborator", a_collaborator(MINE, colleague, by)))

    assert refusal.value.code == code


def test_an_end_without_its_reason_is_not_kept(world: World) -> None:
    lin, zhou, _ = tablets(world)
    id = named(lin, zhou)

    with pytest.raises(Refusal) as refusal:
        lin.store.commit(Transition("collaborator", id, "status", "active", "ended", {}))

    assert refusal.value.code == "reason_missing"


def test_both_sides_agree_afterwards(world: World) -> None:
    lin, zhou, _ = tablets(world)
    id = named(lin, zhou)
    zhou.save(Insert("interaction", an_interaction(MINE, ZHOU, id=id_number(8))))
    zhou.sync()
    ended(lin, id)
    zhou.sync()

    assert [tablet.verify().outcome for tablet in (lin, zhou)] == ["agreed", "agreed"]
