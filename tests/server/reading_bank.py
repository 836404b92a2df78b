"""A branch and its real application, as another system of the bank asks it: without a socket."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx

from shared.testing.builders import NOW
from sync_server.http import Services, make_app
from sync_server.outward import Right
from sync_server.store.access import accesses
from sync_server.store.database import Database
from sync_server.store.identity import new_system_token
from tests.server.account_bank import AccountBank


class ReadingBank(AccountBank):
    """The branch, with system accounts of any rights."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.services = Services(database, lambda: NOW)
        transport = httpx.ASGITransport(make_app(self.services), raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
        self.id = str(self.customer["id"])

    def signed(self, *rights: Right, name: str = "core") -> dict[str, str]:
        """Make a system account with these rights; return what its requests bear."""
        with self.database.writing() as connection:
            token = new_system_token(connection, name, NOW, rights)
        return {"authorization": f"Bearer {token}"}

    def get(self, path: str, headers: dict[str, str], **query: Any) -> httpx.Response:
        """Ask for something."""
        return run(self.client.get(path, headers=headers, params=query or None))

    def look_up(self, headers: dict[str, str], kind: str, value: str) -> httpx.Response:
        """Ask whose a number is."""
        body = {"kind": kind, "value": value}
        return run(self.client.post("/v1/customers/lookup", json=body, headers=headers))

    def noted(self) -> list[tuple[str, str, str | None]]:
        """Return what the access log has: system, what, of whom; the latest last."""
        with self.database.reading() as connection:
            found = accesses(connection, None, 1_000)
        return [(row["system"], row["what"], row["customer_id"]) for row in reversed(found)]


def run(work: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    """Let the application answer."""
    return asyncio.run(work)
