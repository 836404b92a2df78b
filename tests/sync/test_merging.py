"""Two customers become one on the server and on devices, and two again, to the byte."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from shared.domain import Account, Relation
from shared.domain.account import account_id
from shared.domain.duplicate import duplicate_id
from shared.domain.provenance import provenance_id, read
from shared.errors import Refusal
from shared.registry import REGISTRY, Document
from shared.sync.change import Add, Insert, Patch, Transition
from shared.sync.ruling import Key
from shared.testing.around import a_case, a_case_step
from shared.testing.builders import (
    NOW,
    a_change_request,
    a_duplicate,
    a_review,
    a_task,
    an_attachment,
    an_identifier,
    an_interaction,
    id_number,
)
from shared.testing.selling import a_commission_rule, a_product, a_sale
from sync_server.store import provenances
from sync_server.store.authority import credit
from sync_server.store.deciding import merge_by_hand
from sync_server.store.merging import split_customers
from sync_server.store.rows import MERGED, documents
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.sync.checks import Device, after_the_faults, everything_follows_its_customer
from tests.sync.world import BOSS, CUSTOMERS, HEAD_OFFICE, LIN, STRANGER, ZHOU, Tablet, World

ELDER, TWIN, THEIRS = CUSTOMERS[:3]
"""Two of Lin's, and one of Zhou's."""
CARD: Final = a_product()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


def suspected(world: World, survivor: str = ELDER, other: str = TWIN) -> str:
    world.branch.bring("duplicate", a_duplicate(survivor, other))
    return duplicate_id(survivor, other)


def decided(boss: Tablet, id: str, before: str, after: str, **said: Any) -> None:
    known = {"reason": "身份证原件已核对", "decided_by": BOSS, "decided_at": boss.clock()}
    boss.save(Transition("duplicate", id, "status", before, after, known | said))


def settle(world: World) -> None:
    for _ in range(2):
        for tablet in world.tablets:
            tablet.sync()
            world.branch.remember()


def merged(world: World, survivor: str = ELDER, other: str = TWIN) -> str:
    """Have the supervisor merge two on her own device."""
    id = suspected(world, survivor, other)
    settle(world)
    world.branch.now += 60_000
    decided(world.tablets[2], id, "open", "merged")
    settle(world)
    return id


def split(world: World, id: str) -> None:
    world.branch.now += 60_000
    decided(world.tablets[2], id, "merged", "split")
    settle(world)


def record(world: World) -> dict[Key, Document]:
    """Every document of the record but what tells of merges, and devices' own state."""
    return _facts({key: row.document for key, row in world.branch.rows().items()})


def held(tablet: Tablet) -> dict[Key, Document]:
    return _facts({key: row.document for key, row in Device(tablet).shown.items()})


def _facts(rows: Mapping[Key, Document]) -> dict[Key, Document]:
    apart = ("duplicate", "device_state", "record_change")
    return {key: document for key, document in rows.items() if key[0] not in apart}


def keep_sources(world: World) -> None:
    """Have what follows from the customers' rows written down, as a night does."""
    sales = [id for name, id in world.branch.rows() if name == "sale"]

    def work(connection: Connection) -> None:
        unit = UnitOfWork(connection, Actor("job:identity"), world.branch.now)
        provenances.keep(unit, CUSTOMERS)
        credit(unit, sales)
        unit.finish()

    world.branch.database.write(work)
    world.branch.remember()


def test_what_is_of_one_is_of_the_other_on_every_device(world: World) -> None:
    lin, _, boss = world.tablets
    visit = an_interaction(TWIN, LIN)
    world.branch.bring("interaction", visit)

    merged(world)

    for tablet in (lin, boss):
        rows = held(tablet)
        assert ("customer", TWIN) not in rows
        assert rows["interaction", str(visit["id"])]["customer_id"] == ELDER
    assert world.branch.rows()["customer", TWIN].scope == f"{MERGED}{ELDER}"
    after_the_faults(world)


def test_who_ended_is_in_no_list_of_any_device_and_leads_to_the_other(world: World) -> None:
    lin, _, boss = world.tablets
    world.branch.bring("task", a_task(TWIN, due="2026-11-24"))
    day = "2026-11-24"
    assert TWIN in {each.id for each in lin.store.customers("")}

    id = merged(world)

    for store in (lin.store, boss.store):
        assert not {each.id for each in store.customers("")} & {TWIN}
        assert not {each.customer_id for each in store.today(day, store._clock())} & {TWIN}
        assert store.customer(TWIN) is None
        assert store.going_on(TWIN) == ELDER
        assert [each.duplicate.id for each in store.merges_of(ELDER)] == [id]
    assert boss.store.to_settle().duplicates == 0

    split(world, id)

    assert lin.store.going_on(TWIN) == TWIN
    assert TWIN in {each.id for each in lin.store.customers("")}
    assert lin.store.merges_of(ELDER) == []


def test_a_customer_of_a_colleague_changes_hands(world: World) -> None:
    lin, zhou, _ = world.tablets
    visit = an_interaction(THEIRS, ZHOU)
    world.branch.bring("interaction", visit)

    merged(world, ELDER, THEIRS)

    assert ("interaction", str(visit["id"])) in held(lin)
    assert not {("interaction", str(visit["id"])), ("customer", THEIRS)} & held(zhou).keys()
    after_the_faults(world)


def test_work_on_the_one_who_ended_arrives_at_the_other(world: World) -> None:
    lin, _, boss = world.tablets
    id = suspected(world)
    settle(world)
    visit = an_interaction(TWIN, LIN, id=lin.store.new_id())
    relation = Relation(lin.store.new_id(), CUSTOMERS[0], "spouse", LIN, lin.clock(), THEIRS)
    other = asdict(relation) | {"id": lin.store.new_id(), "customer_id": TWIN}
    lin.save(Insert("interaction", visit))
    lin.save(Insert("relation", other))
    lin.save(Patch("customer", TWIN, {"phone": (None, "15400001234")}))
    lin.save(Add("customer", TWIN, "interests", "书法"))
    decided(boss, id, "open", "merged")
    boss.sync()

    settle(world)

    rows = held(lin)
    assert rows["interaction", str(visit["id"])]["customer_id"] == ELDER
    assert rows["relation", str(other["id"])]["customer_id"] == ELDER
    assert (rows["customer", ELDER]["phone"], rows["customer", ELDER]["interests"]) == (
        "15400001234",
        "书法",
    )
    assert lin.store.refused_work() == []
    after_the_faults(world)

    split(world, id)

    assert held(lin)["interaction", str(visit["id"])]["customer_id"] == TWIN
    assert held(lin)["relation", str(other["id"])]["customer_id"] == TWIN
    after_the_faults(world)


def test_a_sale_of_the_one_who_ended_arrives_and_is_paid_to_its_seller(world: World) -> None:
    _, zhou, boss = world.tablets
    world.branch.bring("product", CARD)
    rule = a_commission_rule(BOSS, HEAD_OFFICE, status="approved")
    world.branch.bring("commission_rule", rule)
    id = suspected(world, ELDER, THEIRS)
    settle(world)
    sale = a_sale(THEIRS, ZHOU, str(CARD["id"]), id=zhou.store.new_id())
    step = Transition(
        "sale", str(sale["id"]), "status", "intent", "submitted", {"external_ref": "C-1"}
    )
    zhou.save(Insert("sale", sale), step)
    decided(boss, id, "open", "merged")
    boss.sync()

    settle(world)

    assert world.branch.rows()["sale", str(sale["id"])].document["customer_id"] == ELDER
    [share] = zhou.store.shares()
    assert (share.sale_id, share.employee_id) == (sale["id"], ZHOU)


def test_a_decision_needs_its_reason_and_both_customers(world: World) -> None:
    boss, id = world.tablets[2], suspected(world)
    far = suspected(world, ELDER, CUSTOMERS[3])
    settle(world)

    for said in ({"reason": ""}, {"decided_by": LIN}):
        with pytest.raises(Refusal):
            decided(boss, id, "open", "merged", **said)
    decided(boss, far, "open", "merged")
    settle(world)

    assert [work.refusal.code for work in boss.store.refused_work() if work.refusal] == [
        "not_yours"
    ]
    assert world.branch.rows()["customer", CUSTOMERS[3]].document["merged_into"] is None


def test_a_chain_is_split_from_its_end(world: World) -> None:
    boss = world.tablets[2]
    before = record(world)
    first, second = merged(world, TWIN, THEIRS), suspected(world, ELDER, TWIN)
    settle(world)
    decided(boss, second, "open", "merged")
    settle(world)
    with world.branch.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("admin:split"), world.branch.now)
        with pytest.raises(Refusal, match="merged_further"):
            split_customers(unit, first)

    split(world, second)
    pair = world.branch.rows()["duplicate", first]
    split(world, first)

    assert (pair.document["customer_id"], pair.scope) == (TWIN, f"portfolio:{LIN}")
    assert _without_sources(record(world)) == _without_sources(before)
    after_the_faults(world)


def test_who_was_merged_is_found_until_the_split_is_done(world: World) -> None:
    boss, id = world.tablets[2], merged(world)

    decided(boss, id, "merged", "split")

    assert boss.store.going_on(TWIN) == ELDER
    settle(world)
    assert boss.store.going_on(TWIN) == TWIN
    world.branch.change("customer", TWIN, owner_id=STRANGER)
    settle(world)
    assert boss.store.going_on(TWIN) == TWIN, "a split pair leads nowhere"


def chained(world: World) -> tuple[str, str]:
    """Have one merged into another, and that one into a third; return the two pairs."""
    return merged(world, TWIN, THEIRS), merged(world, ELDER, TWIN)


def test_everybody_of_a_chain_leads_to_its_end_and_after_a_split_to_what_is_left(
    world: World,
) -> None:
    lin, _, boss = world.tablets

    first, second = chained(world)

    for store in (lin.store, boss.store):
        assert [store.going_on(id) for id in (THEIRS, TWIN, ELDER)] == [ELDER] * 3
        assert {each.duplicate.id for each in store.merges_of(ELDER)} == {first, second}
    after_the_faults(world)

    split(world, second)

    for store in (lin.store, boss.store):
        assert [store.going_on(id) for id in (THEIRS, TWIN, ELDER)] == [TWIN, TWIN, ELDER]
        assert [each.duplicate.id for each in store.merges_of(TWIN)] == [first]
        assert store.merges_of(ELDER) == []
    after_the_faults(world)

    split(world, first)

    assert [lin.store.going_on(id) for id in (TWIN, ELDER)] == [TWIN, ELDER]
    assert world.tablets[1].store.customer(THEIRS) is not None


def test_a_chain_leads_to_its_end_on_a_device_that_comes_later_and_with_another_owner(
    world: World,
) -> None:
    chained(world)
    later = world.join("later", "E1")
    later.sync()
    assert later.store.going_on(THEIRS) == ELDER

    world.branch.change("customer", ELDER, owner_id=ZHOU)
    settle(world)

    zhou = world.tablets[1].store
    assert [zhou.going_on(id) for id in (THEIRS, TWIN)] == [ELDER, ELDER]
    after_the_faults(world)


def test_what_was_merged_first_is_not_taken_apart_before_what_was_merged_last(
    world: World,
) -> None:
    boss = world.tablets[2]
    first = merged(world, TWIN, THEIRS)
    second = suspected(world, ELDER, TWIN)
    settle(world)
    decided(boss, first, "merged", "split")
    world.branch.database.write(lambda connection: _joined(connection, second, world.branch.now))

    settle(world)

    assert [work.refusal.code for work in boss.store.refused_work() if work.refusal] == [
        "merged_further"
    ]
    assert boss.store.going_on(THEIRS) == ELDER
    boss.store.give_up(boss.store.refused_work()[0].op_id, "先拆开后一次")
    [of_first] = [each for each in boss.store.duplicates(0, 9) if each.duplicate.id == first]
    assert (of_first.duplicate.status, of_first.moved) == ("merged", True)


def _joined(connection: Connection, id: str, now: int) -> None:
    """Merge a pair as an operator does."""
    pair = documents(connection, REGISTRY["duplicate"], [id])[id]
    sides = str(pair["customer_id"]), str(pair["other_id"])
    merge_by_hand(connection, sides, "证件相同", now)


def _without_sources(rows: Mapping[Key, Document]) -> dict[Key, Document]:
    """A merge is the first to write where the fields of its two customers come from."""
    return {key: document for key, document in rows.items() if key[0] != "provenance"}


def test_two_merges_into_one_are_taken_back_in_any_order(world: World) -> None:
    world.branch.change("customer", TWIN, phone="15400000001", interests="书法")
    world.branch.change("customer", THEIRS, phone="15400000002", address="河湾路12号")
    keep_sources(world)
    before = record(world)
    first, second = merged(world, ELDER, TWIN), merged(world, ELDER, THEIRS)

    split(world, first)
    assert held(world.tablets[0])["customer", ELDER]["address"] == "河湾路12号"
    split(world, second)

    assert record(world) == before


def test_what_was_changed_since_keeps_the_newer_value(world: World) -> None:
    lin, _, _ = world.tablets
    world.branch.change("customer", TWIN, phone="15400000001", occupation="教师")
    id = merged(world)
    lin.save(Patch("customer", ELDER, {"phone": ("15400000001", "15400000009")}))
    settle(world)

    split(world, id)

    elder = held(lin)["customer", ELDER]
    assert (elder["phone"], elder["occupation"]) == ("15400000009", None)
    assert held(lin)["customer", TWIN]["phone"] == "15400000001"


def test_what_a_supervisor_takes_after_all_goes_back_to_whom_it_named(world: World) -> None:
    lin, _, boss = world.tablets
    visit = an_interaction(TWIN, LIN)
    world.branch.change("employee", LIN, active=False)
    lin.save(Insert("interaction", visit))
    lin.sync()
    world.branch.change("employee", LIN, active=True)
    settle(world)
    id = merged(world)
    [issue] = [issue for name, issue in world.branch.rows() if name == "issue"]
    boss.save(Transition("issue", issue, "status", "open", "accepted", {}))
    settle(world)
    assert held(lin)["interaction", str(visit["id"])]["customer_id"] == ELDER

    split(world, id)

    assert held(lin)["interaction", str(visit["id"])]["customer_id"] == TWIN


def test_what_rests_on_what_goes_back_goes_with_it(world: World) -> None:
    lin, _, boss = world.tablets
    visit, case = an_interaction(TWIN, LIN), a_case(TWIN, opened_by=LIN)
    lin.save(Insert("interaction", visit), Insert("service_case", case))
    settle(world)
    id = merged(world)
    correction = an_interaction(ELDER, LIN, supersedes=visit["id"])
    resting = {
        "interaction": correction,
        "task": a_task(ELDER, interaction_id=correction["id"]),
        "attachment": an_attachment(ELDER, LIN, interaction_id=visit["id"]),
        "case_step": a_case_step(case | {"customer_id": ELDER}, LIN),
    }
    own = an_interaction(ELDER, LIN)
    made = [Insert(entity, document) for entity, document in resting.items()]
    lin.save(*made, Insert("interaction", own))
    boss.save(Insert("review", a_review(visit | {"customer_id": ELDER}, BOSS)))
    settle(world)

    split(world, id)

    rows = held(lin)
    whose = {rows[entity, str(each["id"])]["customer_id"] for entity, each in resting.items()}
    [review] = [each for (entity, _), each in rows.items() if entity == "review"]
    assert whose == {TWIN}
    assert review["customer_id"] == TWIN
    assert rows["interaction", str(own["id"])]["customer_id"] == ELDER
    after_the_faults(world)


def test_a_split_pair_is_decided_for_good(world: World) -> None:
    boss, id = world.tablets[2], merged(world)
    split(world, id)

    decided(boss, id, "split", "merged")
    settle(world)

    assert [work.refusal.code for work in boss.store.refused_work() if work.refusal] == ["invalid"]


def test_a_merged_customer_says_where_its_values_come_from(world: World) -> None:
    lin, _, _ = world.tablets
    world.branch.change("customer", TWIN, gender="female")
    lin.save(Patch("customer", TWIN, {"phone": (None, "15400000001")}))
    settle(world)

    merged(world)

    kept = held(lin)["provenance", provenance_id(ELDER)]
    origins = read(str(kept["fields"]))
    assert (origins["phone"].source, origins["gender"].source) == ("manager", "system")
    assert held(lin)["customer", ELDER]["gender"] == "female"


def _children(place: int, customer: str, other: str, owner: str) -> list[tuple[str, Document]]:
    """What a bank may know of a customer, one of each kind."""
    number = f"{place:04d}"
    account: Any = {"kind": "demand", "name": "活期", "last_four": number, "source": "core"}
    made: Any = {"id": id_number(20_000 + place)}
    return [
        ("interaction", an_interaction(customer, owner, satisfaction=5, **made)),
        ("task", a_task(customer, **made)),
        ("identifier", an_identifier(customer, **made)),
        ("attachment", an_attachment(customer, owner, **made)),
        ("change_request", a_change_request(customer, owner, **made)),
        ("relation", asdict(Relation(made["id"], customer, "spouse", owner, NOW, other))),
        (
            "account",
            asdict(
                Account(account_id("core", number), customer, balance=place, as_of=NOW, **account)
            ),
        ),
        ("sale", a_sale(customer, owner, str(CARD["id"]), **made)),
    ]


_FIELDS: Final = st.fixed_dictionaries(
    {},
    optional={
        "phone": st.sampled_from(["15400000001", "15400000002"]),
        "address": st.just("河湾路12号"),
        "gender": st.sampled_from(["female", "male"]),
        "interests": st.sampled_from(["书法", "书法\n旅游"]),
        "need": st.sampled_from(["housing", "growth"]),
        "deposit_balance": st.integers(0, 9),
        "birth_date": st.just("1952-03-12"),
    },
)


@settings(max_examples=20)
@given(
    fields=st.lists(_FIELDS, min_size=3, max_size=3),
    things=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2), st.integers(0, 2))),
    pair=st.sampled_from([(0, 1), (1, 0), (0, 2), (2, 1)]),
)
def test_a_merge_taken_back_leaves_every_byte_as_it_was(
    fields: list[dict[str, Any]], things: list[tuple[int, int, int]], pair: tuple[int, int]
) -> None:
    world = World()
    try:
        world.branch.bring("product", CARD)
        for customer, said in zip(CUSTOMERS, fields, strict=False):
            world.branch.change("customer", customer, **said)
        for place, (kind, whose, other) in enumerate(things):
            owner = (LIN, LIN, ZHOU)[whose]
            entity, document = _children(place, CUSTOMERS[whose], CUSTOMERS[other], owner)[kind]
            world.branch.bring(entity, document)
        keep_sources(world)
        settle(world)
        before, on_devices = record(world), [held(tablet) for tablet in world.tablets]

        id = merged(world, CUSTOMERS[pair[0]], CUSTOMERS[pair[1]])
        between = record(world)
        everything_follows_its_customer(world.branch)
        split(world, id)

        assert between != before
        assert not any(
            _names(row, CUSTOMERS[pair[1]])
            for key, row in between.items()
            if key[0] != "provenance"
        )
        assert record(world) == before
        assert [held(tablet) for tablet in world.tablets] == on_devices
        after_the_faults(world)
    finally:
        world.close()


def _names(row: Document, customer: str) -> bool:
    return row.get("customer_id") == customer


def test_every_entity_of_a_customer_follows_or_stays_by_its_declaration() -> None:
    stays = {name for name, entity in REGISTRY.items() if entity.stays}

    assert {"customer_value", "duplicate", "provenance", "record_change"} <= stays
    assert all(REGISTRY[name].of_customer for name in stays)
