"""Customers come as a file: opened, brought up to date field by field, and never doubled."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from shared.domain.provenance import provenance_id, read
from shared.registry import Document
from shared.testing.builders import NOW, a_caller, patch, txn
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import State
from sync_server.store.database import open_postgresql, open_sqlite
from tests.server.account_bank import AccountBank, a_uscc, account, an_id_card
from tests.server.sql_store import empty

DAY_MS = 24 * 3_600_000
HEADER = (
    "source,id_kind,id_number,name,as_of,manager,id_valid_until,phone,address,birth_date,gender,"
    "legal_representative,risk_grade,risk_valid_until"
)


class Bank(AccountBank):
    """The branch, whose customer 单晓敏 is in the record with her identity card."""

    def takes_in(self, *rows: str, at: int = NOW) -> list[tuple[str, str | None]]:
        """Take in customers at a moment (ms); return what each row came to, refused ones last."""
        file = BytesIO("\n".join([HEADER, *rows, ""]).encode())
        report = load(
            self.database, kind_named("customers"), file, Sender("core", at), lambda *_: None
        )
        good = [state for state in report.counts.elements() if state is not State.REFUSED]
        refused = [each.why.code for each in report.told if each.why]
        return [*((str(state), None) for state in good), *(("refused", code) for code in refused)]

    def named(self, name: str) -> Document:
        """The customer of the record with a name."""
        [found] = [
            row.document
            for row in self.store.rows("customer").values()
            if row.document["name"] == name
        ]
        return found

    def origin(self, customer: Document, field: str) -> Any:
        """Where a field comes from, and since when."""
        row = self.store.rows("provenance")[provenance_id(str(customer["id"]))]
        return read(str(row.document["fields"])).get(field)

    def writes_down(self, customer: Document, **fields: Any) -> None:
        """Let the manager put something right in the field."""
        id = str(customer["id"])
        version = self.store.rows("customer")[id].version
        changes = {name: (customer[name], value) for name, value in fields.items()}
        change = patch("customer", id, version, **changes)
        [verdict] = self.store.push(a_caller(str(self.lin["id"])), [txn(change)])
        assert verdict["status"] == "applied", verdict


def person(order: int = 8, /, **said: Any) -> str:
    """A row about a woman who is not in the record yet."""
    return _row({"id_kind": "身份证", "id_number": an_id_card(order), "name": "温若兰"} | said)


def company(**said: Any) -> str:
    """A row about a company that is not in the record yet."""
    return _row({"id_kind": "uscc", "id_number": a_uscc(), "name": "云汀新材料有限公司"} | said)


def _row(said: dict[str, Any]) -> str:
    cells = {"source": "ecif", "as_of": "2026-11-10", "manager": "AM001"} | said
    return ",".join(str(cells.get(name, "")) for name in HEADER.split(","))


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bank]:
    if request.param == "sqlite":
        made = open_sqlite(tmp_path / "server.db")
    else:
        made = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield Bank(made)
    made.close()


def test_who_is_not_there_yet_is_opened_for_the_manager_named(bank: Bank) -> None:
    found = bank.takes_in(
        person(phone="15400007777", address="云汀市江汀路 8 号", risk_grade="R2"),
        company(legal_representative="何启明"),
    )

    assert found == [("applied", None)] * 2
    lady, firm = bank.named("温若兰"), bank.named("云汀新材料有限公司")
    assert (lady["kind"], lady["owner_id"]) == ("person", bank.lin["id"])
    assert (lady["birth_date"], lady["gender"]) == ("1949-07-08", "female")
    assert (lady["initials"], lady["risk_grade"]) == ("wrl", "R2")
    assert (firm["kind"], firm["legal_representative"]) == ("organisation", "何启明")
    assert bank.origin(lady, "phone") == ("system", 1_794_240_000_000)
    assert bank.accounts(account("7001", id_kind="uscc", id_number=a_uscc())).as_json()["applied"]


def test_the_same_file_again_changes_nothing(bank: Bank) -> None:
    rows = person(phone="15400007777"), company()
    bank.takes_in(*rows)
    before = bank.store.head()

    assert bank.takes_in(*rows) == [("known", None)] * 2
    assert bank.store.head() == before


def test_tomorrows_file_that_says_the_same_sends_no_device_anything(bank: Bank) -> None:
    bank.takes_in(person(phone="15400007777"))
    before = bank.store.head()

    assert bank.takes_in(person(phone="15400007777", as_of="2026-11-11")) == [("known", None)]
    assert bank.store.head() == before


def test_two_rows_about_one_in_a_file_are_one_customer(bank: Bank) -> None:
    bank.takes_in(person(), person(phone="15400007777", as_of="2026-11-11"))

    assert bank.named("温若兰")["phone"] == "15400007777"


def test_what_a_system_only_repeats_takes_back_nothing_from_the_field(bank: Bank) -> None:
    bank.takes_in(person(phone="15400007777"), at=NOW - DAY_MS)
    bank.writes_down(bank.named("温若兰"), phone="15400008888")

    bank.takes_in(person(phone="15400007777", as_of="2026-11-18"))
    assert bank.named("温若兰")["phone"] == "15400008888"

    bank.takes_in(person(phone="15400009999", as_of="2026-11-18 01:00"))
    assert bank.named("温若兰")["phone"] == "15400008888"  # written down later on the 18th


def test_what_a_system_says_anew_and_later_counts(bank: Bank) -> None:
    bank.takes_in(person(phone="15400007777"))

    assert bank.takes_in(person(phone="15400006666", as_of="2026-11-12")) == [("changed", None)]

    lady = bank.named("温若兰")
    assert lady["phone"] == "15400006666"
    assert bank.origin(lady, "phone") == ("system", 1_794_412_800_000)
    assert bank.origin(lady, "name") == ("system", 1_794_240_000_000)


def test_a_file_of_before_changes_nothing(bank: Bank) -> None:
    bank.takes_in(person(phone="15400007777"))

    assert bank.takes_in(person(phone="15400006666", as_of="2026-11-09")) == [("known", None)]
    assert bank.named("温若兰")["phone"] == "15400007777"


def test_a_customer_of_the_record_is_found_by_number_and_keeps_owner_and_need(bank: Bank) -> None:
    hers = bank.id_card
    bank.joins("AM002", "2026-02-01")

    found = bank.takes_in(
        person(id_number=hers.lower(), name="单晓敏", manager="AM002", address="江汀路 1 号")
    )

    assert found == [("changed", None)]
    now = bank.store.rows("customer")[str(bank.customer["id"])].document
    assert (now["owner_id"], now["address"]) == (bank.lin["id"], "江汀路 1 号")
    assert (now["need"], now["stage"]) == (bank.customer["need"], bank.customer["stage"])


def test_a_risk_grade_that_is_renewed_has_its_new_day(bank: Bank) -> None:
    bank.takes_in(person(risk_grade="R3", risk_valid_until="2026-12-01"))

    renewed = person(risk_grade="R3", risk_valid_until="2027-12-01", as_of="2026-11-17")
    assert bank.takes_in(renewed) == [("changed", None)]

    found = bank.named("温若兰")
    assert (found["risk_grade"], found["risk_valid_until"]) == ("R3", "2027-12-01")


def test_a_paper_that_was_renewed_has_its_new_day(bank: Bank) -> None:
    bank.takes_in(person(id_valid_until="2026-12-01"))
    bank.takes_in(person(id_valid_until="2046-12-01", as_of="2026-11-11"))

    papers = [row.document for row in bank.store.rows("identifier").values()]
    assert [each["valid_until"] for each in papers if each["source"] == "ecif"] == ["2046-12-01"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (person(manager=""), "row_lacks"),
        (person(manager="AM999"), "row_unknown"),
        (person(id_number="480102194907080078"), "row_check_digit"),
        (person(birth_date="1950-01-01"), "row_value"),
        (person(name=""), "row_lacks"),
        (person(as_of="2099-01-01"), "row_future"),
        (company(risk_valid_until="x"), "row_value"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_and_opens_nobody(
    bank: Bank, row: str, code: str
) -> None:
    before = set(bank.store.rows("customer"))

    assert bank.takes_in(row) == [("refused", code)]
    assert set(bank.store.rows("customer")) == before


def test_a_number_that_two_customers_have_is_for_a_person(bank: Bank) -> None:
    bank.identify(bank.customer_named("单小敏"), bank.id_card)

    found = bank.takes_in(person(id_number=bank.id_card, name="单晓敏"))

    assert found == [("refused", "row_several_customers")]


def guest(**said: Any) -> str:
    """A row about a woman with a passport, who is not in the record yet."""
    return person(**{"id_kind": "passport", "id_number": "E12345678", "name": "Анна"} | said)


def test_a_person_may_be_opened_by_a_passport_and_brought_up_to_date(bank: Bank) -> None:
    first = bank.takes_in(guest(birth_date="1980-05-01"))
    again = bank.takes_in(
        guest(id_number="e1234 5678", name="Anna", birth_date="1980-05-01", as_of="2026-11-11")
    )

    assert (first, again) == ([("applied", None)], [("changed", None)])
    assert bank.named("Anna")["birth_date"] == "1980-05-01"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"birth_date": "1980-05-01"}, {"birth_date": "1990-05-01"}),
        ({"birth_date": "1980-05-01"}, {"name": "Мария"}),
        ({}, {"name": "Мария", "birth_date": "1980-05-01"}),
    ],
)
def test_a_passport_of_somebody_else_takes_nothing_into_its_holder(
    bank: Bank, known: dict[str, str], said: dict[str, str]
) -> None:
    bank.takes_in(guest(**known))

    found = bank.takes_in(guest(**{"phone": "15400007777", "as_of": "2026-11-11", **said}))

    assert found == [("refused", "row_other_customer")]
    assert bank.named("Анна")["phone"] is None


def test_what_comes_near_is_told_in_the_import_that_brings_it(bank: Bank) -> None:
    soon = {"birth_date": "1980-11-20", "id_valid_until": "2026-12-20"}

    bank.takes_in(guest(**soon, risk_grade="R2", risk_valid_until="2026-12-01"))
    bank.takes_in(guest(id_number="E99999999", name="Мария", id_valid_until="2036-12-20"))

    told = [(each["kind"], each["day"]) for each in bank.alerts()]
    assert sorted(told) == [
        ("birthday", "2026-11-20"), ("papers", "2026-12-01"), ("papers", "2026-12-20"),
    ]  # fmt: skip
