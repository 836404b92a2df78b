"""Daily flows of the demo: what is usual for its larger customers, and what is not.

The bank's systems say flows in files, and so does the demo: by the number of the account, in yuan.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from io import StringIO
from random import Random
from typing import Final, NamedTuple

from shared.commission.exact import yuan
from shared.domain import Customer
from shared.money import Fen
from sync_server.demo.accounts import SOURCE, Numbered

_KNOWN: Final = 80
"""The customers with the largest deposits have a year of flows behind them."""
_YEAR: Final = 360
_ODDS: Final = 0.09
"""How often anything moves on a day."""


class DayFlow(NamedTuple):
    """What moved on an account on one day (fen)."""

    number: str
    day: date
    inflow: Fen
    outflow: Fen


def make_flows(
    rng: Random, today: date, customers: Sequence[Customer], accounts: Sequence[Numbered]
) -> list[DayFlow]:
    """Make a year of what is usual, and one company's unusual inflow of yesterday."""
    largest = sorted(customers, key=lambda one: -(one.deposit_balance or 0))[:_KNOWN]
    demand = {each.account.customer_id: each for each in accounts if each.account.kind == "demand"}
    made = [
        flow
        for one in largest
        for flow in _usual(rng, today, demand[one.id].number, one.kind == "organisation")
    ]
    second = next(
        one for one in largest if one.kind == "organisation" and one.owner_id != largest[0].owner_id
    )
    inflow = max(30_000_000, (second.deposit_balance or 0) // 3) // 1_000_000 * 1_000_000
    unusual = DayFlow(demand[second.id].number, today - timedelta(days=1), Fen(inflow), Fen(0))
    return [*(flow for flow in made if flow[:2] != unusual[:2]), unusual]


def _usual(rng: Random, today: date, number: str, is_company: bool) -> Iterator[DayFlow]:
    size = 60_000 if is_company else 3_000
    for back in range(_YEAR, 0, -1):
        if rng.random() < _ODDS:
            yuan = round(rng.lognormvariate(0, 0.5) * size / 100) * 100
            inflow, outflow = (yuan, 0) if rng.random() < 0.5 else (0, yuan)
            yield DayFlow(
                number, today - timedelta(days=back), Fen(inflow * 100), Fen(outflow * 100)
            )


def as_file(flows: Iterable[DayFlow]) -> bytes:
    """Write flows as the core system does."""
    rows = [(SOURCE, f.number, f.day.isoformat(), yuan(f.inflow), yuan(f.outflow)) for f in flows]
    return written([("source", "number", "day", "inflow", "outflow"), *rows])


def written(rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as CSV."""
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
