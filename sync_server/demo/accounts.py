"""Accounts of the demo's customers: the pieces that deposits are in, and what is owed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log
from random import Random
from typing import Final

from shared.domain import Account, Customer
from shared.domain.account import AccountKind, account_id
from sync_server.demo.clock import born_at, day_of
from sync_server.demo.draw import pick

SOURCE: Final = "core_banking"
_TERMS: Final = {3: "0.0080", 6: "0.0100", 12: "0.0110", 24: "0.0140", 36: "0.0155"}
"""Months of a time deposit, and its yearly rate."""
_TERM_ODDS: Final = {3: 12, 6: 18, 12: 34, 24: 16, 36: 20}
_DEMAND: Final = ("0.0005", "活期存款")
_WEALTH: Final[tuple[tuple[AccountKind, str], ...]] = (
    ("wealth", "稳盈半年理财"),
    ("wealth", "安心日开理财"),
    ("fund", "沪深指数基金"),
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """An account with its number, which the bank's systems know it by and the record does not."""

    number: str
    account: Account


def make_accounts(rng: Random, today: date, customers: Sequence[Customer]) -> list[Numbered]:
    """Make every customer's accounts; demand and time deposits sum to `deposit_balance`."""
    return [
        account
        for customer in customers
        for account in (*_deposits(rng, today, customer), *_others(rng, today, customer))
    ]


def _deposits(rng: Random, today: date, customer: Customer) -> Iterator[Numbered]:
    total = customer.deposit_balance or 0
    fixed = _fixed(rng, total)
    rate, name = _DEMAND
    yield _account(rng, customer, "demand", name, total - sum(fixed), rate=rate)
    for amount in fixed:
        months = pick(rng, _TERM_ODDS)
        opened = today - timedelta(days=rng.randint(1, months * 30 - 1))
        yield _account(
            rng,
            customer,
            "time_deposit",
            f"{months} 个月定期存款",
            amount,
            rate=_TERMS[months],
            opened_on=max(opened, day_of(born_at(customer.id))).isoformat(),
            matures_on=(opened + timedelta(days=months * 30)).isoformat(),
        )


def _fixed(rng: Random, total: int) -> list[int]:
    """Cut most of a large balance into time deposits of whole 万."""
    left, pieces = round(total * rng.uniform(0.4, 0.95)) // 1_000_000, list[int]()
    for _ in range(rng.randint(1, 3)):
        if left < 2:
            break
        piece = rng.randint(left // 2, left)
        pieces.append(piece * 1_000_000)
        left -= piece
    return pieces


def _others(rng: Random, today: date, customer: Customer) -> Iterator[Numbered]:
    if customer.risk_grade is not None and rng.random() < 0.3:
        kind, name = rng.choice(_WEALTH)
        free = today + timedelta(days=rng.randint(2, 200)) if kind == "wealth" else None
        yield _account(
            rng,
            customer,
            kind,
            name,
            _drawn(rng, 90_000),
            matures_on=None if free is None else free.isoformat(),
        )
    is_company = customer.kind == "organisation"
    if rng.random() < (0.4 if is_company else 0.12):
        name, median = ("小微经营贷", 900_000) if is_company else ("住房贷款", 600_000)
        ends = today + timedelta(days=rng.randint(60, 360 if is_company else 7_000))
        yield _account(
            rng,
            customer,
            "loan",
            name,
            _drawn(rng, median),
            rate="0.0435" if is_company else "0.0340",
            matures_on=ends.isoformat(),
        )
    if not is_company and rng.random() < 0.35:
        yield _account(rng, customer, "card", "云汀金卡", _drawn(rng, 4_000), rate="0.0600")


def _drawn(rng: Random, median_yuan: int) -> int:
    return round(rng.lognormvariate(log(median_yuan), 0.7)) * 100


def _account(
    rng: Random,
    customer: Customer,
    kind: AccountKind,
    name: str,
    balance: int,
    *,
    rate: str | None = None,
    opened_on: str | None = None,
    matures_on: str | None = None,
) -> Numbered:
    number = f"{rng.randrange(10**15):015}"
    account = Account(
        id=account_id(SOURCE, number),
        customer_id=customer.id,
        kind=kind,
        name=name,
        last_four=number[-4:],
        source=SOURCE,
        balance=balance,
        as_of=customer.as_of or 0,
        rate=rate,
        opened_on=opened_on or day_of(born_at(customer.id)).isoformat(),
        matures_on=matures_on,
    )
    return Numbered(number, account)
