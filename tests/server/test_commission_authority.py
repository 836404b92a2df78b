"""What the server makes of a sale: shares, contests, the bank's word, statements, closed months."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic_core import from_json

from shared.domain.goal import quality_id
from shared.testing.builders import NOW, an_interaction, insert, transition, txn
from shared.testing.selling import a_commission_rule, a_sale, terms
from sync_server.store.core_events import Taken
from sync_server.store.database import open_postgresql, open_sqlite
from tests.server.selling_bank import APRIL, MARCH, MAY, NOVEMBER, SellingBank, told
from tests.server.sql_store import empty


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SellingBank]:
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "server.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield SellingBank(database)
    database.close()


def statuses(said: object) -> list[str]:
    return [str(each.get("code", each["status"])) for each in said]  # type: ignore[attr-defined]


# Shares


def test_a_sellers_own_sale_stands_and_is_paid_once_the_bank_says_so(bank: SellingBank) -> None:
    sale = bank.sell(bank.lin, "C-1")

    assert (bank.share(sale, bank.lin)["status"], bank.paid(bank.lin)) == ("own", 0)
    assert bank.activate(sale) == [Taken.APPLIED]
    assert bank.sale(sale)["status"] == "confirmed"
    assert bank.sale(sale)["confirmed_at"] == NOW
    assert bank.paid(bank.lin) == 6_000
    assert bank.statement(bank.lin)["sales"] == 1


def test_a_step_of_whoever_has_left_can_be_taken_into_the_record(bank: SellingBank) -> None:
    sale = a_sale(str(bank.customer_of[bank.lin]["id"]), bank.lin, str(bank.card["id"]))
    bank.push(bank.lin, insert("sale", sale))
    step = transition("sale", str(sale["id"]), "status", "intent", "submitted", external_ref="C-1")
    kept, gone = txn(step), replace(bank.caller(bank.lin), welcome=False)
    assert statuses(bank.store.push(gone, [kept])) == ["device_revoked"]

    taken = transition("issue", kept["txn"], "status", "open", "accepted", reason="已核对申请单")

    assert statuses(bank.push(bank.boss, taken)) == ["applied"]
    assert bank.sale(str(sale["id"]))["external_ref"] == "C-1"


def test_a_joint_sale_is_held_until_the_colleague_accepts(bank: SellingBank) -> None:
    sale = bank.sell(bank.lin, shares=bank.split())
    bank.activate(sale)
    offer = bank.share(sale, bank.zhou)
    assert (offer["status"], offer["due_on"], offer["stands"]) == ("offered", "2026-11-23", False)
    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (0, 0)

    assert statuses(bank.answer(bank.zhou, sale, "accepted")) == ["applied"]

    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (4_200, 1_800)
    assert bank.share(sale, bank.zhou)["due_on"] is None


def test_a_disputed_offer_is_held_until_a_supervisor_decides(bank: SellingBank) -> None:
    sale = bank.sell(bank.lin, shares=bank.split())
    bank.activate(sale)
    bank.answer(bank.zhou, sale, "disputed", "一半是我的")
    held = bank.share(sale, bank.zhou)
    assert (held["status"], held["due_on"], held["reason"]) == (
        "disputed",
        "2026-11-25",
        "一半是我的",
    )
    assert (bank.sale(sale)["status"], bank.share(sale, bank.lin)["sale_status"]) == (
        "disputed",
        "disputed",
    )

    bank.decide(sale, bank.zhou, {bank.lin: 5_000, bank.zhou: 5_000})

    assert bank.sale(sale)["status"] == "confirmed"
    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (3_000, 3_000)


def test_an_offer_that_nobody_answers_may_be_decided(bank: SellingBank) -> None:
    sale = bank.sell(bank.lin, shares=bank.split())
    bank.activate(sale)

    assert statuses(bank.decide(sale, bank.zhou, {bank.lin: 10_000})) == ["applied"]

    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (6_000, 0)
    assert bank.share(sale, bank.zhou)["stands"] is False


def test_what_becomes_of_a_sale_reaches_every_share_of_it(bank: SellingBank) -> None:
    sale = bank.sell(bank.lin, shares=bank.split())
    bank.answer(bank.zhou, sale, "accepted")

    bank.say(told("ACTIVATED", "2026-04-03", sale=sale, qty=3))

    share = bank.share(sale, bank.zhou)
    assert (share["qty"], share["sale_status"]) == (3, "confirmed")
    assert from_json(str(share["events"])) == {"ACTIVATED": "2026-04-03"}
    assert bank.paid(bank.zhou) == 5_400


# Two claims on one thing


def test_two_claims_on_one_card_pay_nothing_until_a_split_is_decided(bank: SellingBank) -> None:
    first, second = bank.sell(bank.lin, "C-1"), bank.sell(bank.zhou, "C-1")
    bank.say(told("ACTIVATED", "2026-04-03", ref="C-1"))
    for sale, who, rival, seller in (
        (first, bank.lin, second, bank.zhou),
        (second, bank.zhou, first, bank.lin),
    ):
        share = bank.share(sale, who)
        assert (share["status"], share["stands"], share["due_on"]) == (
            "contested",
            False,
            "2026-11-25",
        )
        assert from_json(str(share["rivals"])) == [[rival, seller]]
        assert bank.sale(sale)["status"] == "disputed"
    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (0, 0)

    bank.decide(second, bank.zhou, {bank.lin: 6_000, bank.zhou: 4_000})

    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (3_600, 2_400)
    assert [bank.share(first, who)["stands"] for who in (bank.lin, bank.zhou)] == [True, True]
    assert bank.share(second, bank.zhou)["stands"] is False
    assert {row["status"] for row in bank.rows("sale_share")} == {"decided"}
    assert {row["status"] for row in bank.rows("sale")} == {"confirmed"}


def test_a_rival_takes_back_what_was_already_earned(bank: SellingBank) -> None:
    sale = bank.sell(bank.lin, "C-1")
    bank.activate(sale)
    assert bank.paid(bank.lin) == 6_000

    bank.sell(bank.zhou, "C-1")

    assert bank.paid(bank.lin) == 0


def test_a_third_claim_opens_the_contest_again(bank: SellingBank) -> None:
    first, _ = bank.sell(bank.lin, "C-1"), bank.sell(bank.zhou, "C-1")
    bank.say(told("ACTIVATED", "2026-04-03", ref="C-1"))
    bank.decide(first, bank.lin, {bank.lin: 10_000})
    assert bank.paid(bank.lin) == 6_000

    third = bank.sell(bank.zhou, "C-1")

    assert bank.paid(bank.lin) == 0
    assert bank.share(first, bank.lin)["status"] == "contested"
    bank.decide(third, bank.zhou, {bank.zhou: 10_000})
    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (0, 6_000)


def test_a_sale_withdrawn_before_anyone_else_claimed_is_no_rival(bank: SellingBank) -> None:
    mistaken = bank.sell(bank.lin, "C-1")
    step = transition("sale", mistaken, "status", "submitted", "cancelled", reason="写错")
    assert statuses(bank.push(bank.lin, step)) == ["applied"]

    sale = bank.sell(bank.zhou, "C-1")

    bank.activate(sale)
    assert (bank.share(sale, bank.zhou)["status"], bank.paid(bank.zhou)) == ("own", 6_000)


def test_one_who_has_a_share_does_not_decide_on_it(bank: SellingBank) -> None:
    first, _ = bank.sell(bank.lin, "C-1"), bank.sell(bank.zhou, "C-1")

    said = bank.decide(first, bank.lin, {bank.boss: 10_000})

    assert statuses(said) == ["four_eyes"]
    assert bank.share(first, bank.lin)["status"] == "contested"


def test_two_devices_that_claim_one_card_at_the_same_moment_are_both_held(
    bank: SellingBank,
) -> None:
    with ThreadPoolExecutor(2) as pool:
        sales = list(pool.map(lambda who: bank.sell(who, "C-1"), (bank.lin, bank.zhou)))

    assert [bank.sale(sale)["status"] for sale in sales] == ["disputed", "disputed"]
    assert {row["status"] for row in bank.rows("sale_share")} == {"contested"}


# The bank's word


def test_a_confirmation_that_comes_before_its_sale_waits_for_it(bank: SellingBank) -> None:
    early = told("ACTIVATED", "2026-04-03", ref="C-1")
    assert bank.say(early) == [Taken.WAITING]
    assert bank.say(early) == [Taken.KNOWN]

    sale = bank.sell(bank.lin, "C-1")

    assert bank.sale(sale)["status"] == "confirmed"
    assert bank.paid(bank.lin) == 6_000
    assert bank.say(early) == [Taken.KNOWN]


def test_the_same_event_counts_once_and_a_corrected_one_instead(bank: SellingBank) -> None:
    sale = bank.sell(bank.lin, "C-1")
    event = told("ACTIVATED", "2026-04-03", ref="C-1")

    assert bank.say(event, event) == [Taken.APPLIED, Taken.KNOWN]
    assert bank.say(replace(event, on=event.on.replace(month=3))) == [Taken.CHANGED]

    assert bank.sale(sale)["activated_on"] == "2026-03-03"
    assert (bank.paid(bank.lin, MARCH), bank.paid(bank.lin, APRIL)) == (6_000, 0)


def test_a_corrected_day_moves_a_sale_from_one_open_month_to_another(bank: SellingBank) -> None:
    for day in ("2026-03-09", "2026-04-09"):
        bank.activate(bank.sell(bank.lin), day)
    sale = bank.sell(bank.lin)
    bank.activate(sale, "2026-03-10")

    bank.activate(sale, "2026-04-10")

    assert (bank.paid(bank.lin, MARCH), bank.paid(bank.lin, APRIL)) == (6_000, 12_000)


def test_an_event_that_was_meant_for_another_sale_leaves_nothing_behind(bank: SellingBank) -> None:
    first, second = bank.sell(bank.lin, "C-1"), bank.sell(bank.zhou, "C-2")
    wrong = told("ACTIVATED", "2026-04-03", ref="C-1", key="k")
    bank.say(wrong)

    assert bank.say(replace(wrong, external_ref="C-2")) == [Taken.CHANGED]

    assert (bank.sale(first)["activated_on"], bank.sale(first)["status"]) == (None, "submitted")
    assert bank.sale(second)["status"] == "confirmed"
    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (0, 6_000)


def test_a_cancellation_takes_back_in_its_own_month(bank: SellingBank) -> None:
    rule = a_commission_rule(bank.head, bank.unit, number=2, status="approved")
    clawing = terms("card", 2, clawback=[{"to_month": 6, "rate": "1"}])
    bank.bring("commission_rule", {**rule, "terms": clawing})
    sale = bank.sell(bank.lin)
    bank.activate(sale, "2026-03-30")

    bank.cancel(sale, "2026-05-02")

    assert bank.sale(sale)["status"] == "cancelled"
    assert bank.paid(bank.lin, MARCH) == 6_000
    row = bank.statement(bank.lin, MAY)
    assert (row["clawed"], row["payable"], row["closing_carry"]) == (-6_000, 0, -6_000)


def test_a_device_does_not_speak_for_the_bank(bank: SellingBank) -> None:
    sale = a_sale(
        str(bank.customer_of[bank.lin]["id"]),
        bank.lin,
        str(bank.card["id"]),
        activated_on="2026-04-03",
    )

    assert statuses(bank.push(bank.lin, insert("sale", sale))) == ["server_owned"]
    assert bank.rows("sale_share") == []


# Rules, goals, people


def test_an_approved_rule_reprices_every_open_month(bank: SellingBank) -> None:
    bank.activate(bank.sell(bank.lin))
    rule = a_commission_rule(
        bank.head, bank.unit, number=2, terms=terms("card", 2, unit_price="45.00")
    )
    bank.push(bank.head, insert("commission_rule", rule))
    assert bank.paid(bank.lin) == 6_000

    step = transition(
        "commission_rule", str(rule["id"]), "status", "draft", "approved", checker_id=bank.boss
    )
    assert statuses(bank.push(bank.boss, step)) == ["applied"]

    assert bank.paid(bank.lin) == 4_500


def test_the_price_is_that_of_the_day_of_the_banks_word(bank: SellingBank) -> None:
    later = terms("card", 2, unit_price="45.00", **{"from": "2026-04-01"})
    rule = a_commission_rule(bank.head, bank.unit, number=2, status="approved", terms=later)
    bank.bring("commission_rule", rule)

    bank.activate(bank.sell(bank.lin, occurred_at=1_774_972_200_000), "2026-04-03")

    assert (bank.paid(bank.lin, MARCH), bank.paid(bank.lin, APRIL)) == (0, 4_500)


def test_quality_weighs_the_month_it_is_told_for(bank: SellingBank) -> None:
    bank.activate(bank.sell(bank.lin))

    bank.bring(
        "quality",
        {
            "id": quality_id(bank.lin, APRIL),
            "employee_id": bank.lin,
            "period": APRIL,
            "coefficient": "0.9",
        },
    )

    assert (bank.statement(bank.lin)["quality"], bank.paid(bank.lin)) == (-600, 5_400)


def test_a_rule_of_another_branch_is_not_ones_own(bank: SellingBank) -> None:
    bank.bring(
        "org_unit",
        {"id": "far", "name": "远分行", "kind": "branch", "parent_id": bank.unit},
    )
    bank.bring("commission_rule", a_commission_rule(bank.head, "far", "far", status="approved"))

    bank.activate(bank.sell(bank.lin))

    assert bank.paid(bank.lin) == 6_000


# Months


def test_a_month_is_closed_by_two_people_and_never_by_one(bank: SellingBank) -> None:
    bank.activate(bank.sell(bank.lin))
    assert statuses(bank.review(APRIL, bank.boss)) == ["applied"]

    assert statuses(bank.close(APRIL, bank.boss)) == ["four_eyes"]
    assert bank.ledger() == []
    assert statuses(bank.close(APRIL, bank.head)) == ["applied"]

    [period] = [row for row in bank.rows("pay_period") if row["period"] == APRIL]
    assert (period["status"], period["employee_id"], period["checker_id"]) == (
        "closed",
        bank.boss,
        bank.head,
    )
    assert (period["employees"], period["payable"]) == (1, 6_000)
    assert period["digest"] == bank.rows("commission_entry")[0]["digest"]
    assert bank.ledger() == [("2026-04", "EARN", 6_000)]
    assert bank.statement(bank.lin)["status"] == "closed"


def test_a_closed_month_never_changes_and_is_corrected_in_the_next(bank: SellingBank) -> None:
    bank.activate(bank.sell(bank.lin), "2026-03-05")
    late = bank.sell(bank.lin)
    bank.review_and_close(MARCH)
    before = bank.statement(bank.lin, MARCH), bank.ledger()

    bank.activate(late, "2026-03-12")

    assert (bank.statement(bank.lin, MARCH), bank.ledger()) == before
    assert (bank.statement(bank.lin, APRIL)["adjusted"], bank.paid(bank.lin)) == (6_000, 6_000)
    bank.review_and_close(APRIL)
    assert bank.ledger()[1:] == [("2026-04", "ADJUST", 6_000)]
    assert bank.paid(bank.lin, MAY) == 0


def test_closing_a_month_closes_every_earlier_one(bank: SellingBank) -> None:
    bank.activate(bank.sell(bank.lin), "2026-03-05")
    bank.activate(bank.sell(bank.zhou), "2026-04-05")

    bank.review_and_close(APRIL)

    closed = {row["period"] for row in bank.rows("pay_period") if row["status"] == "closed"}
    assert closed == {MARCH, APRIL}
    assert bank.statement(bank.lin, MARCH)["status"] == "closed"
    assert sorted(bank.ledger()) == [("2026-03", "EARN", 6_000), ("2026-04", "EARN", 6_000)]


def test_cumulative_tiers_do_not_care_when_a_sale_arrives(bank: SellingBank) -> None:
    """T2: with March closed without B, April corrects B by 600.00 and C by 220.00."""
    tiers = [["0", "10000", "0.05"], ["10000", "30000", "0.08"], ["30000", None, "0.10"]]
    loan = {"kind": "TIER_MARGINAL", "metric": "AMOUNT", "tiers": tiers, "unit_price": None}
    rule = a_commission_rule(
        bank.head, bank.unit, number=2, status="approved", terms=terms("card", 2, **loan)
    )
    bank.bring("commission_rule", rule)
    sales = [bank.sell(bank.lin, amount=amount) for amount in (600_000, 900_000, 2_000_000)]
    for sale, day in zip(sales[::2], ("2026-03-05", "2026-03-20"), strict=True):
        bank.activate(sale, day)
    assert bank.paid(bank.lin, MARCH) == 30_000 + 148_000
    bank.review_and_close(MARCH)

    bank.activate(sales[1], "2026-03-12")

    assert bank.statement(bank.lin, APRIL)["adjusted"] == 60_000 + 22_000
    bank.review_and_close(APRIL)
    adjusted = {
        row["sale_id"]: row["amount"]
        for row in bank.rows("commission_entry")
        if row["type"] == "ADJUST"
    }
    assert adjusted == {sales[1]: 60_000, sales[2]: 22_000}


def test_what_one_who_has_left_owes_is_a_receivable(bank: SellingBank) -> None:
    rule = a_commission_rule(bank.head, bank.unit, number=2, status="approved")
    clawing = terms("card", 2, clawback=[{"to_month": 6, "rate": "1"}])
    bank.bring("commission_rule", {**rule, "terms": clawing})
    sale = bank.sell(bank.lin)
    bank.activate(sale, "2026-03-05")
    bank.review_and_close(MARCH)
    bank.cancel(sale, "2026-04-20")
    assert bank.statement(bank.lin)["receivable"] is False

    lin = bank.row("employee", bank.lin)
    bank.bring("employee", {**lin, "left_on": "2026-04-01", "active": False})

    assert bank.statement(bank.lin)["receivable"] is True
    assert bank.statement(bank.lin, MARCH)["receivable"] is False


def test_a_month_counts_what_a_checker_should_look_at_first(bank: SellingBank) -> None:
    bank.activate(bank.sell(bank.lin), "2026-11-05")
    bank.sell(bank.lin)
    bank.sell(bank.lin, shares=bank.split())

    bank.review(NOVEMBER)

    [period] = [row for row in bank.rows("pay_period") if row["period"] == NOVEMBER]
    assert (period["status"], period["employees"], period["held"]) == ("review", 1, 2)


def test_plain_visits_write_nothing_of_commission(bank: SellingBank) -> None:
    visit = an_interaction(str(bank.customer_of[bank.lin]["id"]), bank.lin)

    bank.store.push(bank.caller(bank.lin), [txn(insert("interaction", visit))])

    assert bank.rows("sale_share") == bank.rows("statement") == []
