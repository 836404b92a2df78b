"""Deferral and its end: tranches that are paid year by year, and what a cancellation takes back.

A cancelled sale gives back a share of what it earned, by its age. What is still held of the same
rule and month is forfeited first, the next due first, so that only the rest lowers the payable.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from shared.commission.entries import Entry, Tranche
from shared.commission.exact import grouped, percent, times, yuan
from shared.commission.months import age_in_months, last_day, later_period, period_of
from shared.commission.rules import Deferral, clawback_rate
from shared.commission.split import Portion
from shared.commission.trace import StepTrace
from shared.money import Fen

Earned = tuple[Portion, Entry]
"""An EARN and the portion of a sale that it came from."""


def tranches_of(defer: Entry, deferral: Deferral) -> tuple[Tranche, ...]:
    """Cut a DEFER into one tranche a year, equal, the residue fen in the later ones."""
    years, held = deferral.years, -defer.amount
    equal, residue = divmod(held, years)
    return tuple(
        Tranche(
            defer.employee,
            defer.rule,
            defer.version,
            defer.period,
            number,
            last_day(later_period(defer.period, 12 * number)),
            Fen(equal + (number > years - residue)),
        )
        for number in range(1, years + 1)
    )


def aftermath(
    earned: Sequence[Earned], tranches: tuple[Tranche, ...]
) -> tuple[list[Entry], list[Tranche]]:
    """Take back what cancellations take and release the rest; also return the tranches as left."""
    entries, left = [], list(tranches)
    for portion, earn in sorted(filter(_is_cancelled, earned), key=_by_cancellation):
        clawback = _clawback(portion, earn)
        if clawback is None:
            continue
        entries.append(clawback)
        lost = list(_forfeits(left, clawback))
        left = _without(left, lost)
        entries += (_release(each, clawback) for each in lost)
    entries += (_release(each, None) for each in left if each.amount)
    return entries, [part for pair in zip(tranches, left, strict=True) for part in _fate(*pair)]


def _fate(whole: Tranche, left: Tranche) -> Iterator[Tranche]:
    """Yield what was forfeited of a tranche, and what is still to be paid of it."""
    if left.amount < whole.amount:
        yield replace(whole, amount=Fen(whole.amount - left.amount), is_forfeited=True)
    if left.amount or left == whole:
        yield left


def _is_cancelled(earned: Earned) -> bool:
    return earned[0].qualified.cancelled_on is not None


def _by_cancellation(earned: Earned) -> tuple[str, str]:
    qualified = earned[0].qualified
    return str(qualified.cancelled_on), qualified.sale.id


def _clawback(portion: Portion, earn: Entry) -> Entry | None:
    """Return what one payee owes for a cancelled sale; None when that is nothing."""
    qualified = portion.qualified
    cancelled_on = qualified.cancelled_on or qualified.recognised_on
    age = age_in_months(qualified.recognised_on, cancelled_on)
    rate = clawback_rate(qualified.rule, age)
    amount = times(-earn.amount, rate)
    if not amount:
        return None
    formula = f"month {age}: {percent(rate)} of {grouped(earn.amount)} = {grouped(amount)}"
    given = {
        "recognised_on": qualified.recognised_on.isoformat(),
        "cancelled_on": cancelled_on.isoformat(),
        "month": str(age),
        "rate": percent(rate),
        "earned": yuan(earn.amount),
    }
    return replace(
        earn,
        period=period_of(cancelled_on),
        type="CLAWBACK",
        amount=amount,
        ref=earn.period,
        trace=StepTrace(earn.rule, earn.version, "clawback", formula, given),
    )


def _forfeits(held: Sequence[Tranche], clawback: Entry) -> Iterator[Tranche]:
    """Yield what each unpaid tranche gives towards a clawback, the next due first."""
    owed = -clawback.amount
    for tranche in held:
        taken = min(owed, tranche.amount)
        if taken > 0 and period_of(tranche.due_on) >= clawback.period:
            owed -= taken
            yield replace(tranche, amount=Fen(taken))


def _without(held: Sequence[Tranche], lost: Sequence[Tranche]) -> list[Tranche]:
    taken = {each.number: each.amount for each in lost}
    return [replace(each, amount=Fen(each.amount - taken.get(each.number, 0))) for each in held]


def _release(tranche: Tranche, clawback: Entry | None) -> Entry:
    """Post a tranche: paid when due, or set against a clawback in that month."""
    share = f"tranche {tranche.number} of {tranche.period}"
    words = f"{share}, due {tranche.due_on}: {grouped(tranche.amount)}"
    against = None if clawback is None else clawback.sale
    return Entry(
        period_of(tranche.due_on) if clawback is None else clawback.period,
        tranche.employee,
        against,
        tranche.rule,
        tranche.version,
        "RELEASE",
        tranche.amount,
        tranche.ref,
        StepTrace(
            tranche.rule,
            tranche.version,
            "release",
            words if against is None else f"{words} against the clawback of {against}",
            {
                "due_on": tranche.due_on.isoformat(),
                "number": str(tranche.number),
                "of": tranche.period,
            },
            reason=None if against is None else "forfeit",
        ),
    )
