"""The arbiter: every verdict and every refusal that it can give, and that it always gives one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.registry import REGISTRY, Document, Merge
from shared.sync.arbiter import judge
from shared.sync.outcome import digest
from shared.sync.plain import plain
from shared.sync.protocol import Op, Txn, Verdict
from shared.sync.ruling import Applied, Caller, Ground, Key, Row, Ruling, asks
from shared.testing.builders import (
    NOW,
    a_caller,
    a_customer,
    a_review,
    a_task,
    an_interaction,
    delete,
    depending,
    insert,
    new_id,
    patch,
    transition,
    txn,
)
from shared.testing.selling import a_product, a_sale
from shared.testing.strategies import documents

LIN, ZHOU = new_id(), new_id()
LINS, ZHOUS = f"portfolio:{LIN}", f"portfolio:{ZHOU}"
CUSTOMER = a_customer(LIN)
THEIRS = a_customer(ZHOU)
VISIT = an_interaction(str(CUSTOMER["id"]), LIN)
TASK = a_task(str(CUSTOMER["id"]))
ME = a_caller(LIN)


def ground(*rows: tuple[str, Document, str], **parts: Any) -> Ground:
    """A ground with Lin's customer, visit and task on it, and Zhou's customer."""
    present = [
        ("customer", CUSTOMER, LINS),
        ("customer", THEIRS, ZHOUS),
        ("interaction", VISIT, LINS),
        ("task", TASK, LINS),
        *rows,
    ]
    known: dict[Key, Row] = {
        (entity, str(document["id"])): Row(document, 1, scope)
        for entity, document, scope in present
    }
    made = Ground(
        seen={},
        rows=known,
        deleted=frozenset(),
        homes={str(CUSTOMER["id"]): LINS, str(THEIRS["id"]): ZHOUS},
        moved=frozenset(),
    )
    return replace(made, **parts)


def judged(*ops: Op, caller: Caller = ME, on: Ground | None = None) -> Ruling:
    """What becomes of operations that are a transaction each."""
    return judge([txn(op) for op in ops], caller, on or ground())


def verdict(op: Op, caller: Caller = ME, on: Ground | None = None) -> Verdict:
    [only] = judged(op, caller=caller, on=on).verdicts
    return only


def code(op: Op, caller: Caller = ME, on: Ground | None = None) -> str | None:
    said = verdict(op, caller, on)
    assert said["status"] == "rejected"
    return said.get("code")


def written(ruling: Ruling) -> list[Document]:
    return [write.document for write in ruling.writes if write.document is not None]


def new_visit(**fields: Any) -> Document:
    return an_interaction(str(CUSTOMER["id"]), LIN, **fields)


# Insert


def test_a_visit_with_ones_own_customer_is_applied_as_version_1() -> None:
    visit = new_visit()

    ruling = judged(insert("interaction", visit))

    assert (ruling.verdicts[0]["status"], ruling.verdicts[0]["version"]) == ("applied", 1)
    [write] = ruling.writes
    assert (write.document, write.scope, write.version) == (visit, LINS, 1)


def test_a_document_that_leaves_defaults_out_is_completed() -> None:
    visit: Document = {name: value for name, value in new_visit().items() if value is not None}

    [write] = judged(insert("interaction", visit)).writes

    assert write.document == REGISTRY["interaction"].known(visit)


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "pigeon"},
        {"occurred_at": -1},
        {"occurred_at": 2**63},
        {"satisfaction": 6},
        {"accuracy_m": float("inf")},
        {"customer_id": None},
        {"note": "x" * 4001},
    ],
)
def test_a_visit_that_does_not_fit_is_invalid(wrong: Any) -> None:
    said = verdict(insert("interaction", new_visit() | wrong))

    assert (said["status"], said["code"]) == ("rejected", "invalid")
    assert said["fields"]["path"] == f"interaction/{next(iter(wrong))}"


def test_one_invalid_document_of_a_batch_spoils_no_other() -> None:
    ops = [insert("interaction", new_visit()) for _ in range(3)]
    ops[1]["doc"]["channel"] = "pigeon"

    said = judged(*ops).verdicts

    assert [each["status"] for each in said] == ["applied", "rejected", "applied"]


def test_a_document_of_another_id_than_its_operation_is_invalid() -> None:
    assert code({**insert("interaction", new_visit()), "id": new_id()}) == "invalid"


def test_a_visit_with_an_unknown_customer_is_refused() -> None:
    assert code(insert("interaction", an_interaction(new_id(), LIN))) == "unknown_customer"


def test_a_visit_with_anothers_customer_is_refused() -> None:
    assert code(insert("interaction", an_interaction(str(THEIRS["id"]), LIN))) == "not_yours"


@pytest.mark.parametrize(
    ("entity", "document"),
    [
        ("interaction", an_interaction(str(THEIRS["id"]), LIN)),
        ("task", a_task(str(THEIRS["id"]))),
    ],
)
def test_work_on_a_customer_who_moved_on_lately_is_taken_and_flagged(
    entity: str, document: Document
) -> None:
    on = ground(moved=frozenset({str(THEIRS["id"])}))

    ruling = judged(insert(entity, document), on=on)

    assert ruling.verdicts[0].get("flags") == ["late_transfer"]
    assert ruling.writes[0].scope == ZHOUS


def test_late_work_is_taken_with_the_steps_that_were_made_along_with_it() -> None:
    card = a_product()
    sale = a_sale(str(THEIRS["id"]), LIN, str(card["id"]))
    step = transition("sale", str(sale["id"]), "status", "intent", "submitted", external_ref="C-1")
    on = ground(moved=frozenset({str(THEIRS["id"])}), refers={("product", str(card["id"])): card})

    ruling = judge([txn(insert("sale", sale), step)], ME, on)

    assert [each["status"] for each in ruling.verdicts] == ["applied", "applied"]
    assert {write.scope for write in ruling.writes} == {ZHOUS}


def test_an_edit_on_a_customer_who_moved_on_is_not_taken() -> None:
    on = ground(moved=frozenset({str(THEIRS["id"])}))

    assert code(patch("customer", str(THEIRS["id"]), need=(None, "housing")), on=on) == "not_yours"


def test_a_record_in_anothers_name_is_refused() -> None:
    assert code(insert("interaction", new_visit(employee_id=ZHOU))) == "not_own_fact"


def test_a_supervisor_reviews_in_their_own_name() -> None:
    boss = a_caller("boss", LINS, role="supervisor")

    assert verdict(insert("review", a_review(VISIT, "boss")), boss)["status"] == "applied"
    assert code(insert("review", a_review(VISIT, LIN)), boss) == "not_own_fact"


def test_an_id_that_another_record_has_is_taken() -> None:
    assert code(insert("interaction", {**VISIT, "note": "另一条"})) == "id_taken"


def test_the_id_of_a_deleted_record_is_gone() -> None:
    task = a_task(str(CUSTOMER["id"]))
    on = ground(deleted=frozenset({("task", str(task["id"]))}))

    assert code(insert("task", task), on=on) == "gone"


def test_a_customer_is_not_made_on_a_device() -> None:
    assert code(insert("customer", a_customer(LIN))) == "guarded_field"


# Patch


def test_a_patch_of_the_row_as_seen_is_applied() -> None:
    ruling = judged(patch("customer", str(CUSTOMER["id"]), contact_note=(None, "午后在")))

    assert (ruling.verdicts[0]["status"], ruling.verdicts[0]["version"]) == ("applied", 2)
    assert ruling.writes[0].document == {**CUSTOMER, "contact_note": "午后在"}


def test_a_patch_of_an_older_version_is_merged() -> None:
    op = patch("customer", str(CUSTOMER["id"]), version=0, contact_note=(None, "午后在"))

    assert verdict(op)["status"] == "merged"


def test_a_clash_wins_and_keeps_the_loser() -> None:
    op = patch("customer", str(CUSTOMER["id"]), stage=("design", "marketing"))

    ruling = judged(op)

    assert ruling.verdicts[0]["status"] == "conflict"
    [_, conflict] = written(ruling)
    assert [conflict[name] for name in ("before", "lost", "won")] == [
        '"design"',
        '"discovery"',
        '"marketing"',
    ]


def test_a_patch_that_changes_nothing_is_a_noop() -> None:
    ruling = judged(patch("customer", str(CUSTOMER["id"]), stage=("design", "discovery")))

    assert (ruling.verdicts[0]["status"], ruling.writes) == ("noop", [])


@pytest.mark.parametrize(
    "field", [f.name for f in REGISTRY["customer"].fields.values() if f.guarded]
)
def test_a_guarded_field_is_not_changed_from_a_device(field: str) -> None:
    change: Any = {field: (CUSTOMER[field], "其他")}
    op = patch("customer", str(CUSTOMER["id"]), **change)

    assert verdict(op)["fields"] == {"fields": field}
    assert code(op) == "guarded_field"


def test_an_id_is_not_patched() -> None:
    assert code(patch("task", str(TASK["id"]), id=(TASK["id"], new_id()))) == "guarded_field"


def test_a_task_is_not_handed_to_another_customer() -> None:
    theirs = (TASK["customer_id"], THEIRS["id"])

    assert code(patch("task", str(TASK["id"]), customer_id=theirs)) == "guarded_field"


def test_a_state_is_not_patched() -> None:
    assert code(patch("task", str(TASK["id"]), status=("open", "done"))) == "invalid"


def test_a_patch_with_a_value_that_does_not_fit_is_invalid() -> None:
    assert code(patch("task", str(TASK["id"]), title=("回访", ""))) == "invalid"


def test_a_fact_is_not_patched() -> None:
    assert code(patch("interaction", str(VISIT["id"]), note=(None, "改"))) == "append_only"


def test_a_row_that_is_not_there_is_not_found() -> None:
    assert code(patch("task", new_id(), title=("a", "b"))) == "not_found"


def test_a_row_that_was_deleted_is_gone() -> None:
    id = new_id()

    assert (
        code(patch("task", id, title=("a", "b")), on=ground(deleted=frozenset({("task", id)})))
        == "gone"
    )


def test_anothers_row_is_not_ones_own() -> None:
    theirs = a_task(str(THEIRS["id"]))

    assert (
        code(delete("task", str(theirs["id"])), on=ground(("task", theirs, ZHOUS))) == "not_yours"
    )


# Transition


@pytest.mark.parametrize(
    ("before", "after"),
    [(step.before, step.after) for step in REGISTRY["task"].fields["status"].steps],
)
def test_a_step_that_the_rule_knows_is_taken(before: str, after: str) -> None:
    task = a_task(str(CUSTOMER["id"]), status=before)

    said = verdict(
        transition("task", str(task["id"]), "status", before, after),
        on=ground(("task", task, LINS)),
    )

    assert (said["status"], said["version"]) == ("applied", 2)


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("status", "dropped", "open"),
        ("status", "open", "open"),
        ("status", ["open"], {"a": 1}),
        ("title", "回访", "上门"),
    ],
)
def test_a_step_that_the_rule_does_not_know_is_invalid(field: str, before: Any, after: Any) -> None:
    assert code(transition("task", str(TASK["id"]), field, before, after)) == "invalid"


def test_a_transition_of_no_field_is_invalid() -> None:
    assert (
        code({**transition("task", str(TASK["id"]), "status", "open", "done"), "set": {}})
        == "invalid"
    )


def test_a_step_that_someone_already_took_is_a_noop() -> None:
    done = a_task(str(CUSTOMER["id"]), status="done")
    op = transition("task", str(done["id"]), "status", "open", "done")

    assert verdict(op, on=ground(("task", done, LINS)))["status"] == "noop"


def test_a_step_from_a_state_that_has_passed_says_the_present_one() -> None:
    dropped = a_task(str(CUSTOMER["id"]), status="dropped")
    op = transition("task", str(dropped["id"]), "status", "open", "done")

    said = verdict(op, on=ground(("task", dropped, LINS)))

    assert (said["code"], said["fields"]) == ("stale_transition", {"current": "dropped"})


# Delete


def test_a_task_is_deleted_once() -> None:
    said = judged(delete("task", str(TASK["id"])), delete("task", str(TASK["id"]))).verdicts

    assert [each.get("code") for each in said] == [None, "gone"]


def test_a_customer_is_not_deleted_from_a_device() -> None:
    assert code(delete("customer", str(CUSTOMER["id"]))) == "not_permitted"


def test_a_fact_is_not_deleted() -> None:
    assert code(delete("interaction", str(VISIT["id"]))) == "append_only"


# Who may


@pytest.mark.parametrize("role", ["auditor", "operator"])
@pytest.mark.parametrize(
    "op", [insert("interaction", new_visit()), delete("task", str(TASK["id"]))]
)
def test_auditors_and_operators_record_nothing(role: str, op: Op) -> None:
    assert code(op, a_caller(LIN, role=role)) == "not_permitted"


@pytest.mark.parametrize(
    "entity", [each.name for each in REGISTRY.values() if each.merge is Merge.SERVER]
)
def test_what_the_bank_keeps_is_not_written_from_a_device(entity: str) -> None:
    assert code({**delete("task", new_id()), "entity": entity}) == "server_owned"


# Again


def known(op: Op, status: str = "applied", **parts: Any) -> Mapping[str, Applied]:
    said: Any = {"op_id": op["op_id"], "status": status, "seq": 7, "version": 1, **parts}
    return {op["op_id"]: Applied(digest(op), said)}


def test_an_operation_that_comes_again_has_the_verdict_it_had() -> None:
    op = insert("interaction", new_visit())

    ruling = judged(op, on=ground(seen=known(op)))

    assert ruling.verdicts == [
        {"op_id": op["op_id"], "status": "duplicate", "seq": 7, "version": 1}
    ]
    assert (ruling.writes, ruling.applied) == ([], [])


def test_a_refused_operation_that_comes_again_is_refused_as_before() -> None:
    op = insert("interaction", new_visit())
    on = ground(seen=known(op, "rejected", code="not_yours", fields={}))

    assert code(op, on=on) == "not_yours"


@pytest.mark.parametrize(
    "other", [{"doc": {}}, {"entity": "task"}, {"id": new_id()}, {"kind": "delete"}]
)
def test_an_op_id_with_other_content_is_refused(other: Any) -> None:
    op = insert("interaction", new_visit())

    assert code({**op, **other}, on=ground(seen=known(op))) == "op_id_reused"


# Together


def test_a_transaction_falls_with_its_first_refused_operation_and_writes_nothing() -> None:
    visit = new_visit()
    note = patch("customer", str(CUSTOMER["id"]), stage=("design", "marketing"))
    bad = insert("task", a_task(new_id()))

    ruling = judge([txn(insert("interaction", visit), note, bad)], ME, ground())

    assert [each.get("code") for each in ruling.verdicts] == [
        "depends_on_rejected",
        "depends_on_rejected",
        "unknown_customer",
    ]
    assert ruling.writes == []


def test_what_a_refused_transaction_did_is_not_seen_by_the_next() -> None:
    gone = txn(delete("task", str(TASK["id"])), insert("task", a_task(new_id())))
    note = txn(
        patch("customer", str(CUSTOMER["id"]), need=(None, "housing")), delete("task", new_id())
    )
    after = txn(
        patch("task", str(TASK["id"]), title=("回访", "上门")),
        patch("customer", str(CUSTOMER["id"]), occupation=(None, "教师")),
    )

    ruling = judge([gone, note, after], ME, ground())

    assert [each["status"] for each in ruling.verdicts[-2:]] == ["applied", "applied"]
    assert [write.version for write in ruling.writes] == [2, 2]
    assert ruling.writes[1].document == {**CUSTOMER, "occupation": "教师"}


def test_a_record_made_and_changed_in_one_batch_has_both_versions() -> None:
    task = a_task(str(CUSTOMER["id"]))
    step = transition("task", str(task["id"]), "status", "open", "done")

    ruling = judged(insert("task", task), step, delete("task", str(task["id"])))

    assert [write.version for write in ruling.writes] == [1, 2, 3]


def test_what_depends_on_a_refused_operation_is_refused_with_it() -> None:
    bad = insert("task", a_task(new_id()))
    child = depending(insert("interaction", new_visit()), bad)
    grandchild = depending(insert("interaction", new_visit()), child)
    free = insert("interaction", new_visit())

    said = judged(bad, child, grandchild, free).verdicts

    assert [each.get("code") for each in said] == [
        "unknown_customer",
        "depends_on_rejected",
        "depends_on_rejected",
        None,
    ]


def test_what_depends_on_an_operation_refused_long_ago_is_refused() -> None:
    bad = insert("task", a_task(new_id()))
    child = depending(insert("interaction", new_visit()), bad)
    on = ground(seen=known(bad, "rejected", code="unknown_customer", fields={}))

    assert code(child, on=on) == "depends_on_rejected"


# What an older or newer app says


def test_an_unknown_entity_is_deferred() -> None:
    said = verdict({**insert("task", TASK), "entity": "opportunity"})

    assert (said["status"], said["flags"]) == ("deferred", ["unknown"])


def test_an_unknown_kind_of_operation_is_deferred() -> None:
    assert verdict({**delete("task", str(TASK["id"])), "kind": "command"})["status"] == "deferred"


@pytest.mark.parametrize(
    "op",
    [
        insert("interaction", {**new_visit(), "mood": "good"}),
        patch("task", str(TASK["id"]), title=("回访", "上门"), mood=(None, "good")),
        patch("task", str(TASK["id"]), mood=(None, "good")),
    ],
    ids=["insert", "patch", "nothing else"],
)
def test_an_unknown_column_is_deferred_and_the_rest_is_taken(op: Op) -> None:
    said = verdict(op)

    assert said["status"] in ("applied", "noop")
    assert said["flags"] == ["deferred:mood"]


# Whatever comes


@given(st.data())
def test_every_operation_has_exactly_one_verdict(data: st.DataObject) -> None:
    batch = data.draw(
        st.lists(st.lists(operations(), min_size=1, max_size=3).map(_txn), max_size=4)
    )

    ruling = judge(batch, ME, ground())

    sent = [op["op_id"] for each in batch for op in each["ops"]]
    assert [each["op_id"] for each in ruling.verdicts] == sent
    assert {write.op_id for write in ruling.writes} <= {
        each["op_id"]
        for each in ruling.verdicts
        if each["status"] in ("applied", "merged", "conflict")
    }
    for each in batch:
        fates = {v["status"] == "rejected" for v in ruling.verdicts if v["op_id"] in _ids(each)}
        assert len(fates) == 1


@given(st.data())
def test_a_batch_judged_twice_writes_once(data: st.DataObject) -> None:
    batch = data.draw(
        st.lists(st.lists(operations(), min_size=1, max_size=2).map(_txn), max_size=4)
    )
    first = judge(batch, ME, ground())
    seen = {op["op_id"]: Applied(content, said) for op, content, said in first.applied}

    again = judge(batch, ME, ground(seen=seen))

    assert (again.writes, again.applied) == ([], [])
    assert [_word(each) for each in again.verdicts] == [
        "rejected" if each["status"] == "rejected" else "duplicate" for each in first.verdicts
    ]


@given(st.data())
def test_the_ground_that_was_asked_for_is_all_that_is_needed(data: st.DataObject) -> None:
    batch = data.draw(
        st.lists(st.lists(operations(), min_size=1, max_size=2).map(_txn), max_size=3)
    )
    wanted = asks(batch)
    whole = ground()

    asked = replace(
        whole,
        rows={key: row for key, row in whole.rows.items() if key[1] in wanted.rows.get(key[0], ())},
        homes={id: scope for id, scope in whole.homes.items() if id in wanted.customers},
    )

    assert judge(batch, ME, asked).verdicts == judge(batch, ME, ground()).verdicts


def operations() -> st.SearchStrategy[Op]:
    """Operations of every kind, on rows that are there and rows that are not."""
    made = [
        documents(entity).map(lambda doc, name=name: insert(name, {**doc, "id": new_id()}))  # type: ignore[misc]
        for name, entity in REGISTRY.items()
    ]
    mine = st.sampled_from([new_visit, lambda: a_task(str(CUSTOMER["id"]))])
    pairs = st.tuples(st.sampled_from([None, "a", 1, True]), st.sampled_from([None, "b", 2, ["x"]]))
    field = st.sampled_from(["title", "status", "contact_note", "name", "id", "unheard_of"])
    changes = st.dictionaries(field, pairs.map(list), max_size=2)
    rows = st.sampled_from(
        [("task", TASK["id"]), ("customer", CUSTOMER["id"]), ("interaction", VISIT["id"])]
    )
    edits = st.builds(
        lambda kind, row, wanted: {**patch(row[0], str(row[1])), "kind": kind, "set": wanted},
        st.sampled_from(["patch", "transition", "delete", "insert", "command"]),
        rows,
        changes,
    )
    own = mine.map(lambda make: make()).map(
        lambda doc: insert("task" if "title" in doc else "interaction", doc)
    )
    return st.one_of(*made, own, edits)


def _txn(ops: list[Op]) -> Txn:
    return txn(*ops)


def _ids(each: Txn) -> set[str]:
    return {op["op_id"] for op in each["ops"]}


def _word(said: Verdict) -> str:
    return said["status"]


@pytest.mark.parametrize("said", [{"source": "cc"}, {"agent": "客服 12"}, {"received_at": NOW}])
def test_a_device_cannot_speak_for_a_system_of_the_bank(said: dict[str, Any]) -> None:
    visit = an_interaction(str(CUSTOMER["id"]), LIN, **said)

    assert [v.get("code") for v in judged(insert("interaction", visit)).verdicts] == [
        "server_owned"
    ]
    assert plain([txn(insert("interaction", visit))], ME) is None
