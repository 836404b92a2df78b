"""A relation leads to someone, and changes only with its evidence."""

from dataclasses import asdict
from typing import Any

from shared.domain.relation import MIRRORED, Relation, must_lead_somewhere
from shared.errors import Refusal
from shared.registry import Act, Document


def a_relation(**fields: Any) -> Document:
    known = {"kind": "child", "other_name": "单晓敏", **fields}
    return asdict(Relation("r", "customer", employee_id="me", occurred_at=1, **known))


def refusal(document: Document, before: Document | None = None) -> str | None:
    try:
        must_lead_somewhere(Act(document, before, {}, "me", 1))
    except Refusal as found:
        return found.code
    return None


def test_it_leads_to_another_customer_or_to_a_name() -> None:
    assert refusal(a_relation()) is None
    assert refusal(a_relation(other_name=None, other_id="another")) is None
    assert refusal(a_relation(other_name=None)) == "relation_wrong"
    assert refusal(a_relation(other_id="customer")) == "relation_wrong"


def test_a_step_says_what_it_rests_on() -> None:
    claimed = a_relation()

    assert refusal({**claimed, "status": "verified"}, claimed) == "reason_missing"
    assert refusal({**claimed, "status": "verified", "reason": "户口簿"}, claimed) is None


def test_what_one_is_to_the_other_leads_back() -> None:
    assert all(MIRRORED[MIRRORED[kind]] == kind for kind in MIRRORED)
