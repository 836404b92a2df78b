"""A referral is offered to a colleague, who alone accepts it; what follows is shared as agreed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.referral import agreed_shares, both_copies, copy_id, may_follow, may_refer
from shared.domain.sale import read_shares, shares_text
from shared.errors import Refusal
from shared.registry import Act, Document
from shared.testing.around import a_referral
from shared.testing.builders import NOW, a_customer, an_employee

LIN, ZHOU, BOSS = "lin", "zhou", "boss"
CUSTOMER = a_customer(LIN, id="mother", name="单玉珍")


def refusal(document: Document, by: str, before: Document | None = None) -> str | None:
    colleague = an_employee(
        "unit", "supervisor" if document["to_id"] == BOSS else "account_manager"
    )
    related = {"customer_id": CUSTOMER, "to_id": colleague}
    try:
        may_refer(Act(document, before, related, by, NOW))
    except Refusal as found:
        return found.code
    return None


def offered(**fields: Any) -> Document:
    return a_referral("mother", LIN, fields.pop("to", ZHOU), **fields)


def at(document: Document, status: str, **said: Any) -> Document:
    return {**document, "status": status, **said}


def copies(document: Document) -> tuple[Document, Document]:
    first, other = both_copies(document, "单玉珍")
    return first, other


def test_it_goes_from_ones_own_customer_to_another_account_manager() -> None:
    assert refusal(offered(), LIN) is None
    assert refusal(offered(to=LIN), LIN) == "referral_wrong"
    assert refusal(offered(to=BOSS), LIN) == "referral_wrong"
    assert refusal(offered(), ZHOU) == "not_own_fact"
    assert refusal(offered(original_id="another"), LIN) == "server_owned"
    assert refusal(offered(customer_label="单*珍"), LIN) == "server_owned"
    others = {**CUSTOMER, "owner_id": ZHOU}
    act = Act(offered(), None, {"customer_id": others, "to_id": an_employee("unit")}, LIN, NOW)
    with pytest.raises(Refusal, match="not_yours"):
        may_refer(act)


def test_nobody_who_has_left_is_referred_to() -> None:
    gone = an_employee("unit", active=False)
    act = Act(offered(), None, {"customer_id": CUSTOMER, "to_id": gone}, LIN, NOW)

    with pytest.raises(Refusal, match="referral_wrong"):
        may_refer(act)


def test_the_colleague_alone_accepts_and_the_referrer_alone_takes_back() -> None:
    before = offered()

    assert refusal(at(before, "accepted"), ZHOU, before) is None
    assert refusal(at(before, "accepted"), LIN, before) == "not_own_fact"
    assert refusal(at(before, "withdrawn"), LIN, before) is None
    assert refusal(at(before, "withdrawn"), ZHOU, before) == "not_own_fact"
    assert refusal(at(before, "declined"), ZHOU, before) == "reason_missing"
    assert refusal(at(before, "declined", reason="不做住房贷款"), ZHOU, before) is None


def test_each_of_the_two_has_a_copy_that_says_the_same() -> None:
    first, other = copies(offered(id="first"))

    assert (first["id"], first["employee_id"], first["original_id"]) == ("first", LIN, None)
    assert (other["id"], other["employee_id"]) == (copy_id("first"), ZHOU)
    assert first["customer_label"] == other["customer_label"] == "单*珍"
    own = {"id", "employee_id", "original_id"}
    assert {name for name in first if first[name] != other[name]} == own


def test_a_step_on_one_copy_is_on_both() -> None:
    _, other = copies(offered(id="first"))

    assert [each["status"] for each in copies(at(other, "accepted"))] == ["accepted"] * 2
    assert [each["id"] for each in copies(other)] == ["first", copy_id("first")]


def test_a_sale_follows_only_from_what_its_seller_accepted() -> None:
    first, other = copies(offered())

    assert not may_follow(other, ZHOU)
    assert may_follow(at(other, "accepted"), ZHOU)
    assert may_follow(at(other, "done"), ZHOU)
    assert not may_follow(at(other, "accepted"), LIN)
    assert not may_follow(at(first, "accepted"), LIN)


@given(st.integers(1, 9_999))
def test_the_agreed_split_is_always_a_split_of_the_whole(pay_bp: int) -> None:
    shares = agreed_shares(offered(pay_bp=pay_bp))

    assert read_shares(shares_text(shares)) == shares
    assert [(each.employee, each.pay_bp) for each in shares] == [
        (ZHOU, 10_000 - pay_bp),
        (LIN, pay_bp),
    ]
