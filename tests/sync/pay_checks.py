"""What must hold of pay once everyone has heard everything (see `pay_streams`)."""

from collections import defaultdict
from dataclasses import asdict
from fractions import Fraction
from math import floor

from shared.commission.facts import Sale
from shared.commission.ledger import Ledger
from shared.commission.months import Period
from shared.commission.rules import Rule
from shared.domain.crediting import earnings, entries_digest
from shared.domain.days import bank_period
from shared.ids import EmployeeId
from shared.registry import Document
from sync_server.store.audit import chain, differing
from sync_server.store.authority import credit
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.sync.pay_branch import PayBranch
from tests.sync.world import Branch, Tablet


def hold(branch: PayBranch) -> None:
    """Say what went wrong with an AssertionError."""
    for tablet in branch.tablets:
        is_in_step(tablet)
    the_supervisor_sees_the_same(branch)
    a_computation_from_scratch_gives_the_same(branch)
    nothing_was_left_undone(branch)
    one_claim_at_most_stands(branch)
    every_sale_is_shared_to_the_fen(branch)


def is_in_step(tablet: Tablet) -> None:
    """A device that has heard the server out computes each of its user's months as the server's
    statement of it says, whatever is still on other devices."""
    present = bank_period(tablet.branch.now)
    said, found = tablet.store.statements(), tablet.store.pay(present).confirmed
    me, record = tablet.identity.employee.id, _rows(tablet.branch, "statement")
    known = {str(row["period"]): row for row in record.values() if row["employee_id"] == me}
    assert {period: asdict(row) for period, row in said.items()} == known
    for period, row in said.items():
        assert entries_digest(found.entries_of(Period(period))) == row.digest, period
    for own in found.statements:
        if own.period in said:
            row = said[own.period]
            carried = (row.opening_carry, row.payable, row.closing_carry, row.receivable)
            assert (own.opening_carry, own.payable, own.closing_carry, own.is_receivable) == carried
    assert {entry.period for entry in found.entries} <= said.keys()


def the_supervisor_sees_the_same(branch: PayBranch) -> None:
    """The supervisor's device computes every month of the team as its statement says."""
    for row in _rows(branch.branch, "statement").values():
        sheet = branch.boss.store.person_sheet(str(row["employee_id"]), str(row["period"]))
        assert sheet is not None
        assert entries_digest(sheet.entries) == sheet.row.statement.digest == row["digest"]


def a_computation_from_scratch_gives_the_same(branch: PayBranch) -> None:
    """The server's increments are what it finds when it computes everyone anew."""
    database = branch.branch.database
    wrong = [each for _, some in differing(database, branch.branch.now) for each in some]
    assert wrong == []
    assert chain(database).broken_at is None


def nothing_was_left_undone(branch: PayBranch) -> None:
    """Looking at every sale and every event again changes no sale, no share and no statement."""
    with branch.branch.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("job:proof"), branch.branch.now)
        credit(unit, _rows(branch.branch, "sale").keys())
        assert unit.written({"sale", "sale_share", "statement"}) == {}


def one_claim_at_most_stands(branch: PayBranch) -> None:
    """Of the sales with one external reference no two are paid."""
    standing: dict[str, set[str]] = defaultdict(set)
    for share in _rows(branch.branch, "sale_share").values():
        if share["stands"] and share["external_ref"]:
            standing[str(share["external_ref"])].add(str(share["sale_id"]))
    assert {ref: some for ref, some in standing.items() if len(some) > 1} == {}


def every_sale_is_shared_to_the_fen(branch: PayBranch) -> None:
    """What its payees have of a sale, each by their own device, is what it pays in all."""
    paid: dict[str, int] = defaultdict(int)
    whole: dict[str, int] = {}
    for tablet in branch.sellers:
        store, me = tablet.store, EmployeeId(tablet.identity.employee.id)
        present, facts = bank_period(branch.branch.now), (store.shares(), store.rules())
        anew = earnings(me, *facts, store.goals(), Ledger(), present, {})
        for each in anew.counted:
            if not each.rule.is_tiered:
                whole[each.sale.id] = _pays_in_all(each.rule, each.sale)
        for entry in anew.entries:
            if entry.type == "EARN" and entry.sale in whole:
                paid[entry.sale] += entry.amount
    assert paid == whole


def _pays_in_all(rule: Rule, sale: Sale) -> int:
    if rule.unit_price is not None:
        return (sale.qty or 0) * rule.unit_price
    return floor((rule.rate or 0) * (sale.amount or 0) + Fraction(1, 2))


def _rows(branch: Branch, entity: str) -> dict[str, Document]:
    return {id: row.document for (name, id), row in branch.rows().items() if name == entity}
