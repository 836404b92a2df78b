"""Bugs of pay, each planted in our own code by replacing one function (see `test_pay_agrees`)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from mobile_app.store.queries.pay import PayQueries
from shared.commission import clawback, period, split, tiers
from shared.commission.exact import round_fen
from shared.commission.facts import Goals
from shared.domain.sale_share import SaleShare
from shared.money import Fen
from sync_server.commission import claims
from sync_server.store import authority, core_events, statements
from sync_server.store.unit_of_work import UnitOfWork

Plant = Callable[[pytest.MonkeyPatch], None]
PLANTS: dict[str, Plant] = {}


def plant(bug: Plant) -> Plant:
    PLANTS[bug.__name__] = bug
    return bug


@plant
def the_device_rounds_down(patch: pytest.MonkeyPatch) -> None:
    pay = PayQueries.pay

    def down(self: Any, *asked: Any) -> Any:
        with pytest.MonkeyPatch.context() as here:
            for each in (split, period, clawback):
                here.setattr(each, "times", lambda amount, rate: Fen(int(amount * rate)))
            here.setattr(tiers, "round_fen", lambda above, below: Fen(above // below))
            return pay(self, *asked)

    patch.setattr(PayQueries, "pay", down)


@plant
def the_device_forgets_its_goals(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PayQueries, "goals", lambda _: Goals())


@plant
def a_correction_changes_nothing(patch: pytest.MonkeyPatch) -> None:
    def heedless(
        unit: UnitOfWork, named: Collection[str], unsaid: Mapping[str, Collection[str]]
    ) -> None:
        if not any(unsaid.values()):
            authority.credit(unit, named, unsaid)

    patch.setattr(core_events, "credit", heedless)


@plant
def what_was_taken_back_stays_taken_while_its_sale_is_held(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(statements, "_is_any_cancelled", lambda _: False)


@plant
def a_contested_sale_is_paid_meanwhile(patch: pytest.MonkeyPatch) -> None:
    contested = claims._contested

    def standing(*asked: Any) -> claims.Settled:
        found = contested(*asked)
        return replace(found, shares=[replace(share, stands=True) for share in found.shares])

    patch.setattr(claims, "_contested", standing)


@plant
def the_month_of_an_answer_is_not_computed_anew(patch: pytest.MonkeyPatch) -> None:
    bring_up = statements.bring_up

    def own_alone(unit: Any, whole: Any, changes: Mapping[str, list[SaleShare]]) -> Any:
        some = {
            who: shares
            for who, shares in changes.items()
            if all(share.status != "accepted" for share in shares)
        }
        return bring_up(unit, whole, some)

    patch.setattr(statements, "bring_up", own_alone)


@plant
def a_part_is_lost_in_the_split(patch: pytest.MonkeyPatch) -> None:
    def each_rounded(total: Fen, shares_bp: Any) -> tuple[Fen, ...]:
        return tuple(round_fen(total * bp, 10_000) for bp in shares_bp)

    patch.setattr(split, "split_fen", each_rounded)
