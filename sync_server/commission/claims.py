"""Claims: who has what of a sale, and what becomes of two sales that claim one thing.

Theory of operation. The server keeps a share for each payee of each sale. What a share is follows
from its sale, from what its payees have answered, and from the other sales under the same external
reference:

    alone, all agreed        its shares stand
    alone, an open offer     held until each colleague has accepted; a dispute holds it, too
    with rivals              all are contested and held until a supervisor has decided
    decided                  the smallest sale id stands, with the decided shares; the others never

A decision covers the claims that were known when it was made. One more claim opens the contest
again: whoever makes it has not been heard.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from pydantic_core import from_json, to_json

from shared.domain.crediting import share_of
from shared.domain.days import working_days_after
from shared.domain.sale import read_shares, shares_of
from shared.domain.sale_share import ANSWER_DAYS, DECIDE_DAYS, SaleShare
from shared.registry import Document
from sync_server.commission.banks_word import is_withdrawn, status_of


@dataclass(frozen=True, slots=True)
class Claim:
    """One sale, what it is of, and the shares of it that there are, by payee."""

    sale: Document
    product: Document
    customer_name: str
    shares: Mapping[str, SaleShare] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.sale["id"])

    @property
    def payees(self) -> list[str]:
        """Everyone who has, or had, a share of it."""
        return [each.employee for each in shares_of(self.sale)]

    @property
    def is_open(self) -> bool:
        """Whether it still claims something: a contest that began ends by a decision alone."""
        was_contested = any(share.rivals for share in self.shares.values())
        return was_contested or not is_withdrawn(self.sale)

    def share(self, employee: str) -> SaleShare:
        """Return an employee's share as the sale now is, with what was said of the share."""
        new = share_of(self.sale, employee, self.product, self.customer_name)
        old = self.shares.get(employee)
        if old is None:
            return new
        kept = {name: getattr(old, name) for name in ("status", "due_on", "rivals", "reason")}
        return replace(new, **kept, decided=old.decided)


@dataclass(frozen=True, slots=True)
class Settled:
    """A sale as the claims leave it, and the shares of it."""

    sale: Document
    shares: Sequence[SaleShare]


def settled(claims: Sequence[Claim], today: date, fresh: Collection[str]) -> list[Settled]:
    """Settle the claims on one thing. `fresh` are the ids of shares whose payee just answered."""
    rivals = sorted((claim for claim in claims if claim.is_open), key=lambda claim: claim.id)
    alone = [claim for claim in claims if not claim.is_open]
    if len(rivals) == 1:
        alone, rivals = alone + rivals, []
    results = [_alone(claim, today, fresh) for claim in alone]
    if rivals:
        decision = _decision(rivals)
        results += [
            _contested(claim, rivals, today)
            if decision is None
            else _decided(claim, rivals, decision)
            for claim in rivals
        ]
    return results


def _alone(claim: Claim, today: date, fresh: Collection[str]) -> Settled:
    if (decision := _decision([claim])) is not None:
        return _decided(claim, [claim], decision)
    if any(share.status == "contested" for share in claim.shares.values()):
        return _held(claim, [replace(claim.share(each), stands=False) for each in claim.payees])
    shares = [_timed(claim.share(each), today, fresh) for each in claim.payees]
    stands = all(share.status in ("own", "accepted") for share in shares)
    shares = [replace(share, stands=stands) for share in shares]
    return _held(claim, shares, is_disputed=any(each.status == "disputed" for each in shares))


def _timed(share: SaleShare, today: date, fresh: Collection[str]) -> SaleShare:
    """Say by when an offer is to be answered, or a dispute of it decided."""
    terms = {"offered": ANSWER_DAYS, "disputed": DECIDE_DAYS}
    if share.status not in terms:
        return replace(share, due_on=None)
    is_new = share.due_on is None or (share.status == "disputed" and share.id in fresh)
    due = working_days_after(today, terms[share.status]).isoformat()
    return replace(share, due_on=due) if is_new else share


def _contested(claim: Claim, rivals: Sequence[Claim], today: date) -> Settled:
    due = working_days_after(today, DECIDE_DAYS).isoformat()
    shares = []
    for each in _everyone(claim):
        share = claim.share(each)
        begun = share.due_on if share.status == "contested" else None
        shares.append(
            replace(
                share,
                status="contested",
                stands=False,
                rivals=_named(claim, rivals),
                due_on=begun or due,
                decided=None,
                reason=None,
            )
        )
    return _held(claim, shares)


def _decided(claim: Claim, rivals: Sequence[Claim], decision: SaleShare) -> Settled:
    """Let the first of the claims stand, as decided, and the others never."""
    decided = str(decision.decided)
    payees = [each.employee for each in read_shares(decided)] if claim is rivals[0] else []
    shares = [
        replace(
            claim.share(each),
            status="decided",
            stands=each in payees,
            shares=decided if claim is rivals[0] else claim.share(each).shares,
            rivals=_named(claim, rivals)
            or (claim.shares[each].rivals if each in claim.shares else ""),
            due_on=None,
            decided=decided,
            reason=decision.reason,
        )
        for each in dict.fromkeys([*_everyone(claim), *payees])
    ]
    return _held(claim, shares, is_disputed=False)


def _held(claim: Claim, shares: Sequence[SaleShare], *, is_disputed: bool = True) -> Settled:
    status = status_of(claim.sale, is_disputed=is_disputed)
    sale = {**claim.sale, "status": status}
    return Settled(sale, [replace(share, sale_status=status) for share in shares])  # type: ignore[arg-type]


def _everyone(claim: Claim) -> list[str]:
    return list(dict.fromkeys([*claim.payees, *claim.shares]))


def _decision(rivals: Sequence[Claim]) -> SaleShare | None:
    """Find the decision that covers all these claims, if there is one."""
    ids = {claim.id for claim in rivals}
    decisions = [
        share
        for claim in rivals
        for share in claim.shares.values()
        if share.status == "decided" and ids <= {claim.id, *_rivals_of(share)}
    ]
    return min(decisions, key=lambda share: share.id, default=None)


def _rivals_of(share: SaleShare) -> set[str]:
    return {str(sale) for sale, _ in from_json(share.rivals)} if share.rivals else set()


def _named(claim: Claim, rivals: Sequence[Claim]) -> str:
    others = [[each.id, each.sale["employee_id"]] for each in rivals if each is not claim]
    return to_json(others).decode() if others else ""


def documents_of(settled: Settled) -> list[Document]:
    """Return the shares as rows."""
    return [asdict(share) for share in settled.shares]
