"""What a supervisor awarded to several is shared so when the prospect, a customer now, buys."""

from random import Random
from typing import Any

import pytest

from shared.registry import Document
from shared.testing.around import a_prospect
from shared.testing.builders import a_customer, an_identifier, insert, transition
from shared.testing.selling import a_sale
from sync_server.demo.numbers import uscc
from sync_server.store.database import Database
from sync_server.store.prospecting import look_at_claims
from tests.server.selling_bank import SellingBank

CODE = uscc(Random(7))


@pytest.fixture
def bank(database: Database) -> SellingBank:
    return SellingBank(database)


def claimed(bank: SellingBank, who: str, **fields: Any) -> str:
    prospect = a_prospect(who, **{"code": CODE, **fields})
    assert [each["status"] for each in bank.push(who, insert("prospect", prospect))] == ["applied"]
    return str(prospect["id"])


def award(bank: SellingBank, *parts: tuple[str, int]) -> None:
    [contest] = bank.rows("prospect_contest")
    arbiter = str(contest["arbiter_id"])
    shares = ",".join(f'["{who}",{bp}]' for who, bp in parts)
    said: dict[str, Any] = {
        "heard": contest["claims"],
        "shares": f"[{shares}]",
        "reason": "一起拜访过",
        "decided_by": arbiter,
    }
    step = transition("prospect_contest", str(contest["id"]), "status", "open", "decided", **said)
    assert bank.push(arbiter, step)[0]["status"] == "applied"


def became_customer(bank: SellingBank, owner: str, id: str = "new") -> None:
    bank.bring("customer", a_customer(owner, id=id, kind="organisation"))
    bank.bring("identifier", an_identifier(id, kind="uscc", value=CODE))
    look_at_claims(bank.database, bank.now)


def shared_claims(bank: SellingBank, owner: str) -> dict[str, str]:
    """Both claim, Lin gets 70 % and Zhou 30 %, and it becomes a customer; the claims by whose."""
    claims = {who: claimed(bank, who) for who in (bank.lin, bank.zhou)}
    award(bank, (bank.lin, 7_000), (bank.zhou, 3_000))
    became_customer(bank, owner)
    assert {bank.row("prospect", id)["status"] for id in claims.values()} == {"won"}
    return claims


def sale_of(bank: SellingBank, who: str, claim: str, **fields: Any) -> Document:
    known = {"prospect_id": claim, "shares": split(bank, 7_000), **fields}
    customer = str(known.pop("customer_id", "new"))
    return a_sale(customer, who, str(bank.card["id"]), **known)


def split(bank: SellingBank, lins: int) -> str:
    return f'[["{bank.lin}",{lins}],["{bank.zhou}",{10_000 - lins}]]'


def code_of(bank: SellingBank, who: str, sale: Document) -> str:
    [said] = bank.push(who, insert("sale", sale))
    return str(said.get("code", said["status"]))


@pytest.mark.parametrize("owner", ["lin", "zhou"])
def test_a_sale_of_either_is_paid_as_awarded_and_waits_for_nobody(
    bank: SellingBank, owner: str
) -> None:
    seller = str(getattr(bank, owner))
    claims = shared_claims(bank, seller)
    sale = sale_of(bank, seller, claims[seller])

    assert code_of(bank, seller, sale) == "applied"
    bank.activate(str(sale["id"]))

    colleague = bank.zhou if seller == bank.lin else bank.lin
    share = bank.share(str(sale["id"]), colleague)
    assert (share["status"], share["stands"], share["due_on"]) == ("accepted", True, None)
    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (4_200, 1_800)


def test_what_follows_is_shared_no_other_way_than_awarded(bank: SellingBank) -> None:
    claims = shared_claims(bank, bank.lin)

    for shares in ("", split(bank, 9_000)):
        sale = sale_of(bank, bank.lin, claims[bank.lin], shares=shares)
        assert code_of(bank, bank.lin, sale) == "split_awarded"


def test_nothing_follows_from_what_is_anothers_or_of_another_customer(bank: SellingBank) -> None:
    claims = shared_claims(bank, bank.lin)
    other = str(bank.customer_of[bank.lin]["id"])

    theirs = sale_of(bank, bank.lin, claims[bank.zhou])
    elsewhere = sale_of(bank, bank.lin, claims[bank.lin], customer_id=other)
    nowhere = sale_of(bank, bank.lin, "of-nobody")

    for sale in (theirs, elsewhere, nowhere):
        assert code_of(bank, bank.lin, sale) == "source_wrong"


def test_nothing_follows_from_what_was_awarded_to_one_or_is_no_customer_yet(
    bank: SellingBank,
) -> None:
    claims = {who: claimed(bank, who) for who in (bank.lin, bank.zhou)}
    mine = str(bank.customer_of[bank.lin]["id"])
    too_soon = sale_of(bank, bank.lin, claims[bank.lin], customer_id=mine)
    assert code_of(bank, bank.lin, too_soon) == "source_wrong"
    award(bank, (bank.lin, 10_000))
    became_customer(bank, bank.lin)

    alone = sale_of(bank, bank.lin, claims[bank.lin])

    assert bank.row("prospect", claims[bank.lin])["status"] == "won"
    assert code_of(bank, bank.lin, alone) == "source_wrong"


@pytest.mark.parametrize("knows", ["lin", "zhou"])
def test_it_is_a_customer_for_all_to_whom_it_was_awarded_whoever_knew_its_code(
    bank: SellingBank, knows: str
) -> None:
    claims = {
        who: claimed(bank, who, code=CODE if who == getattr(bank, knows) else None)
        for who in (bank.lin, bank.zhou)
    }
    award(bank, (bank.lin, 7_000), (bank.zhou, 3_000))

    became_customer(bank, bank.zhou)

    assert {bank.row("prospect", id)["status"] for id in claims.values()} == {"won"}
    sale = sale_of(bank, bank.zhou, claims[bank.zhou])
    assert code_of(bank, bank.zhou, sale) == "applied"


def test_a_sale_that_names_no_source_is_offered_to_the_colleague_as_ever(
    bank: SellingBank,
) -> None:
    shared_claims(bank, bank.lin)
    sale = sale_of(bank, bank.lin, "", prospect_id=None)

    assert code_of(bank, bank.lin, sale) == "applied"

    assert bank.share(str(sale["id"]), bank.zhou)["status"] == "offered"
