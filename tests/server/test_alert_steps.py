"""What the owner does with an alert, and what the day brings meanwhile and after."""

from typing import Any

import pytest

from shared.domain.alert import due_at
from shared.registry import Document
from shared.sync.protocol import Op
from shared.testing.builders import NOW, a_caller, transition, txn
from sync_server.store.database import Database
from tests.server.account_bank import AccountBank, account
from tests.server.importing import TODAY

YES = {"answers": "yes,no,no", "checked_at": NOW}
NO = {"answers": "no,no,no", "checked_at": NOW}
TALKED = {"cause": "housing", "action": "talked", "handled_at": NOW}
REPORTED = {"cause": "fraud_suspected", "action": "reported", "handled_at": NOW}


@pytest.fixture
def bank(database: Database) -> AccountBank:
    """A customer with 200,000 yuan in two accounts."""
    bank = AccountBank(database)
    bank.accounts(
        account("6001", balance="150000.00", **bank.hers),
        account("6002", balance="50000.00", **bank.hers),
    )
    return bank


def left(bank: AccountBank, yuan: str) -> None:
    """So much left in all today, by a file of its own."""
    bank.now += 1
    bank.flows(f"core,6001,{TODAY},0.00,{yuan}")


def steps(bank: AccountBank, alert: Document, *taken: tuple[str, str, dict[str, Any]]) -> list[str]:
    """The owner takes steps, one exchange; return what the server says of each."""
    lin = str(bank.lin["id"])
    ops: list[Op] = [
        transition("alert", str(alert["id"]), "status", before, after, employee_id=lin, **said)
        for before, after, said in taken
    ]
    verdicts = bank.store.push(a_caller(lin), [txn(op) for op in ops])
    return [str(each.get("code", each["status"])) for each in verdicts]


def test_what_was_asked_of_an_alert_that_was_taken_back_meanwhile_is_taken(
    bank: AccountBank,
) -> None:
    left(bank, "150000.00")
    [alert] = bank.alerts()
    left(bank, "1.00")
    assert [each["status"] for each in bank.alerts()] == ["withdrawn"]

    said = steps(bank, alert, ("open", "checked", YES), ("checked", "handled", REPORTED))

    assert said == ["applied", "applied"]
    [alert] = bank.alerts()
    assert (alert["status"], alert["answers"], alert["action"]) == (
        "handled",
        "yes,no,no",
        "reported",
    )


def test_what_another_asked_of_an_alert_meanwhile_takes_nothing_of_the_answers_away(
    bank: AccountBank,
) -> None:
    left(bank, "150000.00")
    [alert] = bank.alerts()
    steps(bank, alert, ("open", "checked", NO))

    said = steps(bank, alert, ("open", "checked", YES))

    assert said == ["stale_transition"]
    [issue] = bank.store.rows("issue").values()
    assert "yes,no,no" in str(issue.document["ops"])


def test_who_asked_and_did_the_same_as_another_has_done_nothing_else(bank: AccountBank) -> None:
    left(bank, "150000.00")
    [alert] = bank.alerts()
    steps(bank, alert, ("open", "checked", NO), ("checked", "handled", TALKED))

    later = TALKED | {"handled_at": NOW + 60_000}

    assert steps(bank, alert, ("checked", "handled", later)) == ["noop"]


def test_no_step_that_the_questions_come_before_is_taken_over_it(bank: AccountBank) -> None:
    left(bank, "150000.00")
    [alert] = bank.alerts()
    left(bank, "1.00")

    assert steps(bank, alert, ("open", "handled", REPORTED)) == ["protect_first"]
    assert steps(bank, alert, ("checked", "handled", REPORTED)) == ["protect_first"]


def test_what_leaves_after_the_day_was_handled_is_told_by_itself(bank: AccountBank) -> None:
    left(bank, "60000.00")
    [first] = bank.alerts()
    steps(bank, first, ("open", "checked", NO), ("checked", "handled", TALKED))

    left(bank, "109999.99")
    assert len(bank.alerts()) == 1
    left(bank, "130000.00")

    [second] = [each for each in bank.alerts() if each["id"] != first["id"]]
    assert (second["status"], second["amount"], second["day"]) == ("open", 7_000_000, TODAY)
    assert second["due_at"] == due_at(bank.now, "high")
    left(bank, "900000.00")
    [handled, grown] = sorted(bank.alerts(), key=lambda each: each["id"] != first["id"])
    assert (handled["status"], handled["amount"]) == ("handled", 6_000_000)
    assert (grown["id"], grown["amount"]) == (second["id"], 84_000_000)
    left(bank, "60000.00")
    assert {each["status"] for each in bank.alerts()} == {"handled", "withdrawn"}


def test_what_leaves_after_all_that_was_handled_is_told_again_and_again(bank: AccountBank) -> None:
    for yuan in ("60000.00", "120000.00", "180000.00"):
        left(bank, yuan)
        [alert] = [each for each in bank.alerts() if each["status"] == "open"]
        steps(bank, alert, ("open", "checked", NO), ("checked", "handled", TALKED))

    left(bank, "180000.00")

    assert [each["amount"] for each in bank.alerts()] == [6_000_000] * 3
    assert {each["status"] for each in bank.alerts()} == {"handled"}


def test_who_was_only_asked_is_told_of_what_the_day_comes_to(bank: AccountBank) -> None:
    left(bank, "60000.00")
    [alert] = bank.alerts()
    steps(bank, alert, ("open", "checked", NO))

    left(bank, "130000.00")

    [alert] = bank.alerts()
    assert (alert["status"], alert["amount"]) == ("checked", 13_000_000)
