"""Bank cards from files: one more number by which a customer is found."""

import json

import pytest

from shared.registry import Document
from shared.testing.builders import NOW
from sync_server.adapters.report import Report
from sync_server.store.database import Database
from sync_server.store.dated import look_at_dates
from tests.server.account_bank import PHONE, AccountBank, a_card, a_uscc, account, an_id_card
from tests.server.importing import states, told

CARDS = (
    "source,number,valid_until,closed_on,account_source,account,id_kind,id_number,phone,customer"
)
UNDER_HER_ACCOUNT = {"account_source": "core", "account": "6001"}


@pytest.fixture
def bank(database: Database) -> AccountBank:
    bank = AccountBank(database)
    bank.accounts(account("6001", **bank.hers))
    return bank


def card(number: str = "", /, **said: str) -> str:
    cells = {"source": "cards", "number": number or a_card()} | said
    return ",".join(cells.get(name, "") for name in CARDS.split(","))


def brought(bank: AccountBank, *rows: str) -> Report:
    return bank.takes("cards", "\n".join([CARDS, *rows, ""]))


def kept(bank: AccountBank) -> list[Document]:
    rows = (row.document for row in bank.store.rows("identifier").values())
    return [row for row in rows if row["kind"] == "bank_card"]


# Whose it is


@pytest.mark.parametrize("by", ["account", "id_card", "telephone and name"])
def test_a_card_is_hers_whom_the_row_names(bank: AccountBank, by: str) -> None:
    whose = {
        "account": UNDER_HER_ACCOUNT,
        "id_card": bank.hers,
        "telephone and name": {"phone": PHONE, "customer": "单晓敏"},
    }

    report = brought(bank, card(valid_until="2029-05-31", **whose[by]))

    assert states(report) == {"applied": 1}
    [row] = kept(bank)
    assert row["customer_id"] == bank.customer["id"]
    assert (row["value"], row["last_four"]) == (a_card(), a_card()[-4:])
    assert (row["source"], row["valid_until"]) == ("cards", "2029-05-31")


def test_a_card_may_be_typed_in_groups_and_in_full_width(bank: AccountBank) -> None:
    groups = " ".join(a_card()[place : place + 4] for place in range(0, 19, 4))

    brought(bank, card(groups.replace("0", "０"), **UNDER_HER_ACCOUNT))

    assert [row["value"] for row in kept(bank)] == [a_card()]


def test_a_customer_may_have_several_cards(bank: AccountBank) -> None:
    rows = [card(a_card(order), **UNDER_HER_ACCOUNT) for order in range(1, 4)]

    assert states(brought(bank, *rows)) == {"applied": 3}
    assert len(kept(bank)) == 3


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "row_no_customer"),
        ({"account_source": "core", "account": "6404"}, "row_no_customer"),
        ({"account": "6001"}, "row_lacks"),
        ({"id_kind": "uscc", "id_number": a_uscc()}, "row_no_customer"),
        (
            {**UNDER_HER_ACCOUNT, "id_kind": "id_card", "id_number": an_id_card(4)},
            "row_other_customer",
        ),
        ({**UNDER_HER_ACCOUNT, "number": a_card()[:-1] + "9"}, "row_check_digit"),
        ({**UNDER_HER_ACCOUNT, "number": "6001"}, "row_value"),
        ({**UNDER_HER_ACCOUNT, "valid_until": "05/29"}, "row_value"),
    ],
)
def test_a_row_that_names_nobody_or_no_card_is_told_by_its_line(
    bank: AccountBank, said: dict[str, str], code: str
) -> None:
    report = brought(bank, card(a_card(2), **UNDER_HER_ACCOUNT), card(**said))

    assert told(report) == [(3, code)]
    assert a_card()[:-1] not in json.dumps(report.as_json())
    assert len(kept(bank)) == 1


def test_a_card_never_changes_hands(bank: AccountBank) -> None:
    other = bank.customer_named("山河贸易有限公司")
    bank.identify(other, a_uscc(), "uscc")
    brought(bank, card(**UNDER_HER_ACCOUNT))

    report = brought(bank, card(id_kind="uscc", id_number=a_uscc()))

    assert told(report) == [(2, "row_other_customer")]
    assert [row["customer_id"] for row in kept(bank)] == [bank.customer["id"]]


def test_a_card_that_two_customers_have_is_for_a_person_to_look_at(bank: AccountBank) -> None:
    for customer in (str(bank.customer["id"]), bank.customer_named("单晓岷")):
        bank.identify(customer, a_card(), "bank_card")

    report = brought(bank, card(valid_until="2029-05-31"))

    assert told(report) == [(2, "row_several_customers")]


def test_a_card_of_two_records_that_were_merged_is_the_survivors(bank: AccountBank) -> None:
    hers = str(bank.customer["id"])
    for _ in range(2):
        bank.identify(hers, a_card(), "bank_card")

    assert states(brought(bank, card(valid_until="2029-05-31"))) == {"changed": 1}


# What is said again


def test_the_same_card_again_changes_nothing(bank: AccountBank) -> None:
    row = card(valid_until="2029-05-31", **UNDER_HER_ACCOUNT)
    brought(bank, row)
    head = bank.store.head()

    assert states(brought(bank, row, card())) == {"known": 2}
    assert bank.store.head() == head


def test_a_card_that_was_closed_ends_on_that_day_and_still_finds_her(bank: AccountBank) -> None:
    brought(bank, card(valid_until="2029-05-31", **UNDER_HER_ACCOUNT))

    report = brought(bank, card(valid_until="2029-05-31", closed_on="2026-11-16"))

    assert states(report) == {"changed": 1}
    assert [row["valid_until"] for row in kept(bank)] == ["2026-11-16"]


def test_what_ends_with_a_card_is_no_paper_that_anybody_must_renew(bank: AccountBank) -> None:
    brought(bank, card(valid_until="2026-11-30", **UNDER_HER_ACCOUNT))
    look_at_dates(bank.database, NOW)

    assert bank.alerts("papers") == []


# Passports


def test_a_person_may_be_known_by_a_passport(bank: AccountBank) -> None:
    guest = bank.customer_named("Анна")
    bank.identify(guest, "E12345678", "passport")

    assert states(bank.accounts(account("7001", id_kind="护照", id_number="e1234 5678"))) == {
        "applied": 1
    }
    assert bank.account_now("7001")["customer_id"] == guest


def test_a_passport_that_was_renewed_keeps_nobody_from_being_found(bank: AccountBank) -> None:
    guest = bank.customer_named("Анна", PHONE)
    bank.identify(guest, "E12345678", "passport")
    whose = {"id_kind": "passport", "id_number": "E87654321", "phone": PHONE, "customer": "Анна"}

    assert states(bank.accounts(account("7001", **whose))) == {"applied": 1}
    assert bank.account_now("7001")["customer_id"] == guest


@pytest.mark.parametrize("number", ["ABCDEFGH", "E123", "E123456789"])
def test_what_cannot_be_a_passport_finds_nobody(bank: AccountBank, number: str) -> None:
    report = bank.accounts(account("7001", id_kind="passport", id_number=number))

    assert told(report) == [(2, "row_value")]
