"""Crediting: from the rows that both sides hold to the facts that the commission engine computes.

Theory of operation. The server keeps a `sale_share` for each payee of each sale; a device holds its
user's own. An employee's month depends on nothing else of a sale than what stands in such a row, so
both sides read the same facts from it, and the same engine gives the same fen: a device can check
the server's statement by its digest, without a network.

A sale that is held (an open offer, a dispute, a contest) has rows that do not stand. They are left
out of the facts, and the engine never sees them: what was posted for them is taken back by that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import cast

from pydantic_core import from_json, to_json

from shared.commission.engine import computed_from
from shared.commission.entries import Entry, EntryType, Tranche
from shared.commission.exact import WHOLE_BP, digest
from shared.commission.facts import Facts, Goals, Sale
from shared.commission.fields import ExternalRef, ProductCode, RuleId, SaleId
from shared.commission.ledger import Approval, Ledger, Posted
from shared.commission.months import Period, last_day
from shared.commission.period import EmployeeMonth
from shared.commission.qualify import Pending, Problem, Qualified, qualify, rules_by_product
from shared.commission.rules import Recognition, Rule
from shared.commission.statement import Statement as Row
from shared.commission.statement import statements
from shared.commission.trace import ENGINE_VERSION, WrittenTrace
from shared.domain.commission_rule import read_terms, rules_in_force
from shared.domain.customer import masked_name
from shared.domain.days import bank_day
from shared.domain.goal import Quality, Target
from shared.domain.sale import (
    AGREED_BY,
    RECOGNISED_IN,
    SaleStatus,
    read_shares,
    shares_of,
    shares_text,
)
from shared.domain.sale_share import SaleShare, share_id
from shared.ids import EmployeeId
from shared.money import Fen
from shared.registry import Document


@dataclass(frozen=True, slots=True)
class Earnings:
    """All of one employee's commission: what is posted, what is open, and what waits and why."""

    entries: tuple[Entry, ...]
    """Of the ledger and of the open months, without tranches whose day has not come."""
    statements: tuple[Row, ...]
    tranches: tuple[Tranche, ...]
    counted: tuple[Qualified, ...]
    pending: tuple[Pending, ...]
    problems: tuple[Problem, ...]
    held: tuple[SaleId, ...]
    """Sales that wait for a colleague's answer or a supervisor's decision."""

    def entries_of(self, period: Period) -> list[Entry]:
        """Return the entries of one month."""
        return [entry for entry in self.entries if entry.period == period]


def rules_of(rows: Iterable[Document]) -> tuple[Rule, ...]:
    """Return the rules in force by the approved rows of `commission_rule`."""
    approved = [row for row in rows if row["status"] == "approved"]
    return rules_in_force(read_terms(str(row["terms"])) for row in approved)


def rules_for(
    rows: Iterable[Document], unit: str, parents: Mapping[str, str | None]
) -> tuple[Rule, ...]:
    """Return the rules in force for whoever works in a unit: its own and those of all above it.

    `parents` names the unit above each unit.
    """
    path, above = {unit}, parents.get(unit)
    while above is not None and above not in path:
        path.add(above)
        above = parents.get(above)
    return rules_of(row for row in rows if row["org_unit_id"] in path)


def goals_of(targets: Iterable[Target], quality: Iterable[Quality]) -> Goals:
    """Look goals up by what they are for."""
    return Goals(
        {
            (EmployeeId(t.employee_id), ProductCode(t.product_code), Period(t.period)): Fraction(
                t.value
            )
            for t in targets
            if Fraction(t.value)
        },
        {(EmployeeId(q.employee_id), Period(q.period)): Fraction(q.coefficient) for q in quality},
    )


def sale_of(share: SaleShare) -> Sale:
    """Return the sale that a share is of, as the engine takes it."""
    return Sale(
        SaleId(share.sale_id),
        ProductCode(share.product_code),
        read_shares(share.shares),
        share.qty,
        None if share.amount is None else Fen(share.amount),
        bank_day(share.occurred_at),
        _days(share.events),
        None if share.external_ref is None else ExternalRef(share.external_ref),
    )


@lru_cache(maxsize=4096)
def _days(events: str) -> Mapping[Recognition, date]:
    """Read the days of events; many sales of a month have the same."""
    days: dict[Recognition, str] = from_json(events)
    return {event: date.fromisoformat(day) for event, day in days.items()}


def events_of(sale: Document) -> dict[str, str]:
    """Return the days of the events that the bank's systems have told of a sale."""
    return {
        event: str(sale[field]) for event, field in RECOGNISED_IN.items() if sale[field] is not None
    }


def share_of(sale: Document, employee: str, product: Document, customer_name: str) -> SaleShare:
    """Return what an employee has of a sale as its seller proposes it, uncontested.

    The seller's own share stands if nobody else has one; a joint sale is held until each colleague
    has accepted. What follows from a referral, or from a prospect that was awarded to several, is
    shared as was agreed or awarded then.
    """
    shares = shares_of(sale)
    is_sellers = employee == sale["employee_id"]
    is_agreed = any(sale[name] is not None for name in AGREED_BY)
    return SaleShare(
        id=share_id(str(sale["id"]), employee),
        employee_id=employee,
        sale_id=str(sale["id"]),
        seller_id=str(sale["employee_id"]),
        customer_label=masked_name(customer_name),
        product_id=str(product["id"]),
        product_code=str(product["code"]),
        occurred_at=int(str(sale["occurred_at"])),
        shares=shares_text(shares),
        sale_status=cast(SaleStatus, sale["status"]),
        qty=cast("int | None", sale["qty"]),
        amount=cast("int | None", sale["amount"]),
        external_ref=cast("str | None", sale["external_ref"]),
        events=to_json(events_of(sale)).decode(),
        cancelled_on=cast("str | None", sale["cancelled_on"]),
        referral_id=cast("str | None", sale["referral_id"]),
        stands=is_agreed or [each.employee for each in shares] == [sale["employee_id"]],
        status="own" if is_sellers else "accepted" if is_agreed else "offered",
    )


def assumed(
    share: SaleShare, rules: Iterable[Rule], closed_through: Period | None = None
) -> SaleShare:
    """Return a share as an estimate takes it: what the bank has not confirmed, as of its own day.

    An estimate (预估) asks what a sale pays if the bank confirms it. The event that is still to
    come is taken to have happened on the day of the sale, or on the first day of the first open
    month where its own is closed; and a share that is held is taken to stand.
    """
    if share.cancelled_on is not None or share.sale_status == "cancelled":
        return share
    day = bank_day(share.occurred_at)
    if closed_through is not None:
        day = max(day, last_day(closed_through) + timedelta(days=1))
    known: dict[str, str] = from_json(share.events)
    offered = [rule for rule in rules if rule.product == share.product_code]
    if any(rule.recognise_on in known for rule in offered):
        return replace(share, stands=True)
    events = known | {rule.recognise_on: day.isoformat() for rule in offered}
    return replace(share, events=to_json(events).decode(), stands=True)


def facts_of(shares: Iterable[SaleShare], rules: tuple[Rule, ...], goals: Goals) -> Facts:
    """Return the facts of the shares that stand, each sale once.

    External references are dropped: rivals have been told apart already, by which share stands.
    """
    standing = {each.sale_id: each for each in shares if each.stands and _counts(each)}
    sales = [_uncontested(sale_of(share)) for share in standing.values()]
    cancelled = {
        SaleId(share.sale_id): date.fromisoformat(share.cancelled_on)
        for share in standing.values()
        if share.cancelled_on is not None
    }
    return Facts(rules, goals, tuple(sorted(sales, key=lambda sale: sale.id)), cancelled)


def placed(
    shares: Iterable[SaleShare], rules: tuple[Rule, ...]
) -> list[Qualified | Pending | Problem | None]:
    """Say of each share that stands what its sale counts as; None for one that never was."""
    facts, by_product = facts_of(shares, rules, Goals()), rules_by_product(rules)
    return [qualify(sale, facts, by_product) for sale in facts.sales]


def _counts(share: SaleShare) -> bool:
    """Whether anything ever came of it: one withdrawn before the bank said a word never was."""
    return share.sale_status != "cancelled" or share.events != "{}"


def _uncontested(sale: Sale) -> Sale:
    return Sale(
        sale.id, sale.product, sale.shares, sale.qty, sale.amount, sale.captured, sale.dates
    )


def earnings(
    employee: EmployeeId,
    shares: Iterable[SaleShare],
    rules: tuple[Rule, ...],
    goals: Goals,
    ledger: Ledger,
    through: Period,
    left: Mapping[EmployeeId, date],
) -> Earnings:
    """Compute everything that one employee has earned, up to and including the month `through`.

    `shares` are the employee's own rows; `ledger` holds the employee's own records, and the month
    through which the bank has closed.
    """
    own = list(shares)
    places = placed(own, rules)
    counted = tuple(each for each in places if isinstance(each, Qualified))
    outcome = computed_from(counted, goals)
    mine = [entry for entry in outcome.entries if entry.employee == employee]
    due = [e for e in ledger.open_entries(mine) if e.type != "RELEASE" or e.period <= through]
    entries = tuple(sorted([*ledger.entries, *due], key=lambda entry: entry.order))
    return Earnings(
        entries,
        tuple(statements(entries, left, through)) if entries else (),
        tuple(tranche for tranche in outcome.tranches if tranche.employee == employee),
        counted,
        tuple(each for each in places if isinstance(each, Pending)),
        tuple(each for each in places if isinstance(each, Problem)),
        tuple(sorted({SaleId(each.sale_id) for each in own if not each.stands})),
    )


def sold_of(
    sold: Iterable[Qualified], whose: EmployeeMonth, product: ProductCode, *, counted: bool
) -> Fraction:
    """Return what counts towards an employee's target of a product: pieces, or else yuan."""
    employee, period = whose
    total = Fraction(0)
    for each in sold:
        if (each.period, each.sale.product) == (period, product):
            measure = (each.sale.qty or 0) if counted else Fraction(each.sale.amount or 0, 100)
            mine = sum(share.counted_bp for share in each.shares if share.employee == employee)
            total += measure * Fraction(mine, WHOLE_BP)
    return total


def entries_digest(entries: Iterable[Entry]) -> str:
    """Return the digest of a month's entries, the same on the device and on the server.

    Of the figures: their traces are the same wherever the engine is, and to write them for a
    hundred sales takes 5 ms, which is all that the month of one new sale may take.
    """
    figures = [
        (e.period, e.employee, e.sale, e.rule, e.version, e.type, e.amount, e.ref) for e in entries
    ]
    return digest([ENGINE_VERSION, figures])


def ledger_of(rows: Iterable[Document], closed_through: Period | None) -> Ledger:
    """Return a ledger from its rows of `commission_entry`: all of them, or one employee's."""
    ordered = sorted(rows, key=lambda row: int(str(row["number"])))
    return Ledger(tuple(posted_of(row) for row in ordered), closed_through)


def posted_of(row: Document) -> Posted:
    """Return one record of the ledger from its row."""
    approval = Approval(EmployeeId(str(row["maker_id"])), EmployeeId(str(row["checker_id"])))
    return Posted(
        _entry_of(row),
        Period(str(row["closed"])),
        approval,
        str(row["previous"]),
        str(row["digest"]),
    )


def _entry_of(row: Document) -> Entry:
    return Entry(
        Period(str(row["period"])),
        EmployeeId(str(row["employee_id"])),
        None if row["sale_id"] is None else SaleId(str(row["sale_id"])),
        RuleId(str(row["rule"])),
        int(str(row["rule_number"])),
        cast(EntryType, row["type"]),
        Fen(int(str(row["amount"]))),
        None if row["ref"] is None else str(row["ref"]),
        WrittenTrace(str(row["trace"])),
    )
