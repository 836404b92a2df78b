"""`fieldbook device pay`: one month of commission as the app shows it, every entry with its trace.

Computed on the device, offline; what the branch computed from the same facts stands beside it.
"""

import argparse
from collections.abc import Iterator
from typing import Any

from fieldbook.device import device_task, unlocked
from fieldbook.selling import desk_of
from mobile_app.device import wall_clock
from mobile_app.i18n import Words
from mobile_app.parts.pay import product_name, sale_head
from mobile_app.state.performance import FIGURES, Basis, Month, SaleLine
from mobile_app.tracing import Traced, traced
from shared.commission.entries import Entry
from shared.commission.exact import yuan
from shared.commission.statement import Statement as Row
from shared.domain.crediting import entries_digest
from shared.money import Fen


@device_task
async def pay(asked: argparse.Namespace) -> tuple[Any, str]:
    """Tell a month: the estimate, what is confirmed, and how every figure came about."""
    words = Words(asked.lang, wall_clock)
    async with unlocked(asked) as device:
        mine = desk_of(device).performance
        mine.show(asked.month or mine.present)
        month = mine.month()
    return _told(words, month), "\n".join(_lines(words, month))


def _bases(month: Month) -> list[Basis]:
    """Return what to tell: where the estimate is no other, what is confirmed is all."""
    is_same = month.entries["estimate"] == month.entries["confirmed"]
    return ["confirmed"] if month.is_closed or is_same else ["estimate", "confirmed"]


# As JSON


def _told(words: Words, month: Month) -> dict[str, Any]:
    statement = month.agreement.statement
    return {
        "period": month.period,
        "status": month.status,
        "estimate": month.estimate.as_json(),
        "confirmed": month.confirmed.as_json(),
        "agreement": month.agreement.kind,
        "digest": entries_digest(month.entries["confirmed"]),
        "server_digest": statement.digest if statement else None,
        "entries": {
            basis: [_entry(words, month, entry) for entry in entries]
            for basis, entries in month.entries.items()
        },
        "sales": [_sale(line) for line in month.sales],
        "deferred": {str(year): yuan(Fen(amount)) for year, amount in month.deferred},
    }


def _entry(words: Words, month: Month, entry: Entry) -> dict[str, Any]:
    how = _how(words, month, entry)
    return {
        "type": entry.type,
        "amount": yuan(entry.amount),
        "sale": entry.sale,
        "rule": entry.rule,
        "version": entry.version,
        "ref": entry.ref,
        "formula": how.formula,
        "steps": how.steps,
    }


def _sale(line: SaleLine) -> dict[str, Any]:
    return {
        "id": line.share.sale_id,
        "product": line.share.product_code,
        "place": line.place,
        "pays": None if line.pays is None else yuan(Fen(line.pays)),
        "why": line.why,
    }


# As a person reads it


def _lines(words: Words, month: Month) -> Iterator[str]:
    yield words.dotted(
        words("pay.title"), words.month(month.period), words(f"period.{month.status}")
    )
    if not month.is_closed:
        yield f"{words('pay.estimate')}\t{words.exact(month.estimate.payable)}"
    yield from _figures(words, month.confirmed)
    yield _agreed(words, month)
    for basis in _bases(month):
        yield ""
        yield words("pay.confirmed" if basis == "confirmed" else "place.estimated")
        for entry in month.entries[basis]:
            yield from _told_entry(words, month, entry)
        if not month.entries[basis]:
            yield words("pay.made_of.none")
    for line in month.sales:
        if line.why:
            why = words(f"reason.{line.why}")
            yield f"{words(f'place.{line.place}')}\t{sale_head(words, line)}\t{why}"


def _figures(words: Words, row: Row) -> Iterator[str]:
    sums = {name: row.sums.get(kind, 0) for name, kind in FIGURES.items()}
    for name, amount in {"opening_carry": int(row.opening_carry), **sums}.items():
        if amount:
            yield f"{words(f'pay.{name}')}\t{words.exact(amount)}"
    yield f"{words('pay.payable')}\t{words.exact(row.payable)}"
    if row.closing_carry:
        key = "pay.receivable" if row.is_receivable else "pay.closing_carry"
        yield f"{words(key)}\t{words.exact(row.closing_carry)}"


def _agreed(words: Words, month: Month) -> str:
    found = month.agreement
    there = found.statement.payable if found.statement else 0
    return words(
        f"agree.{found.kind}", here=words.exact(found.payable_here), there=words.exact(there)
    )


def _told_entry(words: Words, month: Month, entry: Entry) -> Iterator[str]:
    line, how = month.line_of(entry.sale), _how(words, month, entry)
    name = product_name(words, month.products.get(entry.rule), entry.rule)
    about = sale_head(words, line) if line else name
    yield f"{words(f'entry.{entry.type}')}\t{words.exact(entry.amount)}\t{about}\t{how.formula}"
    yield from (f"  {step}" for step in how.steps)


def _how(words: Words, month: Month, entry: Entry) -> Traced:
    return traced(words, entry, month.products.get(entry.rule))
