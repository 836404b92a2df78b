"""Prospects of the demo: whom managers work on before the bank knows them.

Each manager holds two; the first one besides has what the rules answer otherwise: one that a
colleague claims too, one that is a colleague's customer already, one that was given up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import Final

from shared.domain import Customer, Employee, Identifier
from shared.domain.customer import Need
from shared.domain.prospect import Prospect, ProspectChannel, ProspectContact, ProspectSource
from shared.sync.change import Change, Insert, Transition
from sync_server.demo.clock import HOUR, day_of, moment, new_id, next_workday
from sync_server.demo.history import Saved
from sync_server.demo.names import TRADES, company_name, person_name
from sync_server.demo.numbers import mobile_phone, uscc

_DISTRICTS: Final = ("汀洲区", "望湖区", "松风区")
_NEEDS: Final[tuple[Need, ...]] = ("liquidity", "payment", "growth")
_SOURCES: Final[tuple[ProspectSource, ...]] = ("visited", "referred", "event")
_CONTACTS: Final[tuple[tuple[ProspectChannel, str], ...]] = (
    ("visit", "上门见到财务负责人，基本户在他行，愿意先了解结算方案。"),
    ("call", "电话约好下周带产品经理再去一次。"),
)
_GIVEN_UP: Final = "企业已迁出本市"


@dataclass(frozen=True, slots=True)
class Claim:
    """A prospect as its manager's device wrote it down, and what came after."""

    prospect: Prospect
    contacts: tuple[ProspectContact, ...]
    gave_up_at: int | None = None


def make_claims(
    rng: Random,
    today: date,
    employees: Sequence[Employee],
    customers: Sequence[Customer],
    identifiers: Sequence[Identifier],
) -> list[Claim]:
    """Make everyone's prospects; who claims what a colleague holds does so days after them."""
    managers = [one for one in employees if one.role == "account_manager"]
    made = [_claim(rng, today, manager, days) for manager in managers for days in (34, 12)]
    first, second = managers[:2]
    contested = made[0].prospect
    same = asdict(contested) | {"note": "园区推荐名单里的企业。", "source": "public"}
    made.append(_claim(rng, today, second, 6, same))
    company = next(
        one for one in customers if one.kind == "organisation" and one.owner_id == second.id
    )
    codes = {one.customer_id: one.value for one in identifiers if one.kind == "uscc"}
    known = {"name": company.name, "code": codes[company.id], "note": None}
    made.append(_claim(rng, today, first, 9, known))
    made.append(_claim(rng, today, first, 48, gave_up_after=20))
    return made


def saved_claims(claims: Sequence[Claim]) -> Iterator[Saved]:
    """Yield what devices wrote."""
    for each in claims:
        one = each.prospect
        changes: list[Change] = [Insert.of("prospect", one)]
        yield Saved(one.employee_id, one.occurred_at, changes)
        for contact in each.contacts:
            told = Insert.of("prospect_contact", contact)
            yield Saved(one.employee_id, contact.occurred_at, [told])
        if each.gave_up_at is not None:
            step = Transition(
                "prospect", one.id, "status", "claimed", "lost", {"reason": _GIVEN_UP}
            )
            yield Saved(one.employee_id, each.gave_up_at, [step])


def _claim(
    rng: Random,
    today: date,
    manager: Employee,
    days: int,
    said: Mapping[str, object] = MappingProxyType({}),
    gave_up_after: int | None = None,
) -> Claim:
    at = moment(next_workday(today - timedelta(days=days)), 10 + rng.randrange(6))
    drawn = {
        "kind": "organisation",
        "name": company_name(rng, rng.choice(sorted(TRADES))),
        "code": uscc(rng) if rng.random() < 0.7 else None,
        "phone": mobile_phone(rng),
        "contact_name": person_name(rng, "female", 1984),
        "district": rng.choice(_DISTRICTS),
        "need": rng.choice(_NEEDS),
        "source": rng.choice(_SOURCES),
        "note": "新办企业，正在比较开户行。",
    }
    own = {"id": new_id(rng, at), "employee_id": manager.id, "occurred_at": at}
    prospect = Prospect(**{**drawn, **said, **own})  # type: ignore[arg-type]
    until = moment(today) - HOUR
    contacts = [
        ProspectContact(
            id=new_id(rng, later),
            prospect_id=prospect.id,
            employee_id=manager.id,
            channel=channel,
            outcome="follow_up",
            occurred_at=later,
            note=note,
        )
        for place, (channel, note) in enumerate(_CONTACTS, 1)
        for later in [moment(next_workday(day_of(at) + timedelta(days=5 * place)), 15)]
        if later < until
    ]
    gave_up_at = None if gave_up_after is None else at + gave_up_after * 24 * HOUR
    return Claim(prospect, tuple(contacts), gave_up_at)
