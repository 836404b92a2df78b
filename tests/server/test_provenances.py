"""Where a field comes from follows every edit, in the exchange that takes the edit."""

from typing import Any

import pytest
from sqlalchemy import func, select

from shared.domain.provenance import Origin, provenance_id, read
from shared.registry import REGISTRY
from shared.testing.builders import NOW, a_change_request, add, insert, patch, transition
from sync_server.store import provenances
from sync_server.store.database import Database
from sync_server.store.schema import change_log
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.selling_bank import SellingBank


@pytest.fixture
def bank(database: Database) -> SellingBank:
    return SellingBank(database)


def customer_of(bank: SellingBank, who: str) -> str:
    return str(bank.customer_of[who]["id"])


def edit(bank: SellingBank, who: str, **new: Any) -> None:
    """Type over some fields of a manager's customer on their device."""
    id = customer_of(bank, who)
    row = bank.store.rows("customer")[id]
    pairs = {name: (row.document[name], value) for name, value in new.items()}
    said = bank.push(who, patch("customer", id, row.version, **pairs))
    assert [each["status"] for each in said] == ["applied"]


def origins(bank: SellingBank, who: str) -> dict[str, Origin]:
    return read(str(bank.row("provenance", provenance_id(customer_of(bank, who)))["fields"]))


def told_by_import(bank: SellingBank, who: str, **new: Any) -> None:
    """Have the bank's systems say something of a customer, and where it comes from."""
    bank.bring("customer", {**bank.row("customer", customer_of(bank, who)), **new})
    with bank.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:customers"), bank.now)
        provenances.keep(unit, [customer_of(bank, who)])
        unit.finish()


def test_a_field_that_was_typed_over_is_a_managers_word_at_once(bank: SellingBank) -> None:
    told_by_import(bank, bank.lin, phone="15400000001", occupation="教师")
    assert origins(bank, bank.lin)["phone"].source == "system"

    edit(bank, bank.lin, phone="15400000002")

    now = origins(bank, bank.lin)
    assert now["phone"] == Origin("manager", NOW)
    assert now["occupation"].source == "system"


def test_it_comes_with_the_edit_to_whoever_holds_the_customer(bank: SellingBank) -> None:
    edit(bank, bank.lin, phone="15400000002")

    rows = bank.store.rows("provenance")
    assert rows[provenance_id(customer_of(bank, bank.lin))].scope == f"portfolio:{bank.lin}"
    with bank.database.reading() as connection:
        log = change_log.c
        last = connection.execute(select(func.max(log.seq))).scalar()
        found = connection.execute(select(log.entity, log.actor).where(log.seq == last)).all()
    assert sorted(map(tuple, found)) == [
        ("customer", bank.lin),
        ("provenance", provenances.JOB),
    ]


def test_a_change_that_a_supervisor_approved_is_verified_at_once(bank: SellingBank) -> None:
    request = a_change_request(customer_of(bank, bank.lin), bank.lin)
    bank.push(bank.lin, insert("change_request", request))

    step = transition("change_request", str(request["id"]), "status", "pending", "approved")
    assert bank.push(bank.boss, step)[0]["status"] == "applied"

    assert origins(bank, bank.lin)[str(request["field"])] == Origin("verified", NOW)


def test_the_edit_that_was_taken_last_counts_whatever_the_clocks_say(bank: SellingBank) -> None:
    told_by_import(bank, bank.lin, phone="15400000001")
    ahead = bank.row("provenance", provenance_id(customer_of(bank, bank.lin)))
    bank.bring("provenance", {**ahead, "kept_at": NOW + 60_000})

    edit(bank, bank.lin, phone="15400000002")

    kept = bank.row("provenance", provenance_id(customer_of(bank, bank.lin)))
    assert origins(bank, bank.lin)["phone"] == Origin("manager", NOW)
    assert kept["kept_at"] == NOW + 60_000


def test_an_import_that_began_before_an_edit_and_was_taken_after_it_has_the_last_word(
    bank: SellingBank,
) -> None:
    customer = customer_of(bank, bank.lin)
    edit(bank, bank.lin, phone="15400000002")
    earlier = NOW - 60_000

    with bank.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:customers"), earlier)
        row = {**bank.row("customer", customer), "phone": "15400000001"}
        unit.import_rows(REGISTRY["customer"], [row])
        provenances.put(unit, {customer: {"phone": Origin("system", earlier)}})
        unit.finish()
    with bank.database.reading() as connection:
        known = provenances.known_origins(connection, {customer: row})

    assert known[customer]["phone"] == Origin("system", earlier)


def test_what_is_emptied_comes_from_nowhere(bank: SellingBank) -> None:
    edit(bank, bank.lin, phone="15400000002")

    edit(bank, bank.lin, phone=None)

    assert "phone" not in origins(bank, bank.lin)


def test_an_exchange_that_touches_no_traced_field_writes_and_reads_nothing_of_it(
    bank: SellingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(provenances, "known_origins")

    edit(bank, bank.lin, contact_note="午后在")
    bank.push(bank.lin, add("customer", customer_of(bank, bank.lin), "interests", "书法"))

    assert bank.row("customer", customer_of(bank, bank.lin))["interests"] == "书法"
    assert bank.rows("provenance") == []


def test_only_the_server_says_where_a_field_comes_from(bank: SellingBank) -> None:
    edit(bank, bank.lin, phone="15400000002")
    row = bank.row("provenance", provenance_id(customer_of(bank, bank.lin)))

    said = bank.push(
        bank.lin, patch("provenance", str(row["id"]), fields=(row["fields"], "phone verified -"))
    )

    assert said[0].get("code") == "server_owned"
    assert bank.row("provenance", str(row["id"])) == row
