"""Tracing: how an entry came about, said in the user's language from the numbers in its trace.

An entry of the ledger may have been written by an engine that told less; it is then shown as that
engine wrote it, so that what was paid can always be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mobile_app.i18n import Words
from shared.commission.entries import Entry
from shared.commission.exact import grouped
from shared.commission.trace import SliceText, TraceText
from shared.domain import Product
from shared.money import Fen, parse_yuan

_WHOLE: Final = "10000"


@dataclass(frozen=True)
class Slice:
    """What one tier paid: its bounds, its rate, and the amount that fell into it (fen)."""

    label: str
    amount: int


@dataclass(frozen=True)
class Traced:
    """A trace as a person reads it: the formula first, then how it was come to."""

    formula: str
    steps: tuple[str, ...]
    slices: tuple[Slice, ...] = ()


def traced(words: Words, entry: Entry, product: Product | None = None) -> Traced:
    """Say how an entry came about; `product` names the pieces that are counted."""
    trace = entry.trace.as_json()
    given, amount = trace["inputs"], grouped(entry.amount)
    tell = _earn if "kind" in given else _OTHERS.get(trace["steps"][0]["step"])
    try:
        if tell is None:
            return _as_written(trace)
        formula, steps = tell(_Said(words, given, product), trace, amount)
    except (KeyError, ValueError):
        return _as_written(trace)
    slices = tuple(_slice(words, each) for each in trace.get("tiers", []))
    return Traced(f"{formula} = {amount}", tuple(filter(None, steps)), slices)


def _as_written(trace: TraceText) -> Traced:
    return Traced(trace["formula"], tuple(step["text"] for step in trace["steps"]))


@dataclass(frozen=True)
class _Said:
    """The inputs of a trace with the words of one language."""

    words: Words
    given: Mapping[str, str]
    product: Product | None

    def money(self, name: str) -> str:
        """An amount, grouped: 1,234.50."""
        return grouped(parse_yuan(self.given[name]))

    def day(self, name: str) -> str:
        """A calendar day."""
        return self.words.full_day(self.given[name])

    def month(self, name: str) -> str:
        """A month of commission."""
        return self.words.month(self.given[name])

    @property
    def pieces(self) -> str:
        """How many of what was sold: 7 张."""
        return self.words.pieces(self.given["qty"], self.product.unit if self.product else "")

    @property
    def split(self) -> str:
        """The share, nothing where it is the whole."""
        bp = self.given["pay_bp"]
        return "" if bp == _WHOLE else f"{_trimmed(int(bp), 100)} %"


def _trimmed(above: int, below: int) -> str:
    return f"{above / below:.2f}".rstrip("0").rstrip(".")


def _earn(said: _Said, trace: TraceText, amount: str) -> tuple[str, list[str]]:
    words, given = said.words, said.given
    base = _by_tier(trace) if "tiers" in trace else _base(said)
    formula = base if "tiers" in trace or not said.split else f"{base} x {said.split}"
    if "multiplier" in given:
        formula = f"({formula})" if len(trace.get("tiers", [])) > 1 else formula
        formula = f"{formula} x {given['multiplier']}"
    steps = [_qualified(said, trace)]
    if "tiers" not in trace:
        steps.append(words("trace.whole", sum=f"{base} = {said.money('total')}"))
    if said.split:
        sums = f"{said.money('total')} x {said.split} = {said.money('part')}"
        key = "trace.split_amount" if "tiers" in trace else "trace.split"
        steps.append(words(key, share=said.split, sum=sums))
    if "tiers" in trace:
        steps.append(_filled(said))
    return formula, [*steps, _accelerated(said, amount)]


def _base(said: _Said) -> str:
    given = said.given
    if given["kind"] == "UNIT":
        return f"{said.pieces} x {said.money('unit_price')}"
    if given["kind"] == "RATE":
        return f"{said.money('amount')} x {given['rate']}"
    units = given.get("units") or _ten_thousands(parse_yuan(given["amount"]))
    return f"{said.words('trace.ten_thousand', n=units)} x {said.money('unit_price')}"


def _ten_thousands(amount: Fen) -> str:
    whole, rest = divmod(amount, 1_000_000)
    return f"{whole:,}.{rest:06d}".rstrip("0").rstrip(".")


def _by_tier(trace: TraceText) -> str:
    parts = [
        f"{grouped(parse_yuan(each['amount']))} x {each['rate']}" for each in trace.get("tiers", [])
    ]
    # A slab takes what was paid before away again.
    return " + ".join(parts).replace("+ -", "- ") or "0.00"


def _qualified(said: _Said, trace: TraceText) -> str:
    words, given = said.words, said.given
    until = words("trace.until", day=said.day("until")) if "until" in given else ""
    return words(
        "trace.qualify",
        event=words.code("recognition", given["recognise_on"]),
        day=said.day("recognised_on"),
        month=words.month(given["recognised_on"][:7]),
        version=trace["version"],
        since=said.day("since"),
        until=until,
    )


def _filled(said: _Said) -> str:
    after = parse_yuan(said.given["before"]) + parse_yuan(said.given["part"])
    return said.words(
        "trace.tier",
        before=said.money("before"),
        paid=said.money("paid_before"),
        after=grouped(Fen(after)),
        total=said.money("paid_after"),
        due=said.money("due"),
    )


def _accelerated(said: _Said, amount: str) -> str:
    words, given = said.words, said.given
    if "attainment" not in given:
        return ""
    if "multiplier" not in given:
        return words("trace.not_accelerated", reached=given["attainment"])
    sums = f"{said.money('due')} x {given['multiplier']} = {amount}"
    return words("trace.accelerated", reached=given["attainment"], at=given["threshold"], sum=sums)


def _cap(said: _Said, _trace: TraceText, _amount: str) -> tuple[str, list[str]]:
    fields = {"cap": said.money("cap"), "earned": said.money("earned")}
    return f"{fields['cap']} - {fields['earned']}", [said.words("trace.cap", **fields)]


def _quality(said: _Said, _trace: TraceText, amount: str) -> tuple[str, list[str]]:
    weight, of = said.given["weight"], said.money("of")
    told = said.words("trace.quality", weight=weight, of=of, amount=amount)
    return f"{of} x ({weight} - 1)", [told]


def _defer(said: _Said, _trace: TraceText, _amount: str) -> tuple[str, list[str]]:
    rate, of, years = said.given["rate"], said.money("of"), said.given["years"]
    return f"-{of} x {rate}", [said.words("trace.defer", rate=rate, of=of, years=years)]


def _clawback(said: _Said, _trace: TraceText, _amount: str) -> tuple[str, list[str]]:
    given = said.given
    fields = {"since": said.day("recognised_on"), "day": said.day("cancelled_on")}
    told = said.words("trace.clawback", month=given["month"], rate=given["rate"], **fields)
    return f"-{said.money('earned')} x {given['rate']}", [told, said.words("trace.mirror")]


def _release(said: _Said, trace: TraceText, amount: str) -> tuple[str, list[str]]:
    fields = {"month": said.month("of"), "n": said.given["number"], "day": said.day("due_on")}
    key = "trace.forfeit" if trace.get("reason") == "forfeit" else "trace.release"
    formula = said.words("trace.tranche", month=fields["month"], n=fields["n"])
    return formula, [said.words(key, amount=amount, **fields)]


def _adjust(said: _Said, _trace: TraceText, amount: str) -> tuple[str, list[str]]:
    before, after = said.money("before"), said.money("after")
    told = said.words(
        "trace.adjust", month=said.month("of"), before=before, after=after, amount=amount
    )
    return f"{after} - ({before})" if before.startswith("-") else f"{after} - {before}", [told]


_OTHERS: Final = {
    "cap_trim": _cap,
    "quality": _quality,
    "defer": _defer,
    "clawback": _clawback,
    "release": _release,
    "adjust": _adjust,
}


def _slice(words: Words, each: SliceText) -> Slice:
    low = grouped(parse_yuan(each["from"]))
    high = each["to"]
    bounds = (
        words("trace.slice_on", low=low)
        if high is None
        else words("trace.slice", low=low, high=grouped(parse_yuan(high)))
    )
    return Slice(words.dotted(bounds, each["rate"]), parse_yuan(each["amount"]))
