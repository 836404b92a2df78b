"""An open complaint is an alert in the exchange that brings it, until it is resolved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.registry import REGISTRY, Document
from shared.testing.around import a_case
from shared.testing.builders import NOW, a_caller, insert, txn
from sync_server.store.complaints import follow_complaints
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.account_bank import AccountBank
from tests.server.sql_store import empty


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccountBank]:
    database: Database
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "server.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield AccountBank(database)
    database.close()


def case(bank: AccountBank, **fields: object) -> Document:
    return a_case(str(bank.customer["id"]), opened_by=str(bank.lin["id"]), **fields)


def becomes(bank: AccountBank, document: Document) -> None:
    """A case is as this says, whoever brought it."""
    with bank.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:service"), NOW)
        unit.import_rows(REGISTRY["service_case"], [document])
        follow_complaints(unit)
        unit.finish()


def test_a_complaint_from_a_device_is_an_alert_and_a_question_is_none(bank: AccountBank) -> None:
    caller = a_caller(str(bank.lin["id"]))
    said = case(bank)
    asked = case(bank, kind="question")

    verdicts = bank.store.push(
        caller, [txn(insert("service_case", each)) for each in (said, asked)]
    )

    assert [each["status"] for each in verdicts] == ["applied", "applied"], verdicts
    [alert] = bank.alerts()
    assert (alert["kind"], alert["severity"], alert["evidence"], alert["status"]) == (
        "complaint",
        "high",
        said["id"],
        "open",
    )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"satisfaction": 5}, "invalid"),
        ({"resolution": "已退费"}, "invalid"),
        ({"employee_id": "somebody-else"}, "not_own_fact"),
    ],
)
def test_no_case_begins_with_an_answer_or_with_a_step_of_another(
    bank: AccountBank, said: dict[str, object], code: str
) -> None:
    caller = a_caller(str(bank.lin["id"]))

    [verdict] = bank.store.push(caller, [txn(insert("service_case", case(bank, **said)))])

    assert verdict.get("code") == code
    assert bank.store.rows("service_case") == {}


def test_it_is_taken_back_when_it_is_resolved_and_raised_once(bank: AccountBank) -> None:
    said, other = case(bank), case(bank)
    becomes(bank, said)
    becomes(bank, {**said, "status": "working"})
    becomes(bank, other)

    becomes(bank, {**said, "status": "resolved", "resolution": "已退费"})

    states = {alert["evidence"]: alert["status"] for alert in bank.alerts("complaint")}
    assert states == {said["id"]: "withdrawn", other["id"]: "open"}


@pytest.mark.parametrize("was", ["withdrawn", "handled"])
def test_a_complaint_that_is_opened_anew_is_told_anew(bank: AccountBank, was: str) -> None:
    said = case(bank)
    becomes(bank, said)
    if was == "handled":
        [alert] = bank.alerts("complaint")
        bank.store.bring("alert", {**alert, "status": "handled"})
    becomes(bank, {**said, "status": "resolved", "resolution": "已退费"})
    again = {**said, "status": "reopened", "stepped_at": NOW + 1}

    becomes(bank, again)
    becomes(bank, {**again, "status": "working", "stepped_at": NOW + 2})

    assert {str(alert["status"]) for alert in bank.alerts("complaint")} == {"open", was}
    assert len(bank.alerts("complaint")) == 2
