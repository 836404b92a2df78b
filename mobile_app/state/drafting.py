"""Drafting: a version of a rule, put in by hand and checked by what the engine reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self, get_args

import flet as ft
from pydantic_core import from_json, to_json

from mobile_app.state.rows import PlanItem, Product
from mobile_app.values import Unreadable, read_day
from shared.commission.rules import Kind, Recognition, Rule
from shared.domain.commission_rule import Overlap, read_terms
from shared.domain.what_if import Gap, faults
from shared.errors import Refusal

EVENTS: Final[tuple[Recognition, ...]] = get_args(Recognition)
_LISTS: Final = ("tiers", "accelerators", "clawback")
_SINGLE: Final = ("from", "unit_price", "rate", "cap_period")
_PRICES: Final = {"UNIT": ("unit_price",), "PER_10K": ("unit_price",), "RATE": ("rate",)}
_BY_PIECE: Final[tuple[Kind, ...]] = ("UNIT",)
_BY_AMOUNT: Final[tuple[Kind, ...]] = ("RATE", "PER_10K", "TIER_MARGINAL", "TIER_SLAB")
_EVERY_WAY: Final = (*_BY_PIECE, *_BY_AMOUNT)
_FIELD_OF: Final = {"deferral": "deferral.rate"}
_PERCENT: Final = {("tiers", 1), ("accelerators", 0), ("clawback", 1)}
"""Which column of which list is typed in per cent."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a form begins with: the version before, or a product that has no rule."""

    key: str
    """Of the record that it was opened from."""
    rule: str
    number: int
    org_unit_id: str
    terms: Mapping[str, Any]
    kinds: tuple[Kind, ...]
    """How it can pay: a sale that is told in pieces has no amount to pay a share of."""

    @property
    def product(self) -> str:
        """The code of the product."""
        return str(self.terms["product"])


def next_version(item: PlanItem, number: int, product: Product | None, since: str) -> Start:
    """Begin with the terms of an existing version; it comes into force on another day."""
    row, terms = item.row, {**from_json(item.row.terms), "from": since}
    kinds = _ways(product)
    kinds = kinds if terms["kind"] in kinds else (terms["kind"], *kinds)
    return Start(row.id, row.rule, number, row.org_unit_id, terms, kinds)


def first_version(product: Product, number: int, org_unit_id: str, since: str) -> Start:
    """Begin with nothing but the product; the rest is for whoever drafts to say."""
    rule, kinds = product.code.lower(), _ways(product)
    terms = {
        "id": rule,
        "product": product.code,
        "metric": "COUNT" if kinds == _BY_PIECE else "AMOUNT",
        "kind": kinds[0],
        "recognise_on": "ACTIVATED" if kinds == _BY_PIECE else "FUNDED",
        "from": since,
    }
    return Start(product.id, rule, number, org_unit_id, terms, kinds)


def _ways(product: Product | None) -> tuple[Kind, ...]:
    if product is None:
        return _EVERY_WAY
    return _BY_PIECE if product.measure == "count" else _BY_AMOUNT


@dataclass(eq=False)
class DraftForm(ft.Observable):
    """What was put in so far, as it is typed: yuan, per cent, days."""

    start: Start
    kind: str
    recognise_on: str
    units: str
    """Of a price for every 10,000 yuan: `part`, in proportion, or `whole` ones only."""
    counts: Mapping[str, int]
    """How many lines each list has."""
    problem: str = ""
    """The field that does not fit, by its name."""
    faults: tuple[Overlap | Gap, ...] = ()
    _typed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, start: Start) -> Self:
        """A form in which the terms stand that it begins with, but for the day they end on."""
        terms = start.terms
        typed = {name: str(terms.get(name) or "") for name in _SINGLE}
        typed["rate"] = _in_percent(terms.get("rate"))
        deferral = terms.get("deferral") or {}
        typed["deferral.rate"] = _in_percent(deferral.get("rate"))
        typed["deferral.years"] = str(deferral.get("years") or "")
        lists = {name: _lines(name, terms.get(name) or []) for name in _LISTS}
        for name, lines in lists.items():
            for place, line in enumerate(lines):
                typed |= {f"{name}.{place}.{column}": text for column, text in enumerate(line)}
        return cls(
            start,
            kind=terms["kind"],
            recognise_on=terms["recognise_on"],
            units="whole" if terms.get("whole_units") else "part",
            counts={name: len(lists[name]) for name in _LISTS},
            _typed=typed,
        )

    @property
    def singles(self) -> tuple[str, ...]:
        """The fields that this kind of rule has, beside its days."""
        return (*_PRICES.get(self.kind, ()), "cap_period", "deferral.rate", "deferral.years")

    @property
    def lists(self) -> tuple[str, ...]:
        """The lists that this kind of rule has."""
        return _LISTS[1:] if self.kind in _PRICES else _LISTS

    def pay_by(self, kind: str) -> None:
        """Choose how it pays; what was typed for another way is kept, and left out."""
        self.kind = kind
        if kind not in _PRICES and not self.counts["tiers"]:
            self.counts = {**self.counts, "tiers": 2}

    def count_on(self, event: str) -> None:
        """Choose which of the bank's words places a sale in a month."""
        self.recognise_on = event

    def count_units(self, units: str) -> None:
        """Choose whether a part of 10,000 yuan counts."""
        self.units = units

    def text(self, name: str) -> str:
        """What stands in one field."""
        return self._typed.get(name, "")

    def write(self, name: str, text: str) -> None:
        """Take over a text as it is typed; not observed, so typing re-renders nothing."""
        self._typed[name] = text

    def add_line(self, name: str) -> None:
        """Give a list one line more."""
        self.counts = {**self.counts, name: self.counts[name] + 1}

    def drop_line(self, name: str) -> None:
        """Take a list's last line away."""
        last = self.counts[name] - 1
        for column in (0, 1):
            self._typed.pop(f"{name}.{last}.{column}", None)
        self.counts = {**self.counts, name: last}

    @property
    def reason(self) -> str:
        """Why it changes."""
        return self.text("reason").strip()

    def checked(self, approved: list[Rule]) -> str | None:
        """Return the terms; None where `problem` or `faults` now say why they do not fit."""
        self.problem, self.faults = "", ()
        try:
            terms = to_json(self._terms()).decode()
            rule = read_terms(terms)
        except Unreadable as unreadable:
            self.problem = str(unreadable)
            return None
        except Refusal as refusal:
            name = refusal.fields["path"].partition(".")[0]
            self.problem = _FIELD_OF.get(name, name)
            return None
        if not self.reason:
            self.problem = "reason"
            return None
        self.faults = tuple(faults(approved, rule))
        return None if self.faults else terms

    def _terms(self) -> dict[str, Any]:
        base, prices = self.start.terms, _PRICES.get(self.kind, ())
        changed = {
            "version": self.start.number,
            "metric": self._metric(),
            "kind": self.kind,
            "recognise_on": self.recognise_on,
            "from": self._day("from"),
            "to": self._end(),
            "unit_price": self._yuan("unit_price") if "unit_price" in prices else None,
            "rate": self._part("rate") if "rate" in prices else None,
            "whole_units": self.units == "whole" if self.kind == "PER_10K" else None,
            "cap_period": self._yuan("cap_period"),
            "tiers": None if prices else self._tiers(),
            "tier_scope": None if prices else "PERIOD",
            "accelerators": [
                {"min_attainment": self._part(a), "multiplier": self.text(b).strip()}
                for a, b in self._names("accelerators")
            ],
            "clawback": [
                {"to_month": self._whole(a), "rate": self._part(b)}
                for a, b in self._names("clawback")
            ],
            "deferral": self._deferral(),
        }
        terms = {**base, **changed}
        return {name: each for name, each in terms.items() if each != [] or name == "tiers"}

    def _names(self, name: str) -> list[tuple[str, str]]:
        return [(f"{name}.{n}.0", f"{name}.{n}.1") for n in range(self.counts[name])]

    def _tiers(self) -> list[list[str | None]] | None:
        if not self.counts["tiers"]:
            return None
        low, tiers = "0.00", []
        for high_name, rate_name in self._names("tiers"):
            high = self._yuan(high_name)
            tiers.append([low, high, self._part(rate_name)])
            low = high or ""
        return tiers

    def _deferral(self) -> dict[str, Any] | None:
        rate = self._part("deferral.rate")
        return None if rate is None else {"rate": rate, "years": self._whole("deferral.years")}

    def _metric(self) -> str:
        """What a target counts; another way of paying counts what it pays for."""
        if self.kind == self.start.terms["kind"]:
            return str(self.start.terms["metric"])
        return "COUNT" if self.kind in _BY_PIECE else "AMOUNT"

    def _day(self, name: str) -> str:
        try:
            return read_day(self.text(name).strip())
        except Unreadable:
            raise Unreadable(name) from None

    def _end(self) -> str | None:
        """The first day without it: people say the last one that it is in force."""
        if not self.text("to").strip():
            return None
        return (date.fromisoformat(self._day("to")) + timedelta(days=1)).isoformat()

    def _yuan(self, name: str) -> str | None:
        number = self._number(name)
        return None if number is None else f"{number:.2f}" if number == round(number, 2) else "?"

    def _part(self, name: str) -> str | None:
        number = self._number(name)
        return None if number is None else f"{(number / 100).normalize():f}"

    def _whole(self, name: str) -> int:
        number = self._number(name)
        if number is None or number != int(number):
            raise Unreadable(name if name.startswith("deferral") else name.partition(".")[0])
        return int(number)

    def _number(self, name: str) -> Decimal | None:
        text = self.text(name).replace(",", "").replace("，", "").strip(" ¥%")
        try:
            number = Decimal(text) if text else None
        except InvalidOperation:
            number = Decimal("NaN")
        if number is not None and not number.is_finite():
            raise Unreadable(name if name.startswith("deferral") else name.partition(".")[0])
        return number


def _in_percent(rate: str | None) -> str:
    return "" if rate is None else f"{(Decimal(rate) * 100).normalize():f}"


def _lines(name: str, lines: list[Any]) -> list[tuple[str, str]]:
    if name == "tiers":
        pairs = [((high or "").removesuffix(".00"), rate) for _, high, rate in lines]
    else:
        pairs = [(str(first), second) for first, second in (each.values() for each in lines)]
    return [
        (
            _in_percent(first) if (name, 0) in _PERCENT else first,
            _in_percent(second) if (name, 1) in _PERCENT else second,
        )
        for first, second in pairs
    ]
