"""The record for other systems: what each may see, whom a number finds, and what is noted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, get_args, get_type_hints

import pytest
from pydantic.types import StringConstraints

from fieldbook.__main__ import RIGHTS as NAMED
from shared.domain import Relation
from shared.registry import REGISTRY, ScopeRule
from shared.testing.builders import NOW, a_duplicate, an_interaction, new_id
from sync_server.http import READS_A_MINUTE
from sync_server.outward import RIGHTS, TOLD, Right, can_be_hidden, is_whole
from sync_server.store.access import LIFE_MS
from sync_server.store.database import Database
from sync_server.store.merging import merge_customers
from sync_server.store.record import customer_record, customers_known_by, timeline_page
from sync_server.store.unit_of_work import Actor, UnitOfWork
from sync_server.throttle import Throttle
from sync_server.turning import sweep_out
from tests.server.account_bank import PHONE, account, an_id_card
from tests.server.reading_bank import ReadingBank


@pytest.fixture
def bank(database: Database) -> ReadingBank:
    return ReadingBank(database)


def test_the_command_line_names_every_right() -> None:
    assert NAMED == RIGHTS == get_args(Right)


# What leaves the house


@pytest.mark.parametrize(
    "entity", ["device_state", "commission_entry", "statement", "sale_share", "issue", "dispute"]
)
def test_what_concerns_the_banks_own_people_is_told_to_no_system(entity: str) -> None:
    assert entity in REGISTRY
    assert entity not in TOLD


def test_nothing_of_a_users_own_scope_is_told() -> None:
    assert [name for name in TOLD if REGISTRY[name].scope is ScopeRule.USER] == []


NAMES = {
    "account": {"name", "last_four", "source"},
    "customer": {"industry"},
    "employee": {"employee_no", "name"},
    "identifier": {"last_four"},
    "interaction": {"source", "agent"},
    "org_unit": {"name"},
    "product": {"name", "unit", "summary"},
    "sale": {"external_ref", "shares"},
    "service_case": {"source"},
}
"""Texts of any form that say nothing of a customer that a person wrote down."""


def _constraints(hint: Any) -> Iterator[StringConstraints]:
    for each in get_args(hint):
        if isinstance(each, StringConstraints):
            yield each
        yield from _constraints(each)


@pytest.mark.parametrize("entity", sorted(TOLD))
def test_what_is_written_freely_of_a_customer_takes_the_right_to_see_persons(entity: str) -> None:
    hints = get_type_hints(REGISTRY[entity].document_type, include_extras=True)
    free = {
        field
        for field, hint in hints.items()
        if any(each.pattern is None for each in _constraints(hint))
    }

    assert {each for each in free if not can_be_hidden(entity, each)} == NAMES.get(entity, set())


def test_what_a_customer_wants_takes_the_right_to_see_persons() -> None:
    assert can_be_hidden("customer", "need_amount")


def test_an_identity_number_takes_a_right_of_its_own() -> None:
    assert not is_whole("identifier", frozenset({"record", "personal"}))
    assert is_whole("identifier", frozenset({"numbers"}))


# One customer


def test_a_customer_comes_with_accounts_relations_and_numbers_by_right(bank: ReadingBank) -> None:
    bank.accounts(account("6001", balance="820000.00", **bank.hers))
    tie = Relation(new_id(), bank.id, "spouse", str(bank.lin["id"]), NOW, other_name="单小明")
    bank.store.bring("relation", asdict(tie))

    seen = bank.get(f"/v1/customers/{bank.id}", bank.signed("record", "personal")).json()
    whole = bank.get(f"/v1/customers/{bank.id}", bank.signed("record", "numbers")).json()

    assert (seen["name"], seen["phone"]) == (bank.customer["name"], PHONE)
    assert [each["balance"] for each in seen["accounts"]] == [82_000_000]
    assert [each["other_name"] for each in seen["relations"]] == ["单小明"]
    assert set(seen["identifiers"][0]) == {"kind", "last_four", "source"}
    assert whole["identifiers"][0]["value"] == bank.id_card


def test_without_the_right_to_see_persons_a_customer_is_masked(bank: ReadingBank) -> None:
    bank.accounts(account("6001", **bank.hers))

    seen = bank.get(f"/v1/customers/{bank.id}", bank.signed("record")).json()

    name = str(bank.customer["name"])
    assert seen["name"] == f"{name[0]}*{name[-1]}"
    assert seen["phone"] == f"*******{PHONE[-4:]}"
    assert (seen["initials"], seen["accounts"][0]["balance"]) == (None, None)
    assert seen["version"] >= 1


def test_who_has_a_customer_as_it_is_is_sent_nothing(bank: ReadingBank) -> None:
    signed, path = bank.signed("record", "personal"), f"/v1/customers/{bank.id}"
    tag = bank.get(path, signed).headers["etag"]

    again = bank.get(path, signed | {"if-none-match": f'"other", W/{tag}'})
    bank.accounts(account("6001", **bank.hers))
    changed = bank.get(path, signed | {"if-none-match": tag})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_what_is_seen_by_one_right_is_not_current_for_another(bank: ReadingBank) -> None:
    path = f"/v1/customers/{bank.id}"
    tag = bank.get(path, bank.signed("record")).headers["etag"]

    answer = bank.get(path, bank.signed("record", "personal", name="crm") | {"if-none-match": tag})

    assert answer.status_code == 200


# Who may


def test_an_account_of_before_there_were_rights_keeps_what_it_could_do(bank: ReadingBank) -> None:
    signed = bank.signed()

    assert bank.get(f"/v1/customers/{bank.id}", signed).json()["phone"] == PHONE


def test_a_new_token_keeps_the_rights_of_its_account(bank: ReadingBank) -> None:
    bank.signed("events")

    answer = bank.get(f"/v1/customers/{bank.id}", bank.signed())

    assert (answer.status_code, answer.json()["code"]) == (403, "not_granted")


@pytest.mark.parametrize("path", ["/v1/customers/{id}", "/v1/customers/{id}/timeline"])
def test_without_the_right_nothing_is_read_and_nothing_noted(bank: ReadingBank, path: str) -> None:
    answer = bank.get(path.format(id=bank.id), bank.signed("import", "numbers"))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_granted")
    assert answer.json()["fields"] == {"system": "core", "right": "record"}
    assert bank.noted() == []


def test_who_asks_too_often_is_told_when_to_come_again(bank: ReadingBank) -> None:
    bank.services.reads = Throttle(limit=2, window_ms=60_000)
    signed, path = bank.signed("record"), f"/v1/customers/{bank.id}"
    answers = [bank.get(path, signed) for _ in range(3)]
    other = bank.get(path, bank.signed("record", name="crm"))

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "60"
    assert other.status_code == 200
    assert READS_A_MINUTE > 60


# By a number


def test_a_number_finds_its_customer_however_it_is_written(bank: ReadingBank) -> None:
    signed = bank.signed("record")
    written = f"{bank.id_card[:6]} {bank.id_card[6:]}".lower()

    by_card = bank.look_up(signed, "id_card", written).json()["customers"]
    by_phone = bank.look_up(signed, "phone", f"+86 {PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}").json()

    assert [each["id"] for each in by_card] == [bank.id]
    assert [each["id"] for each in by_phone["customers"]] == [bank.id]
    assert "*" in by_card[0]["name"]


def test_a_number_of_another_kind_finds_nobody(bank: ReadingBank) -> None:
    answer = bank.look_up(bank.signed("record"), "uscc", bank.id_card)

    assert (answer.status_code, answer.json()) == (200, {"customers": []})


def test_no_address_takes_a_number(bank: ReadingBank) -> None:
    signed = bank.signed("record")

    assert bank.get("/v1/customers", signed, identifier=bank.id_card).status_code == 404
    assert bank.get("/v1/customers/lookup", signed).status_code in (404, 405)


@pytest.mark.parametrize(("kind", "value"), [("name", "单晓敏"), ("id_card", ""), ("phone", "1")])
def test_what_is_no_number_is_refused(bank: ReadingBank, kind: str, value: str) -> None:
    answer = bank.look_up(bank.signed("record"), kind, value)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


# The timeline


def test_a_timeline_comes_newest_first_and_its_notes_by_right(bank: ReadingBank) -> None:
    for at in (NOW - 2_000, NOW - 1_000):
        visit = an_interaction(bank.id, str(bank.lin["id"]), occurred_at=at, note="想换房")
        bank.store.bring("interaction", visit)
    path = f"/v1/customers/{bank.id}/timeline"

    first = bank.get(path, bank.signed("record"), limit=1).json()
    second = bank.get(path, bank.signed("record", "personal"), limit=1, cursor=first["next"]).json()

    assert [each["at"] for each in first["items"] + second["items"]] == [NOW - 1_000, NOW - 2_000]
    assert [each["note"] for each in first["items"] + second["items"]] == [None, "想换房"]
    assert second["next"] is None


def test_a_timeline_goes_on_from_no_cursor_but_one_that_was_given(bank: ReadingBank) -> None:
    path = f"/v1/customers/{bank.id}/timeline"

    answer = bank.get(path, bank.signed("record"), cursor="abc")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


# What is noted


def test_every_read_is_noted_with_who_read_whom(bank: ReadingBank) -> None:
    signed = bank.signed("record")
    tag = bank.get(f"/v1/customers/{bank.id}", signed).headers["etag"]
    bank.get(f"/v1/customers/{bank.id}", signed | {"if-none-match": tag})
    bank.get(f"/v1/customers/{bank.id}/timeline", signed)
    bank.look_up(signed, "phone", PHONE)
    bank.look_up(signed, "phone", "15400009999")

    assert Counter(bank.noted()) == Counter(
        [
            ("core", "record", bank.id),
            ("core", "record", bank.id),
            ("core", "timeline", bank.id),
            ("core", "lookup", bank.id),
            ("core", "lookup", None),
        ]
    )


def test_what_was_noted_is_kept_for_three_years(bank: ReadingBank) -> None:
    bank.get(f"/v1/customers/{bank.id}", bank.signed("record"))

    sweep_out(bank.database, NOW + LIFE_MS)
    assert len(bank.noted()) == 1
    sweep_out(bank.database, NOW + LIFE_MS + 24 * 3_600_000)
    assert bank.noted() == []


# Customers who were merged


def merged(bank: ReadingBank, survivor: str, ended: str) -> None:
    pair = a_duplicate(survivor, ended, customer_id=survivor, other_id=ended)
    with bank.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("job:identity"), NOW)
        merge_customers(unit, pair)
        unit.finish()


def test_a_merge_is_told_as_a_change_of_the_record_that_ended(bank: ReadingBank) -> None:
    other = bank.customer_named("单晓岷")
    system = bank.signed("events")
    merged(bank, bank.id, other)

    events = bank.get("/v1/events", system, types="fieldbook.customer.changed").json()

    assert [each["data"]["merged_into"] for each in events if each["subject"] == other][-1:] == [
        bank.id
    ]


def test_the_id_of_a_customer_who_was_merged_leads_to_who_goes_on(bank: ReadingBank) -> None:
    other = bank.customer_named("单晓岷", "15400005678")
    last = bank.customer_named("单晓敏", "15400009999")
    bank.identify(other, an_id_card(4))
    contact = an_interaction(other, str(bank.lin["id"]))
    bank.store.bring("interaction", contact)
    merged(bank, other, last)
    merged(bank, bank.id, other)

    with bank.database.reading() as connection:
        record = customer_record(connection, last, frozenset(RIGHTS))
        page = timeline_page(connection, last, 10, None, frozenset(RIGHTS))
        known = [
            [each["id"] for each in customers_known_by(connection, *asked, frozenset(RIGHTS))]
            for asked in (("phone", "15400009999"), ("phone", PHONE), ("id_card", an_id_card(4)))
        ]

    assert record["id"] == bank.id
    assert [item["id"] for item in page["items"]] == [contact["id"]]
    assert known == [[bank.id]] * 3


def test_a_read_by_a_former_id_is_noted_of_who_goes_on(bank: ReadingBank) -> None:
    other = bank.customer_named("单晓岷")
    merged(bank, bank.id, other)
    signed = bank.signed("record")

    bank.get(f"/v1/customers/{other}", signed)
    bank.get(f"/v1/customers/{other}/timeline", signed)

    noted = sorted(bank.noted())  # of one moment in whatever order
    assert noted == [("core", "record", bank.id), ("core", "timeline", bank.id)]
