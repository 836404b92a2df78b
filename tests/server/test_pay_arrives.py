"""What the bank's systems say reaches the pay of whoever sold it, on a device that only listens."""

import asyncio
from pathlib import Path

import httpx

from fieldbook.branch import Branch
from mobile_app.device import wall_clock
from shared.domain.crediting import entries_digest
from shared.domain.days import bank_period
from tests.server.paying import PRICE, PaidBranch, confirmation, told
from tests.server.test_drop_processes import marked


def test_a_confirmation_is_on_the_sellers_device_without_it_asking(tmp_path: Path) -> None:
    bank = PaidBranch(Branch(tmp_path))
    month = bank_period(wall_clock())

    async def work() -> None:
        async with bank.device() as device:
            bank.sell(device, "C-7")
            bank.sell(device, "C-8")
            await asyncio.to_thread(_post, "C-7")
            await told(device, PRICE)
            await asyncio.to_thread(_drop, "C-8")
            await told(device, 2 * PRICE)

            pay, said = device.store.pay(month).confirmed, device.store.statements()[month]
            assert entries_digest(pay.entries_of(month)) == said.digest
            assert [sale.sale.status for sale in device.store.own_sales()[:2]] == ["confirmed"] * 2

    def _post(reference: str) -> None:
        answer = httpx.post(
            f"{bank.branch.url}/v1/import/confirmations",
            content=confirmation(reference),
            headers=signed,
        )
        assert answer.json()["refused"] == 0, answer.text

    def _drop(reference: str) -> None:
        aside = tmp_path / "confirmations.csv.part"
        aside.write_text(confirmation(reference))
        marked(aside.rename(tmp_path / "drop" / "confirmations.csv"))

    with bank.branch.serving(drop=tmp_path / "drop"):
        signed = bank.token()
        asyncio.run(work())
    bank.database.close()
