"""A branch for the tests of accounts and flows: customers with numbers, and files about them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from shared.domain import Identifier
from shared.domain.account import account_id
from shared.identity import id_card_check, luhn_check, uscc_check
from shared.registry import Document
from shared.testing.builders import a_customer, new_id
from sync_server.adapters.report import Report
from sync_server.store.database import Database
from tests.server.importing import ImportingBranch

ACCOUNTS: Final = (
    "source,number,kind,name,balance,as_of,rate,opened_on,matures_on,closed_on,"
    "id_kind,id_number,phone,customer"
)
FLOWS: Final = "source,number,day,inflow,outflow"
FEES: Final = "source,number,what,amount,day,fee_no"
PHONE: Final = "15400001234"


def an_id_card(order: int = 2) -> str:
    """The number of a woman born in 1949 in a region that nobody is from."""
    body = f"48010219490708{order:03d}"
    return body + id_card_check(body)


def a_uscc(letters: str = "K") -> str:
    """The code of a company."""
    body = f"91480102MA00000{letters}2"
    return body + uscc_check(body)


def a_card(order: int = 1) -> str:
    """The number of a card of an issuer that is no bank."""
    body = f"062099{order:012d}"
    return body + luhn_check(body)


def account(number: str = "6001", /, **said: Any) -> str:
    """A row of accounts: a demand deposit of 1,000 yuan, whosever it is said to be."""
    cells = {
        "source": "core",
        "number": number,
        "kind": "demand",
        "name": "活期存款",
        "balance": "1000.00",
        "as_of": "2026-11-17",
    } | said
    return ",".join(str(cells.get(name, "")) for name in ACCOUNTS.split(","))


class AccountBank(ImportingBranch):
    """The branch, whose customer 单晓敏 has a telephone and an identity card."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.id_card = an_id_card()
        self.store.bring("customer", self.customer | {"phone": PHONE})
        self.identify(str(self.customer["id"]), self.id_card)
        self.hers = {"id_kind": "id_card", "id_number": self.id_card}

    def customer_named(self, name: str, phone: str | None = None) -> str:
        """Bring another customer; return their id."""
        row = a_customer(str(self.lin["id"]), name=name, phone=phone)
        self.store.bring("customer", row)
        return str(row["id"])

    def identify(self, customer: str, number: str, kind: Any = "id_card") -> None:
        """Give a customer a number."""
        row = Identifier(new_id(), customer, kind, number, number[-4:], "core")
        self.store.bring("identifier", asdict(row))

    def accounts(self, *rows: str, encoding: str = "utf-8") -> Report:
        """Take in accounts."""
        return self.takes("accounts", "\n".join([ACCOUNTS, *rows, ""]), encoding)

    def flows(self, *rows: str) -> Report:
        """Take in flows, given as lines of CSV."""
        return self.takes("flows", "\n".join([FLOWS, *rows, ""]))

    def fees(self, *rows: str) -> Report:
        """Take in fees, given as lines of CSV."""
        return self.takes("fees", "\n".join([FEES, *rows, ""]))

    def usual_year(self, number: str = "6001", amount: str = "2000.00") -> None:
        """Take in flows of a hundred days of the past, all alike."""
        days = (f"2026-{month:02d}-{day:02d}" for month in range(1, 11) for day in range(1, 11))
        self.flows(*(f"core,{number},{day},{amount},{amount}" for day in days))

    def account_now(self, number: str = "6001") -> Document:
        """Return an account as the record has it."""
        return self.store.rows("account")[account_id("core", number)].document

    def customer_now(self) -> Document:
        """Return 单晓敏 as the record has her."""
        return self.store.rows("customer")[str(self.customer["id"])].document

    def alerts(self, kind: str | None = None) -> list[Document]:
        """Return the alerts that were raised, of a kind if one is named."""
        rows: Iterable[Document] = (row.document for row in self.store.rows("alert").values())
        found = [row for row in rows if kind in (None, row["kind"])]
        return sorted(found, key=lambda row: str(row["id"]))
