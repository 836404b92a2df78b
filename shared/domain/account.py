"""An account: what a customer holds with the bank or owes it, as the bank's systems last said.

The bank's systems think in accounts, its people in customers: an import finds whose an account is,
and from then on the customer's page has it, with the age of every figure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import DateText, ShortText
from shared.ids import derived_id
from shared.money import Fen
from shared.registry import C2, INDEXED, Merge, ScopeRule, synced

AccountKind = Literal[
    "demand", "time_deposit", "wealth", "fund", "insurance", "loan", "card", "other"
]
RateText = Annotated[str, StringConstraints(pattern=r"^[0-9](\.[0-9]{1,8})?$")]
"""A yearly rate as a decimal fraction: "0.0155" is 1.55 %."""
OWED: Final = frozenset({"loan", "card"})
"""Kinds whose balance the customer owes."""
DEPOSITS: Final = frozenset({"demand", "time_deposit"})
SOON_DAYS: Final = (7, 30, 90)
"""Bands of what matures: within a week, a month, a quarter."""


@synced("account", merge=Merge.SERVER, scope=ScopeRule.PORTFOLIO, scope_key="customer_id")
@dataclass(frozen=True, slots=True)
class Account:
    """One account; `id` is `account_id`. `balance` is fen, `as_of` its age (ms)."""

    id: str
    customer_id: Annotated[str, INDEXED]
    kind: AccountKind
    name: ShortText
    """What the product is called."""
    last_four: Annotated[str, StringConstraints(min_length=1, max_length=4)]
    source: ShortText
    """The system that says so."""
    balance: Annotated[int, C2]
    as_of: int
    rate: RateText | None = None
    opened_on: DateText | None = None
    matures_on: Annotated[DateText | None, INDEXED] = None
    closed_on: DateText | None = None


def account_id(source: str, number: str) -> str:
    """Return the id of a system's account, the same whenever and by whomever it is imported."""
    return derived_id("account", source, number)


def assets(accounts: Iterable[Account]) -> Fen:
    """Return all that a customer holds in open accounts; what is owed is not taken off (fen)."""
    return Fen(
        sum(each.balance for each in accounts if each.kind not in OWED and not each.closed_on)
    )


def matures_within(account: Account, today: date) -> int | None:
    """Return the band of days in which an open account matures; None for later, past or never."""
    if account.matures_on is None or account.closed_on is not None:
        return None
    days = (date.fromisoformat(account.matures_on) - today).days
    return next((band for band in SOON_DAYS if 0 <= days <= band), None)
