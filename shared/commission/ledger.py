"""The ledger: what was posted when months were closed, append-only and chained by hashes.

A closed month never changes. When a later fact changes its result, the difference is an ADJUST in
the first month after the last closed one, and closing that month appends it like everything else.
So the sum over the ledger and the open months is always the sum of a computation from scratch.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from shared.commission.entries import Entry
from shared.commission.exact import digest, grouped, yuan
from shared.commission.fields import RuleId, SaleId
from shared.commission.months import Period, later_period
from shared.commission.trace import StepTrace
from shared.errors import refused
from shared.ids import EmployeeId
from shared.money import Fen

GENESIS: Final = "0" * 64
"""What the first record of a ledger follows."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Four eyes: who made a decision and who checked it; never the same person.

    Raises the refusal `not_permitted` for one who would check their own work.
    """

    maker: EmployeeId
    checker: EmployeeId

    def __post_init__(self) -> None:
        if self.maker == self.checker:
            raise refused("not_permitted", action="check your own work")


@dataclass(frozen=True, slots=True)
class Posted:
    """One record of the chain: an entry, the close that posted it, and the record before it."""

    entry: Entry
    closed: Period
    approval: Approval
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The closed months; every change returns a longer ledger."""

    records: tuple[Posted, ...] = ()
    closed_through: Period | None = None

    @property
    def entries(self) -> Iterator[Entry]:
        """Yield the posted entries in the order of posting."""
        return (record.entry for record in self.records)

    @property
    def first_open(self) -> Period | None:
        """The month that corrections are posted in; None while no month was ever closed."""
        return None if self.closed_through is None else later_period(self.closed_through, 1)

    def is_closed(self, period: Period) -> bool:
        """Whether a month has been closed."""
        return self.closed_through is not None and period <= self.closed_through

    def close(self, period: Period, computed: Iterable[Entry], approval: Approval) -> "Ledger":
        """Close a month and every earlier one: append what they hold by the computation of now.

        Closing a closed month again changes nothing.
        """
        if self.is_closed(period):
            return self
        due = [entry for entry in self.open_entries(computed) if entry.period <= period]
        chain = list(self.records)
        for entry in due:
            chain.append(recorded(entry, period, approval, chain[-1].digest if chain else GENESIS))
        return Ledger(tuple(chain), period)

    def open_entries(self, computed: Iterable[Entry]) -> list[Entry]:
        """Return what the open months hold: their own entries and the ADJUSTs of closed ones."""
        all_computed = list(computed)
        own = [entry for entry in all_computed if not self.is_closed(entry.period)]
        return sorted([*own, *self._adjustments(all_computed)], key=lambda entry: entry.order)

    def _adjustments(self, computed: list[Entry]) -> Iterator[Entry]:
        posted = _results(self.entries)
        now = _results(entry for entry in computed if self.is_closed(entry.period))
        for corrected in sorted(posted.keys() | now.keys(), key=str):
            adjust = self._adjust(corrected, posted.get(corrected, []), now.get(corrected, []))
            if adjust.amount:
                yield adjust

    def _adjust(self, corrected: "_Result", old: list[Entry], new: list[Entry]) -> Entry:
        """Correct one closed result; the newest rule version that it now has is named."""
        before, after = _total(old), _total(new)
        difference = Fen(after - before)
        model = max(new or old, key=lambda entry: entry.version)
        formula = f"{grouped(after)} - {grouped(before)} = {grouped(difference)}"
        given = {"of": corrected.period, "before": yuan(before), "after": yuan(after)}
        trace = StepTrace(model.rule, model.version, "adjust", formula, given)
        return replace(
            model,
            period=self.first_open or model.period,
            type="ADJUST",
            amount=difference,
            ref=corrected.period,
            trace=trace,
        )


def broken_at(ledger: Ledger) -> int | None:
    """Return the number of the first record that does not follow from the one before, if any."""
    previous = GENESIS
    for number, record in enumerate(ledger.records):
        if record != recorded(record.entry, record.closed, record.approval, previous):
            return number
        previous = record.digest
    return None


def recorded(entry: Entry, closed: Period, approval: Approval, previous: str) -> Posted:
    """Return the record by which a close posts an entry, after the one of digest `previous`."""
    eyes = [approval.maker, approval.checker]
    return Posted(
        entry, closed, approval, previous, digest([previous, closed, eyes, entry.as_json()])
    )


@dataclass(frozen=True, slots=True)
class _Result:
    """What a closed month can be corrected by: one amount per employee, rule and sale."""

    period: Period
    employee: EmployeeId
    rule: RuleId
    sale: SaleId | None


def _results(entries: Iterable[Entry]) -> Mapping[_Result, list[Entry]]:
    found = defaultdict(list)
    for entry in entries:
        period = Period(entry.ref or "") if entry.type == "ADJUST" else entry.period
        found[_Result(period, entry.employee, entry.rule, entry.sale)].append(entry)
    return found


def _total(entries: Iterable[Entry]) -> Fen:
    return Fen(sum(entry.amount for entry in entries))
