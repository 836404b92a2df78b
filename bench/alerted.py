"""How fast what the bank's systems say is an alert on the device of the customer's owner.

A file of one row is posted to a server that is a process of its own; the owner's device, which only
listens, has the alert in its store. Device and poster share this process.
"""

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from bench.report import Report, percentile
from fieldbook.branch import Branch
from fieldbook.database import FILE
from fieldbook.smoke import listening
from mobile_app.device import Device, wall_clock
from shared.domain.alert import alert_id
from shared.domain.customer_value import value_id
from shared.domain.days import bank_day
from sync_server.store.database import open_sqlite
from tests.server.account_bank import ACCOUNTS, FLOWS, AccountBank, account, an_id_card

ROUNDS: Final = 50
MOST_MS: Final = 1_000
_FIRST: Final = 100
"""The branch's own customers have the numbers before."""
_OPENED: Final = {"opened_on": "2020-01-05"}


def measure(report: Report) -> None:
    """Post, customer after customer, that nine tenths of what one had are gone."""
    report.section("From the bank's file to an alert on the device (one row by HTTP, loopback)")
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        branch = Branch(Path(folder))
        branch.data.mkdir()
        bank = AccountBank(open_sqlite(branch.data / FILE))
        customers = [bank.customer_named(f"客户{number}") for number in range(ROUNDS)]
        for number, customer in enumerate(customers):
            bank.identify(customer, an_id_card(_FIRST + number))
        with branch.serving():
            asyncio.run(_post(report, branch, customers))
        bank.database.close()


def _accounts() -> str:
    """Give each an account, and one that was closed today, so that a large sum is a risk too."""
    today = str(bank_day(wall_clock()))
    rows = [ACCOUNTS]
    for number in range(ROUNDS):
        whose = {"id_kind": "id_card", "id_number": an_id_card(_FIRST + number)}
        said = {"as_of": today, **whose, **_OPENED}
        rows.append(account(f"7{number:03}", balance="100000.00", **said))
        rows.append(account(f"8{number:03}", balance="0.00", closed_on=today, **said))
    return "\n".join([*rows, ""])


async def _post(report: Report, branch: Branch, customers: list[str]) -> None:
    token = branch.admin("system-token", "core")["token"]
    signed = {"authorization": f"Bearer {token}"}
    device = await branch.device("AM001")
    try:
        await listening(device)
        async with httpx.AsyncClient(base_url=branch.url, headers=signed) as core:
            answer = await core.post("/v1/import/accounts", content=_accounts())
            assert answer.json()["applied"] == 2 * ROUNDS, answer.text
            await _quiet(device, customers)
            times = [
                await _told_after(device, core, number, customer)
                for number, customer in enumerate(customers)
            ]
    finally:
        await device.close()
    for kind, what in (("abnormal_flow", "an abnormal flow"), ("churn", "who may leave")):
        for share in (0.5, 0.99):
            taken = percentile([each[kind] for each in times], share)
            named = f"{what}, p{round(share * 100)} of {ROUNDS}"
            report.at_most(named, taken, MOST_MS, "ms")


async def _quiet(device: Device, customers: list[str]) -> None:
    """Wait until the server has assessed what it was begun with."""
    values = [value_id(each) for each in customers]
    while any(device.store.value("customer_value", each, "tier") is None for each in values):
        await asyncio.sleep(0.1)


async def _told_after(
    device: Device, core: httpx.AsyncClient, number: int, customer: str
) -> Mapping[str, float]:
    """Post one flow; return after how many ms the device had each alert that follows from it."""
    today = bank_day(wall_clock())
    awaited = {
        "abnormal_flow": alert_id("abnormal_flow", customer, f"out {today}"),
        "churn": alert_id("churn", customer, str(today)),
    }
    taken: dict[str, float] = {}
    done, began = asyncio.Event(), time.perf_counter()

    def look() -> None:
        for kind, alert in awaited.items():
            if kind not in taken and device.store.value("alert", alert, "status") == "open":
                taken[kind] = (time.perf_counter() - began) * 1_000
        if len(taken) == len(awaited):
            done.set()

    stop = device.store.on_change(look)
    posting = asyncio.create_task(
        core.post(
            "/v1/import/flows", content=f"{FLOWS}\ncore,7{number:03},{today},0.00,900000.00\n"
        )
    )
    async with asyncio.timeout(30):
        await done.wait()
    stop()
    (await posting).raise_for_status()
    return taken
