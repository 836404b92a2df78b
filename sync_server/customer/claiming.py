"""Claiming: how the server answers the claim of a prospect, by what the record has around it.

Pure. An answer is the row as it is from now on: who holds a prospect, who contests it, and why a
claim is none. Nothing of a customer is told but that it is one, and whom to ask.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import to_json

from shared.domain.days import bank_day, working_days_after
from shared.domain.prospect import (
    MOST_OPEN,
    ProspectCause,
    claims_of,
    compared_name,
    is_same,
)
from shared.domain.sale import read_shares
from shared.domain.sale_share import DECIDE_DAYS
from shared.ids import derived_id
from shared.registry import Document

_SHOWN: Final = 200
"""Signs of colleagues' names that a row has room for."""
_CLOSED: Final[Document] = {"taken_at": None, "renewed_at": None, "contest_id": None}


@dataclass(frozen=True, slots=True)
class Known:
    """A customer that a prospect is."""

    customer_id: str
    owner_id: str
    owner_name: str


@dataclass(frozen=True, slots=True)
class Around:
    """What the record has around an open claim."""

    customer: Known | None
    own: Sequence[Document]
    """The same manager's other open claims."""
    others: Sequence[Document]
    """Colleagues' open claims that may be of the same prospect."""


def answered(claim: Document, around: Around, now: int) -> Document:
    """Return a claim as the server answers it, but for a contest; an answered one is unchanged.

    What is learnt later is looked at as well: a credit code may show that it is a customer.
    """
    called = compared_name(str(claim["kind"]), str(claim["name"]))
    claim = {**claim, "called": called}
    is_new = claim["taken_at"] is None
    if is_new:
        said = {"reason": None, "cause": None, "others": "", "answer": None, "shares": ""}
        begun = {"customer_id": None, "taken_at": now, "renewed_at": now, "decided_at": None}
        claim |= {**said, **begun}
    if around.customer is not None:
        return closed(claim, now, "declined", "is_customer", [around.customer.owner_name])
    if any(is_same(each, claim) for each in around.own):
        return closed(claim, now, "declined", "yours_already")
    if is_new and len(around.own) >= MOST_OPEN:
        return closed(claim, now, "declined", "too_many")
    return claim


def rival_of(claim: Document, around: Around) -> Document | None:
    """Return the claim that stands in the way of another: the first that was taken in.

    With whom it was agreed to share stands in nobody's way.
    """
    shares = read_shares(str(claim["shares"])) if claim["shares"] else ()
    agreed = {each.employee for each in shares}
    rivals = [
        each for each in around.others if each["employee_id"] not in agreed and is_same(each, claim)
    ]
    return min(rivals, key=lambda each: (each["taken_at"] or 0, each["id"]), default=None)


def closed(
    claim: Document,
    now: int,
    status: str,
    cause: ProspectCause | None = None,
    names: Sequence[str] = (),
) -> Document:
    """Return a claim that holds nothing any more, as decided now."""
    said = {"status": status, "cause": cause, "others": _listed(names), "decided_at": now}
    return {**claim, **_CLOSED, **said}


def left_by_author(claim: Document) -> Document:
    """Return a claim that its author has released or lost, with nothing of what it held."""
    return {**claim, **_CLOSED, "cause": None, "others": "", "shares": "", "decided_at": None}


def won(claim: Document, customer: Known, now: int) -> Document:
    """Return a claim whose prospect has become a customer, of whomever the bank says."""
    names = [customer.owner_name] if customer.owner_id != claim["employee_id"] else []
    return {**closed(claim, now, "won", None, names), "customer_id": customer.customer_id}


# Contests


def opened(holder: Document, claim: Document, arbiter: str | None, now: int) -> Document:
    """Return the contest of a claim with one that stands in its way."""
    return {
        "id": derived_id("prospect_contest", str(claim["id"]), str(now)),
        "arbiter_id": arbiter or "",
        "name": holder["name"],
        "claims": _claims([holder, claim]),
        "opened_at": now,
        "due_on": working_days_after(bank_day(now), DECIDE_DAYS).isoformat(),
    }


def among(contest: Document, claims: Sequence[Document]) -> Document:
    """Return an open contest as one among these claims; it is over with the last but one.

    Those who were awarded it together are one.
    """
    if not _is_agreed(claims):
        return {**contest, "claims": _claims(claims)}
    return {**contest, "status": "over"}


def contesting(
    contest: Document, claims: Sequence[Document], names: Mapping[str, str], now: int
) -> list[Document]:
    """Return claims as they are while a contest among them is open.

    The first of them holds meanwhile, with whom it was awarded together. Who alone is left holds
    without a contest, for a whole term: nobody loses by waiting.
    """
    if _is_agreed(claims):
        held = {"status": "claimed", "contest_id": None, "renewed_at": now, "decided_at": now}
        return [{**claim, **held, "others": _besides(claim, claims, names)} for claim in claims]
    return [
        {
            **claim,
            "status": "claimed" if _is_agreed([claims[0], claim]) else "contested",
            "contest_id": contest["id"],
            "others": _besides(claim, claims, names),
        }
        for claim in claims
    ]


def _is_agreed(claims: Sequence[Document]) -> bool:
    """Whether claims are of one, or of those to whom the prospect was awarded together."""
    splits = {each["shares"] for each in claims}
    return len({each["id"] for each in claims}) < 2 or (len(splits) == 1 and splits != {""})


def _besides(claim: Document, claims: Sequence[Document], names: Mapping[str, str]) -> str:
    return _listed([names[str(each["employee_id"])] for each in claims if each is not claim])


def awarded(
    contest: Document, claims: Sequence[Document], names: Mapping[str, str], now: int
) -> list[Document]:
    """Return claims as a supervisor's decision leaves them; the term of who has it begins anew."""
    shares = read_shares(str(contest["shares"]))
    winners = [each.employee for each in shares]
    rows = []
    for claim in claims:
        mine = str(claim["employee_id"])
        told = _listed([names[each] for each in winners if each != mine])
        if mine in winners:
            held = {"status": "claimed", "contest_id": None, "renewed_at": now, "others": told}
            row = {**claim, **held, "shares": contest["shares"] if len(winners) > 1 else ""}
        else:
            row = {**closed(claim, now, "declined", "awarded"), "others": told}
        rows.append({**row, "answer": contest["reason"], "decided_at": now})
    return rows


def claimants(contest: Document) -> Collection[str]:
    """Return who claims."""
    return claims_of(contest).values()


def _claims(claims: Sequence[Mapping[str, Any]]) -> str:
    return to_json([[each["id"], each["employee_id"]] for each in claims]).decode()


def _listed(names: Sequence[str]) -> str:
    return "\n".join(names)[:_SHOWN]
