"""Customers whom the demo bank has twice: what the nightly sweep finds, of every sort.

Each is a second record of somebody, made later and by another hand. The sweep merges the one that
is sure and of one owner; the others wait for a supervisor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from shared.domain import Customer, Identifier
from sync_server.customer.initials import initials
from sync_server.demo.clock import moment, new_id
from sync_server.demo.customers import STORY_NAME

_APART: Final[dict[str, Any]] = {
    "latitude": None, "longitude": None, "deposit_balance": None, "as_of": None,
    "contact_note": None, "need": None, "need_amount": None, "stage": "discovery",
}  # fmt: skip
"""What the second record does not know."""


@dataclass(frozen=True, slots=True)
class Doubles:
    """Second records, and the numbers on them."""

    customers: list[Customer]
    identifiers: list[Identifier]


def make_doubles(
    rng: Random, today: date, customers: Sequence[Customer], identifiers: Sequence[Identifier]
) -> Doubles:
    """Make a second record of six customers whose relation is years old."""
    cards = {one.customer_id: one for one in identifiers if one.kind == "id_card"}
    persons = [one for one in customers if one.id in cards and one.name != STORY_NAME]
    companies = [one for one in customers if one.kind == "organisation" and _ends(one.name)]
    made, numbers = [], []
    for place, (elder, said) in enumerate(_cases(_owned(persons), _owned(companies))):
        since = moment(today - timedelta(days=7 + 5 * place), 10)
        double = replace(elder, **(_APART | said), id=new_id(rng, since))
        double = replace(double, initials=initials(double.name))
        made.append(double)
        if place == 0:  # one digit of the number is wrong, so that it fails its check
            card = cards[elder.id]
            wrong = _mistyped(card.value)
            numbers.append(
                replace(
                    card, id=new_id(rng, since), customer_id=double.id, value=wrong,
                    last_four=wrong[-4:], source="manager",
                )
            )  # fmt: skip
    return Doubles(made, numbers)


def _cases(
    persons: Sequence[Sequence[Customer]], companies: Sequence[Sequence[Customer]]
) -> Iterator[tuple[Customer, dict[str, Any]]]:
    """Yield whom there are two of, and what the second record says otherwise."""
    first, second = persons[0], persons[1]
    yield first[3], _of(second[0])
    yield first[5], _of(second[0]) | {"birth_date": _slipped(first[5]), "occupation": None}
    yield first[7], {"birth_date": None, "address": None, "occupation": "自由职业"}
    yield second[4], _of(first[0]) | {"address": None, "birth_date": None, "gender": None}
    company = companies[0][0]
    yield company, _of(second[0]) | {"name": _otherwise(company.name), "contact_name": None}
    # Sure and of one owner, so that the sweep merges it by itself.
    yield second[6], {"address": None, "occupation": None}


def _of(other: Customer) -> dict[str, Any]:
    return {"owner_id": other.owner_id, "org_unit_id": other.org_unit_id}


def _owned(customers: Sequence[Customer]) -> list[list[Customer]]:
    """Return the customers of each owner, as they stand in the bank's list."""
    owners = dict.fromkeys(one.owner_id for one in customers)
    return [[one for one in customers if one.owner_id == owner] for owner in owners]


def _slipped(customer: Customer) -> str:
    """Return a birth date with one digit of its day wrong; such a day is in every month."""
    born = date.fromisoformat(str(customer.birth_date))

    def differ(day: int) -> int:
        return sum(a != b for a, b in zip(f"{day:02d}", f"{born.day:02d}", strict=True))

    return born.replace(day=next(day for day in range(1, 29) if differ(day) == 1)).isoformat()


def _mistyped(card: str) -> str:
    """Return an identity number with its order off by two, whose check digit no longer fits."""
    return f"{card[:16]}{(int(card[16]) + 2) % 10}{card[17]}"


def _ends(name: str) -> bool:
    return name.endswith("有限公司") and not name.endswith("股份有限公司")


def _otherwise(name: str) -> str:
    return f"{name.removesuffix('有限公司')}有限责任公司"
