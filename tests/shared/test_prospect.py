"""A prospect is claimed by one manager, for a term that each contact begins anew."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from shared.domain.days import bank_day
from shared.domain.prospect import (
    LATE_DAYS,
    PROTECTED_DAYS,
    days_left,
    ends_on,
    has_lapsed,
    is_same,
    may_award,
    may_claim,
    must_be_own,
    renewed_at,
)
from shared.errors import Refusal
from shared.identity import uscc_check
from shared.registry import Act, Document, Rule
from shared.testing.around import a_prospect, a_prospect_contact
from shared.testing.builders import NOW

LIN, ZHOU, BOSS = "lin", "zhou", "boss"
DAY_MS = 24 * 3_600_000
BODY = "91320115MA1XQ2R7K"
CODE = BODY + uscc_check(BODY)
OTHER_CODE = BODY[:16] + "L" + uscc_check(BODY[:16] + "L")


def refusal(
    rule: Rule, document: Document, by: str, before: Document | None = None, **related: Any
) -> str | None:
    try:
        rule(Act(document, before, related, by, NOW))
    except Refusal as found:
        return found.code
    return None


# What is held to the author


def test_one_claims_in_ones_own_name_alone() -> None:
    assert refusal(may_claim, a_prospect(LIN), LIN) is None
    assert refusal(may_claim, a_prospect(LIN), ZHOU) == "not_own_fact"


def test_a_credit_code_has_its_check_digit_and_is_an_organisations() -> None:
    wrong = BODY + ("0" if CODE[-1] != "0" else "1")

    assert refusal(may_claim, a_prospect(LIN, code=CODE), LIN) is None
    assert refusal(may_claim, a_prospect(LIN, code=wrong), LIN) == "code_wrong"
    assert refusal(may_claim, a_prospect(LIN, code=CODE.lower()), LIN) == "code_wrong"
    assert refusal(may_claim, a_prospect(LIN, code=CODE, kind="person"), LIN) == "code_wrong"


def test_what_is_learnt_later_is_added_by_its_author_and_nobody_takes_it_over() -> None:
    before = a_prospect(LIN)

    assert refusal(may_claim, {**before, "phone": "13800001234"}, LIN, before) is None
    assert refusal(may_claim, {**before, "phone": "13800001234"}, BOSS, before) == "not_own_fact"
    assert refusal(may_claim, {**before, "employee_id": ZHOU}, ZHOU, before) == "guarded_field"
    assert refusal(may_claim, {**before, "kind": "person"}, LIN, before) == "guarded_field"


def test_what_is_lost_says_why() -> None:
    before = a_prospect(LIN)

    assert refusal(may_claim, {**before, "status": "lost"}, LIN, before) == "reason_missing"
    lost = {**before, "status": "lost", "reason": "贷款在他行办了"}
    assert refusal(may_claim, lost, LIN, before) is None
    assert refusal(may_claim, {**before, "status": "released"}, LIN, before) is None


def test_a_contact_is_with_a_prospect_of_ones_own() -> None:
    prospect = a_prospect(LIN)
    contact = a_prospect_contact(prospect)

    assert refusal(must_be_own, contact, LIN, prospect_id=prospect) is None
    assert refusal(must_be_own, contact, ZHOU, prospect_id=prospect) == "not_yours"
    assert refusal(must_be_own, contact, LIN, prospect_id=None) == "not_found"


# Which two are one


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"code": CODE, "name": "明达"}, {"code": CODE, "name": "云汀明达", "phone": None}, True),
        ({"code": CODE}, {"code": OTHER_CODE}, False),
        ({"code": CODE}, {}, True),
        ({}, {"name": "云汀市明达培训有限责任公司", "phone": "025-86001234"}, True),
        ({}, {"name": "云汀市明达培训（有限公司）", "phone": None}, False),
        ({"phone": None, "district": "江宁区"}, {"phone": None, "district": "江宁 区"}, True),
        ({"phone": None, "district": "江宁区"}, {"phone": None, "district": "鼓楼区"}, False),
        ({"phone": None}, {"phone": None}, False),
        ({}, {"name": "云汀市明通培训有限公司"}, False),
        ({}, {"kind": "person"}, False),
    ],
)  # fmt: skip
def test_two_organisations_are_one_by_code_or_by_name_with_telephone_or_district(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    first, second = a_prospect(LIN, **one), a_prospect(ZHOU, **other)

    assert is_same(first, second) is same
    assert is_same(second, first) is same


def test_two_people_of_one_name_in_one_district_are_two() -> None:
    someone = {"kind": "person", "name": "张伟", "district": "江宁区", "phone": None}

    assert not is_same(a_prospect(LIN, **someone), a_prospect(ZHOU, **someone))
    reached = {**someone, "phone": "+86 138 0000 1234"}
    assert is_same(a_prospect(LIN, **reached), a_prospect(ZHOU, **reached, occurred_at=0))


# The term


def held(**fields: Any) -> Document:
    return a_prospect(LIN, taken_at=NOW, renewed_at=NOW, **fields)


def test_a_claim_holds_for_its_term_and_a_contact_begins_it_anew() -> None:
    claim = held()
    later = NOW + 30 * DAY_MS
    contacts = [a_prospect_contact(claim, occurred_at=later)]

    assert ends_on(NOW) - bank_day(NOW) == timedelta(days=PROTECTED_DAYS)
    assert renewed_at(claim, contacts, later) == later
    assert days_left(later, bank_day(later)) == PROTECTED_DAYS


def test_a_door_that_stayed_shut_renews_nothing() -> None:
    claim = held()
    contact = a_prospect_contact(claim, outcome="not_met", occurred_at=NOW + DAY_MS)

    assert renewed_at(claim, [contact], NOW + DAY_MS) == NOW


def test_a_claim_that_nobody_answered_has_no_term_yet() -> None:
    claim = a_prospect(LIN)

    assert renewed_at(claim, [a_prospect_contact(claim)], NOW) is None
    assert not has_lapsed(claim, date(2099, 1, 1))


@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["interested", "not_met"]))),
    st.integers(0, 400),
)
def test_a_devices_clock_never_lengthens_a_term(
    contacts: list[tuple[int, str]], looked_at: int
) -> None:
    claim, now = held(), NOW + looked_at * DAY_MS
    rows = [
        a_prospect_contact(claim, occurred_at=NOW + days * DAY_MS, outcome=outcome)
        for days, outcome in contacts
    ]

    renewed = renewed_at(claim, rows, now)

    assert renewed is not None
    assert NOW <= renewed <= max(now, NOW)


def test_a_claim_lapses_once_what_was_still_on_a_device_has_had_its_time() -> None:
    end = ends_on(NOW)

    assert not has_lapsed(held(), end + timedelta(days=LATE_DAYS))
    assert has_lapsed(held(), end + timedelta(days=LATE_DAYS + 1))
    assert not has_lapsed(held(contest_id="c"), end + timedelta(days=400))
    assert not has_lapsed(held(status="lost"), end + timedelta(days=400))


# The award


def contested(**said: Any) -> Document:
    claims = to_json([["p1", LIN], ["p2", ZHOU]]).decode()
    return {
        "id": "c",
        "status": "open",
        "claims": claims,
        "heard": None,
        "shares": None,
        "reason": None,
        "decided_by": None,
        **said,
    }


def awarded(*shares: tuple[str, int], **said: Any) -> str | None:
    before = contested()
    decided = {
        "status": "decided",
        "heard": before["claims"],
        "shares": to_json(shares).decode(),
        "reason": "先接触，有拜访记录",
        "decided_by": BOSS,
        **said,
    }
    return refusal(may_award, {**before, **decided}, BOSS, before)


def test_it_is_awarded_to_one_or_to_several_with_a_split_and_a_reason() -> None:
    assert awarded((ZHOU, 10_000)) is None
    assert awarded((LIN, 7_000), (ZHOU, 3_000)) is None
    assert awarded((LIN, 7_000), (ZHOU, 2_000)) == "shares_wrong"
    assert awarded((BOSS, 10_000)) == "award_wrong"
    assert awarded((LIN, 10_000), reason=" ") == "reason_missing"
    assert awarded((LIN, 10_000), decided_by=ZHOU) == "not_own_fact"


def test_whoever_claims_is_heard_before_it_is_awarded() -> None:
    assert awarded((LIN, 10_000), heard='[["p1","lin"]]') == "claims_moved_on"
    assert awarded((LIN, 10_000), heard=None) == "claims_moved_on"
