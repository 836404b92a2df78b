"""A birthday that comes near and a paper that ends are told once, and taken back when past."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import Identifier
from shared.domain.alert import due_at
from shared.domain.days import age_on
from shared.registry import Document
from shared.testing.around import a_consent
from shared.testing.builders import a_caller, a_customer, insert, new_id, txn
from sync_server.customer.reminders import BIRTHDAY_DAYS, birthdays
from sync_server.demo.clock import moment
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.dated import look_at_dates, watch_dates
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork
from tests.server.account_bank import AccountBank
from tests.server.sql_store import empty

TODAY = date(2026, 11, 18)


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccountBank]:
    database: Database
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "server.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield AccountBank(database)
    database.close()


def day(bank: AccountBank, day: date = TODAY) -> None:
    look_at_dates(bank.database, moment(day, 1))


def said(bank: AccountBank, **fields: Any) -> None:
    bank.store.bring("customer", {**bank.customer_now(), **fields})


def paper(bank: AccountBank, until: str | None, **fields: Any) -> str:
    known = {"id": new_id(), "kind": "id_card", "value": "480102", "last_four": "0102"} | fields
    row = Identifier(
        customer_id=str(bank.customer["id"]), source="core", valid_until=until, **known
    )
    bank.store.bring("identifier", asdict(row))
    return row.id


def told(bank: AccountBank, kind: str) -> list[tuple[object, object]]:
    return [(each["day"], each["status"]) for each in bank.alerts(kind)]


def test_a_birthday_is_told_a_week_ahead_once_a_year(bank: AccountBank) -> None:
    said(bank, birth_date="1949-11-25")

    for ahead in (-1, 0, 1, 2):
        day(bank, TODAY + timedelta(days=ahead))

    [alert] = bank.alerts("birthday")
    assert (alert["day"], alert["evidence"], alert["status"]) == ("2026-11-25", "77", "open")
    day(bank, TODAY + timedelta(days=365))
    assert sorted(told(bank, "birthday"), key=str) == [
        ("2026-11-25", "withdrawn"),
        ("2027-11-25", "open"),
    ]


@pytest.mark.parametrize(("born", "at"), [("1949-11-24", "11-24"), ("1951-11-20", "11-20")])
def test_a_birthday_moves_with_a_birth_date_that_is_corrected(
    bank: AccountBank, born: str, at: str
) -> None:
    said(bank, birth_date="1949-11-20")
    day(bank)
    said(bank, birth_date=born)

    day(bank, TODAY + timedelta(days=1))

    [alert] = bank.alerts("birthday")
    assert (alert["day"], alert["status"]) == (f"2026-{at}", "open")
    assert alert["evidence"] == str(2026 - int(born[:4]))
    assert alert["due_at"] == due_at(moment(TODAY + timedelta(days=1), 1), "normal")


def test_a_birth_date_that_an_import_corrects_moves_the_birthday_at_once(
    bank: AccountBank,
) -> None:
    said(bank, birth_date="1949-11-20")
    day(bank)
    said(bank, birth_date="1949-11-24")

    with bank.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:customers"), moment(TODAY, 2))
        watch_dates(unit, [bank.customer_now()], [])
        unit.finish()

    assert told(bank, "birthday") == [("2026-11-24", "open")]


def test_a_birthday_that_is_far_after_all_is_taken_back_and_a_handled_one_stays(
    bank: AccountBank,
) -> None:
    said(bank, birth_date="1949-11-20")
    day(bank)
    said(bank, birth_date="1949-03-20")
    day(bank, TODAY + timedelta(days=1))
    assert told(bank, "birthday") == [("2026-11-20", "withdrawn")]
    [alert] = bank.alerts("birthday")
    bank.store.bring("alert", {**alert, "status": "handled"})
    said(bank, birth_date="1949-11-24")

    day(bank, TODAY + timedelta(days=2))

    assert told(bank, "birthday") == [("2026-11-20", "handled")]


def test_who_refuses_recommendation_is_left_in_peace_on_their_birthday(bank: AccountBank) -> None:
    said(bank, birth_date="1949-11-18")
    lin = str(bank.lin["id"])
    word = a_consent(str(bank.customer["id"]), lin)
    bank.store.push(a_caller(lin), [txn(insert("consent", word))])

    day(bank)

    assert told(bank, "birthday") == []


@given(born=st.dates(date(1920, 1, 1), date(2010, 12, 31)), today=st.dates(TODAY, date(2033, 1, 1)))
def test_everyone_has_one_birthday_a_year_that_is_told(born: date, today: date) -> None:
    near = birthdays(today)
    ahead = [today + timedelta(days=days) for days in range(BIRTHDAY_DAYS + 1)]
    turns = [
        each
        for each in ahead
        if age_on(born.isoformat(), each) > age_on(born.isoformat(), each - timedelta(days=1))
    ]

    assert near.get(born.isoformat()[5:]) == (turns[0] if turns else None)


@pytest.mark.parametrize(
    ("until", "is_told"),
    [("2026-11-17", False), ("2026-11-18", True), ("2027-01-17", True), ("2027-01-18", False)],
)
def test_a_paper_is_told_of_in_its_last_sixty_days(
    bank: AccountBank, until: str, is_told: bool
) -> None:
    id = paper(bank, until)

    day(bank)

    assert [each["evidence"] for each in bank.alerts("papers")] == ([id] if is_told else [])


def test_a_risk_grade_that_ends_is_a_paper_too_and_a_bank_card_is_none(bank: AccountBank) -> None:
    said(bank, risk_valid_until="2026-12-01")
    paper(bank, "2026-12-02", kind="bank_card")

    day(bank)

    [alert] = bank.alerts("papers")
    assert (alert["evidence"], alert["day"]) == ("risk_grade", "2026-12-01")


def test_what_was_renewed_is_taken_back_and_what_stands_stays(bank: AccountBank) -> None:
    said(bank, risk_valid_until="2026-12-01")
    id = paper(bank, "2026-12-02")
    paper(bank, "2026-12-03")
    day(bank)
    said(bank, risk_valid_until="2028-12-01")
    paper(bank, "2046-12-02", id=id)

    day(bank, TODAY + timedelta(days=1))

    assert sorted(told(bank, "papers"), key=str) == [
        ("2026-12-01", "withdrawn"),
        ("2026-12-02", "withdrawn"),
        ("2026-12-03", "open"),
    ]


def test_a_paper_that_ends_on_its_first_day_after_all_is_told_of_again(bank: AccountBank) -> None:
    id = paper(bank, "2026-12-02")
    for ahead, until in enumerate(("2026-12-02", "2036-12-02", "2026-12-02")):
        paper(bank, until, id=id)
        said(bank, risk_valid_until=until)
        day(bank, TODAY + timedelta(days=ahead))

    assert told(bank, "papers") == [("2026-12-02", "open")] * 2
    assert {each["raised_at"] for each in bank.alerts("papers")} == {
        moment(TODAY + timedelta(days=2), 1)
    }


def test_more_than_one_page_of_birthdays_is_told(bank: AccountBank) -> None:
    lin = str(bank.lin["id"])
    born: list[Document] = [a_customer(lin, birth_date="1980-11-20") for _ in range(CHUNK + 1)]
    for start in range(0, len(born), CHUNK):
        bank.store.bring("customer", *born[start : start + CHUNK])

    day(bank)

    assert len(bank.alerts("birthday")) == CHUNK + 1
