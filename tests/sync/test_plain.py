"""Plain batches: the short way accepts what the arbiter accepts, writes the same, and no more."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from shared.registry import REGISTRY, Document, Entity
from shared.sync.arbiter import judge
from shared.sync.plain import NewRecord, Plain, plain, plain_digest, plain_verdict
from shared.sync.protocol import Op, Txn
from shared.sync.ruling import Caller, Ground, asks
from shared.testing.builders import (
    a_caller,
    a_change_request,
    a_customer,
    a_review,
    a_task,
    an_attachment,
    an_employee,
    an_identifier,
    an_interaction,
    depending,
    insert,
    new_id,
    txn,
)
from shared.testing.strategies import documents, entities

LIN, ZHOU, MINE, THEIRS = new_id(), new_id(), new_id(), new_id()
HOMES = {MINE: f"portfolio:{LIN}", THEIRS: f"portfolio:{ZHOU}"}
ME = a_caller(LIN, f"user:{LIN}")
mostly = st.sampled_from([True] * 15 + [False])


def ground() -> Ground:
    """The store knows the two customers' homes and none of what is sent."""
    return Ground(seen={}, rows={}, deleted=frozenset(), homes=dict(HOMES), moved=frozenset())


def records(txns: Sequence[Txn], caller: Caller) -> list[NewRecord] | None:
    batch = plain(txns, caller)
    return None if batch is None else batch.records(caller, _homes(batch))


def _homes(batch: Plain) -> dict[str, str]:
    return {id: home for id, home in HOMES.items() if id in batch.asks.customers}


def _expected(entity: Entity) -> Document:
    """What the fields say that decide whether a record may begin."""
    said: Document = {"customer_id": MINE, "supersedes": None}
    if entity.author:
        said[entity.author] = LIN
    if entity.state:
        said[entity.state.name] = entity.defaults[entity.state.name]
    said |= {field.name: None for field in entity.fields.values() if field.bank_says}
    return {name: value for name, value in said.items() if name in entity.fields}


@st.composite
def inserts(draw: st.DrawFn) -> Op:
    """The insert of any record, most often one that may begin."""
    entity = draw(entities())
    document = entity.known(draw(documents(entity))) | {"id": new_id()}
    expected = _expected(entity)
    document |= {name: value for name, value in expected.items() if draw(mostly)}
    return insert(entity.name, document)


def _with(op: Op, **fields: Any) -> Op:
    return {**op, "doc": {**op["doc"], **fields}}


IN_THE_WAY: Any = {
    "another id than its document's": lambda op: op | {"id": new_id()},
    "another kind": lambda op: op | {"kind": "patch"},
    "a later kind": lambda op: op | {"kind": "fold"},
    "a later entity": lambda op: op | {"entity": "keepsake"},
    "a change beside its document": lambda op: op | {"set": {}},
    "no document": lambda op: {name: value for name, value in op.items() if name != "doc"},
    "a change for a document": lambda op: IN_THE_WAY["no document"](op) | {"set": {}},
    "depends": lambda op: depending(op, insert("task", a_task(MINE))),
    "a later column": lambda op: _with(op, weather="fine"),
    "a column left out": lambda op: op | {"doc": dict(list(op["doc"].items())[:-1])},
    "another order": lambda op: op | {"doc": dict(reversed(op["doc"].items()))},
    "someone else's customer": lambda op: _with(op, customer_id=THEIRS),
    "an unknown customer": lambda op: _with(op, customer_id=new_id()),
    "someone else's word": lambda op: _with(op, employee_id=ZHOU),
    "a correction": lambda op: _with(op, supersedes=new_id()),
    "invalid": lambda op: _with(op, occurred_at=-1),
    "a later state": lambda _: insert("task", a_task(MINE, status="done")),
    "guarded": lambda _: insert("customer", a_customer(LIN)),
    "the server's": lambda _: insert("employee", an_employee("unit")),
    "the server's about a customer": lambda _: insert("identifier", an_identifier(MINE)),
    "a case that the server makes": lambda _: insert("conflict", A_CONFLICT),
    "the same again": lambda _: SENT,
    "another operation for the same record": lambda _: SENT | {"op_id": new_id()},
}
SENT: Op = insert("interaction", an_interaction(MINE, LIN))
A_CONFLICT: Document = REGISTRY["conflict"].known(
    dict.fromkeys(("entity", "record_id", "field", "before", "lost", "won", "won_by"), "x")
    | {"id": new_id(), "customer_id": MINE, "lost_by": None, "at": 1}
)


@st.composite
def batches(draw: st.DrawFn) -> list[Txn]:
    """Transactions of inserts, most of them as they should be."""
    ops = draw(st.lists(inserts(), min_size=1, max_size=4))
    if not draw(mostly):
        place = draw(st.integers(0, len(ops) - 1))
        if "occurred_at" in ops[place].get("doc", {}):
            ops[place] = draw(st.sampled_from(list(IN_THE_WAY.values())))(ops[place])
    cut = draw(st.integers(1, len(ops)))
    txns = [txn(*some) for some in (ops[:cut], ops[cut:]) if some]
    if not draw(mostly):
        txns[0]["replaces"] = new_id()
    return txns


callers = st.sampled_from(
    [ME] * 12
    + [replace(ME, welcome=False), replace(ME, role="auditor"), replace(ME, scopes=frozenset())]
)


def _is_complete_and_alone(op: Op) -> bool:
    known = op["entity"] in REGISTRY and op["kind"] == "insert" and "doc" in op
    if not known or op.keys() & {"depends", "set"}:
        return False
    document, entity = op["doc"], REGISTRY[op["entity"]]
    in_order = list(document) == list(entity.fields)
    return in_order and document.get("supersedes") is None and entity.rule is None


@given(batches(), callers)
def test_a_batch_is_plain_when_the_arbiter_would_accept_all_of_it(
    txns: list[Txn], caller: Caller
) -> None:
    ops = [op for each in txns for op in each["ops"]]

    made = records(txns, caller)

    ruling = judge(txns, caller, ground())
    event("plain" if made is not None else "left to the arbiter")
    if made is None:
        accepted = [plain_verdict(op["op_id"], None) for op in ops]
        is_simple = all(map(_is_complete_and_alone, ops)) and "replaces" not in txns[0]
        is_distinct = len({op["op_id"] for op in ops}) == len(ops)
        assert ruling.verdicts != accepted or not is_simple or not is_distinct
        return
    assert ruling.verdicts == [plain_verdict(each.op_id, None) for each in made]
    assert ruling.issues == []
    assert [
        (write.entity, write.document, write.scope, write.encoded, write.op_id, write.version)
        for write in ruling.writes
    ] == [(*each, 1) for each in made]
    assert [digest for _, digest, _ in ruling.applied] == [
        plain_digest(each.entity.name, str(each.document["id"]), each.encoded) for each in made
    ]


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_one_operation_that_is_not_plain_leaves_the_batch_to_the_arbiter(what: str) -> None:
    odd = IN_THE_WAY[what](insert("interaction", an_interaction(MINE, LIN)))

    assert records([txn(SENT), txn(odd)], ME) is None


def test_a_transaction_that_replaces_another_is_left_to_the_arbiter() -> None:
    assert records([txn(SENT, replaces=new_id())], ME) is None


@pytest.mark.parametrize(
    "caller",
    [replace(ME, welcome=False), replace(ME, role="auditor"), replace(ME, scopes=frozenset())],
)
def test_the_work_of_one_who_may_not_write_here_is_left_to_the_arbiter(caller: Caller) -> None:
    assert records([txn(SENT)], caller) is None


@given(batches())
def test_a_plain_batch_asks_for_all_that_the_arbiter_would(txns: list[Txn]) -> None:
    batch = plain(txns, ME)

    wanted = asks(txns)

    if batch is not None:
        assert (batch.asks.op_ids, batch.asks.rows) == (wanted.op_ids, wanted.rows)
        assert batch.asks.customers <= wanted.customers


def test_everything_that_a_day_in_the_field_makes_is_plain() -> None:
    visit = an_interaction(MINE, LIN, note="问了“利率”\\和还款\n约好再来")
    made = [
        ("interaction", visit),
        ("task", a_task(MINE)),
        ("review", a_review(visit, LIN)),
        ("change_request", a_change_request(MINE, LIN)),
        ("attachment", an_attachment(MINE, LIN)),
    ]

    created = records([txn(*(insert(name, each) for name, each in made))], ME)

    assert created is not None
    assert [(each.entity.name, each.document) for each in created] == made
