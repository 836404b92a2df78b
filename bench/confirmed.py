"""How fast a confirmation by the bank's systems is in the pay of whoever sold it.

A file of one row is posted to a server that is a process of its own; the seller's device, which
only listens, has the statement in its store; then it computes the month itself. Device and poster
share this process: two that do not are a little faster.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

import httpx

from bench.report import Report, percentile
from fieldbook.branch import Branch
from mobile_app.device import Device, wall_clock
from shared.domain.days import bank_period
from tests.server.paying import PRICE, PaidBranch, confirmation, told

ROUNDS: Final = 100


def measure(report: Report) -> None:
    """Confirm sales one by one."""
    report.section("From the bank's file to the seller's pay (one row by HTTP, loopback)")
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        bank = PaidBranch(Branch(Path(folder)))
        with bank.branch.serving():
            asyncio.run(_confirm(report, bank))
        bank.database.close()


async def _confirm(report: Report, bank: PaidBranch) -> None:
    signed = bank.token()
    async with (
        bank.device() as device,
        httpx.AsyncClient(base_url=bank.branch.url, headers=signed) as core,
    ):
        for number in range(ROUNDS):
            bank.sell(device, f"B-{number}")
        await device.runner.sync_once()
        times = [await _paid_after(device, core, number) for number in range(ROUNDS)]
        began = time.perf_counter()
        device.store.pay(bank_period(wall_clock()))
        computed = (time.perf_counter() - began) * 1_000
    report.at_most(
        f"posted to paid on the device, p50 of {ROUNDS}", percentile(times, 0.5), 1_000, "ms"
    )
    report.at_most(
        f"posted to paid on the device, p99 of {ROUNDS}", percentile(times, 0.99), 1_000, "ms"
    )
    report.add(f"and the device's own computation of those {ROUNDS} sales", f"{computed:.1f} ms")


async def _paid_after(device: Device, core: httpx.AsyncClient, number: int) -> float:
    """Confirm one more sale; return the ms until the device says what is payable then."""
    began = time.perf_counter()
    posting = asyncio.create_task(
        core.post("/v1/import/confirmations", content=confirmation(f"B-{number}"))
    )
    await told(device, (number + 1) * PRICE)
    taken = (time.perf_counter() - began) * 1_000
    (await posting).raise_for_status()
    return taken
