"""Plans: rules and their versions, what the team contests and disputes, and its months."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from sqlalchemy import func, select

from mobile_app.store.plan_records import (
    Contest,
    DisputeItem,
    MonthSheet,
    PersonSheet,
    PlanItem,
    TeamRow,
)
from mobile_app.store.queries.pay import PayQueries
from mobile_app.store.tables import MIRROR
from shared.commission.facts import Goals
from shared.commission.months import Period
from shared.commission.rules import Rule
from shared.domain import (
    CommissionRule,
    Dispute,
    PayPeriod,
    Product,
    Quality,
    SaleShare,
    Statement,
    Target,
)
from shared.domain.commission_rule import read_terms
from shared.domain.crediting import earnings, goals_of, ledger_of
from shared.domain.sale import read_shares
from shared.errors import Refusal
from shared.ids import EmployeeId

_share, _device = MIRROR["sale_share"], MIRROR["device_state"]
_UNSETTLED: Final = ("offered", "disputed", "contested")


class PlanQueries(PayQueries):
    """What a supervisor or a product manager decides about commission."""

    def plans(self) -> list[PlanItem]:
        """Return every version of every rule: drafts first, then by rule, the newest first."""
        rows = self._records(CommissionRule)
        read = {row.id: _read(row) for row in rows}
        ordered = sorted(rows, key=lambda row: (row.status != "draft", row.rule, -row.number))
        return [
            PlanItem(
                row=row,
                rule=read[row.id],
                former=_former(row, rows, read),
                maker_name=self._name_of(row.employee_id),
                checker_name=self._name_of(row.checker_id or ""),
                is_own=row.employee_id == self._my(),
                state=self.state("commission_rule", row.id),
            )
            for row in ordered
        ]

    def products(self) -> list[Product]:
        """Return the catalogue by name."""
        return sorted(self._records(Product), key=lambda each: each.name)

    def team_shares(self) -> dict[str, list[SaleShare]]:
        """Return everyone's shares that this device holds, by employee."""
        found: dict[str, list[SaleShare]] = {}
        for share in self._records(SaleShare):
            found.setdefault(share.employee_id, []).append(share)
        return found

    def team_goals(self) -> Goals:
        """Return everyone's targets and quality coefficients that this device holds."""
        return goals_of(self._records(Target), self._records(Quality))

    def contests(self) -> list[Contest]:
        """Return what is not settled about who sold what, the soonest due first."""
        rows = [each for each in self._records(SaleShare) if each.status in _UNSETTLED]
        groups: dict[str, list[SaleShare]] = {}
        for row in rows:
            if row.sale_status != "cancelled":
                key = row.external_ref if row.status == "contested" else None
                groups.setdefault(key or row.sale_id, []).append(row)
        found = [self._contest(group) for group in groups.values()]
        return sorted(found, key=lambda each: (each.due_on or "9999", each.id))

    def _contest(self, rows: list[SaleShare]) -> Contest:
        # Of one sale a share that is disputed says more than one that is only not answered yet.
        ordered = sorted(rows, key=lambda row: (row.status != "offered", row.id))
        by_sale = {row.sale_id: row for row in ordered}
        claims = tuple(by_sale[sale] for sale in sorted(by_sale))
        people = {id for row in claims for id in _people(row)}
        named = {id: self._name_of(id) or "" for id in sorted(people)}
        return Contest(
            id=claims[0].id,
            claims=claims,
            names=named,
            product=next(iter(self._records(Product, id=rows[0].product_id)), None),
            is_own=self._my() in people,
            state=self.state("sale_share", claims[0].id),
        )

    def team_disputes(self) -> list[DisputeItem]:
        """Return the objections that wait for an answer, the soonest due first."""
        found = sorted(self._records(Dispute, status="open"), key=lambda one: (one.due_on, one.id))
        return [
            DisputeItem(
                dispute=each,
                by_name=self._name_of(each.employee_id),
                is_own=each.employee_id == self._my(),
                state=self.state("dispute", each.id),
            )
            for each in found
        ]

    def months_of_pay(self) -> list[PayPeriod]:
        """Return the months of commission, the latest first."""
        return sorted(self._records(PayPeriod), key=lambda each: each.period, reverse=True)

    def month_sheet(self, period: str) -> MonthSheet | None:
        """Return a month of the team, None where this device does not hold it."""
        month = next(iter(self._records(PayPeriod, period=period)), None)
        if month is None:
            return None
        rows = [
            TeamRow(each, self._name_of(each.employee_id) or "")
            for each in self._records(Statement, period=period)
        ]
        disputes = self._records(Dispute, status="open", period=period)
        [[unsent]] = self._rows(
            select(func.coalesce(func.sum(_device.c.pending), 0)).where(~_device.c.revoked)
        )
        return MonthSheet(
            period=month,
            rows=tuple(sorted(rows, key=lambda row: (-row.statement.payable, row.name))),
            unsettled=tuple(each for each in self.contests() if each.period <= period),
            disputes=len(disputes),
            unsent=unsent,
            maker_name=self._name_of(month.employee_id or ""),
            checker_name=self._name_of(month.checker_id or ""),
            is_own=month.employee_id == self._my(),
            state=self.state("pay_period", month.id),
        )

    def person_sheet(self, employee_id: str, period: str) -> PersonSheet | None:
        """Return one employee's month with its entries, computed from what this device holds."""
        rows = self._records(Statement, employee_id=employee_id, period=period)
        if not rows:
            return None
        closed = [str(row["period"]) for row in self._documents("pay_period", status="closed")]
        through = Period(max(closed)) if closed else None
        ledger = ledger_of(self._documents("commission_entry", employee_id=employee_id), through)
        who = self.employees().get(employee_id)
        left = who.left_on if who else None
        shares = self._records(SaleShare, employee_id=employee_id)
        catalogue, rules = self.products_by_code(), self.rules_where(employee_id)
        found = earnings(
            EmployeeId(employee_id),
            shares,
            rules,
            self.team_goals(),
            ledger,
            Period(period),
            {EmployeeId(employee_id): date.fromisoformat(left)} if left else {},
        )
        return PersonSheet(
            row=TeamRow(rows[0], self._name_of(employee_id) or ""),
            entries=tuple(found.entries_of(Period(period))),
            sales={each.sale_id: each for each in shares},
            products={
                rule.id: catalogue[rule.product] for rule in rules if rule.product in catalogue
            },
        )


def _read(row: CommissionRule) -> Rule | None:
    try:
        return read_terms(row.terms)
    except Refusal:
        return None


def _former(
    row: CommissionRule, rows: Iterable[CommissionRule], read: Mapping[str, Rule | None]
) -> Rule | None:
    """Return the approved version that this one follows."""
    earlier = [
        each
        for each in rows
        if (each.rule, each.status) == (row.rule, "approved") and each.number < row.number
    ]
    last = max(earlier, key=lambda each: each.number, default=None)
    return None if last is None else read[last.id]


def _people(row: SaleShare) -> set[str]:
    return {row.seller_id, *(each.employee for each in read_shares(row.shares))}
