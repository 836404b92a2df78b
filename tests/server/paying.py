"""A branch whose sales are paid, and a manager's device on its live line, for real processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fieldbook.branch import Branch
from fieldbook.database import FILE
from fieldbook.smoke import listening
from mobile_app.device import Device, wall_clock
from shared.domain.days import bank_day, bank_period
from shared.sync.change import Insert, Transition
from shared.testing.selling import a_commission_rule, a_sale
from sync_server.store.database import open_sqlite
from tests.server.importing import HEADER, ImportingBranch

PRICE = 6_000
"""What a card pays (fen)."""
WITHIN_S = 30.0


class PaidBranch:
    """A branch in a folder, of one manager and one rule; its server runs within `served`."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        branch.data.mkdir(parents=True, exist_ok=True)
        self.database = open_sqlite(branch.data / FILE)
        self.record = ImportingBranch(self.database)
        unit = next(iter(self.record.store.rows("org_unit")))
        rule = a_commission_rule("maker", unit, status="approved")
        self.record.store.bring("commission_rule", rule)

    @asynccontextmanager
    async def device(self) -> AsyncIterator[Device]:
        """The manager's device, in sync and listening; the server must be up."""
        device = await self.branch.device("AM001")
        try:
            await listening(device)
            yield device
        finally:
            await device.close()

    def sell(self, device: Device, reference: str) -> None:
        """Hand a card in on the device."""
        me, id = device.store.me, device.store.new_id()
        customer, card = str(self.record.customer["id"]), str(self.record.card["id"])
        sale = a_sale(customer, me.id, card, id=id, occurred_at=wall_clock())
        step = Transition("sale", id, "status", "intent", "submitted", {"external_ref": reference})
        device.store.commit(Insert("sale", sale), step)

    def token(self) -> dict[str, str]:
        """How another system signs in."""
        token = self.branch.admin("system-token", "core")["token"]
        return {"authorization": f"Bearer {token}"}


def confirmation(reference: str) -> str:
    """A file that says that a card was activated today."""
    return f"{HEADER}\n{reference},ACTIVATED,{bank_day(wall_clock())},,,1\n"


async def told(device: Device, payable: int) -> None:
    """Wait until a device says by itself what is payable for the present month."""
    month, heard = bank_period(wall_clock()), asyncio.Event()

    def look() -> None:
        statement = device.store.statements().get(month)
        if statement is not None and statement.payable == payable:
            heard.set()

    stop = device.store.on_change(look)
    look()
    try:
        async with asyncio.timeout(WITHIN_S):
            await heard.wait()
    finally:
        stop()
