"""Builders of what is around a customer: accounts, alerts and relations."""

from dataclasses import asdict
from typing import Any

from shared.domain import Account, Alert, Relation
from shared.domain.account import account_id
from shared.domain.alert import alert_id, due_at
from shared.registry import Document
from shared.testing.builders import NOW, new_id


def an_account(customer: str, **fields: Any) -> Document:
    """A time deposit of 820,000 yuan."""
    known = {
        "kind": "time_deposit",
        "name": "三年期定期存款",
        "last_four": "8821",
        "source": "core",
        "balance": 82_000_000,
        "as_of": NOW,
        "rate": "0.0155",
        **fields,
    }
    id = known.pop("id", account_id("core", f"{known['last_four']}{known['kind']}{customer}"))
    return asdict(Account(id=id, customer_id=customer, **known))


def an_alert(customer: str, **fields: Any) -> Document:
    """Nearly all that a customer has went out on one day, an hour ago."""
    known = {
        "kind": "abnormal_flow",
        "severity": "urgent",
        "day": "2026-11-24",
        "raised_at": NOW,
        "direction": "out",
        "amount": 80_000_000,
        "assets": 85_500_000,
        "median": 320_000,
        "threshold": 5_000_000,
        "days": 37,
        **fields,
    }
    id = known.pop("id", alert_id(known["kind"], customer, known["day"]))
    known.setdefault("due_at", due_at(known["raised_at"], known["severity"]))
    return asdict(Alert(id=id, customer_id=customer, **known))


def a_relation(customer: str, employee: str, **fields: Any) -> Document:
    """A daughter, as her mother says."""
    known = {
        "id": new_id(),
        "kind": "child",
        "occurred_at": NOW,
        "other_name": "刘晓燕",
        "note": "女儿在江宁上班",
        **fields,
    }
    return asdict(Relation(customer_id=customer, employee_id=employee, **known))
