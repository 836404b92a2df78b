"""Who refuses to be sold to is spared marketing alerts, from the same exchange on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.registry import Document
from shared.testing.around import a_consent
from shared.testing.builders import NOW, a_caller, insert, txn
from sync_server.store.consents import spared
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.dated import look_at_dates
from sync_server.store.maturing import look_at_maturities
from tests.server.account_bank import AccountBank, account
from tests.server.sql_store import empty

AGAINST_SELLING = ("personalisation", "marketing_contact")
DAY_MS = 24 * 3_600_000


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccountBank]:
    database: Database
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "server.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield AccountBank(database)
    database.close()


def says(bank: AccountBank, *words: Document) -> list[str]:
    """The manager's device brings what the customer said, in one exchange."""
    caller = a_caller(str(bank.lin["id"]))
    verdicts = bank.store.push(caller, [txn(insert("consent", each)) for each in words])
    return [each["status"] for each in verdicts]


def word(bank: AccountBank, **fields: object) -> Document:
    return a_consent(str(bank.customer["id"]), str(bank.lin["id"]), **fields)


def matures(bank: AccountBank, number: str = "6001") -> None:
    row = account(number, kind="time_deposit", matures_on="2026-12-18", **bank.hers)
    bank.accounts(row)


def states(bank: AccountBank) -> list[object]:
    return [alert["status"] for alert in bank.alerts("maturity")]


@pytest.mark.parametrize("purpose", AGAINST_SELLING)
def test_who_refused_is_raised_no_marketing_alert(bank: AccountBank, purpose: str) -> None:
    assert says(bank, word(bank, purpose=purpose)) == ["applied"]

    matures(bank)

    assert states(bank) == []


def test_a_word_on_another_purpose_spares_nobody(bank: AccountBank) -> None:
    says(bank, word(bank, purpose="data_sharing"), word(bank, answer="given"))

    matures(bank)

    assert states(bank) == ["open"]


@pytest.mark.parametrize("purpose", AGAINST_SELLING)
def test_a_refusal_takes_back_what_is_open_in_the_same_exchange(
    bank: AccountBank, purpose: str
) -> None:
    matures(bank)
    bank.usual_year()
    bank.flows("core,6001,2026-11-18,0.00,860000.00")

    says(bank, word(bank, purpose=purpose))

    assert states(bank) == ["withdrawn"]
    assert [alert["status"] for alert in bank.alerts("abnormal_flow")] == ["open"]


def test_a_refusal_that_came_with_no_exchange_is_heeded_by_the_next_day(bank: AccountBank) -> None:
    matures(bank)
    bank.usual_year()
    bank.flows("core,6001,2026-11-18,0.00,860000.00")
    bank.store.bring("consent", word(bank, purpose="marketing_contact"))

    look_at_dates(bank.database, NOW)

    assert states(bank) == ["withdrawn"]
    assert [alert["status"] for alert in bank.alerts("abnormal_flow")] == ["open"]


def test_a_day_leaves_what_matures_with_who_refused_nothing(bank: AccountBank) -> None:
    matures(bank)

    look_at_dates(bank.database, NOW)

    assert states(bank) == ["open"]


def test_what_was_taken_back_is_open_again_once_it_is_allowed_and_still_so(
    bank: AccountBank,
) -> None:
    matures(bank)
    says(bank, word(bank))
    look_at_maturities(bank.database, NOW)
    assert states(bank) == ["withdrawn"]
    says(bank, word(bank, answer="given", occurred_at=NOW + 1))

    look_at_maturities(bank.database, NOW + DAY_MS)

    assert states(bank) == ["open"]


def test_what_a_person_has_handled_is_not_raised_again(bank: AccountBank) -> None:
    matures(bank)
    [alert] = bank.alerts("maturity")
    bank.store.bring("alert", {**alert, "status": "handled"})
    says(bank, word(bank))
    says(bank, word(bank, answer="given", occurred_at=NOW + 1))

    look_at_maturities(bank.database, NOW + DAY_MS)

    assert states(bank) == ["handled"]


def test_who_allows_it_again_is_told_of_what_comes_next(bank: AccountBank) -> None:
    says(bank, word(bank), word(bank, answer="given", occurred_at=NOW + 1))

    matures(bank)

    assert states(bank) == ["open"]
    with bank.database.reading() as connection:
        assert spared(connection, [str(bank.customer["id"])]) == frozenset()


def test_a_word_by_a_clock_that_is_ahead_does_not_outlive_the_next(bank: AccountBank) -> None:
    matures(bank)
    says(bank, word(bank, answer="given", occurred_at=NOW + 400 * DAY_MS))

    says(bank, word(bank, answer="refused", occurred_at=NOW + DAY_MS))

    assert states(bank) == ["withdrawn"]


def test_a_late_word_from_before_changes_nothing(bank: AccountBank) -> None:
    says(bank, word(bank, answer="given"))
    matures(bank)

    says(bank, word(bank, occurred_at=NOW - 1))

    assert states(bank) == ["open"]
