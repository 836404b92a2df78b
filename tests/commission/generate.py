"""Random scenarios: small enough to read, crowded enough that everything meets everything.

Three employees, four products, six months; rules that change, overlap and leave gaps; claims that
clash; cancellations months later; months that close in between. Well-formed, never sensible.
"""

from datetime import date, timedelta
from random import Random
from typing import Any

Json = dict[str, Any]
EMPLOYEES = ["E1", "E2", "E3"]
EVENTS = ["APPLIED", "ACTIVATED", "DISBURSED", "FUNDED", "COOLED_OFF"]
PRODUCTS = {
    "CARD": ("COUNT", "UNIT"),
    "INS": ("AMOUNT", "RATE"),
    "DEP": ("AVG_DELTA", "PER_10K"),
    "LOAN": ("AMOUNT", "TIER_MARGINAL"),
    "FUND": ("AMOUNT", "TIER_SLAB"),
}
SPLITS = [[10_000], [7_000, 3_000], [5_000, 5_000], [3_333, 3_333, 3_334], [9_999, 1]]
MONTHS = [f"2026-{month:02d}" for month in range(1, 7)]


def scenario(seed: int) -> Json:
    """Return the scenario of a seed."""
    return Maker(Random(seed)).scenario()


class Maker:
    """Draws a scenario from one source of chance."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def scenario(self) -> Json:
        chance = self.chance
        products = chance.sample(list(PRODUCTS), k=chance.randint(1, 3))
        rules = [rule for product in products for rule in self.versions(product)]
        sales = [self.sale(f"s{n:02d}", products) for n in range(chance.randint(1, 9))]
        document: Json = {
            "plan": {"rules": rules},
            "targets": self.targets(products),
            "quality": self.quality(),
            "events": self.arrivals(sales, rules),
        }
        if chance.random() < 0.5:
            year = chance.choice(["2026", "2027", "2028", "2029"])
            document["as_of"] = f"{year}-{chance.randint(1, 12):02d}-15"
        return document

    def versions(self, product: str) -> list[Json]:
        """Return one rule, or two that follow each other, overlap, or leave a gap."""
        if self.chance.random() < 0.6:
            return [self.rule(product, 1, "2026-01-01", None)]
        change = self.day(MONTHS[1:4])
        other = change if self.chance.random() < 0.7 else self.day(MONTHS[1:4])
        return [
            self.rule(product, 1, "2026-01-01", change),
            self.rule(product, 2, other, None),
        ]

    def rule(self, product: str, version: int, since: str, until: str | None) -> Json:
        chance, (metric, kind) = self.chance, PRODUCTS[product]
        made: Json = {
            "id": product.lower(),
            "version": version,
            "product": product,
            "metric": metric,
            "kind": kind,
            "recognise_on": chance.choice(EVENTS[:2]),
            "from": since,
            "to": until,
        }
        made |= self.pay(kind)
        if chance.random() < 0.4:
            made["cap_period"] = f"{chance.randint(1, 900)}.{chance.randint(0, 99):02d}"
        if chance.random() < 0.5:
            made["accelerators"] = [
                {"min_attainment": f"{low}.{chance.randint(0, 99):02d}", "multiplier": factor}
                for low, factor in enumerate(chance.sample(["1.1", "1.25", "1.333", "0.9"], k=2))
            ]
        if chance.random() < 0.7:
            months = sorted(chance.sample(range(1, 16), k=chance.randint(1, 3)))
            made["clawback"] = [
                {"to_month": month, "rate": chance.choice(["1.00", "0.75", "0.5", "0.333"])}
                for month in months
            ]
        if chance.random() < 0.6:
            rate = chance.choice(["0.40", "0.5", "0.333", "1"])
            made["deferral"] = {"rate": rate, "years": chance.randint(1, 4)}
        return made

    def pay(self, kind: str) -> Json:
        chance = self.chance
        if kind == "UNIT":
            return {"unit_price": chance.choice(["60.00", "5.00", "0.05", "33.33"])}
        if kind == "RATE":
            return {"rate": chance.choice(["0.0120", "0.00375", "0.1"])}
        if kind == "PER_10K":
            price = chance.choice(["8.00", "7.77"])
            return {"unit_price": price, "whole_units": chance.random() < 0.5}
        low, high = sorted(chance.sample(range(1, 40), k=2))
        a, b, c = chance.choices(["0.05", "0.08", "0.10", "0.033", "0.0125"], k=3)
        return {
            "tier_scope": "PERIOD",
            "tiers": [["0", f"{low}000", a], [f"{low}000", f"{high}000.00", b],
                      [f"{high}000.00", None, c]],
        }  # fmt: skip

    def sale(self, name: str, products: list[str]) -> Json:
        chance = self.chance
        product = chance.choice(products)
        is_counted = PRODUCTS[product][0] == "COUNT"
        amount = f"{chance.randint(0, 30_000)}.{chance.choice(['00', '01', '50', '99'])}"
        made: Json = {
            "kind": "sale",
            "id": name,
            "product": product if chance.random() < 0.97 else "NOTHING",
            "qty": chance.randint(1, 9) if is_counted else None,
            "amount": None if is_counted else amount,
            "captured": self.day(MONTHS),
            "dates": {event: self.day(MONTHS) for event in EVENTS[:3] if chance.random() < 0.93},
            "shares": self.shares(),
        }
        if chance.random() < 0.25:
            made["external_ref"] = chance.choice(["C-1", "C-2"])
        if chance.random() < 0.03:
            made["qty"] = made["amount"] = None
        return made

    def shares(self) -> list[list[Any]]:
        chance = self.chance
        split = list(chance.choice(SPLITS))
        chance.shuffle(split)
        who = chance.sample(EMPLOYEES, k=len(split))
        if chance.random() < 0.85:
            return [[name, bp] for name, bp in zip(who, split, strict=True)]
        counted = [*split[1:], split[0]]
        return [[name, *bp] for name, *bp in zip(who, split, counted, strict=True)]

    def targets(self, products: list[str]) -> list[Json]:
        return [
            {
                "employee": who,
                "product": product,
                "period": month,
                "value": "4" if PRODUCTS[product][0] == "COUNT" else "12000.50",
            }
            for who in EMPLOYEES
            for product in products
            for month in MONTHS
            if self.chance.random() < 0.5
        ]

    def quality(self) -> list[Json]:
        return [
            {"employee": who, "period": month, "coefficient": self.chance.choice(["0.9", "1.05"])}
            for who in EMPLOYEES
            for month in MONTHS
            if self.chance.random() < 0.3
        ]

    def arrivals(self, sales: list[Json], rules: list[Json]) -> list[Json]:
        """Return the events in some order of arrival; a close may come at any time."""
        chance = self.chance
        events = [*sales]
        for sale in sales:
            if chance.random() < 0.4:
                day = date.fromisoformat(chance.choice([*sale["dates"].values(), "2026-03-31"]))
                on = day + timedelta(days=chance.choice([0, 20, 31, 59, 90, 181, 300, 500]))
                events.append({"kind": "cancel", "sale": sale["id"], "on": on.isoformat()})
        for ref in sorted({s["external_ref"] for s in sales if "external_ref" in s}):
            decision = {"kind": "approve_split", "external_ref": ref, "shares": self.shares()}
            events += [decision] if chance.random() < 0.6 else []
        if chance.random() < 0.4:
            events.append({"kind": "leave", "employee": "E2", "on": self.day(MONTHS)})
        if chance.random() < 0.4:
            old = chance.choice(rules)
            new = self.rule(old["product"], 3, "2026-01-01", None)
            events.append({"kind": "rule", "replaces": old["id"], "rule": new})
        if chance.random() < 0.7:
            closes = chance.sample([*MONTHS, "2026-09", "2027-03"], k=chance.randint(1, 3))
            events += ({"kind": "close", "period": month} for month in closes)
        chance.shuffle(events)
        return events

    def day(self, months: list[str]) -> str:
        return f"{self.chance.choice(months)}-{self.chance.choice([1, 5, 12, 28]):02d}"
