"""A shop: the real store with a catalogue, rules and colleagues, as after a first sync."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from mobile_app.store.device_store import DeviceStore
from shared.domain import Employee
from shared.registry import Document
from shared.testing.selling import (
    a_commission_rule,
    a_product,
    a_sale,
    a_wealth_product,
    terms,
)
from tests.screens.memory import ME, NOW, MemoryDevice, person
from tests.screens.stage import Stage, opened
from tests.screens.test_with_the_real_store import a_store, arrive, device_with

COLLEAGUE = Employee("e2", "AM002", "李强", "account_manager", "u1")
CARD = a_product(id="p1")
WEALTH = a_wealth_product(id="p2")
DEPOSIT = a_product(
    "DEP", id="p3", name="三年定期", line="deposit", measure="amount", unit="元",
)  # fmt: skip
OLD = a_product("OLD", id="p4", name="老信用卡", valid_until="2026-06-30")
GRADED = replace(person(), birth_date="1980-03-12", risk_grade="R3", risk_valid_until="2027-01-01")


def a_shop(folder: Path, **customer: Any) -> DeviceStore:
    """The store of an account manager with one customer; `customer` says more about them."""
    store = a_store(folder)
    arrive(
        store, 2,
        ("employee", asdict(COLLEAGUE)),
        ("customer", asdict(replace(GRADED, **customer))),
        *(("product", each) for each in (CARD, WEALTH, DEPOSIT, OLD)),
        ("commission_rule", a_commission_rule("e9", "u1", status="approved")),
        ("commission_rule", rate_of("dep", "DEP", "0.0010")),
    )  # fmt: skip
    return store


def rate_of(rule: str, product: str, rate: str) -> Document:
    """An approved rule that pays a share of the amount."""
    text = terms(
        rule, product=product, metric="AMOUNT", kind="RATE", rate=rate, recognise_on="FUNDED"
    ).replace('"unit_price":"60.00",', "")
    return a_commission_rule("e9", "u1", rule, status="approved", terms=text)


def sold(number: int = 1, **fields: Any) -> Document:
    """A sale of one's own, in the record."""
    known = {"id": f"s{number}", "occurred_at": NOW - number * 3_600_000}
    return a_sale("c1", ME.id, "p1", **{**known, **fields})


async def selling(device: MemoryDevice) -> Stage:
    """The customer's page, from which a sale starts."""
    stage = await opened(device)
    await stage.go("/customers/c1")
    return stage


def shop_device(store: DeviceStore) -> MemoryDevice:
    """A device around a shop."""
    return device_with(store)
