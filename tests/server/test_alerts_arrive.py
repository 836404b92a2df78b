"""A file says what moved; the owner's device, which only listens, has the alert and handles it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fieldbook.branch import Branch
from fieldbook.database import FILE
from fieldbook.smoke import listening
from mobile_app.device import Device, wall_clock
from shared.domain.alert import alert_id
from shared.domain.days import bank_day
from shared.errors import Refusal
from shared.sync.change import Transition
from sync_server.store.database import open_sqlite
from tests.server.account_bank import ACCOUNTS, FLOWS, AccountBank, account
from tests.server.test_drop_processes import marked, until

TODAY = bank_day(wall_clock())
WITHIN_S = 30.0
ROWS, KILLS = 12_000, 2


@dataclass
class Served:
    """A branch on the disk, with a customer and what she has, for a server of its own."""

    branch: Branch
    record: AccountBank

    @property
    def alert(self) -> str:
        """The id of the alert of what she draws today."""
        customer = str(self.record.customer["id"])
        return alert_id("abnormal_flow", customer, f"out {TODAY}")

    def post(self, kind: str, *rows: str, header: str = FLOWS) -> Any:
        """Send a file as another system does; return the report."""
        token = self.branch.admin("system-token", f"core-{kind}")["token"]
        answer = httpx.post(
            f"{self.branch.url}/v1/import/{kind}",
            content="\n".join([header, *rows, ""]),
            headers={"authorization": f"Bearer {token}"},
        )
        return answer.json()

    def handled(self) -> Any:
        """Return the alert as the record has it."""
        return self.record.store.rows("alert")[self.alert].document


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Served]:
    branch = Branch(tmp_path)
    branch.data.mkdir()
    database = open_sqlite(branch.data / FILE)
    record = AccountBank(database)
    record.accounts(account(balance="3000000.00", **record.hers))
    yield Served(branch, record)
    database.close()


async def seen(device: Device, alert: str, status: str) -> None:
    """Wait until a device shows an alert in a state, without asking for it."""
    heard = asyncio.Event()

    def look() -> None:
        if device.store.value("alert", alert, "status") == status:
            heard.set()

    stop = device.store.on_change(look)
    look()
    try:
        async with asyncio.timeout(WITHIN_S):
            await heard.wait()
    finally:
        stop()


def step(alert: str, before: str, after: str, **said: Any) -> Transition:
    return Transition("alert", alert, "status", before, after, said)


def refusal(device: Device, change: Transition) -> str:
    with pytest.raises(Refusal) as refused:
        device.store.commit(change)
    return refused.value.code


def test_an_alert_is_on_the_owners_device_and_is_handled_there_in_order(bank: Served) -> None:
    async def work() -> None:
        device = await bank.branch.device("AM001")
        try:
            await listening(device)
            report = await asyncio.to_thread(
                bank.post, "flows", f"core,6001,{TODAY},0.00,860000.00"
            )
            assert report["applied"] == 1, report
            await seen(device, bank.alert, "open")
            _handle(device)
            device.runner.wake()
            await asyncio.to_thread(until, lambda: bank.handled()["status"] == "handled")
        finally:
            await device.close()

    def _handle(device: Device) -> None:
        me, now = device.store.me.id, wall_clock()
        checked = {"employee_id": me, "checked_at": now}
        handled = {"employee_id": me, "handled_at": now, "cause": "housing", "action": "referred"}
        early = step(bank.alert, "open", "handled", **handled)
        silent = step(bank.alert, "open", "checked", **checked)
        assert refusal(device, early) == "protect_first"
        assert refusal(device, silent) == "answers_missing"
        device.store.commit(step(bank.alert, "open", "checked", **checked, answers="no,no,unknown"))
        causeless = {**handled, "cause": None}
        assert refusal(device, step(bank.alert, "checked", "handled", **causeless)) == (
            "cause_missing"
        )
        device.store.commit(step(bank.alert, "checked", "handled", **handled, note="给女儿买房"))

    with bank.branch.serving():
        asyncio.run(work())

    alert = bank.handled()
    assert (alert["cause"], alert["action"], alert["answers"]) == (
        "housing",
        "referred",
        "no,no,unknown",
    )
    assert (alert["amount"], alert["assets"]) == (86_000_000, 386_000_000)


def test_a_yes_leaves_one_action(bank: Served) -> None:
    async def work() -> None:
        device = await bank.branch.device("AM001")
        try:
            await listening(device)
            await asyncio.to_thread(bank.post, "flows", f"core,6001,{TODAY},0.00,860000.00")
            await seen(device, bank.alert, "open")
            me, now = device.store.me.id, wall_clock()
            said = {"employee_id": me, "checked_at": now, "answers": "yes,no,no"}
            device.store.commit(step(bank.alert, "open", "checked", **said))
            handled = {"employee_id": me, "handled_at": now, "cause": "fraud_suspected"}
            talked = step(bank.alert, "checked", "handled", **handled, action="talked")
            assert refusal(device, talked) == "report_first"
            device.store.commit(
                step(bank.alert, "checked", "handled", **handled, action="reported")
            )
            device.runner.wake()
            await asyncio.to_thread(until, lambda: bank.handled()["action"] == "reported")
        finally:
            await device.close()

    with bank.branch.serving():
        asyncio.run(work())


def test_a_server_that_is_killed_in_a_file_of_accounts_has_every_account_once(
    bank: Served,
) -> None:
    folder = bank.branch.folder / "drop"
    folder.mkdir()
    said = bank.record.hers | {"as_of": (TODAY - timedelta(days=1)).isoformat()}
    rows = [account(str(100_000 + place), **said) for place in range(ROWS)]
    aside = bank.branch.folder / "accounts.csv"
    aside.write_text("\n".join([ACCOUNTS, *rows, ""]), encoding="gbk")
    marked(aside.rename(folder / "accounts.csv"))
    for _ in range(KILLS):
        before = _balance(bank)
        with bank.branch.serving(drop=folder):
            until(lambda: _balance(bank) > before)  # noqa: B023 - called within the turn
            bank.branch.kill()
        assert (folder / "accounts.csv").exists(), "it was over before it was killed"
        assert _balance(bank) == _sum_of_accounts(bank), "a part without what follows from it"

    with bank.branch.serving(drop=folder):
        until((folder / "done" / "accounts.csv").exists)

    assert _balance(bank) == 300_000_000 + ROWS * 100_000
    assert len(bank.record.store.rows("account")) == ROWS + 1


def _balance(bank: Served) -> int:
    with bank.record.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT deposit_balance FROM customer").scalar_one()
    return int(found)


def _sum_of_accounts(bank: Served) -> int:
    with bank.record.database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT sum(balance) FROM account").scalar_one())


def test_what_is_too_old_for_a_call_is_on_no_device(bank: Served) -> None:
    with bank.branch.serving():
        report = bank.post("flows", f"core,6001,{TODAY - timedelta(days=8)},0.00,860000.00")

    assert report["applied"] == 1
    assert bank.record.alerts() == []
