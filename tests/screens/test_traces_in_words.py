"""Traces in words: whatever the engine posts reads as sentences, and its formula comes out."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
from pydantic_core import to_json

from mobile_app.i18n import LANGUAGES, Language, Words
from mobile_app.tracing import Traced, traced
from shared.commission.engine import simulate
from shared.commission.entries import Entry
from shared.commission.exact import grouped
from shared.commission.scenario import read_scenario
from shared.commission.trace import WrittenTrace
from shared.domain import Product
from shared.testing.builders import NOW
from shared.testing.selling import a_product
from tests.commission import generate
from tests.commission.builders import Json, cancel, card, close, lent, loan, sale, scenario

CARD = Product(**a_product())  # type: ignore[arg-type]
CODE = re.compile(r"[A-Z]{3,}|\w_\w|[{}]|None")
"""What no person reads: names of events, types and fields."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
KINDS = {
    "EARN UNIT",
    "EARN RATE",
    "EARN PER_10K",
    "EARN TIER_MARGINAL",
    "EARN TIER_SLAB",
    "CAP_TRIM",
    "QUALITY",
    "DEFER",
    "RELEASE",
    "RELEASE forfeit",
    "CLAWBACK",
    "ADJUST",
}
"""Everything that the engine posts."""


def posted(document: Json) -> list[Entry]:
    return list(simulate(read_scenario(document)).entries)


@cache
def drawn() -> list[Entry]:
    """Entries of scenarios in which everything meets everything."""
    return [entry for seed in range(120) for entry in posted(generate.scenario(seed))]


def kind_of(entry: Entry) -> str:
    trace = entry.trace.as_json()
    parts = (entry.type, trace["inputs"].get("kind", ""), trace.get("reason", ""))
    return " ".join(filter(None, parts))


def told(entry: Entry, language: Language = "zh") -> Traced:
    return traced(Words(language, lambda: NOW), entry, CARD)


def one(entries: list[Entry], kind: str, **fields: object) -> Entry:
    return next(
        entry
        for entry in entries
        if kind_of(entry) == kind and all(getattr(entry, k) == v for k, v in fields.items())
    )


def test_the_drawn_entries_are_of_every_kind() -> None:
    assert {kind_of(entry) for entry in drawn()} == KINDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_is_told_in_sentences_of_one_language_without_a_code(
    language: Language,
) -> None:
    stop = "。" if language == "zh" else "."
    for entry in drawn():
        said = told(entry, language)
        written = entry.trace.as_json()

        assert said.steps, entry
        for step in said.steps:
            assert step.endswith(stop), step
            assert not CODE.search(step), step
            assert bool(CHINESE.search(step)) is (language == "zh"), step
        assert not {step["text"] for step in written["steps"]} & set(said.steps)
        assert not CODE.search(said.formula), said.formula


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_formula_comes_to_its_amount(language: Language) -> None:
    for entry in drawn():
        formula, _, amount = told(entry, language).formula.rpartition(" = ")
        assert amount == grouped(entry.amount)
        if entry.type != "RELEASE":  # whose formula names the tranche
            assert abs(value_of(formula) - Fraction(entry.amount, 100)) < Fraction(3, 100), formula


def value_of(formula: str) -> Fraction:
    """Work a formula out; it is exact where the engine rounds a sale, its parts and its tiers."""
    text = formula.replace(",", "").replace(" 万", "").replace(" x 10000", "").replace(" 张", "")
    whole = re.fullmatch(r"\((.+)\) x (\S+)", text)
    if whole:
        return value_of(whole[1]) * Fraction(whole[2])
    if less := re.fullmatch(r"(\S+ x )\((\S+) - 1\)", text):
        return value_of(f"{less[1]}{Fraction(less[2]) - 1}")
    return sum(terms_of(text), Fraction())


def terms_of(text: str) -> Iterator[Fraction]:
    for sign, term in re.findall(r"(^|[+-] )(.+?)(?= [+-] |$)", text):
        product = Fraction(-1 if sign == "- " else 1)
        for factor in term.strip("()").split(" x "):
            number, percent = re.fullmatch(r"(\S+)( %)?", factor).groups()  # type: ignore[union-attr]
            product *= Fraction(number) / (100 if percent else 1)
        yield product


def test_what_the_ledger_kept_reads_as_it_did_when_it_was_posted() -> None:
    for entry in drawn():
        kept = replace(entry, trace=WrittenTrace(to_json(entry.trace.as_json()).decode()))

        assert told(kept) == told(entry)


def test_a_tranche_that_is_released_says_of_which_month_and_when_it_was_due() -> None:
    deferred = card(deferral={"rate": "0.40", "years": 3})
    entries = posted(scenario(deferred, sale("s1", "2026-03-10"), as_of="2029-12-31"))

    second = told(one(entries, "RELEASE", ref="2026-03/2"))

    assert second.formula == "2026年3月第 2 期 = 8.00"
    assert second.steps == ("2026年3月递延的第 2 期，2028年3月31日到期，发放 8.00。",)
    assert told(one(entries, "RELEASE", ref="2026-03/2"), "en").steps == (
        "Tranche 2 of what Mar 2026 held back is due on 31 Mar 2028: 8.00 is paid.",
    )


def test_a_tranche_that_goes_against_a_clawback_says_so() -> None:
    rules = card(deferral={"rate": "0.40", "years": 3}, clawback=[{"to_month": 6, "rate": "1.00"}])
    entries = posted(scenario(rules, sale("s1", "2026-03-10"), cancel("s1", "2026-05-02")))

    first = told(one(entries, "RELEASE forfeit", ref="2026-03/1"))

    assert first.steps == (
        "2026年3月递延的第 1 期（2027年3月31日到期）抵了追索 8.00，到期不再发。",
    )
    taken = told(one(entries, "CLAWBACK"))
    assert taken.formula == "-60.00 x 100 % = -60.00"
    assert taken.steps[0] == "3月10日确认，5月2日撤销，在第 2 个月里；规则要退还 100 %。"


def test_an_adjustment_says_what_the_closed_month_had_and_should_have() -> None:
    late = sale("s1", "2026-03-10")
    entries = posted(scenario(card(), sale("s0", "2026-03-01"), close("2026-03"), late))

    adjusted = one(entries, "ADJUST")

    assert told(adjusted).formula == "60.00 - 0.00 = 60.00"
    assert told(adjusted).steps == (
        "2026年3月已关账，当时是 0.00；按后来的事实应是 60.00，差额 60.00 记在本月。",
    )
    assert told(adjusted, "en").steps == (
        "Mar 2026 is closed with 0.00; by what is known since it should be 60.00, and 60.00 is "
        "posted in this month.",
    )


def test_a_formula_never_puts_two_signs_beside_each_other() -> None:
    slab = loan(["0", "10000", "0.05"], ["10000", None, "0.10"], kind="TIER_SLAB")
    second = one(
        posted(
            scenario(slab, lent("s1", "2026-03-01", "6000.00"), lent("s2", "2026-03-09", "6000.00"))
        ),
        "EARN TIER_SLAB",
        sale="s2",
    )

    assert told(second).formula == "12,000.00 x 10 % - 6,000.00 x 5 % = 900.00"
    for entry in drawn():
        assert not re.search(r"[+-] ?-", told(entry).formula), told(entry).formula
