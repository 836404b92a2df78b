"""Fees of the demo: what its customers paid the bank for in the last year, beside interest."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from shared.commission.exact import yuan
from shared.domain.account import AccountKind
from shared.domain.fee import FeeKind
from shared.money import Fen
from sync_server.demo.accounts import SOURCE, Numbered
from sync_server.demo.flows import written

_PAID: Final[dict[AccountKind, tuple[FeeKind, int, int]]] = {
    "wealth": ("wealth", 400, 12_000),
    "fund": ("fund", 150, 15_000),
    "card": ("card", 1, 20_000),
    "loan": ("loan", 2_000, 30_000),
}
"""By kind of account: what for, the part of the balance (one in so many), and the most (fen)."""


class PaidFee(NamedTuple):
    """One fee of an account (fen)."""

    number: str
    what: FeeKind
    amount: Fen
    day: date
    fee_no: str


def make_fees(rng: Random, today: date, accounts: Sequence[Numbered]) -> list[PaidFee]:
    """Make the fees of a year: two for most accounts that cost any."""
    return [fee for each in accounts for fee in _of(rng, today, each)]


def _of(rng: Random, today: date, one: Numbered) -> Iterator[PaidFee]:
    if one.account.kind not in _PAID:
        return
    what, part, most = _PAID[one.account.kind]
    amount = Fen(min(most, one.account.balance // part // 100 * 100))
    for back in (rng.randint(1, 170), rng.randint(190, 350)):
        fee_no = f"F{rng.randrange(10**9):09}"
        if amount:
            yield PaidFee(one.number, what, amount, today - timedelta(days=back), fee_no)


def as_file(fees: Iterable[PaidFee]) -> bytes:
    """Write fees as the core system does."""
    rows = [(SOURCE, f.number, f.what, yuan(f.amount), f.day.isoformat(), f.fee_no) for f in fees]
    return written([("source", "number", "what", "amount", "day", "fee_no"), *rows])
