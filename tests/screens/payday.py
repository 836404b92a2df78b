"""A month of commission as it arrives on a device: products, rules, targets, shares, statement."""

import json
from dataclasses import asdict, replace
from typing import Any, Final

from mobile_app.store.device_store import DeviceStore
from shared.commission.months import Period
from shared.domain import (
    CommissionRule,
    PayPeriod,
    Product,
    Quality,
    SaleShare,
    Statement,
    Target,
)
from shared.domain.crediting import entries_digest
from shared.domain.goal import quality_id, target_id
from shared.domain.pay_period import period_id
from shared.domain.sale_share import share_id
from shared.domain.statement import statement_id
from shared.registry import Document
from tests.screens.memory import DAY_MS, NOW
from tests.screens.test_with_the_real_store import arrive

NOVEMBER: Final = Period("2026-11")
_ORDINARY: Final[dict[str, Any]] = {"version": 1, "from": "2026-01-01"}
TERMS: Final[dict[str, dict[str, Any]]] = {
    "CARD": {
        "kind": "UNIT", "metric": "COUNT", "unit_price": "60.00", "recognise_on": "ACTIVATED",
        "accelerators": [{"min_attainment": "1.20", "multiplier": "1.2"}],
        "clawback": [{"to_month": 6, "rate": "1.00"}, {"to_month": 12, "rate": "0.50"}],
    },
    "LOAN": {
        "kind": "TIER_MARGINAL", "metric": "AMOUNT", "recognise_on": "DISBURSED",
        "tiers": [["0", "10000", "0.05"], ["10000", "30000", "0.08"], ["30000", None, "0.10"]],
        "deferral": {"rate": "0.40", "years": 3}, "from": "2026-11-01", "version": 2,
    },
    "INS": {
        "kind": "RATE", "metric": "AMOUNT", "rate": "0.0120", "recognise_on": "FUNDED",
        "cap_period": "2000.00",
    },
}  # fmt: skip
PRODUCTS: Final = (
    Product("pc", "CARD", "畅行信用卡", "card", "on_site", "count", "张", "2026-01-01"),
    Product("pl", "LOAN", "个人经营贷", "loan", "on_site", "amount", "元", "2026-01-01"),
    Product("pi", "INS", "安心年金险", "insurance", "appointment", "amount", "元", "2026-01-01"),
)
_EVENTS: Final = {"CARD": "ACTIVATED", "LOAN": "DISBURSED", "INS": "FUNDED"}


def a_rule(code: str) -> Document:
    """The approved rule of a product."""
    terms = {"id": code.lower(), "product": code, **_ORDINARY, **TERMS[code]}
    rule = CommissionRule(
        f"r{code}", terms["id"], terms["version"], "u1", "e9", NOW, json.dumps(terms),
        "年度方案", "approved",
    )  # fmt: skip
    return asdict(rule)


def a_share(number: int, code: str = "CARD", **fields: Any) -> SaleShare:
    """A share of a sale that the bank confirmed on its day; `on` is the day of the month."""
    on = fields.pop("on", "2026-11-10")
    product = next(each for each in PRODUCTS if each.code == code)
    made = SaleShare(
        id=share_id(f"s{number}", "e1"),
        employee_id="e1",
        sale_id=f"s{number}",
        seller_id="e1",
        customer_label="刘*兰",
        product_id=product.id,
        product_code=code,
        occurred_at=NOW - 5 * DAY_MS - number,
        shares='[["e1",10000]]',
        sale_status="confirmed",
        qty=1 if product.measure == "count" else None,
        amount=None if product.measure == "count" else 900_000,
        events=json.dumps({_EVENTS[code]: on}),
        status="own",
    )
    return replace(made, **fields)


def open_sale(number: int, code: str = "CARD", **fields: Any) -> SaleShare:
    """A share of a sale that the bank has not spoken of."""
    return a_share(number, code, events="{}", sale_status="submitted", **fields)


def a_target(code: str, value: str, period: str = NOVEMBER) -> Document:
    """What to reach."""
    return asdict(Target(target_id("e1", code, period), "e1", code, period, value))


def a_quality(coefficient: str, period: str = NOVEMBER) -> Document:
    """What the month is weighed by."""
    return asdict(Quality(quality_id("e1", period), "e1", period, coefficient))


def a_period(status: str, period: str = NOVEMBER) -> Document:
    """A month of the bank's."""
    made = PayPeriod(period_id(period), period, "u1", status)  # type: ignore[arg-type]
    return asdict(made)


def pay_day(store: DeviceStore, *shares: SaleShare, seq: int = 2, more: Any = ()) -> None:
    """The catalogue, the rules and some shares arrive."""
    documents = [("product", asdict(each)) for each in PRODUCTS]
    documents += [("commission_rule", a_rule(code)) for code in TERMS]
    documents += [("sale_share", asdict(each)) for each in shares]
    arrive(store, seq, *documents, *more)


def settle(store: DeviceStore, period: Period = NOVEMBER, seq: int = 3) -> Statement:
    """The server's statement arrives, computed from the same facts."""
    earned = store.earned(period, is_estimate=False)
    row = next(one for one in earned.statements if one.period == period)
    text = {kind.lower(): amount for kind, amount in row.sums.items()}
    made = Statement(
        id=statement_id("e1", period), employee_id="e1", period=period, status="open",
        opening_carry=row.opening_carry, earned=text.get("earn", 0),
        trimmed=text.get("cap_trim", 0), quality=text.get("quality", 0),
        deferred=text.get("defer", 0), released=text.get("release", 0),
        clawed=text.get("clawback", 0), adjusted=text.get("adjust", 0), payable=row.payable,
        closing_carry=row.closing_carry, receivable=row.is_receivable, sales=len(earned.counted),
        digest=entries_digest(earned.entries_of(period)), computed_at=NOW - 60_000,
    )  # fmt: skip
    arrive(store, seq, ("statement", asdict(made)))
    return made
