"""A sale: what a customer took or wants to take, from the first intent to the bank's confirmation.

It is logged in the doorway, so the rules that protect the customer are held to twice, by the same
code: on the device before it is kept, and by the arbiter when it arrives. Only the bank's own
systems confirm a sale; what it pays follows from that, never from what was logged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final, Literal

from pydantic import Field as Bound
from pydantic import TypeAdapter, ValidationError
from pydantic.types import StringConstraints
from pydantic_core import from_json, to_json

from shared.commission.facts import Share, Shares
from shared.commission.rules import Recognition
from shared.domain.customer import DateText, ShortText
from shared.domain.days import age_on, bank_day
from shared.domain.interaction import Moment
from shared.domain.product import Product
from shared.domain.referral import agreed_shares, may_follow
from shared.errors import Refusal, refused
from shared.ids import EmployeeId
from shared.registry import (
    BINDS,
    C2,
    INDEXED,
    WITH_STEP,
    Act,
    Document,
    Merge,
    Refers,
    ScopeRule,
    States,
    Step,
    Who,
    synced,
)

SaleStatus = Literal["intent", "appointment", "submitted", "confirmed", "cancelled", "disputed"]
SALE_STEPS = (
    Step("intent", "appointment", Who.AUTHOR),
    Step("intent", "submitted", Who.AUTHOR),
    Step("appointment", "submitted", Who.AUTHOR),
    Step("intent", "cancelled", Who.AUTHOR),
    Step("appointment", "cancelled", Who.AUTHOR),
    Step("submitted", "cancelled", Who.AUTHOR),
)
"""What people do. The bank's systems confirm, and cancel what was confirmed; a claim on the same
thing by someone else makes it disputed until a supervisor has decided: steps of the server."""
Precaution = Literal["family", "dual_recording", "reassessment"]
"""What protects a customer on the special path: someone of the family is there, advice and consent
are recorded at the branch (双录), a new risk assessment comes first."""
SharesText = Annotated[str, StringConstraints(max_length=1000)]
Quantity = Annotated[int, Bound(ge=1, le=10_000)]
AmountFenField = Annotated[int, Bound(ge=1, le=10**14)]
MOST_PAYEES: Final = 6
AGREED_BY: Final = ("referral_id", "prospect_id")
"""What a sale follows from whose split everyone knows already: nobody has to answer again."""
SENIOR_AGE: Final = 65
RECOGNISED_IN: Final[dict[Recognition, str]] = {
    "APPLIED": "applied_on",
    "ACTIVATED": "activated_on",
    "DISBURSED": "disbursed_on",
    "FUNDED": "funded_on",
    "COOLED_OFF": "cooled_off_on",
}
"""The field of a sale that holds the day of each event of the bank's systems."""
CONFIRMED_FIELDS: Final = (*RECOGNISED_IN.values(), "cancelled_on", "confirmed_at")
"""What the bank's systems alone say of a sale."""
_RISKY_LINES: Final = frozenset({"wealth", "fund", "insurance"})
IN_THE_FIELD: Final[dict[str, tuple[str, ...]]] = {
    "on_site": ("intent", "appointment", "submitted", "cancelled"),
    "appointment": ("intent", "appointment", "cancelled"),
    "referral": ("intent", "cancelled"),
}
"""How far a sale goes in the field, by the product's `field_mode`."""
_SHARES: Final = TypeAdapter(Shares)


def may_sell(act: Act) -> None:
    """Hold a sale to the bank's rules; raise the refusal that says which one it breaks."""
    sale, product = act.document, act.related["product_id"]
    if product is None:
        raise refused("unknown_product")
    _not_yet_confirmed(act)
    if act.before is None:
        _measured(sale, product)
        _began_in_time(sale, act.related["employee_id"])
        _comes_from(sale, act.related)
    if sale["status"] == "cancelled":
        return
    customer = act.related["customer_id"]
    day = bank_day(int(str(sale["occurred_at"])))
    _is_on_sale(product, day)
    _is_done_in_the_field(sale, product)
    if customer is not None:
        _is_suitable(sale, product, customer, day)


@synced(
    "sale",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
    rule=may_sell,
)
@dataclass(frozen=True, slots=True)
class Sale:
    """One sale. Amounts are fen; `shares` is JSON as in a scenario, empty for the seller alone."""

    id: str
    customer_id: Annotated[str, INDEXED, Refers("customer")]
    employee_id: Annotated[str, INDEXED, Refers("employee")]
    product_id: Annotated[str, INDEXED, Refers("product")]
    occurred_at: Annotated[Moment, INDEXED]
    qty: Quantity | None = None
    amount: Annotated[AmountFenField | None, C2] = None
    interaction_id: Annotated[str | None, INDEXED] = None
    """The contact in which it was agreed."""
    alert_id: Annotated[str | None, INDEXED, Refers("alert")] = None
    """The alert about this customer that it came out of."""
    referral_id: Annotated[str | None, INDEXED, Refers("referral")] = None
    """The seller's copy of the referral that it follows from; its split is as agreed there."""
    prospect_id: Annotated[str | None, Refers("prospect")] = None
    """The seller's claim of the prospect that the customer was; its split is as awarded."""
    external_ref: Annotated[ShortText | None, INDEXED, BINDS] = None
    """What the bank's systems call it: an application or contract number."""
    shares: SharesText = ""
    precaution: Annotated[Precaution | None, WITH_STEP] = None
    appointment_on: Annotated[DateText | None, BINDS] = None
    note: Annotated[ShortText | None, C2] = None
    status: Annotated[SaleStatus, States(SALE_STEPS)] = "intent"
    reason: Annotated[ShortText | None, C2, WITH_STEP] = None
    """Why it was cancelled."""
    applied_on: DateText | None = None
    activated_on: DateText | None = None
    disbursed_on: DateText | None = None
    funded_on: DateText | None = None
    cooled_off_on: DateText | None = None
    cancelled_on: DateText | None = None
    confirmed_at: int | None = None
    """When the bank's systems first spoke of it (ms); the events' days stand above."""


def shares_of(sale: Document) -> tuple[Share, ...]:
    """Return who has what of a sale; raise the refusal `shares_wrong` where they do not fit."""
    text = str(sale["shares"])
    if not text:
        return (Share(EmployeeId(str(sale["employee_id"])), 10_000),)
    return read_shares(text)


@lru_cache(maxsize=4096)
def read_shares(text: str) -> tuple[Share, ...]:
    """Read shares from their JSON text; raise the refusal `shares_wrong` where they do not fit."""
    try:
        shares = _SHARES.validate_python(
            tuple(tuple(each) for each in from_json(text)), strict=False
        )
    except ValidationError as error:
        problem = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise refused("shares_wrong", problem=problem) from None
    except (ValueError, TypeError):
        raise refused("shares_wrong", problem="not a list of shares") from None
    if not 1 <= len(shares) <= MOST_PAYEES:
        raise refused("shares_wrong", problem=f"one to {MOST_PAYEES} people")
    return shares


def shares_text(shares: Sequence[Share]) -> str:
    """Write shares as a sale keeps them."""
    rows = [
        [each.employee, each.pay_bp] + ([] if each.kpi_bp is None else [each.kpi_bp])
        for each in shares
    ]
    return to_json(rows).decode()


def _not_yet_confirmed(act: Act) -> None:
    """Refuse a device's word on what the bank's systems alone say."""
    before = act.before or {}
    if any(act.document[name] != before.get(name) for name in CONFIRMED_FIELDS):
        raise refused("server_owned")


def _comes_from(sale: Document, related: Mapping[str, Document | None]) -> None:
    """Hold what a sale follows from to its customer and seller, and its split to the agreed one."""
    shares, seller = set(shares_of(sale)), str(sale["employee_id"])
    if sale["alert_id"]:
        alert = related.get("alert_id")
        if alert is None or alert["customer_id"] != sale["customer_id"]:
            raise refused("source_wrong")
    if sale["referral_id"]:
        referral = related.get("referral_id")
        if referral is None or not may_follow(referral, seller):
            raise refused("source_wrong")
        if shares != set(agreed_shares(referral)):
            percent = f"{Decimal(str(referral['pay_bp'])) / 100:f}"
            raise refused("split_agreed", percent=percent)
    if sale["prospect_id"]:
        claim = related.get("prospect_id")
        if claim is None or not is_awarded(claim, seller, str(sale["customer_id"])):
            raise refused("source_wrong")
        if shares != set(read_shares(str(claim["shares"]))):
            raise refused("split_awarded")


def is_awarded(claim: Document, seller: str, customer_id: str) -> bool:
    """Whether a prospect has become this customer, and was awarded to its seller and others."""
    became = claim["status"] == "won" and claim["customer_id"] == customer_id
    return became and claim["employee_id"] == seller and bool(claim["shares"])


def _measured(sale: Document, product: Document) -> None:
    if product["measure"] == "count" and sale["qty"] is None:
        raise refused("no_measure", measure=str(product["unit"]))
    if product["measure"] == "amount" and sale["amount"] is None:
        raise refused("no_measure", measure="元")


def _began_in_time(sale: Document, employee: Document | None) -> None:
    joined = None if employee is None else employee.get("joined_on")
    if joined is not None and bank_day(int(str(sale["occurred_at"]))).isoformat() < str(joined):
        raise refused("before_joining", joined=str(joined))


def _is_on_sale(product: Document, day: date) -> None:
    until = product["valid_until"]
    today = day.isoformat()
    if today < str(product["valid_from"]) or (until is not None and today > str(until)):
        raise refused("not_on_sale", product=str(product["name"]))


def _is_done_in_the_field(sale: Document, product: Document) -> None:
    if sale["status"] not in IN_THE_FIELD[str(product["field_mode"])]:
        raise refused("not_in_the_field", product=str(product["name"]))


def is_senior(customer: Document, day: date) -> bool:
    """Whether a customer is of the age at which risky products take the special path."""
    birth_date = customer.get("birth_date")
    return birth_date is not None and age_on(str(birth_date), day) >= SENIOR_AGE


def is_grade_expired(customer: Document, day: date) -> bool:
    """Whether a customer's risk grade no longer counts."""
    until = customer.get("risk_valid_until")
    return until is not None and day.isoformat() > str(until)


def _is_suitable(sale: Document, product: Document, customer: Document, day: date) -> None:
    """Hold a risky product to the customer's grade, its age and the customer's own age."""
    if product["line"] not in _RISKY_LINES:
        return
    if product["risk_grade"] is not None:
        _fits_grade(sale, product, customer, day)
    if is_senior(customer, day) and sale["precaution"] is None:
        raise refused("senior_care", age=str(SENIOR_AGE))


def is_fit(product: Product, customer: Document, day: date) -> bool:
    """Whether a product may be offered to a customer as they are, with no special path.

    By the rule that a sale is held to: it is on sale, its risk is within a grade that still counts,
    and of an age at which precautions are needed nothing risky is offered.
    """
    document = asdict(product)
    try:
        _is_on_sale(document, day)
        _is_suitable({"status": "submitted", "precaution": None}, document, customer, day)
    except Refusal:
        return False
    return True


def _fits_grade(sale: Document, product: Document, customer: Document, day: date) -> None:
    grade, wanted = customer.get("risk_grade"), str(product["risk_grade"])
    is_current = grade is not None and not is_grade_expired(customer, day)
    if is_current and str(grade) < wanted:
        raise refused("risk_too_high", product=wanted, customer=str(grade))
    is_only_wished = sale["status"] == "intent" and sale["precaution"] == "reassessment"
    if not is_current and not is_only_wished:
        raise refused("risk_expired")
