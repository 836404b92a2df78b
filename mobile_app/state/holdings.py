"""Holdings: a customer's accounts in groups by kind, with what they own and what they owe."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, get_args

from mobile_app.state.rows import Account
from shared.domain.account import OWED, SOON_DAYS, AccountKind, assets, matures_within

OLD_MS: Final = 48 * 3_600_000
"""The bank's systems report every night; what two nights have not renewed is old."""


@dataclass(frozen=True)
class Group:
    """The accounts of one kind (fen); `share` is their part of all assets, 0 to 1."""

    kind: str
    accounts: tuple[Account, ...]
    total: int
    share: float
    is_owed: bool


@dataclass(frozen=True)
class Band:
    """What a customer owns that matures from `since` to `until` days ahead, both included (fen)."""

    since: int
    until: int
    count: int
    total: int


@dataclass(frozen=True)
class Holdings:
    """All of a customer's accounts; what is owed is never taken off what is owned (fen)."""

    groups: tuple[Group, ...]
    assets: int
    owed: int
    as_of: int | None
    """The age of the oldest figure (ms)."""

    @property
    def count(self) -> int:
        """How many accounts there are."""
        return sum(len(group.accounts) for group in self.groups)

    @property
    def owes(self) -> bool:
        """Whether anything is owed."""
        return any(group.is_owed for group in self.groups)


def holdings_of(accounts: Iterable[Account]) -> Holdings:
    """Group open accounts by kind, what is owed last."""
    found = [each for each in accounts if each.closed_on is None]
    all_assets = assets(found)
    kinds = sorted(get_args(AccountKind), key=lambda kind: kind in OWED)
    groups = [_group(kind, found, all_assets) for kind in kinds]
    return Holdings(
        groups=tuple(group for group in groups if group.accounts),
        assets=all_assets,
        owed=sum(each.balance for each in found if each.kind in OWED),
        as_of=min((each.as_of for each in found), default=None),
    )


def maturities(found: Holdings, today: str) -> list[Band]:
    """Put what is owned and matures soon into bands of days, the nearest first; none is empty."""
    soon: dict[int, list[Account]] = {}
    for group in found.groups:
        for each in () if group.is_owed else group.accounts:
            if band := maturity(each, today):
                soon.setdefault(band, []).append(each)
    firsts = dict(zip(SOON_DAYS, (0, *(days + 1 for days in SOON_DAYS)), strict=False))
    return [
        Band(firsts[days], days, len(some), sum(each.balance for each in some))
        for days, some in sorted(soon.items())
    ]


def _group(kind: str, accounts: Iterable[Account], all_assets: int) -> Group:
    mine = tuple(each for each in accounts if each.kind == kind)
    total, is_owed = sum(each.balance for each in mine), kind in OWED
    share = 0.0 if is_owed else max(0.0, total / max(all_assets, 1))
    return Group(kind, mine, total, min(1.0, share), is_owed)


def percent(rate: str) -> str:
    """Write a yearly rate as percent: "0.0155" is 1.55, with two decimals at least."""
    value = Decimal(rate) * 100
    return f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"


def is_old(as_of: int | None, now: int) -> bool:
    """Whether an imported figure is older than it should be."""
    return as_of is not None and now - as_of > OLD_MS


def maturity(account: Account, today: str) -> int | None:
    """Return within how many days it matures, by its band; None for later or never."""
    return matures_within(account, date.fromisoformat(today))
