"""A sale share: what one employee has of a sale, wherever its customer may go.

A sale follows its customer from portfolio to portfolio; what it pays does not. So the server keeps
a share for each payee, in the payee's own scope, with everything of the sale that the commission
engine needs: the device's estimate and the server's statement are computed from these rows alone.
A colleague who is named in a joint sale accepts or disputes the share on their own device.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.domain.customer import DateText, ShortText
from shared.domain.interaction import Moment
from shared.domain.product import ProductCodeText
from shared.domain.sale import SaleStatus, SharesText, read_shares
from shared.errors import refused
from shared.ids import derived_id
from shared.registry import (
    C2,
    INDEXED,
    WITH_STEP,
    Act,
    Merge,
    ScopeRule,
    States,
    Step,
    Who,
    synced,
)

ShareStatus = Literal["own", "offered", "accepted", "disputed", "contested", "decided"]
"""own: the seller's; offered: proposed to a colleague, who accepts or disputes it; contested:
another sale claims the same external reference; decided: a supervisor has said who has what."""
SHARE_STEPS = (
    Step("offered", "accepted", Who.AUTHOR),
    Step("offered", "disputed", Who.AUTHOR),
    Step("disputed", "accepted", Who.AUTHOR),
    Step("offered", "decided", Who.CHECKER),
    Step("disputed", "decided", Who.CHECKER),
    Step("contested", "decided", Who.CHECKER),
)
ANSWER_DAYS = 3
"""Working days that a colleague has to answer an offer."""
DECIDE_DAYS = 5
"""Working days that a supervisor has to decide a contest."""


def may_settle(act: Act) -> None:
    """Hold a step to what must be said along with it."""
    share = act.document
    if share["status"] == "disputed" and not share["reason"]:
        raise refused("reason_missing")
    if share["status"] == "decided":
        shares = read_shares(str(share["decided"] or ""))
        if any(each.employee == act.employee_id for each in shares):
            raise refused("four_eyes")


@synced(
    "sale_share",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="employee_id",
    rule=may_settle,
)
@dataclass(frozen=True, slots=True)
class SaleShare:
    """One payee's part of one sale; `id` is `share_id`. Amounts are fen, shares JSON texts."""

    id: str
    employee_id: Annotated[str, INDEXED]
    """Whose share it is."""
    sale_id: Annotated[str, INDEXED]
    seller_id: str
    customer_label: Annotated[ShortText, C2]
    """The customer's masked name: a colleague recognises the sale, and no more."""
    product_id: str
    product_code: ProductCodeText
    occurred_at: Annotated[Moment, INDEXED]
    shares: SharesText
    """Everyone's, never empty; a supervisor's decision replaces them."""
    sale_status: SaleStatus
    qty: int | None = None
    amount: Annotated[int | None, C2] = None
    external_ref: ShortText | None = None
    events: str = "{}"
    """JSON: the day of each recognition event that the bank's systems have told."""
    cancelled_on: DateText | None = None
    stands: bool = True
    """Whether it counts. False while a joint or contested sale is held, and for a claim that lost
    to another."""
    rivals: Annotated[str, C2] = ""
    """JSON: the other claims on the external reference, as lists of sale id and seller."""
    due_on: DateText | None = None
    """By when an offer is to be answered, or a contest decided."""
    status: Annotated[ShareStatus, States(SHARE_STEPS)] = "offered"
    referral_id: Annotated[str | None, INDEXED] = None
    """The seller's copy of the referral that the sale follows from."""
    decided: Annotated[SharesText | None, WITH_STEP] = None
    reason: Annotated[ShortText | None, WITH_STEP] = None


def share_id(sale_id: str, employee_id: str) -> str:
    """Return the id of an employee's share of a sale."""
    return derived_id("sale_share", sale_id, employee_id)
