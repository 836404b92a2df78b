"""A suspected duplicate is decided with a reason, in one's own name, and on customers who stand."""

from typing import Any

import pytest

from shared.domain.duplicate import duplicate_id, must_say_why
from shared.domain.provenance import Origin, read, written
from shared.errors import Refusal
from shared.registry import Act, Document
from shared.testing.builders import a_customer, a_duplicate

ME, AT = "me", 1_790_000_000_000
ONE, OTHER = a_customer("lin"), a_customer("lin")


def step(status: str, other: Document = OTHER, **said: Any) -> str | None:
    """Take a step as a supervisor; return the code of the refusal, or None."""
    before = a_duplicate(str(ONE["id"]), str(other["id"]))
    after = {**before, "status": status, "decided_by": ME, "reason": "见过证件", **said}
    try:
        must_say_why(Act(after, before, {"customer_id": ONE, "other_id": other}, ME, AT))
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("status", ["merged", "distinct", "split"])
def test_a_decision_has_a_reason_and_is_ones_own(status: str) -> None:
    assert step(status) is None
    assert step(status, reason="") == "reason_missing"
    assert step(status, decided_by="another") == "not_own_fact"


def test_whoever_was_merged_is_not_merged_again() -> None:
    gone = {**OTHER, "merged_into": "somebody"}

    assert step("merged", gone) == "merged_already"
    assert step("distinct", gone) is None


def test_a_pair_has_one_name_whoever_is_named_first() -> None:
    assert duplicate_id("a", "b") == duplicate_id("b", "a")
    assert duplicate_id("a", "b") != duplicate_id("a", "c")


def test_where_fields_come_from_is_read_as_it_was_written() -> None:
    origins = {"name": Origin("verified", AT), "phone": Origin("system", None)}

    assert read(written(origins)) == origins
