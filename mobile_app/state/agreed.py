"""Agreed: what a sale can follow from whose split everyone knows already; it stands at once.

A referral that the user accepted, or a prospect that a supervisor awarded to the user and others
before it became this customer.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from mobile_app.state.pricing import percent_text
from mobile_app.state.rows import ProspectItem, ReferralItem
from shared.commission.facts import Share
from shared.domain.referral import agreed_shares
from shared.domain.sale import read_shares

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

Agreed = ReferralItem | ProspectItem


def leading_to(desk: "Desk", customer_id: str) -> list[Agreed]:
    """Return all that a sale to this customer can follow from."""
    return [*desk.referrals.leading_to(customer_id), *desk.prospects.awarded(customer_id)]


def sure_of(desk: "Desk", customer_id: str) -> Agreed | None:
    """Return what is about this very customer, if that is one thing."""
    sure: list[Agreed] = [
        *desk.referrals.sure_of(customer_id),
        *desk.prospects.awarded(customer_id),
    ]
    return sure[0] if len(sure) == 1 else None


def id_of(item: Agreed) -> str:
    """Return the id by which a sale names it."""
    return item.referral.id if isinstance(item, ReferralItem) else item.prospect.id


def parts_of(item: Agreed, me: str) -> dict[str, str]:
    """Return what everyone else has of a sale that follows from it, in per cent."""
    if isinstance(item, ReferralItem):
        shares: Sequence[Share] = agreed_shares(asdict(item.referral))
    else:
        shares = read_shares(item.prospect.shares)
    return {each.employee: percent_text(each.pay_bp) for each in shares if each.employee != me}
