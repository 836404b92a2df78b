"""What the owner does with an alert, and what the day brings meanwhile and after."""

from typing import Any

import pytest

from shared.registry import Document
from shared.sync.protocol import Op
from shared.testing.builders import NOW, a_caller, transition, txn
from sync_server.store.database import Database
from tests.server.account_bank import AccountBank, account
from tests.server.importing import TODAY

YES = {"answers": "yes,no,no", "checked_at": NOW}
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


def test_no_step_that_the_questions_come_before_is_taken_over_it(bank: AccountBank) -> None:
    left(bank, "150000.00")
    [alert] = bank.alerts()
    left(bank, "1.00")

    assert steps(bank, alert, ("open", "handled", REPORTED)) == ["protect_first"]
    assert steps(bank, alert, ("checked", "handled", REPORTED)) == ["protect_first"]
