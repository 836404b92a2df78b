"""What a device says of its user's pay is what the server says, whatever happened and in whatever
order: the same fen, from the same facts, brought together by real exchanges.

A few streams in development, more in CI, the same ones every time; the nightly run looks for new
ones.
"""

from collections import defaultdict
from dataclasses import asdict
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.commission.ledger import Ledger
from shared.commission.months import Period
from shared.domain.crediting import earnings, entries_digest
from shared.domain.days import bank_period
from shared.ids import EmployeeId
from shared.registry import Document
from sync_server.store.audit import chain, differing
from tests.sync.pay_branch import (
    AMOUNTS,
    DAYS,
    EVENTS,
    MONTHS,
    PRODUCTS,
    RULES,
    SHARES,
    PayBranch,
)
from tests.sync.world import Tablet

STREAMS = {"dev": 12, "ci": 60, "nightly": 2_000}
"""By profile. A stream is some twenty things that happen."""


def one_of(things: Any) -> st.SearchStrategy[int]:
    return st.integers(0, len(things) - 1)


who, which, references = st.integers(0, 1), st.integers(0, 7), st.integers(0, 5)
months, days, keeps = one_of(MONTHS), one_of(DAYS), one_of(SHARES)
products, measures = one_of(PRODUCTS), one_of(AMOUNTS)
VERBS: dict[str, tuple[int, tuple[st.SearchStrategy[Any], ...]]] = {
    "sell": (8, (who, products, measures, keeps, references, st.integers(0, 2))),
    "told": (11, (which, one_of(EVENTS), days, measures, st.integers(0, 1))),
    "cancelled": (3, (which, days)),
    "exchange": (6, (st.integers(0, 3), st.sampled_from([None, None, None, 0, 1, 2, 3]))),
    "answer": (6, (who, which, st.integers(0, 2))),
    "decide": (4, (which, keeps)),
    "withdraw": (1, (who, which)),
    "new_rule": (1, (one_of(RULES), st.integers(0, 2), days)),
    "review": (1, (months,)),
    "close": (3, (months,)),
    "target": (1, (who, products, months, st.sampled_from([0, 1, 3, 5_000]))),
    "quality": (1, (who, months, st.sampled_from(["0.9", "1.05", "0.333"]))),
    "leaves": (1, (who, days)),
    "moved": (1, (st.integers(0, 2), who)),
    "wait": (1, (st.sampled_from([1, 20, 370]),)),
}
"""What may happen, how often, and with what."""
OFTEN = [verb for verb, (weight, _) in VERBS.items() for _ in range(weight)]
THING = st.sampled_from(OFTEN).flatmap(lambda verb: st.tuples(st.just(verb), *VERBS[verb][1]))
STREAM = st.lists(THING, min_size=12, max_size=40)


@given(STREAM)
@settings(max_examples=STREAMS[settings.get_current_profile_name()])
def test_every_device_finds_what_the_server_pays(stream: list[Any]) -> None:
    branch = PayBranch()
    try:
        for verb, *what in stream:
            getattr(branch, verb)(*what)
        branch.until_still()
        hold_together(branch)
    finally:
        branch.leave()


def hold_together(branch: PayBranch) -> None:
    """What must hold once everyone has heard everything."""
    database, now = branch.branch.database, branch.branch.now
    for seller in branch.sellers:
        agrees(seller, bank_period(now))
    assert [each for _, some in differing(database, now) for each in some] == []
    assert chain(database).broken_at is None
    every_sale_is_shared_to_the_fen(branch)


def agrees(tablet: Tablet, present: Period) -> None:
    """A device computes each of its user's months as the server's statement of it says."""
    said, found = tablet.store.statements(), tablet.store.pay(present).confirmed
    known = statements_of(tablet)
    assert {period: asdict(row) for period, row in said.items()} == known
    for period, row in said.items():
        assert entries_digest(found.entries_of(Period(period))) == row.digest, period
    for own in found.statements:
        if own.period in said:
            row = said[own.period]
            carried = (row.opening_carry, row.payable, row.closing_carry, row.receivable)
            assert (own.opening_carry, own.payable, own.closing_carry, own.is_receivable) == carried
    assert {entry.period for entry in found.entries} <= said.keys()


def statements_of(tablet: Tablet) -> dict[str, Document]:
    """The statements of a tablet's user in the server's record, by month."""
    rows = (row for (entity, _), row in tablet.branch.rows().items() if entity == "statement")
    me = tablet.identity.employee.id
    return {
        str(row.document["period"]): row.document
        for row in rows
        if row.document["employee_id"] == me
    }


def every_sale_is_shared_to_the_fen(branch: PayBranch) -> None:
    """What its payees have of a sale, each by their own device, is what it pays in all."""
    paid: dict[str, int] = defaultdict(int)
    whole: dict[str, int] = {}
    for tablet in branch.sellers:
        store, me = tablet.store, EmployeeId(tablet.identity.employee.id)
        present, facts = bank_period(branch.branch.now), (store.shares(), store.rules())
        anew = earnings(me, *facts, store.goals(), Ledger(), present, {})
        for each in anew.counted:
            if each.rule.kind == "RATE":
                fen = (each.rule.rate or 0) * (each.sale.amount or 0)
                whole[each.sale.id] = floor(fen + Fraction(1, 2))
        for entry in anew.entries:
            if entry.type == "EARN" and entry.sale in whole:
                paid[entry.sale] += entry.amount
    assert paid == whole
