"""Builders of scenario documents: a default for everything a test does not speak about."""

from collections.abc import Sequence
from typing import Any

from shared.commission.engine import simulate
from shared.commission.scenario import read_scenario, result_text

Json = dict[str, Any]
Posted = tuple[str, str, str | None, str, str]
"""Period, employee, sale, type, amount in yuan."""


def rule(product: str, kind: str, **changes: Any) -> Json:
    """Build a rule that is in force from 2026 on; its id is the product in lower case."""
    metric = "COUNT" if kind == "UNIT" else "AMOUNT"
    made = {
        "id": product.lower(),
        "version": 1,
        "product": product,
        "metric": metric,
        "kind": kind,
        "recognise_on": "ACTIVATED",
        "from": "2026-01-01",
        "to": None,
    }
    return made | changes


def card(price: str = "60.00", **changes: Any) -> Json:
    """Build a rule that pays a price for each card."""
    return rule("CARD", "UNIT", unit_price=price) | changes


def loan(*tiers: Sequence[str | None], **changes: Any) -> Json:
    """Build a rule with marginal tiers: 5 % up to 10,000, 8 % up to 30,000, 10 % beyond."""
    steps = tiers or (["0", "10000", "0.05"], ["10000", "30000", "0.08"], ["30000", None, "0.10"])
    return rule("LOAN", "TIER_MARGINAL", tiers=list(steps)) | changes


def sale(name: str, day: str, who: Any = "E1", **changes: Any) -> Json:
    """Build the sale of one card, activated on `day`; `who` is one employee, or the shares."""
    shares = [[who, 10_000]] if isinstance(who, str) else who
    made = {
        "kind": "sale",
        "id": name,
        "product": "CARD",
        "qty": 1,
        "amount": None,
        "captured": day,
        "dates": {"ACTIVATED": day},
        "shares": shares,
    }
    return made | changes


def lent(name: str, day: str, amount: str, who: Any = "E1") -> Json:
    """Build a loan of an amount."""
    return sale(name, day, who, product="LOAN", qty=None, amount=amount)


def close(period: str) -> Json:
    """Build the closing of a month."""
    return {"kind": "close", "period": period}


def cancel(name: str, on: str) -> Json:
    """Build a cancellation."""
    return {"kind": "cancel", "sale": name, "on": on}


def scenario(rules: Json | list[Json], *events: Json, **changes: Any) -> Json:
    """Build a document."""
    listed = rules if isinstance(rules, list) else [rules]
    return {"plan": {"rules": listed}, "events": list(events), **changes}


def run(document: Json) -> Json:
    """Run a document through the engine in this process."""
    answer: Any = result_text(simulate(read_scenario(document)))
    return dict(answer)


def posted(answer: Json) -> list[Posted]:
    """Return what was posted, in order."""
    return [
        (e["period"], e["employee"], e["sale"], e["type"], e["amount"]) for e in answer["entries"]
    ]


def of(answer: Json, *kinds: str) -> list[tuple[str, str, str]]:
    """Return the period, employee and amount of the entries of some types."""
    return [(e[0], e[1], e[4]) for e in posted(answer) if e[3] in kinds]


def row(answer: Json, employee: str, period: str) -> Json:
    """Return the statement of one employee and month."""
    found: Json = next(
        each
        for each in answer["statements"]
        if (each["employee"], each["period"]) == (employee, period)
    )
    return found
