"""Words, corrections, change requests and cases: who may do what, and what follows from it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from shared.registry import Document
from shared.sync.arbiter import judge
from shared.sync.merge import members
from shared.sync.protocol import Op
from shared.sync.ruling import Caller, Ground, Row, Ruling
from shared.testing.builders import (
    a_caller,
    a_change_request,
    a_customer,
    add,
    an_interaction,
    insert,
    new_id,
    patch,
    remove,
    transition,
    txn,
)

LIN, ZHOU, BOSS = new_id(), new_id(), new_id()
LINS, ZHOUS = f"portfolio:{LIN}", f"portfolio:{ZHOU}"
ME = a_caller(LIN)
SUPERVISOR = a_caller(BOSS, LINS, ZHOUS, role="supervisor")
CUSTOMER = a_customer(LIN, interests="茶\n高尔夫")
THEIRS = a_customer(ZHOU)
VISIT = an_interaction(str(CUSTOMER["id"]), LIN)
ID = str(CUSTOMER["id"])


def ground(*rows: tuple[str, Document, str]) -> Ground:
    present = [
        ("customer", CUSTOMER, LINS),
        ("customer", THEIRS, ZHOUS),
        ("interaction", VISIT, LINS),
        *rows,
    ]
    return Ground(
        seen={},
        rows={(name, str(each["id"])): Row(each, 1, scope) for name, each, scope in present},
        deleted=frozenset(),
        homes={ID: LINS, str(THEIRS["id"]): ZHOUS},
        moved=frozenset(),
    )


def judged(*ops: Op, caller: Caller = ME, on: Ground | None = None, **parts: Any) -> Ruling:
    return judge([txn(*ops, **parts)], caller, on or ground())


def said(*ops: Op, caller: Caller = ME, on: Ground | None = None) -> list[str]:
    """The statuses, or the codes of what was refused."""
    verdicts = judged(*ops, caller=caller, on=on).verdicts
    return [str(verdict.get("code", verdict["status"])) for verdict in verdicts]


def after(ruling: Ruling, entity: str) -> Document:
    [last] = [write.document for write in ruling.writes if write.entity.name == entity][-1:]
    assert last is not None
    return last


# Sets of words


def test_two_people_who_add_and_remove_words_take_nothing_from_each_other() -> None:
    ruling = judged(
        add("customer", ID, "interests", "子女留学"), remove("customer", ID, "interests", "茶")
    )

    assert after(ruling, "customer")["interests"] == "子女留学\n高尔夫"


@pytest.mark.parametrize(
    "op", [add("customer", ID, "interests", "茶"), remove("customer", ID, "interests", "围棋")]
)
def test_a_word_that_is_there_already_or_gone_already_is_a_noop(op: Op) -> None:
    assert said(op) == ["noop"]


@pytest.mark.parametrize("word", ["", "  ", "两行\n字", None, 7, ["茶"], "长" * 1001])
def test_what_is_not_one_word_is_invalid(word: Any) -> None:
    assert said(add("customer", ID, "interests", word)) == ["invalid"]


@pytest.mark.parametrize(
    "op",
    [
        add("customer", ID, "contact_note", "茶"),
        patch("customer", ID, interests=("茶\n高尔夫", "")),
    ],
)
def test_words_are_added_to_sets_and_sets_are_not_overwritten(op: Op) -> None:
    assert said(op) == ["invalid"]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("甲乙丙丁"))))
def test_a_set_holds_each_word_that_was_added_last_in_order(steps: list[tuple[bool, str]]) -> None:
    text, wanted = "", set[str]()
    for adds, word in steps:
        text = members(text, None, word) if adds else members(text, word, None)
        wanted = wanted | {word} if adds else wanted - {word}

    assert text == "\n".join(sorted(wanted))


# Corrections


def correction(**fields: Any) -> Document:
    return an_interaction(ID, LIN, **{"supersedes": VISIT["id"], "outcome": "declined", **fields})


def test_a_correction_is_a_record_of_its_own_and_leaves_the_first_as_it_was() -> None:
    ruling = judged(insert("interaction", correction()))

    assert [verdict["status"] for verdict in ruling.verdicts] == ["applied"]
    assert [write.id for write in ruling.writes] != [VISIT["id"]]


def test_nobody_corrects_a_colleagues_fact() -> None:
    word = correction(employee_id=BOSS)

    assert said(insert("interaction", word), caller=SUPERVISOR) == ["not_own_fact"]


def test_a_correction_is_about_the_same_customer() -> None:
    theirs = a_caller(LIN, ZHOUS)

    word = correction(customer_id=THEIRS["id"])

    assert said(insert("interaction", word), caller=theirs) == ["not_own_fact"]


def test_what_was_never_said_cannot_be_corrected() -> None:
    assert said(insert("interaction", correction(supersedes=new_id()))) == ["not_found"]


def test_a_visit_and_its_correction_may_arrive_together() -> None:
    visit = an_interaction(ID, LIN)
    word = correction(supersedes=visit["id"])

    assert said(insert("interaction", visit), insert("interaction", word)) == ["applied"] * 2


def test_of_two_corrections_of_one_contact_the_second_takes_the_place_of_the_first() -> None:
    first, second = correction(outcome="done"), correction()

    ruling = judged(insert("interaction", first), insert("interaction", second))

    assert [verdict["status"] for verdict in ruling.verdicts] == ["applied"] * 2
    supersedes = [write.document["supersedes"] for write in ruling.writes if write.document]
    assert supersedes == [VISIT["id"], first["id"]]


# Change requests


def requested(**fields: Any) -> Document:
    return a_change_request(ID, LIN, **fields)


def decision(request: Document, status: str, **words: Any) -> Op:
    return transition("change_request", str(request["id"]), "status", "pending", status, **words)


def test_a_request_is_filed_in_ones_own_name_and_begins_as_pending() -> None:
    assert said(insert("change_request", requested())) == ["applied"]
    assert said(insert("change_request", requested(employee_id=BOSS))) == ["not_own_fact"]
    assert said(insert("change_request", requested(status="approved"))) == ["invalid"]


def test_the_present_value_stays_until_someone_else_approves() -> None:
    ruling = judged(insert("change_request", requested()))

    assert [write.entity.name for write in ruling.writes] == ["change_request"]


def test_an_approval_writes_the_value_and_what_follows_from_it() -> None:
    request = requested()
    on = ground(("change_request", request, LINS))

    ruling = judge(
        [txn(decision(request, "approved", answer="已核"))],
        SUPERVISOR,
        on,
        lambda entity, each: {**each, "initials": "sxm"} if entity.name == "customer" else each,
    )

    assert after(ruling, "change_request")["answer"] == "已核"
    customer = after(ruling, "customer")
    assert (customer["name"], customer["initials"]) == ("单晓岷", "sxm")


def test_nobody_approves_what_they_asked_for() -> None:
    mine = a_change_request(ID, BOSS)
    on = ground(("change_request", mine, LINS))

    assert said(decision(mine, "approved"), caller=SUPERVISOR, on=on) == ["four_eyes"]


def test_an_account_manager_decides_on_no_request() -> None:
    request = requested(employee_id=BOSS)
    on = ground(("change_request", request, LINS))

    assert said(decision(request, "approved"), on=on) == ["not_permitted"]
    assert said(decision(request, "withdrawn"), on=on) == ["not_permitted"]


def test_one_may_take_ones_own_request_back() -> None:
    request = requested()

    assert said(decision(request, "withdrawn"), on=ground(("change_request", request, LINS))) == [
        "applied"
    ]


def test_a_request_whose_value_has_moved_on_is_not_approved() -> None:
    request = requested(old='"别的名字"')
    on = ground(("change_request", request, LINS))

    [verdict] = judged(decision(request, "approved"), caller=SUPERVISOR, on=on).verdicts

    assert (verdict["code"], verdict["fields"]) == ("value_moved_on", {"current": "单晓敏"})


@pytest.mark.parametrize(
    ("field", "new"), [("name", '""'), ("risk_grade", '"R9"'), ("birth_date", '"1988-02-30"')]
)
def test_a_value_that_does_not_fit_is_not_approved(field: str, new: str) -> None:
    request = requested(field=field, old=to_json(CUSTOMER[field]).decode(), new=new)
    on = ground(("change_request", request, LINS))

    assert said(decision(request, "approved"), caller=SUPERVISOR, on=on) == ["invalid"]


def test_a_request_is_not_edited() -> None:
    request = requested()
    on = ground(("change_request", request, LINS))

    assert said(patch("change_request", str(request["id"]), reason=("", "改")), on=on) == [
        "append_only"
    ]


# Conflicts


def a_conflict(ruling: Ruling) -> Document:
    return after(ruling, "conflict")


def clashing() -> Ruling:
    return judged(patch("customer", ID, stage=("design", "marketing")))


def test_both_values_and_both_people_stand_in_a_conflict() -> None:
    on = ground()
    on.authors["customer", ID, "stage"] = BOSS

    conflict = a_conflict(judged(patch("customer", ID, stage=("design", "marketing")), on=on))

    names = ("customer_id", "entity", "record_id", "field", "lost_by", "won_by", "status")
    assert [conflict[name] for name in names] == [ID, "customer", ID, "stage", BOSS, LIN, "open"]
    assert [from_json(str(conflict[name])) for name in ("before", "lost", "won")] == [
        "design",
        "discovery",
        "marketing",
    ]


def test_taking_the_value_that_lost_is_a_change_and_a_step_together() -> None:
    conflict = a_conflict(clashing())
    settled = transition("conflict", str(conflict["id"]), "status", "open", "settled", kept="lost")
    back = patch("customer", ID, stage=("discovery", "marketing"))

    assert said(back, settled, on=ground(("conflict", conflict, LINS))) == ["applied", "applied"]


def test_a_device_makes_no_conflicts_and_no_issues() -> None:
    conflict = a_conflict(clashing())

    assert said(insert("conflict", {**conflict, "id": new_id()})) == ["server_owned"]


def test_a_refused_transaction_leaves_no_conflict_behind() -> None:
    ruling = judged(
        patch("customer", ID, stage=("design", "marketing")), patch("customer", ID, name=("a", "b"))
    )

    assert ruling.writes == []


# Issues


def refused_visit() -> tuple[Ruling, Document]:
    visit = an_interaction(str(THEIRS["id"]), LIN)
    ruling = judged(insert("interaction", visit))
    [issue] = [write.document for write in ruling.issues]
    assert issue is not None
    return ruling, issue


def accepted(issue: Document, **words: Any) -> Op:
    return transition("issue", str(issue["id"]), "status", "open", "accepted", **words)


def test_the_culprit_of_a_refused_transaction_is_named_not_its_dependants() -> None:
    good, bad = (
        insert("interaction", an_interaction(ID, LIN)),
        insert("interaction", an_interaction(new_id(), LIN)),
    )

    [issue] = judged(good, bad).issues

    assert issue.document is not None
    assert (issue.document["code"], issue.document["record_id"]) == ("unknown_customer", bad["id"])
    assert issue.scope == LINS


def test_a_supervisor_accepts_in_the_authors_name_and_their_own_scopes() -> None:
    _, issue = refused_visit()

    ruling = judged(accepted(issue), caller=SUPERVISOR, on=ground(("issue", issue, LINS)))

    assert [verdict["status"] for verdict in ruling.verdicts] == ["applied"]
    assert after(ruling, "interaction")["employee_id"] == LIN
    assert after(ruling, "issue")["status"] == "accepted"


def test_what_the_rules_still_refuse_is_not_accepted_and_the_issue_stays_open() -> None:
    _, issue = refused_visit()
    boss = a_caller(BOSS, LINS, role="supervisor")

    ruling = judged(accepted(issue), caller=boss, on=ground(("issue", issue, LINS)))

    assert [verdict.get("code") for verdict in ruling.verdicts] == ["not_yours"]
    assert (ruling.writes, ruling.issues) == ([], [])


def test_an_author_does_not_accept_their_own_issue() -> None:
    _, issue = refused_visit()
    on = ground(("issue", issue, LINS))
    mine = {**issue, "employee_id": BOSS}

    assert said(accepted(issue), on=on) == ["not_permitted"]
    assert said(accepted(mine), caller=SUPERVISOR, on=ground(("issue", mine, LINS))) == [
        "four_eyes"
    ]


def test_two_who_settle_an_issue_do_not_quarrel() -> None:
    _, issue = refused_visit()
    given_up = transition("issue", str(issue["id"]), "status", "open", "discarded", reason="重复")
    on = ground(("issue", {**issue, "status": "accepted"}, LINS))

    assert said(given_up, on=on) == ["noop"]


def test_an_issue_is_replaced_by_its_author_only() -> None:
    _, issue = refused_visit()
    on = ground(("issue", {**issue, "employee_id": ZHOU}, LINS))

    ruling = judged(insert("interaction", an_interaction(ID, LIN)), on=on, replaces=issue["id"])

    assert [write.entity.name for write in ruling.writes] == ["interaction"]


def test_work_of_someone_who_is_no_longer_welcome_becomes_an_issue() -> None:
    left = Caller(LIN, "tablet", "account_manager", frozenset(), welcome=False)

    ruling = judged(insert("interaction", an_interaction(ID, LIN)), caller=left)

    assert [verdict.get("code") for verdict in ruling.verdicts] == ["device_revoked"]
    [issue] = ruling.issues
    assert issue.scope == LINS
