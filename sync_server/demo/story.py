"""The story: a customer of 77 takes a very large sum out. What her bank's systems say of it."""

from datetime import date, datetime
from typing import Final

from shared.commission.exact import yuan
from shared.money import Fen
from sync_server.demo.accounts import SOURCE, Numbered
from sync_server.demo.bank import Bank, story_customer
from sync_server.demo.clock import BEIJING
from sync_server.demo.flows import DayFlow, as_file, written

_WHOLE: Final = 1_000_000
"""She takes whole 万."""


def story_files(bank: Bank, today: date, now: int) -> list[tuple[str, bytes]]:
    """Return the files that the core system sends when it happens, by kind: balance, then flow."""
    lady = story_customer(bank)
    held = next(
        each
        for each in bank.accounts
        if each.account.customer_id == lady.id and each.account.kind == "demand"
    )
    taken = held.account.balance // _WHOLE * _WHOLE
    return [
        ("accounts", _balance(held, held.account.balance - taken, now)),
        ("flows", as_file([DayFlow(held.number, today, Fen(0), Fen(taken))])),
    ]


def _balance(held: Numbered, balance: int, now: int) -> bytes:
    at = datetime.fromtimestamp(now / 1000, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    account = held.account
    header = ("source", "number", "kind", "name", "balance", "as_of", "opened_on")
    row = (SOURCE, held.number, "demand", account.name, yuan(Fen(balance)), at, account.opened_on)
    return written([header, row])
