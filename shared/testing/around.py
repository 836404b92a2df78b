"""Builders of what is around a customer: accounts, alerts, relations, cases, and its worth."""

from dataclasses import asdict
from typing import Any

from shared.domain import (
    Account,
    Alert,
    CaseStep,
    ChurnRisk,
    Collaborator,
    Consent,
    CustomerState,
    CustomerValue,
    Prospect,
    ProspectContact,
    Referral,
    Relation,
    ServiceCase,
)
from shared.domain.account import account_id
from shared.domain.alert import alert_id, due_at
from shared.domain.churn_risk import churn_id
from shared.domain.customer_state import state_id
from shared.domain.customer_value import value_id
from shared.domain.service_case import due_at as case_due_at
from shared.registry import Document
from shared.testing.builders import NOW, new_id

VALUE_LINES = (
    '[["spread","demand",3500000,"0.0205",71750],["spread","time_deposit",82000000,"0.0055",451000]'
    ',["minutes","visit",180,"150",-27000],["minutes","call",72,"150",-10800]'
    ',["contacts","counter",20,"600",-12000]]'
)


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


def a_referral(customer: str, employee: str, colleague: str, **fields: Any) -> Document:
    """A daughter who buys a flat, passed on for three tenths of what comes of it."""
    known: dict[str, Any] = {
        "id": new_id(),
        "name": "刘晓燕",
        "need": "housing",
        "amount": 120_000_000,
        "pay_bp": 3_000,
        "occurred_at": NOW,
        **fields,
    }
    return asdict(
        Referral(
            employee_id=employee, from_id=employee, to_id=colleague, customer_id=customer, **known
        )
    )


def a_consent(customer: str, employee: str, **fields: Any) -> Document:
    """A customer says that nothing is to be recommended to them."""
    known = {
        "id": new_id(),
        "purpose": "personalisation",
        "answer": "refused",
        "said": "spoken",
        "occurred_at": NOW,
        **fields,
    }
    return asdict(Consent(customer_id=customer, employee_id=employee, **known))


def a_case(customer: str, **fields: Any) -> Document:
    """A complaint about a fee, an hour ago; by nobody if not said."""
    known = {
        "id": new_id(),
        "kind": "complaint",
        "severity": "high",
        "subject": "短信通知费重复扣收",
        "channel": "counter",
        "opened_at": NOW - 3_600_000,
        **fields,
    }
    known.setdefault("due_at", case_due_at(known))
    known.setdefault("stepped_at", known["opened_at"])
    return asdict(ServiceCase(customer_id=customer, **known))


def a_case_step(case: Document, employee: str, **fields: Any) -> Document:
    """A word in between, now."""
    known = {"id": new_id(), "what": "已联系客户", "occurred_at": NOW, **fields}
    made = CaseStep(
        case_id=str(case["id"]),
        customer_id=str(case["customer_id"]),
        employee_id=employee,
        **known,
    )
    return asdict(made)


def a_state(customer: str, **fields: Any) -> Document:
    """A customer who was well until last week."""
    known: dict[str, Any] = {
        "state": "at_risk",
        "before": "stable",
        "cause": "churn_points",
        "evidence": "70",
        "since": "2026-11-18",
        **fields,
    }
    return asdict(CustomerState(state_id(customer, known["since"]), customer, **known))


def a_risk(customer: str, **fields: Any) -> Document:
    """Nearly everything left, and the last score was the lowest."""
    known: dict[str, Any] = {
        "points": 70,
        "reasons": '[["assets_down",50,80],["low_satisfaction",20,1]]',
        "as_of": "2026-11-18",
        **fields,
    }
    return asdict(ChurnRisk(churn_id(customer), customer, **known))


def a_value(customer: str, **fields: Any) -> Document:
    """The worked customer of docs/customer-value.md: 4,729.50 a year, silver."""
    known: dict[str, Any] = {
        "period": "2026-11",
        "contribution": 472_950,
        "revenue": 522_750,
        "cost": 49_800,
        "loss": 0,
        "ratio": "10.50",
        "score": 350,
        "tier": "silver",
        "below": 0,
        "lines": VALUE_LINES,
        "reasons": '[["contribution",200],["assets",150]]',
        "reached": '["silver"]',
        "before": "",
        "model": 1,
        "digest": "d",
        "computed_at": NOW,
        **fields,
    }
    return asdict(CustomerValue(value_id(customer), customer, **known))


def a_collaborator(customer: str, colleague: str, by: str, **fields: Any) -> Document:
    """A colleague who sees to a customer's loan, as the owner says."""
    known = {"id": new_id(), "role": "loan", "occurred_at": NOW, **fields}
    return asdict(
        Collaborator(customer_id=customer, colleague_id=colleague, employee_id=by, **known)
    )


def a_prospect(employee: str, **fields: Any) -> Document:
    """A company that a manager has heard of, by its name and telephone."""
    known: dict[str, Any] = {
        "id": new_id(),
        "kind": "organisation",
        "name": "云汀市明达培训有限公司",
        "phone": "02586001234",
        "occurred_at": NOW,
        **fields,
    }
    return asdict(Prospect(employee_id=employee, **known))


def a_prospect_contact(prospect: Document, **fields: Any) -> Document:
    """A visit at which somebody was met."""
    known: dict[str, Any] = {
        "id": new_id(),
        "channel": "visit",
        "outcome": "interested",
        "occurred_at": NOW,
        **fields,
    }
    made = ProspectContact(
        prospect_id=str(prospect["id"]), employee_id=str(prospect["employee_id"]), **known
    )
    return asdict(made)
