"""What an import brings of a customer is assessed at once: nobody waits a night to be told."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection

from fieldbook.branch import Branch
from fieldbook.database import FILE
from fieldbook.smoke import listening
from mobile_app.device import wall_clock
from shared.domain.alert import alert_id
from shared.domain.customer_value import value_id
from shared.domain.days import bank_day
from shared.testing.builders import NOW
from sync_server.store.assessing import TOGETHER, assess, assess_due
from sync_server.store.assessment_due import take_off, who_is_due
from sync_server.store.database import Database, open_sqlite
from tests.server.account_bank import ACCOUNTS, FLOWS, PHONE, AccountBank, account
from tests.server.importing import TODAY
from tests.server.test_alerts_arrive import Served, seen
from tests.server.test_contacts import call, calls


@pytest.fixture
def bank(database: Database) -> AccountBank:
    """A customer who had a million yuan and closed an account last week; nobody is due."""
    bank = AccountBank(database)
    closed = {"opened_on": "2020-01-05", "closed_on": "2026-11-12"}
    bank.accounts(
        account("6001", balance="100000.00", opened_on="2020-01-05", **bank.hers),
        account("6009", balance="0.00", **closed, **bank.hers),
    )
    assess_due(database, NOW)
    return bank


def due(bank: AccountBank) -> list[str]:
    with bank.database.reading() as connection:
        return who_is_due(connection, TOGETHER)


def test_what_flows_say_of_leaving_is_told_when_they_are_in(bank: AccountBank) -> None:
    bank.flows(f"core,6001,{TODAY},0.00,900000.00")
    assert due(bank) == [bank.customer["id"]]

    found = assess_due(bank.database, NOW)

    assert (found.customers, sorted(found.scopes)) == (1, [f"portfolio:{bank.lin['id']}"])
    assert [alert["status"] for alert in bank.alerts("churn")] == ["open"]
    assert due(bank) == []


def test_when_nobody_is_due_nothing_is_done(bank: AccountBank) -> None:
    before = bank.store.head()

    assert assess_due(bank.database, NOW).customers == 0
    assert bank.store.head() == before


def test_figures_that_are_only_newer_make_nobody_due(bank: AccountBank) -> None:
    same = {"balance": "100000.00", "opened_on": "2020-01-05", **bank.hers}
    bank.accounts(account("6001", as_of="2026-11-18", **same))
    assert due(bank) == []

    bank.accounts(account("6001", as_of="2026-11-18", **same | {"balance": "90000.00"}))
    assert due(bank) == [bank.customer["id"]]


def test_fees_and_calls_make_their_customer_due(bank: AccountBank) -> None:
    bank.fees(f"core,6001,card,12.00,{TODAY},F-1")
    assert due(bank) == [bank.customer["id"]]
    assess_due(bank.database, NOW)

    calls(bank, call(phone=PHONE, agent="AM001"))

    assert due(bank) == [bank.customer["id"]]


def test_an_assessment_that_breaks_off_leaves_them_due(bank: AccountBank) -> None:
    bank.flows(f"core,6001,{TODAY},0.00,900000.00")

    def broken(connection: Connection) -> None:
        take_off(connection, [str(bank.customer["id"])])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bank.database.write(broken)

    assert due(bank) == [bank.customer["id"]]


def test_the_nights_assessment_leaves_nobody_due(bank: AccountBank) -> None:
    bank.flows(f"core,6001,{TODAY},0.00,900000.00")

    list(assess(bank.database, NOW))

    assert due(bank) == []


def test_who_was_merged_into_another_meanwhile_is_not_assessed(bank: AccountBank) -> None:
    other = bank.customer_named("单小敏")
    bank.identify(other, "E99999999", "passport")
    bank.accounts(account("6100", id_kind="passport", id_number="E99999999"))
    assert due(bank) == [other]
    row = bank.store.rows("customer")[other].document
    bank.store.bring("customer", row | {"merged_into": bank.customer["id"]})

    assess_due(bank.database, NOW)

    assert due(bank) == []
    assert value_id(other) not in bank.store.rows("customer_value")


def test_the_owners_device_has_it_while_it_only_listens(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    branch.data.mkdir()
    record = AccountBank(open_sqlite(branch.data / FILE))
    served, today = Served(branch, record), str(bank_day(wall_clock()))
    said = {"opened_on": "2020-01-05", "as_of": today, **record.hers}
    accounts = (
        account("6001", balance="100000.00", **said),
        account("6009", **said | {"balance": "0.00", "closed_on": today}),
    )
    told = alert_id("churn", str(record.customer["id"]), today)

    async def work() -> None:
        device = await branch.device("AM001")
        try:
            await listening(device)
            report = await asyncio.to_thread(served.post, "accounts", *accounts, header=ACCOUNTS)
            assert report["applied"] == 2, report
            flow = f"core,6001,{today},0.00,900000.00"
            report = await asyncio.to_thread(served.post, "flows", flow, header=FLOWS)
            assert report["applied"] == 1, report
            await seen(device, told, "open")
        finally:
            await device.close()

    with branch.serving():
        asyncio.run(work())
    record.database.close()
