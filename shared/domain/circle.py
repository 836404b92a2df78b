"""A customer's circle: the family 家庭 of a person, the group 集团 of an organisation.

Theory of operation. Standing ties are followed from the customer outwards, at most DEEPEST steps
and MOST members, each member once; a ring of ties so ends where it began. A member is verified
where a chain of verified ties alone leads to them; one claim on the way leaves them claimed. Only
who is verified is ever counted: a claim is not a fact.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.domain.customer import Customer
from shared.domain.relation import Relation

CircleKind = Literal["family", "group"]
TIES: Final[Mapping[CircleKind, frozenset[str]]] = {
    "family": frozenset({"spouse", "child", "parent", "household"}),
    "group": frozenset({"group_member", "shareholder", "legal_representative"}),
}
"""The relations that make a circle; any other is a role, which makes nobody one of it."""
KEY_PEOPLE: Final = ("legal_representative", "shareholder", "finance_contact")
"""Whom one turns to at an organisation, in this order."""
DEEPEST: Final = 4
MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Member:
    """One of a circle, and the tie by which they were found."""

    customer_id: str | None
    """None for one who is no customer; then `name` is what was said."""
    name: str
    kind: str
    """What they are to `via`; where `is_theirs`, what `via` is to them."""
    is_theirs: bool
    via: str
    """The customer from whom the tie leads to them."""
    verified: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum over those of a circle who are verified and whose figure is known."""

    fen: int
    over: int
    """Of how many people or companies, the customer among them."""
    of: int
    """How many the circle has, the customer among them."""
    as_of: int
    """When the oldest of the figures was told (ms)."""


_Edge = tuple[str, Member]
"""The node that a tie leads to, and the member that is found by it."""


def circle_kind(customer: Customer) -> CircleKind:
    """Return which circle a customer has."""
    return "family" if customer.kind == "person" else "group"


def circle(start: str, kind: CircleKind, ties: Iterable[Relation]) -> list[Member]:
    """Return all who are tied to a customer, verified ones first, near ones before far ones."""
    standing = sorted(
        (tie for tie in ties if tie.kind in TIES[kind] and tie.status != "ended"),
        key=lambda tie: (tie.status != "verified", tie.occurred_at, tie.id),
    )
    sure = _reached(start, [tie for tie in standing if tie.status == "verified"], verified=True)
    said = _reached(start, standing, verified=False)
    return [*sure.values(), *(said[node] for node in said if node not in sure)][:MOST]


def deposits(
    customer: Customer, members: Sequence[Member], customers: Mapping[str, Customer]
) -> Sum | None:
    """Add the deposits of a customer and of the verified ones of their circle, in fen.

    `customers` are those whom the reader holds; of others nothing is known. None where no figure
    is.
    """
    sure = [customers.get(each.customer_id or "") for each in members if each.verified]
    told = [
        (one.deposit_balance, one.as_of or 0)
        for one in (customer, *sure)
        if one is not None and one.deposit_balance is not None
    ]
    if not told:
        return None
    fen, oldest = sum(balance for balance, _ in told), min(as_of for _, as_of in told)
    return Sum(fen, len(told), len(members) + 1, oldest)


def _reached(start: str, ties: Sequence[Relation], *, verified: bool) -> dict[str, Member]:
    leads = _leads(ties, verified=verified)
    found: dict[str, Member] = {}
    nearest = [start]
    for _ in range(DEEPEST):
        further = []
        for node in nearest:
            for other, member in leads.get(node, ()):
                if other != start and other not in found:
                    found[other] = member
                    further.append(other)
        nearest = further
    return found


def _leads(ties: Iterable[Relation], *, verified: bool) -> dict[str, list[_Edge]]:
    """Return where each customer's ties lead to, seen from both ends."""
    leads: dict[str, list[_Edge]] = {}
    for tie in ties:
        here, there = tie.customer_id, tie.other_id or f"name:{tie.id}"
        name = tie.other_name or ""
        to = Member(tie.other_id, name, tie.kind, False, here, verified)
        leads.setdefault(here, []).append((there, to))
        if tie.other_id:
            back = Member(here, "", tie.kind, True, tie.other_id, verified)
            leads.setdefault(tie.other_id, []).append((here, back))
    return leads
