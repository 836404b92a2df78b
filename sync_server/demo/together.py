"""Colleagues who work with each other's customers: who was named, and whom they called lately."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from shared.domain import Collaborator, Customer, Interaction
from shared.domain.collaborator import CollaboratorRole
from shared.domain.interaction import Outcome
from shared.sync.change import Insert
from sync_server.demo.clock import HOUR, MINUTE, moment, new_id, next_workday
from sync_server.demo.history import Saved

_EACH: Final = 3
"""Customers of each manager with whom a colleague helps."""
_NAMED_DAYS: Final = (35, 80)
_CALLED_DAYS: Final = (4, 22)
_ROLES: Final[tuple[CollaboratorRole, ...]] = ("loan", "wealth", "settlement")
_OUTCOMES: Final[tuple[tuple[Outcome, str], ...]] = (
    ("interested", "协办电话：客户想先看额度测算，已约管户经理一起去。"),
    ("follow_up", "协办电话：材料还差一份流水，客户下周补。"),
    ("not_met", "协办电话：无人接听，改天再打。"),
)


@dataclass(frozen=True, slots=True)
class Helped:
    """A naming, and the call that came of it."""

    collaborator: Collaborator
    call: Interaction


def make_helped(rng: Random, today: date, customers: Sequence[Customer]) -> list[Helped]:
    """Have each manager help with some of the largest customers of the next one."""
    owners = sorted({one.owner_id for one in customers})
    made = []
    for place, owner in enumerate(owners):
        mine = [one for one in customers if one.owner_id == owner]
        largest = sorted(mine, key=lambda one: -(one.deposit_balance or 0))
        colleague = owners[(place + 1) % len(owners)]
        for number, customer in enumerate(largest[1 : 1 + _EACH]):
            made.append(_helped(rng, today, customer, colleague, number))
    return made


def saved_namings(helped: Sequence[Helped]) -> Iterator[Saved]:
    """Yield what owners' devices wrote."""
    for each in helped:
        one = each.collaborator
        yield Saved(one.employee_id, one.occurred_at, [Insert.of("collaborator", one)])


def saved_calls(helped: Sequence[Helped]) -> Iterator[Saved]:
    """Yield what collaborators' devices wrote."""
    for each in helped:
        call = each.call
        yield Saved(call.employee_id, call.occurred_at, [Insert.of("interaction", call)])


def _helped(rng: Random, today: date, customer: Customer, colleague: str, number: int) -> Helped:
    named_at, called_at = _at(rng, today, *_NAMED_DAYS), _at(rng, today, *_CALLED_DAYS)
    outcome, note = _OUTCOMES[number % len(_OUTCOMES)]
    named = Collaborator(
        id=new_id(rng, named_at),
        customer_id=customer.id,
        colleague_id=colleague,
        role=_ROLES[number % len(_ROLES)],
        employee_id=customer.owner_id,
        occurred_at=named_at,
    )
    call = Interaction(
        id=new_id(rng, called_at),
        customer_id=customer.id,
        employee_id=colleague,
        channel="call",
        purpose="loan",
        outcome=outcome,
        occurred_at=called_at,
        started_at=called_at,
        ended_at=called_at + 6 * MINUTE,
        note=note,
    )
    return Helped(named, call)


def _at(rng: Random, today: date, least: int, most: int) -> int:
    day = next_workday(today - timedelta(days=rng.randint(least, most)))
    return moment(day, 9) + rng.randrange(8 * HOUR // MINUTE) * MINUTE
