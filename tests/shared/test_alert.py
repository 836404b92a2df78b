"""An alert is handled in its order: protect the customer first, then say why and what was done."""

from dataclasses import asdict
from typing import Any

import pytest

from shared.domain.alert import Alert, alert_id, due_at, must_protect_first
from shared.errors import Refusal
from shared.registry import Act, Document

ME, CUSTOMER, AT = "me", "customer", 1_790_000_000_000


def an_alert(**fields: Any) -> Document:
    known = {"kind": "abnormal_flow", "severity": "urgent", "direction": "out", **fields}
    return asdict(
        Alert(
            id=alert_id("abnormal_flow", CUSTOMER, "out 2026-09-21"),
            customer_id=CUSTOMER,
            day="2026-09-21",
            raised_at=AT,
            due_at=due_at(AT, "urgent"),
            **known,
        )
    )


def step(before: Document, status: str, **said: Any) -> str | None:
    """Take a step as the owner; return the code of the refusal, or None."""
    after = {**before, "status": status, "employee_id": ME, **said}
    try:
        must_protect_first(Act(after, before, {}, ME, AT))
    except Refusal as refusal:
        return refusal.code
    return None


def test_the_three_questions_come_before_the_cause_of_a_flow() -> None:
    alert = an_alert()

    assert step(alert, "handled", cause="housing", action="talked") == "protect_first"
    assert step(alert, "checked") == "answers_missing"
    assert step(alert, "checked", answers="no,no,unknown") is None


def test_the_questions_are_asked_of_a_flow_that_was_taken_back_meanwhile_too() -> None:
    alert = an_alert(status="withdrawn")

    assert step(alert, "handled", cause="housing", action="talked") == "protect_first"
    assert step(alert, "checked", answers="no,no,no") is None


def test_of_money_that_arrives_the_cause_is_asked_at_once() -> None:
    arrived = an_alert(direction="in")

    assert step(arrived, "handled", cause="business", action="talked") is None


@pytest.mark.parametrize("kind", ["satisfaction", "maturity"])
def test_other_alerts_are_handled_at_once(kind: str) -> None:
    assert step(an_alert(kind=kind), "handled", cause="other", action="talked") is None


@pytest.mark.parametrize("said", [{}, {"cause": "housing"}, {"action": "talked"}])
def test_an_alert_is_handled_with_a_cause_and_an_action(said: dict[str, str]) -> None:
    checked = an_alert(status="checked", answers="no,no,no")

    assert step(checked, "handled", **said) == "cause_missing"


@pytest.mark.parametrize("answers", ["yes,no,no", "no,yes,unknown", "no,no,yes"])
def test_a_yes_leaves_one_action_to_report_it(answers: str) -> None:
    checked = an_alert(status="checked", answers=answers)

    said = {"cause": "fraud_suspected"}
    assert step(checked, "handled", **said, action="talked") == "report_first"
    assert step(checked, "handled", **said, action="reported") is None


def test_a_yes_is_not_taken_back_by_answering_again() -> None:
    checked = an_alert(status="checked", answers="yes,no,no")

    said = {"answers": "no,no,no", "cause": "housing"}
    assert step(checked, "handled", **said, action="talked") == "report_first"


def test_nobody_handles_an_alert_in_anothers_name() -> None:
    assert step(an_alert(), "checked", answers="no,no,no", employee_id="you") == "not_own_fact"


def test_the_same_cause_raises_the_same_alert() -> None:
    assert alert_id("abnormal_flow", "a", "out 2026-09-21") == alert_id(
        "abnormal_flow", "a", "out 2026-09-21"
    )
    assert alert_id("abnormal_flow", "a", "x") != alert_id("abnormal_flow", "b", "x")


def test_the_more_severe_the_sooner_it_is_due() -> None:
    hours = [(due_at(AT, each) - AT) // 3_600_000 for each in ("urgent", "high", "normal")]

    assert hours == [2, 24, 72]
