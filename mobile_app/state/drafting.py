"""Drafting: a new version of a rule, put in by hand and checked by what the engine reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

import flet as ft
from pydantic_core import from_json, to_json

from mobile_app.state.rows import PlanItem
from mobile_app.values import Unreadable, read_day
from shared.commission.rules import Rule
from shared.domain.commission_rule import Overlap, read_terms
from shared.domain.what_if import Gap, faults
from shared.errors import Refusal

LISTS: Final = ("tiers", "accelerators", "clawback")
_SINGLE: Final = ("from", "unit_price", "rate", "cap_period")
_FIELD_OF: Final = {"deferral": "deferral.rate"}
_PERCENT: Final = {("tiers", 1), ("accelerators", 0), ("clawback", 1)}
"""Which column of which list is typed in per cent."""


@dataclass(eq=False)
class DraftForm(ft.Observable):
    """What was put in so far, as it is typed: yuan, per cent, days."""

    item: PlanItem
    number: int
    counts: Mapping[str, int]
    """How many lines each list has."""
    problem: str = ""
    """The field that does not fit, by its name."""
    faults: tuple[Overlap | Gap, ...] = ()
    _typed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, item: PlanItem, number: int) -> Self:
        """A form that begins with the terms of an existing version."""
        terms: dict[str, Any] = from_json(item.row.terms)
        typed = {name: str(terms.get(name) or "") for name in _SINGLE}
        typed["rate"] = _in_percent(terms.get("rate"))
        deferral = terms.get("deferral") or {}
        typed["deferral.rate"] = _in_percent(deferral.get("rate"))
        typed["deferral.years"] = str(deferral.get("years") or "")
        lists = {name: _lines(name, terms.get(name) or []) for name in LISTS}
        for name, lines in lists.items():
            for place, line in enumerate(lines):
                typed |= {f"{name}.{place}.{column}": text for column, text in enumerate(line)}
        return cls(item, number, {name: len(lists[name]) for name in LISTS}, _typed=typed)

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
        base: dict[str, Any] = from_json(self.item.row.terms)
        changed = {
            "version": self.number,
            "from": self._day(),
            "to": None,
            "unit_price": self._yuan("unit_price"),
            "rate": self._part("rate"),
            "cap_period": self._yuan("cap_period"),
            "tiers": self._tiers(),
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

    def _day(self) -> str:
        try:
            return read_day(self.text("from").strip())
        except Unreadable:
            raise Unreadable("from") from None

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
        pairs = [(high or "", rate) for _, high, rate in lines]
    else:
        pairs = [(str(first), second) for first, second in (each.values() for each in lines)]
    return [
        (
            _in_percent(first) if (name, 0) in _PERCENT else first,
            _in_percent(second) if (name, 1) in _PERCENT else second,
        )
        for first, second in pairs
    ]
