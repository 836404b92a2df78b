"""Every screen of sales and of pay over the real store: with nothing, one, and many, in both
languages, at every width."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from mobile_app.state.performance import FIGURES, entry_key
from mobile_app.store.device_store import DeviceStore
from shared.registry import Document
from tests.screens.memory import LONG_COMPANY
from tests.screens.payday import (
    NOVEMBER,
    PRODUCTS,
    a_period,
    a_quality,
    a_share,
    a_target,
    open_sale,
    pay_day,
    settle,
)
from tests.screens.shop import GRADED, sold
from tests.screens.stage import opened, running
from tests.screens.test_every_screen import WIDTHS
from tests.screens.test_with_the_real_store import a_store, arrive, device_with

NAMES = ("payable", "booked", "opening_carry", *FIGURES)
PLACES = (
    "/performance", *(f"/performance/confirmed.{name}" for name in NAMES),
    "/performance/estimate.payable", "/performance/nothing", "/performance/sale.s1",
    "/performance/sale.s99", "/performance/confirmed.booked/nothing", "/me/sales",
    "/me/catalogue", "/customers/c1", "/customers/c1/sell", "/customers/c1/s1",
    "/customers/c1/s99",
)  # fmt: skip
STATUSES = ("intent", "appointment", "submitted", "confirmed", "cancelled", "disputed")


def a_bank(folder: Path, count: int) -> DeviceStore:
    """The store of a manager with `count` sales in every state, and what they pay."""
    store = a_store(folder)
    if not count:
        return store
    arrive(store, 2, ("customer", asdict(replace(GRADED, name=LONG_COMPANY))))
    numbers = range(1, count + 1)
    codes = [each.code for each in PRODUCTS]
    shares = [
        (a_share if number % 3 else open_sale)(number, codes[number % 3]) for number in numbers
    ]
    held = replace(a_share(count + 1), stands=False, status="contested", due_on="2026-11-23")
    more: list[tuple[str, Document]] = [
        *(("sale", _sale(number)) for number in numbers),
        ("target", a_target("CARD", "4")),
        ("quality", a_quality("0.95")),
        ("pay_period", a_period("review")),
    ]
    pay_day(store, *shares, held, seq=3, more=more)
    settle(store, seq=4)
    return store


def _sale(number: int) -> Document:
    told: dict[str, Any] = {"status": STATUSES[number % len(STATUSES)], "note": LONG_COMPANY}
    return sold(number, product_id=PRODUCTS[0].id, external_ref=f"C-{number}", **told)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_place_of_sales_and_pay_shows(
    tmp_path: Path, language: str, count: int, width: int
) -> None:
    async def scene() -> None:
        store = a_bank(tmp_path, count)
        entries = store.earned(NOVEMBER, is_estimate=False).entries_of(NOVEMBER)
        traces = [
            f"/performance/confirmed.booked/{entry_key('confirmed', entry)}"
            for entry in entries[:3]
        ]
        stage = await opened(device_with(store), width, language=language)
        for place in (*PLACES, *traces):
            await stage.go(place)

            assert stage.texts(), place
            assert not stage.says(stage.here.words("broken")), place
            rows = [row for row in stage.shown(ft.Row) if row.wrap]
            assert [one for row in rows for one in row.controls if one.expand is not None] == []
        store.close()

    running(scene)
