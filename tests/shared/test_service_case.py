"""A service case: its clock, what each step must say, and who may take it."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import ServiceCase
from shared.domain.service_case import (
    SERVICE_STEPS,
    SLA_HOURS,
    CaseKind,
    case_id,
    due_after,
    due_at,
    is_late,
    is_open_complaint,
    left,
    must_be_served,
)
from shared.domain.usual import Severity
from shared.errors import Refusal
from shared.registry import Act, Document
from shared.testing.around import a_case

ME, CUSTOMER, AT = "me", "customer", 1_790_000_000_000
HOUR_MS = 3_600_000


def a_complaint(**fields: Any) -> Document:
    return a_case(CUSTOMER, **{"opened_at": AT, "opened_by": ME, **fields})


def stepped(before: Document, status: str, at: int = AT, **said: Any) -> Document:
    """A case after a step that is taken as it should be."""
    term = {"due_at": due_after(before, status, at), "stepped_at": at}
    return {**before, "status": status, "employee_id": ME, **term, **said}


def objection(after: Document, before: Document | None) -> str | None:
    """The code of what the rule has against an act, or None."""
    try:
        must_be_served(Act(after, before, {}, ME, AT))
    except Refusal as refusal:
        return refusal.code
    return None


def the(document: Document) -> ServiceCase:
    return ServiceCase(**document)  # type: ignore[arg-type]


# Opening


@pytest.mark.parametrize("kind", get_args(CaseKind))
@pytest.mark.parametrize("severity", get_args(Severity))
def test_a_case_is_due_by_its_kind_and_severity(kind: CaseKind, severity: Severity) -> None:
    case = a_complaint(kind=kind, severity=severity)

    assert case["due_at"] == AT + SLA_HOURS[kind][severity] * HOUR_MS
    assert objection(case, None) is None


def test_the_more_severe_a_case_the_sooner_it_is_due() -> None:
    for terms in SLA_HOURS.values():
        assert terms["urgent"] < terms["high"] < terms["normal"]


@pytest.mark.parametrize("wrong", [{"due_at": AT}, {"stepped_at": AT + 1}])
def test_nobody_gives_a_new_case_a_clock_of_its_own(wrong: dict[str, int]) -> None:
    assert objection(a_complaint(**wrong), None) == "invalid"


def test_a_contact_opens_one_case() -> None:
    assert case_id("contact") == case_id("contact") != case_id("another")


# Steps


def test_a_step_is_taken_in_ones_own_name() -> None:
    before = a_complaint()

    assert objection(stepped(before, "working", employee_id="another"), before) == "not_own_fact"
    assert objection(stepped(before, "working"), before) is None


@pytest.mark.parametrize("said", [None, "", "  "])
def test_nothing_is_resolved_without_saying_how(said: str | None) -> None:
    before = stepped(a_complaint(), "working")

    assert objection(stepped(before, "resolved", resolution=said), before) == "resolution_missing"
    assert objection(stepped(before, "resolved", resolution="已退费"), before) is None


def test_a_complaint_is_closed_when_the_customer_was_asked() -> None:
    before = stepped(a_complaint(), "resolved", resolution="已退费")

    assert objection(stepped(before, "closed"), before) == "customer_not_asked"
    assert objection(stepped(before, "closed", satisfaction=2), before) is None


def test_nothing_else_needs_a_score() -> None:
    before = stepped(a_complaint(kind="question"), "resolved", resolution="已答复")

    assert objection(stepped(before, "closed"), before) is None


def test_a_case_that_is_opened_again_has_neither_answer_nor_score() -> None:
    before = stepped(a_complaint(), "closed", resolution="已退费", satisfaction=2)
    later = AT + 500 * HOUR_MS

    assert objection(stepped(before, "reopened", later), before) == "invalid"
    again = stepped(before, "reopened", later, resolution=None, satisfaction=None)
    assert objection(again, before) is None
    assert again["due_at"] == later + 24 * HOUR_MS
    assert is_open_complaint(the(again))


def test_nobody_moves_the_clock_with_a_step() -> None:
    before = a_complaint()
    after = stepped(before, "working")

    assert objection(after | {"due_at": before["due_at"] + HOUR_MS}, before) == "invalid"  # type: ignore[operator]


# The clock


def test_the_clock_stands_still_while_the_customer_is_waited_for() -> None:
    working = stepped(a_complaint(), "working", AT + HOUR_MS)
    waiting = stepped(working, "waiting_for_customer", AT + 4 * HOUR_MS)

    assert left(the(waiting), AT + 100 * HOUR_MS) == 20 * HOUR_MS
    assert not is_late(the(waiting), AT + 100 * HOUR_MS)

    back = stepped(waiting, "working", AT + 100 * HOUR_MS)
    assert back["due_at"] == AT + 120 * HOUR_MS
    assert objection(back, waiting) is None


def test_what_was_late_when_the_waiting_began_stays_late() -> None:
    late = stepped(stepped(a_complaint(), "working"), "waiting_for_customer", AT + 25 * HOUR_MS)

    assert is_late(the(late), AT + 26 * HOUR_MS)


def test_a_case_is_late_from_the_moment_after_its_term_until_it_is_resolved() -> None:
    case = a_complaint()
    due = int(str(case["due_at"]))

    assert not is_late(the(case), due)
    assert is_late(the(case), due + 1)
    resolved = the(stepped(case, "resolved", due + 2, resolution="已退费"))
    assert (is_late(resolved, due + 3), left(resolved, due + 3)) == (False, None)


@given(st.lists(st.tuples(st.integers(0, len(SERVICE_STEPS) - 1), st.integers(0, 10**9))))
def test_the_clock_runs_exactly_while_nobody_waits(walk: list[tuple[int, int]]) -> None:
    """Whatever way a case takes: its term less what it ran is what is left."""
    case, now, ran = a_complaint(), AT, 0
    for place, pause in walk:
        steps = [step.after for step in SERVICE_STEPS if step.before == case["status"]]
        after = steps[place % len(steps)]
        runs = case["status"] != "waiting_for_customer"
        now, ran = now + pause, ran + (pause if runs else 0)
        if after == "reopened":
            ran = 0
        case = stepped(case, after, now)
        remaining = left(the(case), now)
        assert remaining in (None, 24 * HOUR_MS - ran)


# Complaints


@pytest.mark.parametrize("status", ["open", "working", "waiting_for_customer", "resolved"])
def test_a_complaint_is_open_until_the_customer_was_asked(status: str) -> None:
    assert is_open_complaint(the(a_complaint(status=status)))
    assert not is_open_complaint(the(a_complaint(status=status, kind="request")))
    assert not is_open_complaint(the(a_complaint(status="closed")))


def test_a_case_can_always_go_on_but_from_nowhere_to_nowhere() -> None:
    states = {step.before for step in SERVICE_STEPS} | {step.after for step in SERVICE_STEPS}

    assert {step.before for step in SERVICE_STEPS} == states
    assert due_at({"opened_at": 0, "kind": "complaint", "severity": "urgent"}) == 4 * HOUR_MS
