"""What may be sold to whom, how far in the field, and who has what of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.days import bank_day
from shared.domain.sale import (
    MOST_PAYEES,
    may_sell,
    read_shares,
    shares_of,
    shares_text,
)
from shared.errors import Refusal
from shared.registry import Act, Document
from shared.testing.builders import NOW, a_customer, an_employee, new_id
from shared.testing.selling import a_product, a_sale, a_wealth_product

LIN, ZHOU = new_id(), new_id()
CARD, FUND = a_product(), a_wealth_product()
SELLER = an_employee("unit", id=LIN, joined_on="2020-03-01")
GRADED = {"risk_grade": "R3", "risk_valid_until": "2027-01-01", "birth_date": "1980-05-05"}


def an_act(product: Document | None = CARD, before: Document | None = None, **sale: Any) -> Act:
    customer = a_customer(LIN, **{**GRADED, **sale.pop("customer", {})})
    id = "" if product is None else str(product["id"])
    document = a_sale(str(customer["id"]), LIN, id, **sale)
    related = {"customer_id": customer, "product_id": product, "employee_id": SELLER}
    return Act(document, before, related, LIN, NOW)


def refusal_of(act: Act) -> str | None:
    try:
        may_sell(act)
    except Refusal as refusal:
        return refusal.code
    return None


def test_a_card_is_sold_in_the_field_up_to_the_day_it_is_handed_in() -> None:
    assert [
        refusal_of(an_act(status=status)) for status in ("intent", "appointment", "submitted")
    ] == [None] * 3


@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("appointment", "appointment", None),
        ("appointment", "submitted", "not_in_the_field"),
        ("referral", "intent", None),
        ("referral", "appointment", "not_in_the_field"),
    ],
)
def test_a_product_goes_as_far_in_the_field_as_its_mode_allows(
    mode: str, status: str, code: str | None
) -> None:
    assert refusal_of(an_act(a_product(field_mode=mode), status=status)) == code


def test_a_product_that_nobody_knows_is_not_sold() -> None:
    assert refusal_of(an_act(None)) == "unknown_product"


@pytest.mark.parametrize(
    ("validity", "code"),
    [
        ({"valid_from": "2026-11-18", "valid_until": "2026-11-18"}, None),
        ({"valid_from": "2026-11-19"}, "not_on_sale"),
        ({"valid_until": "2026-11-17"}, "not_on_sale"),
    ],
)
def test_a_product_is_sold_on_its_first_day_and_on_its_last(
    validity: dict[str, str], code: str | None
) -> None:
    assert refusal_of(an_act(a_product(**validity))) == code


def test_what_was_withdrawn_is_not_held_to_the_products_end() -> None:
    over = a_product(valid_until="2026-01-31")

    assert refusal_of(an_act(over, before=an_act(over).document, status="cancelled")) is None


@pytest.mark.parametrize(
    ("product", "measured", "code"),
    [
        (CARD, {"qty": None}, "no_measure"),
        (FUND, {"qty": None, "amount": None}, "no_measure"),
        (FUND, {"qty": None, "amount": 5_000_000}, None),
    ],
)
def test_a_sale_says_how_much(product: Document, measured: Any, code: str | None) -> None:
    assert refusal_of(an_act(product, **measured)) == code


@pytest.mark.parametrize(("grade", "code"), [("R2", "risk_too_high"), ("R3", None), ("R5", None)])
def test_risk_above_the_customers_grade_is_refused(grade: str, code: str | None) -> None:
    act = an_act(FUND, qty=None, amount=100, customer={"risk_grade": grade})

    assert refusal_of(act) == code


@pytest.mark.parametrize("grade", [{"risk_valid_until": "2026-11-17"}, {"risk_grade": None}])
def test_without_a_valid_grade_there_is_only_a_wish_and_an_assessment_first(grade: Any) -> None:
    asked: dict[str, Any] = {"qty": None, "amount": 100, "customer": grade}

    assert refusal_of(an_act(FUND, **asked)) == "risk_expired"
    assert refusal_of(an_act(FUND, **asked, precaution="reassessment")) is None
    booked = an_act(FUND, **asked, precaution="reassessment", status="appointment")
    assert refusal_of(booked) == "risk_expired"


def test_a_grade_counts_on_its_last_day() -> None:
    act = an_act(FUND, qty=None, amount=100, customer={"risk_valid_until": "2026-11-18"})

    assert refusal_of(act) is None


@pytest.mark.parametrize(
    ("born", "precaution", "code"),
    [
        ("1961-11-18", None, "senior_care"),
        ("1961-11-19", None, None),
        ("1961-11-18", "family", None),
        ("1961-11-18", "dual_recording", None),
    ],
)
def test_from_65_on_a_product_with_risk_needs_a_precaution(
    born: str, precaution: str | None, code: str | None
) -> None:
    act = an_act(FUND, qty=None, amount=100, precaution=precaution, customer={"birth_date": born})

    assert refusal_of(act) == code


def test_a_card_asks_nobody_for_a_risk_grade() -> None:
    assert refusal_of(an_act(customer={"risk_grade": None, "birth_date": "1940-01-01"})) is None


def test_nobody_sells_before_the_day_they_joined() -> None:
    act = an_act()
    late = {**SELLER, "joined_on": "2026-11-19"}

    assert refusal_of(replace(act, related={**act.related, "employee_id": late})) == (
        "before_joining"
    )


@pytest.mark.parametrize(
    "said", [{"activated_on": "2026-11-18"}, {"cancelled_on": "2026-11-18"}, {"confirmed_at": 1}]
)
def test_no_device_says_what_only_the_banks_systems_know(said: Any) -> None:
    assert refusal_of(an_act(**said)) == "server_owned"


def test_a_later_step_leaves_the_banks_word_as_it_is() -> None:
    before = an_act(activated_on="2026-11-18").document
    kept = an_act(before=before, activated_on="2026-11-18", status="submitted")

    assert refusal_of(kept) is None
    assert refusal_of(an_act(before=before, status="submitted")) == "server_owned"


# Shares


def test_a_sale_without_shares_is_its_sellers() -> None:
    assert shares_of(an_act().document) == ((LIN, 10_000, None),)


def test_shares_are_read_as_they_were_written() -> None:
    text = f'[["{LIN}", 7000, 6000], ["{ZHOU}", 3000, 4000]]'

    assert read_shares(shares_text(read_shares(text))) == ((LIN, 7000, 6000), (ZHOU, 3000, 4000))


@pytest.mark.parametrize(
    "text",
    [
        f'[["{LIN}", 7000], ["{ZHOU}", 2999]]',
        f'[["{LIN}", 7000], ["{LIN}", 3000]]',
        f'[["{LIN}", 10000], ["{ZHOU}", 0]]',
        f'[["{LIN}", -1], ["{ZHOU}", 10001]]',
        f'[["{LIN}", 10000, 9999]]',
        f'[["{LIN}", 0.5], ["{ZHOU}", 9999.5]]',
        "[]",
        "7000",
        "[[]]",
        "not json",
        '{"a": 1}',
        "[null]",
    ],
)
def test_shares_that_do_not_fit_are_refused(text: str) -> None:
    assert refusal_of(an_act(shares=text)) == "shares_wrong"


def test_more_people_than_can_have_made_a_sale_are_refused() -> None:
    many = MOST_PAYEES + 1
    bp = [10_000 // many] * many
    bp[0] += 10_000 - sum(bp)
    rows = ", ".join(f'["{new_id()}", {each}]' for each in bp)

    assert refusal_of(an_act(shares=f"[{rows}]")) == "shares_wrong"


def test_the_day_is_the_banks_wherever_the_device_is() -> None:
    assert bank_day(1_795_017_600_000 - 1) != bank_day(1_795_017_600_000)
    assert bank_day(NOW) == date(2026, 11, 18)
