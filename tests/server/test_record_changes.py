"""What happens to a customer's record is told to whoever holds it, in the same transaction."""

import pytest
from sqlalchemy import Connection

from shared.registry import Document
from shared.testing.builders import NOW, a_customer, a_duplicate, transition
from sync_server.store.database import Database
from sync_server.store.merging import merge_customers
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.selling_bank import SellingBank


@pytest.fixture
def bank(database: Database) -> SellingBank:
    return SellingBank(database)


def customer_of(bank: SellingBank, who: str) -> str:
    return str(bank.customer_of[who]["id"])


def move(bank: SellingBank, customer: str, owner: str) -> None:
    bank.bring("customer", {**bank.row("customer", customer), "owner_id": owner})


def changes(bank: SellingBank, customer: str) -> list[Document]:
    """What is told of a record, in the order in which it was written."""
    found = [row for row in bank.rows("record_change") if row["customer_id"] == customer]
    return sorted(found, key=lambda row: str(row["id"]))


def decide(bank: SellingBank, pair: Document, before: str, after: str) -> None:
    said = {"reason": "证件核对过", "decided_by": bank.boss, "decided_at": NOW}
    step = transition("duplicate", str(pair["id"]), "status", before, after, **said)
    assert [each["status"] for each in bank.push(bank.boss, step)] == ["applied"]


def test_a_change_of_owner_says_from_whom_to_whom_and_when(bank: SellingBank) -> None:
    customer = customer_of(bank, bank.lin)

    move(bank, customer, bank.zhou)

    [told] = changes(bank, customer)
    assert (told["kind"], told["from_id"], told["to_id"]) == ("owner", bank.lin, bank.zhou)
    assert (told["occurred_at"], told["by"]) == (bank.now, "import:test")
    scopes = {row.scope for row in bank.store.rows("record_change").values()}
    assert scopes == {f"portfolio:{bank.zhou}"}


def test_every_owner_there_was_goes_with_the_customer(bank: SellingBank) -> None:
    customer = customer_of(bank, bank.lin)

    for owner in (bank.zhou, bank.lin):
        move(bank, customer, owner)

    told = {(row["from_id"], row["to_id"]) for row in changes(bank, customer)}
    assert told == {(bank.lin, bank.zhou), (bank.zhou, bank.lin)}
    scopes = {row.scope for row in bank.store.rows("record_change").values()}
    assert scopes == {f"portfolio:{bank.lin}"}


def test_whoever_stays_with_their_owner_is_told_of_nothing(bank: SellingBank) -> None:
    customer = customer_of(bank, bank.lin)

    bank.bring("customer", {**bank.row("customer", customer), "phone": "15400000001"})
    move(bank, customer, bank.lin)

    assert bank.rows("record_change") == []


def test_a_merge_and_a_split_say_which_two_and_who_decided(bank: SellingBank) -> None:
    one, other = customer_of(bank, bank.lin), customer_of(bank, bank.zhou)
    bank.bring("customer", {**bank.row("customer", other), "name": "单晓岷"})
    pair = a_duplicate(one, other)
    bank.bring("duplicate", pair)

    decide(bank, pair, "open", "merged")
    [merged] = bank.rows("record_change")
    decide(bank, pair, "merged", "split")

    assert (merged["customer_id"], merged["kind"], merged["by"]) == (one, "merged", bank.boss)
    assert (merged["other_name"], merged["from_id"]) == ("单晓岷", None)
    of_one = {(row["kind"], row["other_name"]) for row in changes(bank, one)}
    assert of_one == {("merged", "单晓岷"), ("split", "单晓岷")}
    [split] = changes(bank, other)
    assert (split["kind"], split["by"]) == ("split", bank.boss)
    assert split["other_name"] == bank.row("customer", one)["name"]
    assert bank.store.rows("record_change")[str(split["id"])].scope == f"portfolio:{bank.zhou}"


def test_a_merge_by_the_nightly_sweep_names_the_sweep(bank: SellingBank) -> None:
    one, other = customer_of(bank, bank.lin), customer_of(bank, bank.zhou)
    pair = a_duplicate(one, other, status="merged")
    bank.bring("duplicate", pair)

    def sweep(connection: Connection) -> None:
        unit = UnitOfWork(connection, Actor("job:identity"), bank.now)
        merge_customers(unit, pair)
        unit.finish()

    bank.database.write(sweep)

    assert [row["by"] for row in changes(bank, one)] == ["job:identity"]


def test_two_merges_of_one_moment_are_two_lines(bank: SellingBank) -> None:
    one, other = customer_of(bank, bank.lin), customer_of(bank, bank.zhou)
    third = a_customer(bank.lin, name="单晓珉")
    bank.bring("customer", third)
    pairs = [a_duplicate(one, each, status="merged") for each in (other, str(third["id"]))]
    bank.bring("duplicate", *pairs)

    def sweep(connection: Connection) -> None:
        unit = UnitOfWork(connection, Actor("job:identity"), bank.now)
        for pair in pairs:
            merge_customers(unit, pair)
        unit.finish()

    bank.database.write(sweep)

    assert [row["kind"] for row in changes(bank, one)] == ["merged", "merged"]


def test_what_was_told_of_a_record_stays_with_it_in_a_merge_and_comes_back(
    bank: SellingBank,
) -> None:
    one, other = customer_of(bank, bank.lin), customer_of(bank, bank.zhou)
    move(bank, other, bank.lin)
    move(bank, other, bank.zhou)
    before = changes(bank, other)
    pair = a_duplicate(one, other)
    bank.bring("duplicate", pair)

    decide(bank, pair, "open", "merged")
    held = {row.scope for row in bank.store.rows("record_change").values()}
    kinds = [row["kind"] for row in changes(bank, one)]
    decide(bank, pair, "merged", "split")

    assert kinds == ["merged"]
    assert held == {f"portfolio:{bank.lin}", f"merged:{one}"}
    assert [row for row in changes(bank, other) if row["kind"] == "owner"] == before
