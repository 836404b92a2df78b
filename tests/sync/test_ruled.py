"""What a user does is held to the bank's rules on the device, before anything is kept."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore
from shared.domain import Employee
from shared.errors import Refusal
from shared.ids import Millis
from shared.registry import Document
from shared.sync.change import Insert, Transition
from shared.sync.protocol import Row
from shared.testing.builders import NOW, a_customer
from shared.testing.selling import a_product, a_sale, a_wealth_product

ME = Employee("am1", "AM001", "王敏", "account_manager", "unit", joined_on="2026-01-05")
CARD, WEALTH = a_product(id="card"), a_wealth_product(id="wealth")
CUSTOMER = a_customer("am1", id="c1", risk_grade="R2", risk_valid_until="2027-01-01")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DeviceStore]:
    key = b"k" * 32
    made = DeviceStore(
        open_engine(str(tmp_path / "mirror.db"), key),
        open_engine(str(tmp_path / "outbox.db"), key),
        lambda: Millis(NOW),
        secrets.token_bytes,
    )
    made.enrol("d1", "token", "https://branch.test", ME)
    rows = [("product", CARD), ("product", WEALTH), ("customer", CUSTOMER)]
    made.apply_page(
        {
            "line": "page", "after": None, "cursor": "1", "seq": 1, "begin": ["s"],
            "complete": ["s"], "gone": [], "rows": [_put(*one) for one in rows],
        }
    )  # fmt: skip
    yield made
    made.close()


def _put(entity: str, document: Document) -> Row:
    return {
        "entity": entity, "id": str(document["id"]), "scope": "s", "op": "put", "version": 1,
        "doc": document,
    }  # fmt: skip


def step(sale: Document, after: str, before: str = "intent") -> Transition:
    return Transition("sale", str(sale["id"]), "status", before, after)


def test_a_sale_that_the_bank_does_not_allow_is_not_kept(store: DeviceStore) -> None:
    store.save_draft("sale:c1", {"product_id": "wealth"})

    with pytest.raises(Refusal) as refusal:
        store.commit(Insert("sale", a_sale("c1", "am1", "wealth", amount=100)))

    assert refusal.value.code == "risk_too_high"
    assert store.own_sales() == []
    assert store.pending(10) == []
    assert store.draft("sale:c1") == {"product_id": "wealth"}


def test_a_sale_is_judged_as_the_same_transaction_takes_it_further(store: DeviceStore) -> None:
    sale = a_sale("c1", "am1", "card")
    store.commit(Insert("sale", sale), step(sale, "submitted"))

    assert [item.sale.status for item in store.own_sales()] == ["submitted"]


def test_a_step_that_goes_too_far_takes_the_new_sale_with_it(store: DeviceStore) -> None:
    store.apply_page(
        {
            "line": "page", "after": "1", "cursor": "2", "seq": 2, "begin": [], "complete": [],
            "gone": [], "rows": [_put("customer", {**CUSTOMER, "risk_grade": "R5"})],
        }
    )  # fmt: skip
    sale = a_sale("c1", "am1", "wealth", qty=None, amount=100)

    with pytest.raises(Refusal) as refusal:
        store.commit(Insert("sale", sale), step(sale, "submitted"))

    assert refusal.value.code == "not_in_the_field"
    assert store.own_sales() == []


def test_a_later_step_is_held_to_the_rule_too(store: DeviceStore) -> None:
    sale = a_sale("c1", "am1", "card")
    store.commit(Insert("sale", sale))

    assert store.objection(step(sale, "submitted")) is None
    store.commit(step(sale, "cancelled"))

    assert [item.sale.status for item in store.own_sales()] == ["cancelled"]


def test_an_objection_is_told_and_nothing_is_saved(store: DeviceStore) -> None:
    early = a_sale("c1", "am1", "card", occurred_at=NOW - 400 * 86_400_000)

    assert store.objection(Insert("sale", {**early, "product_id": "gone"})) is not None
    assert store.pending(10) == []


def test_a_step_of_a_record_that_is_not_here_is_left_to_the_server(store: DeviceStore) -> None:
    elsewhere = a_sale("c9", "am1", "card")

    assert store.objection(step(elsewhere, "submitted")) is None


def test_a_sale_of_someone_who_is_not_here_is_left_to_the_server(store: DeviceStore) -> None:
    store.commit(Insert("sale", a_sale("c9", "am1", "card")))

    assert len(store.pending(10)) == 1
