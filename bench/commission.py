"""How fast commission is computed: a whole month from scratch, and one sale on top of it.

The month is as a branch network sees it: a hundred sales an employee, three in ten of them joint,
under five rules with tiers, targets, caps, deferral and clawback; some were cancelled since.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any, Final

from bench.report import Report, percentile
from shared.commission.engine import SIMULATED, computed, estimate
from shared.commission.facts import Facts, Goals, Sale, Share
from shared.commission.fields import ProductCode, SaleId
from shared.commission.ledger import Ledger, broken_at
from shared.commission.months import Period
from shared.commission.period import by_employee_month, employee_month
from shared.commission.qualify import qualification
from shared.commission.scenario import read_scenario
from shared.ids import EmployeeId
from shared.money import Fen

SIZES: Final = (10_000, 50_000, 200_000)
_SALES_EACH: Final = 100
_PERIOD: Final = Period("2026-03")
_FIRST_DAY: Final = date(2026, 3, 1)
_ROUNDS: Final = 200
_TIERS: Final = [["0", "100000", "0.001"], ["100000", "300000", "0.002"], ["300000", None, "0.003"]]
_WAYS: Final[dict[str, dict[str, Any]]] = {
    "CARD": {"kind": "UNIT", "metric": "COUNT", "unit_price": "60.00"},
    "INS": {"kind": "RATE", "metric": "AMOUNT", "rate": "0.0120"},
    "DEP": {"kind": "PER_10K", "metric": "AVG_DELTA", "unit_price": "8.00"},
    "LOAN": {"kind": "TIER_MARGINAL", "metric": "AMOUNT", "tiers": _TIERS},
    "FUND": {"kind": "TIER_SLAB", "metric": "AMOUNT", "tiers": _TIERS},
}


def measure(report: Report) -> None:
    """Measure a month of 10k, 50k and 200k sales, its close, and the estimate of one sale."""
    report.section("Commission (100 sales an employee and month)")
    seconds = {}
    for size in SIZES:
        facts = _month(size)
        seconds[size] = _timed(lambda known=facts: computed(known))  # type: ignore[misc]
        report.add(f"a month of {size:,} sales recomputed", f"{seconds[size]:.2f} s")
    _growth(report, seconds)
    _one_sale(report)
    _close(report)


def _growth(report: Report, seconds: dict[int, float]) -> None:
    small, middle, large = SIZES
    report.at_most(f"the month of {large:,} sales, 2,000 employees", seconds[large], 20, "s")
    for size, before in ((middle, small), (large, middle)):
        ratio = (seconds[size] / seconds[before]) / (size / before)
        report.at_most(f"time a sale, {size:,} to {before:,} sales", ratio, 1.3, "x")


def _one_sale(report: Report) -> None:
    """Price a new sale where the month is known: on the device, and on the server as it comes."""
    facts = _month(_SALES_EACH)
    new = replace(facts.sales[0], id=SaleId("new"))
    whose = new.shares[0].employee, _PERIOD
    held = by_employee_month(qualification(facts).sales)[whose]
    taken = _each_ms(lambda: employee_month(whose, held, facts.goals))
    report.at_most("a sale's employee-month recomputed, p50", percentile(taken, 0.5), 5, "ms")
    taken = _each_ms(lambda: estimate(new, whose, facts))
    report.at_most("a new sale among 100 estimated, p50", percentile(taken, 0.5), 20, "ms")
    report.at_most("a new sale among 100 estimated, p95", percentile(taken, 0.95), 20, "ms")


def _close(report: Report) -> None:
    """Append a month's entries, with their traces in words, to the chain and verify it."""
    size = SIZES[0]
    entries = computed(_month(size)).entries
    ledgers: list[Ledger] = []
    taken = _timed(lambda: ledgers.append(Ledger().close(_PERIOD, entries, SIMULATED)))
    report.add(f"a month of {size:,} sales closed and chained", f"{taken:.2f} s")
    taken = _timed(lambda: broken_at(ledgers[0]))
    report.add(f"its {len(ledgers[0].records):,} records verified", f"{taken:.2f} s")


def _each_ms(work: Callable[[], object]) -> list[float]:
    return [_timed(work) * 1_000 for _ in range(_ROUNDS)]


def _timed(work: Callable[[], object]) -> float:
    """Return the seconds that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _month(size: int) -> Facts:
    """Make a month of sales, the same for the same size."""
    chance = Random(size)
    employees = [EmployeeId(f"E{n:04d}") for n in range(max(2, size // _SALES_EACH))]
    sales = tuple(_sale(n, employees, chance) for n in range(size))
    cancelled = {sale.id: date(2026, 6, 30) for sale in sales[::50]}
    return Facts(read_scenario(_plan()).rules, _goals(employees), sales, cancelled)


def _plan() -> dict[str, Any]:
    common = {
        "version": 1,
        "recognise_on": "ACTIVATED",
        "from": "2026-01-01",
        "cap_period": "20000.00",
        "accelerators": [{"min_attainment": "1.20", "multiplier": "1.2"}],
        "clawback": [{"to_month": 6, "rate": "1.00"}, {"to_month": 12, "rate": "0.50"}],
        "deferral": {"rate": "0.40", "years": 3},
    }
    rules = [{"id": name.lower(), "product": name, **common, **way} for name, way in _WAYS.items()]
    return {"plan": {"rules": rules}, "events": []}


def _goals(employees: list[EmployeeId]) -> Goals:
    targets = {(who, ProductCode("CARD"), _PERIOD): Fraction(20) for who in employees}
    return Goals(targets, {(who, _PERIOD): Fraction("0.95") for who in employees[::3]})


def _sale(number: int, employees: list[EmployeeId], chance: Random) -> Sale:
    product = chance.choice(tuple(_WAYS))
    owner = employees[number % len(employees)]
    shares: tuple[Share, ...] = (Share(owner, 10_000),)
    if chance.random() < 0.3:
        colleague = employees[(number + 1) % len(employees)]
        shares = (Share(owner, 7_000), Share(colleague, 3_000))
    return Sale(
        SaleId(f"s{number:07d}"),
        ProductCode(product),
        shares,
        qty=1 if product == "CARD" else None,
        amount=None if product == "CARD" else Fen(chance.randint(100_000, 50_000_000)),
        dates={"ACTIVATED": _FIRST_DAY + timedelta(days=chance.randrange(31))},
    )
