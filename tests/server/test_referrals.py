"""A referral at the server: it is on both devices, and what follows is paid as was agreed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.domain.referral import copy_id
from shared.registry import Document
from shared.testing.around import a_referral, an_alert
from shared.testing.builders import a_customer, insert, transition
from shared.testing.selling import a_sale
from sync_server.store.database import open_postgresql, open_sqlite
from sync_server.store.deciding import merge_by_hand, split_by_hand
from tests.server.selling_bank import SellingBank
from tests.server.sql_store import empty


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SellingBank]:
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "server.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield SellingBank(database)
    database.close()


def codes(said: object) -> list[str]:
    return [str(each.get("code", each["status"])) for each in said]  # type: ignore[attr-defined]


def refer(bank: SellingBank, **fields: Any) -> str:
    """Lin refers to Zhou; return the id of Lin's copy."""
    mother = str(bank.customer_of[bank.lin]["id"])
    referral = a_referral(mother, bank.lin, bank.zhou, **fields)
    assert codes(bank.push(bank.lin, insert("referral", referral))) == ["applied"]
    return str(referral["id"])


def step(bank: SellingBank, who: str, copy: str, after: str, **said: Any) -> list[str]:
    before = bank.row("referral", copy)["status"]
    return codes(bank.push(who, transition("referral", copy, "status", before, after, **said)))


def sale_of(bank: SellingBank, thread: str, **fields: Any) -> Document:
    """A card that Zhou sells to the daughter."""
    daughter = str(bank.customer_of[bank.zhou]["id"])
    known = {"referral_id": copy_id(thread), "shares": split(bank, bank.zhou, 7_000), **fields}
    return a_sale(daughter, bank.zhou, str(bank.card["id"]), **known)


def split(bank: SellingBank, seller: str, part: int) -> str:
    other = bank.lin if seller == bank.zhou else bank.zhou
    return f'[["{seller}",{part}],["{other}",{10_000 - part}]]'


def test_it_is_in_both_portfolios_with_the_customers_name_masked(bank: SellingBank) -> None:
    thread = refer(bank)

    rows = bank.store.rows("referral")
    assert {rows[thread].scope, rows[copy_id(thread)].scope} == {
        f"portfolio:{bank.lin}",
        f"portfolio:{bank.zhou}",
    }
    label = rows[copy_id(thread)].document["customer_label"]
    assert "*" in str(label)
    assert rows[thread].document["customer_label"] == label


def test_an_answer_is_on_both_copies_and_one_step_wins(bank: SellingBank) -> None:
    thread = refer(bank)

    assert step(bank, bank.zhou, copy_id(thread), "accepted", for_id="d") == ["applied"]

    assert bank.row("referral", thread)["status"] == "accepted"
    assert bank.row("referral", thread)["for_id"] == "d"
    late = transition("referral", thread, "status", "offered", "withdrawn")
    assert codes(bank.push(bank.lin, late)) == ["stale_transition"]


def test_nobody_answers_on_the_others_copy(bank: SellingBank) -> None:
    thread = refer(bank)

    assert step(bank, bank.lin, thread, "accepted") == ["not_own_fact"]
    assert step(bank, bank.zhou, thread, "accepted") == ["not_yours"]
    assert step(bank, bank.boss, copy_id(thread), "accepted") == ["not_permitted"]


@pytest.mark.parametrize("said", ["for_id", "reason"])
def test_nobody_says_the_colleagues_answer_along_with_the_offer(
    bank: SellingBank, said: str
) -> None:
    mother, theirs = (str(bank.customer_of[who]["id"]) for who in (bank.lin, bank.zhou))
    referral = a_referral(mother, bank.lin, bank.zhou, **{said: theirs})

    assert codes(bank.push(bank.lin, insert("referral", referral))) == ["not_own_fact"]

    assert bank.rows("referral") == []


def test_a_sale_that_follows_is_paid_as_agreed_and_waits_for_nobody(bank: SellingBank) -> None:
    thread = refer(bank)
    step(bank, bank.zhou, copy_id(thread), "accepted")
    sale = sale_of(bank, thread)

    assert codes(bank.push(bank.zhou, insert("sale", sale))) == ["applied"]
    bank.activate(str(sale["id"]))

    share = bank.share(str(sale["id"]), bank.lin)
    assert (share["status"], share["stands"], share["due_on"]) == ("accepted", True, None)
    assert share["referral_id"] == copy_id(thread)
    assert (bank.paid(bank.zhou), bank.paid(bank.lin)) == (4_200, 1_800)


def test_nothing_follows_from_what_is_not_accepted_or_is_anothers(bank: SellingBank) -> None:
    thread = refer(bank)
    too_soon = insert("sale", sale_of(bank, thread))
    assert codes(bank.push(bank.zhou, too_soon)) == ["source_wrong"]
    step(bank, bank.zhou, copy_id(thread), "accepted")

    mother = str(bank.customer_of[bank.lin]["id"])
    mine = a_sale(
        mother, bank.lin, str(bank.card["id"]), referral_id=thread,
        shares=split(bank, bank.lin, 3_000),
    )  # fmt: skip
    assert codes(bank.push(bank.lin, insert("sale", mine))) == ["source_wrong"]


def test_what_follows_is_shared_no_other_way_than_agreed(bank: SellingBank) -> None:
    thread = refer(bank)
    step(bank, bank.zhou, copy_id(thread), "accepted")

    for shares in ("", split(bank, bank.zhou, 9_000)):
        sale = sale_of(bank, thread, shares=shares)
        assert codes(bank.push(bank.zhou, insert("sale", sale))) == ["split_agreed"]


def test_a_sale_comes_out_of_an_alert_about_its_own_customer_alone(bank: SellingBank) -> None:
    mine, others = (str(bank.customer_of[who]["id"]) for who in (bank.lin, bank.zhou))
    bank.bring("alert", an_alert(mine, id="mine"), an_alert(others, id="others"))

    def sold(alert: str) -> list[str]:
        sale = a_sale(mine, bank.lin, str(bank.card["id"]), alert_id=alert)
        return codes(bank.push(bank.lin, insert("sale", sale)))

    assert sold("mine") == ["applied"]
    assert sold("others") == ["source_wrong"]


ELDER = "00000000-0000-7000-8000-000000000001"


def both_about(bank: SellingBank) -> set[object]:
    """Whom the two copies say that it is about."""
    return {each["for_id"] for each in bank.rows("referral")}


@pytest.mark.parametrize("is_answered_first", [True, False])
def test_a_merge_of_whom_it_is_about_lets_it_be_about_who_goes_on(
    bank: SellingBank, is_answered_first: bool
) -> None:
    daughter = str(bank.customer_of[bank.zhou]["id"])
    both = ELDER, daughter
    bank.bring("customer", a_customer(bank.zhou, id=ELDER))
    thread = refer(bank)
    if is_answered_first:
        step(bank, bank.zhou, copy_id(thread), "accepted", for_id=daughter)

    bank.database.write(lambda each: merge_by_hand(each, both, "看过证件", bank.now))
    if not is_answered_first:
        step(bank, bank.zhou, copy_id(thread), "accepted", for_id=daughter)

    assert both_about(bank) == {ELDER}
    bank.database.write(lambda each: split_by_hand(each, both, "不是同一位", bank.now + 1))
    assert both_about(bank) == {daughter}


def test_so_it_is_where_it_came_up_with_the_same_customer(bank: SellingBank) -> None:
    mother = str(bank.customer_of[bank.lin]["id"])
    both = ELDER, mother
    bank.bring("customer", a_customer(bank.lin, id=ELDER))
    thread = refer(bank)
    bank.database.write(lambda each: merge_by_hand(each, both, "看过证件", bank.now))

    step(bank, bank.zhou, copy_id(thread), "accepted", for_id=mother)

    named = {(each["customer_id"], each["for_id"]) for each in bank.rows("referral")}
    assert named == {(ELDER, ELDER)}
    bank.database.write(lambda each: split_by_hand(each, both, "不是同一位", bank.now + 1))
    named = {(each["customer_id"], each["for_id"]) for each in bank.rows("referral")}
    assert named == {(mother, mother)}
