"""From rows to facts: the device and the server read the same ones, and compute the same fen."""

import json
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from shared.commission.facts import Goals
from shared.commission.fields import SaleId
from shared.commission.ledger import Approval, Ledger
from shared.commission.months import Period
from shared.domain.commission_rule import overlaps, read_terms, rules_in_force
from shared.domain.crediting import (
    Earnings,
    assumed,
    earnings,
    entries_digest,
    facts_of,
    ledger_of,
    share_of,
)
from shared.domain.sale_share import SaleShare, share_id
from shared.errors import Refusal
from shared.ids import EmployeeId
from shared.money import Fen
from shared.testing.builders import new_id
from shared.testing.selling import a_product, a_sale, terms

LIN, ZHOU = EmployeeId(new_id()), EmployeeId(new_id())
CARD = a_product()
RULES = (read_terms(terms()),)
MARCH, APRIL = Period("2026-03"), Period("2026-04")
MADE, CHECKED = Approval(LIN, ZHOU), 1_774_800_000_000
"""CHECKED: 30 March 2026 (ms)."""


def a_share(employee: EmployeeId = LIN, **sale: Any) -> SaleShare:
    document = a_sale("customer", LIN, str(CARD["id"]), occurred_at=CHECKED, **sale)
    return share_of(document, employee, CARD, "单晓敏")


def earned(*shares: SaleShare, ledger: Ledger | None = None, **more: Any) -> Earnings:
    asked = {"rules": RULES, "goals": Goals(), "through": APRIL, "left": {}, **more}
    return earnings(LIN, shares, ledger=ledger or Ledger(), **asked)


def amounts(found: Earnings) -> list[tuple[str, str, int]]:
    return [(entry.period, entry.type, entry.amount) for entry in found.entries]


def test_a_share_shows_a_colleague_the_sale_and_not_the_customers_name() -> None:
    share = a_share(ZHOU, shares=f'[["{LIN}", 7000], ["{ZHOU}", 3000]]')

    assert (share.customer_label, share.status, share.stands) == ("单*敏", "offered", False)
    assert share.id == share_id(share.sale_id, ZHOU)


def test_a_sellers_own_sale_stands_at_once() -> None:
    assert (a_share().status, a_share().stands) == ("own", True)


def test_a_sale_pays_in_the_month_of_the_banks_word_not_of_its_own_day() -> None:
    found = earned(a_share(qty=7, activated_on="2026-04-03"))

    assert amounts(found) == [("2026-04", "EARN", 42_000)]


def test_what_the_bank_has_not_said_waits_and_is_estimated() -> None:
    share = a_share(qty=7)

    assert amounts(earned(share)) == []
    assert [each.waiting_for for each in earned(share).pending] == ["ACTIVATED"]
    assert amounts(earned(assumed(share, RULES))) == [("2026-03", "EARN", 42_000)]


def test_what_waits_from_a_closed_month_is_estimated_in_the_first_open_one() -> None:
    share = a_share(qty=7)

    found = earned(assumed(share, RULES, Period("2026-04")))

    assert amounts(found) == [("2026-05", "EARN", 42_000)]


def test_an_estimate_never_moves_what_the_bank_has_said() -> None:
    share = a_share(activated_on="2026-04-03")

    assert assumed(share, RULES) == share


def test_what_is_held_pays_nothing_until_it_stands() -> None:
    joint = a_share(activated_on="2026-04-03", shares=f'[["{LIN}", 7000], ["{ZHOU}", 3000]]')

    assert (amounts(earned(joint)), earned(joint).held) == ([], (SaleId(joint.sale_id),))
    assert amounts(earned(replace(joint, stands=True))) == [("2026-04", "EARN", 4_200)]


def test_a_sale_withdrawn_before_the_bank_spoke_never_was() -> None:
    gone = replace(a_share(), sale_status="cancelled")

    assert facts_of([gone], RULES, Goals()).sales == ()
    assert amounts(earned(assumed(gone, RULES))) == []


def test_a_closed_month_is_corrected_in_the_next() -> None:
    first = a_share(activated_on="2026-03-30")
    late = a_share(activated_on="2026-03-31")
    closed = Ledger().close(MARCH, earned(first).entries, MADE)

    found = earned(first, late, ledger=closed)

    assert amounts(found) == [("2026-03", "EARN", 6_000), ("2026-04", "ADJUST", 6_000)]
    assert [row.payable for row in found.statements] == [6_000, 6_000]


def test_a_ledger_reads_back_from_its_rows_with_the_same_digest() -> None:
    closed = Ledger().close(MARCH, earned(a_share(activated_on="2026-03-30")).entries, MADE)
    rows = [
        {
            **asdict(record.entry),
            "number": number,
            "employee_id": record.entry.employee,
            "sale_id": record.entry.sale,
            "rule_number": record.entry.version,
            "trace": json.dumps(record.entry.trace.as_json()),
            "closed": record.closed,
            "maker_id": record.approval.maker,
            "checker_id": record.approval.checker,
            "previous": record.previous,
            "digest": record.digest,
        }
        for number, record in enumerate(closed.records)
    ]

    read = ledger_of(rows, MARCH)

    assert entries_digest(read.entries) == entries_digest(closed.entries)
    assert read.records[0].digest == closed.records[0].digest


def test_a_leavers_debt_is_a_receivable() -> None:
    paid = a_share(activated_on="2026-03-30")
    clawing = (read_terms(terms(clawback=[{"to_month": 6, "rate": "1"}])),)
    closed = Ledger().close(MARCH, earned(paid, rules=clawing).entries, MADE)
    gone = replace(paid, cancelled_on="2026-04-20", sale_status="cancelled")

    found = earned(gone, ledger=closed, rules=clawing, left={LIN: date(2026, 4, 1)})

    assert [(row.payable, row.closing_carry, row.is_receivable) for row in found.statements] == [
        (Fen(6_000), Fen(0), False),
        (Fen(0), Fen(-6_000), True),
    ]


# Which rule is in force


def test_a_later_version_ends_the_ones_before_where_it_begins() -> None:
    first = read_terms(terms())
    second = read_terms(terms("card", 2, unit_price="45.00", **{"from": "2026-04-01"}))

    in_force = rules_in_force([second, first])

    assert [(rule.version, rule.until) for rule in in_force] == [(1, date(2026, 4, 1)), (2, None)]
    assert overlaps(in_force) == []


def test_a_corrected_version_leaves_nothing_of_what_it_corrects() -> None:
    corrected = read_terms(terms("card", 2, unit_price="45.00"))

    assert rules_in_force([read_terms(terms()), corrected]) == (corrected,)


def test_two_rules_of_one_product_are_found_before_they_meet_a_sale() -> None:
    other = read_terms(terms("card-plus", 1, **{"from": "2026-06-01"}))

    [found] = overlaps([*RULES, other])

    assert (found.product, found.day, found.rules) == (
        "CARD",
        date(2026, 6, 1),
        ("card", "card-plus"),
    )


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"unit_price": "60.001"}, "unit_price"),
        ({"unit_price": None}, "unit_price"),
        ({"from": "2026-02-30"}, "from"),
        ({"to": "2026-01-01"}, "to"),
        ({"deferral": {"rate": "1.5", "years": 3}}, "deferral.rate"),
        ({"bonus": "1"}, "bonus"),
    ],
)
def test_terms_are_refused_with_the_path_of_the_fault(wrong: Any, path: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_terms(terms(**wrong))

    assert (caught.value.code, caught.value.fields["path"]) == ("terms_wrong", path)
