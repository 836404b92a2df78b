"""Builders of what is sold and what it pays: products, sales, shares and commission rules."""

from dataclasses import asdict
from typing import Any

from pydantic_core import to_json

from shared.domain import CommissionRule, Product, Sale
from shared.registry import Document
from shared.testing.builders import NOW, new_id


def a_product(code: str = "CARD", **fields: Any) -> Document:
    """A credit card, which may be handed in at the customer's."""
    return asdict(
        Product(
            **{
                "id": new_id(),
                "code": code,
                "name": "云汀信用卡",
                "line": "card",
                "field_mode": "on_site",
                "measure": "count",
                "unit": "张",
                "valid_from": "2026-01-01",
                **fields,
            }
        )
    )


def a_wealth_product(code: str = "WM-R3", **fields: Any) -> Document:
    """A product of risk R3, for which one makes an appointment."""
    known = {
        "name": "稳盈三号",
        "line": "wealth",
        "field_mode": "appointment",
        "measure": "amount",
        "unit": "元",
        "risk_grade": "R3",
    }
    return a_product(code, **{**known, **fields})


def a_sale(customer: str, employee: str, product: str, **fields: Any) -> Document:
    """One card, as an intent; `product` is the product's id."""
    return asdict(
        Sale(
            **{
                "id": new_id(),
                "customer_id": customer,
                "employee_id": employee,
                "product_id": product,
                "occurred_at": NOW,
                "qty": 1,
                **fields,
            }
        )
    )


def terms(rule: str = "card", number: int = 1, **fields: Any) -> str:
    """The terms of a rule: 60.00 for each activated card, since the year began."""
    known = {
        "id": rule,
        "version": number,
        "product": "CARD",
        "metric": "COUNT",
        "kind": "UNIT",
        "unit_price": "60.00",
        "recognise_on": "ACTIVATED",
        "from": "2026-01-01",
        "to": None,
    }
    return to_json({**known, **fields}).decode()


def a_commission_rule(
    maker: str, unit: str, rule: str = "card", number: int = 1, **fields: Any
) -> Document:
    """A draft with the terms above; `terms` replaces them."""
    return asdict(
        CommissionRule(
            **{
                "id": new_id(),
                "rule": rule,
                "number": number,
                "org_unit_id": unit,
                "employee_id": maker,
                "occurred_at": NOW,
                "terms": terms(rule, number),
                "reason": "新年度价格",
                **fields,
            }
        )
    )
