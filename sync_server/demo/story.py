"""The story: a customer of 77 takes a very large sum out. What the bank's systems say of it: first
that it left, and in the end what has become of the sales that came of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, cast

from shared.commission.exact import yuan
from shared.domain import Product
from shared.money import Fen
from shared.registry import Document
from sync_server.demo.accounts import SOURCE, Numbered
from sync_server.demo.bank import Bank, story_customer
from sync_server.demo.clock import BEIJING
from sync_server.demo.flows import DayFlow, as_file, written

_WHOLE: Final = 1_000_000
"""She takes whole 万."""
_EVENTS: Final[Mapping[str, str]] = {"loan": "DISBURSED", "deposit": "FUNDED"}
"""By line: what its system says when it has been done."""
_KINDS: Final[Mapping[str, str]] = {"loan": "loan", "deposit": "time_deposit"}
_ACCOUNT: Final = (
    "source", "number", "kind", "name", "balance", "as_of", "opened_on", "matures_on", "id_kind",
    "id_number",
)  # fmt: skip
_TERM: Final = timedelta(days=365)


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


def outcome_files(
    bank: Bank, sales: Sequence[Document], today: date, now: int
) -> list[tuple[str, bytes]]:
    """Return the files in which the systems say that sales are done: each is an account now, its
    money has come from outside where it is a deposit, and the sale is confirmed."""
    products = {product.id: product for product in bank.products}
    done = [
        (sale, products[str(sale["product_id"])])
        for sale in sales
        if products[str(sale["product_id"])].line in _EVENTS
    ]
    arrived = [
        DayFlow(_number(sale), today, _amount(sale), Fen(0))
        for sale, product in done
        if product.line == "deposit" and sale["referral_id"]
    ]
    told = [("sale_id", "event", "on", "amount")]
    told += [
        (str(sale["id"]), _EVENTS[product.line], today.isoformat(), yuan(_amount(sale)))
        for sale, product in done
    ]
    files = [("accounts", written(_opened(bank, done, today, now))), ("flows", as_file(arrived))]
    return [*(files if arrived else files[:1]), ("confirmations", written(told))]


def _opened(
    bank: Bank, done: Sequence[tuple[Document, Product]], today: date, now: int
) -> Iterator[tuple[str, ...]]:
    yield _ACCOUNT
    numbers = {one.customer_id: one.value for one in bank.identifiers if one.kind == "id_card"}
    for sale, product in done:
        kind, ends = _KINDS[product.line], (today + _TERM).isoformat()
        yield (
            SOURCE, _number(sale), kind, product.name, yuan(_amount(sale)), _moment(now),
            today.isoformat(), ends if product.line == "deposit" else "", "id_card",
            numbers[str(sale["customer_id"])],
        )  # fmt: skip


def _number(sale: Document) -> str:
    """Return the number of the account that a sale has become, the same whenever it is asked."""
    return f"{int(str(sale['id']).replace('-', ''), 16) % 10**15:015}"


def _amount(sale: Document) -> Fen:
    return Fen(cast(int, sale["amount"]))


def _balance(held: Numbered, balance: int, now: int) -> bytes:
    account = held.account
    header = ("source", "number", "kind", "name", "balance", "as_of", "opened_on")
    row = (
        SOURCE, held.number, "demand", account.name, yuan(Fen(balance)), _moment(now),
        account.opened_on,
    )  # fmt: skip
    return written([header, row])


def _moment(now: int) -> str:
    return datetime.fromtimestamp(now / 1000, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
