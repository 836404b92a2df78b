"""Later: what an app says in words that its server does not know, and its rest."""

from typing import Any

import pytest

from shared.sync.arbiter import judge
from shared.sync.later import rest, understood
from shared.sync.outcome import digest
from shared.sync.protocol import Op, Verdict
from shared.sync.ruling import Applied, Ground
from shared.testing.builders import insert, new_id, patch, transition, txn
from tests.sync.test_arbiter import CUSTOMER, ME, TASK, THEIRS, VISIT, ground, new_visit, written

ID, TASK_ID = str(CUSTOMER["id"]), str(TASK["id"])


def adding(kind: str, field: str) -> Op:
    return {**patch("customer", ID), "kind": kind, "set": {field: [None, "茶"]}}


@pytest.mark.parametrize(
    ("op", "known"),
    [
        (insert("interaction", {**new_visit(), "mood": "good"}), True),
        (patch("customer", ID, mood=(None, "good")), True),
        (adding("add", "interests"), True),
        (adding("add", "moods"), False),
        (adding("remove", "moods"), False),
        (transition("task", TASK_ID, "status", "open", "done"), True),
        (transition("task", TASK_ID, "stage", "open", "done"), False),
        (insert("keepsake", {"id": new_id()}), False),
        ({**patch("customer", ID), "kind": "stamp"}, False),
    ],
)
def test_what_has_a_part_that_can_be_judged_is_understood(op: Op, known: bool) -> None:
    assert understood(op) is known


def test_a_word_said_with_a_step_is_left_open_and_the_step_is_taken() -> None:
    step = transition("task", TASK_ID, "status", "open", "done")
    step["set"]["excuse"] = [None, "客户改期"]

    ruling = judge([txn(step)], ME, ground())

    [said] = ruling.verdicts
    assert (said["status"], said["flags"]) == ("applied", ["deferred:excuse"])
    assert written(ruling)[0]["status"] == "done"


def test_an_unknown_word_for_a_set_is_deferred_whole() -> None:
    [said] = judge([txn(adding("add", "moods"))], ME, ground()).verdicts

    assert (said["status"], said["flags"]) == ("deferred", ["unknown"])


def left_open(op: Op, *columns: str) -> tuple[Op, Ground]:
    """The rest of an operation of which a server did not know some columns, and its ground now."""
    flags = [f"deferred:{column}" for column in columns]
    frame: Verdict = {"op_id": op["op_id"], "status": "applied", "seq": 1, "version": 1}
    said: Verdict = {**frame, "flags": flags}
    last = rest(op, said)
    assert last is not None
    return last, ground(seen={op["op_id"]: Applied(digest(op), said)})


def outcome(op: Op, on: Ground) -> tuple[str, str | None, list[Any]]:
    ruling = judge([txn(op)], ME, on)
    return ruling.verdicts[0]["status"], ruling.verdicts[0].get("code"), written(ruling)


def test_the_rest_of_a_fact_is_written() -> None:
    last, on = left_open(insert("interaction", {**VISIT, "note": "下雪"}), "note")

    status, _, [visit] = outcome(last, on)

    assert (status, visit) == ("applied", {**VISIT, "note": "下雪"})


def test_the_rest_says_no_more_than_was_left_open() -> None:
    last, on = left_open(insert("interaction", {**VISIT, "note": "下雪"}), "note")
    last["set"]["outcome"] = [VISIT["outcome"], "declined"]

    _, _, [visit] = outcome(last, on)

    assert visit == {**VISIT, "note": "下雪"}


def test_a_fact_is_completed_once() -> None:
    last, on = left_open(insert("interaction", {**VISIT, "note": "下雪"}), "note")
    again: Op = {**last, "op_id": new_id(), "set": {"note": ["下雪", "晴"]}}

    said = judge([txn(last), txn(again)], ME, on).verdicts

    assert [verdict["status"] for verdict in said] == ["applied", "rejected"]
    assert said[1]["code"] == "append_only"


@pytest.mark.parametrize("way", ["nothing before it", "an operation not seen"])
def test_a_rest_of_nothing_is_refused(way: str) -> None:
    last, on = left_open(insert("interaction", {**VISIT, "note": "下雪"}), "note")
    if way == "nothing before it":
        del last["depends"]
    else:
        on = ground()

    assert outcome(last, on)[:2] == ("rejected", "not_found")


def test_a_rest_that_the_server_understood_meanwhile_changes_nothing() -> None:
    op = insert("interaction", {**VISIT, "note": "下雪"})
    last, _ = left_open(op, "note")
    whole: Verdict = {"op_id": op["op_id"], "status": "applied", "seq": 1}

    assert outcome(last, ground(seen={op["op_id"]: Applied(digest(op), whole)}))[0] == "noop"


@pytest.mark.parametrize(
    ("entity", "op", "column", "code"),
    [
        ("customer", patch("customer", ID, name=("单晓敏", "错")), "name", "guarded_field"),
        ("task", patch("task", TASK_ID, status=("open", "done")), "status", "invalid"),
        ("customer", patch("customer", str(THEIRS["id"]), note=(None, "x")), "note", "not_yours"),
        ("customer", patch("customer", new_id(), note=(None, "x")), "note", "not_found"),
    ],
)
def test_the_rest_is_refused_what_any_operation_is(
    entity: str, op: Op, column: str, code: str
) -> None:
    last, on = left_open(op, column)

    assert outcome(last, on)[:2] == ("rejected", code)
