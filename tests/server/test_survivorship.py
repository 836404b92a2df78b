"""Of two values the better proven goes on where it says who somebody is, else the newer one."""

from typing import Any

import pytest

from shared.domain.provenance import Origin
from shared.registry import Document
from shared.testing.builders import a_customer
from sync_server.customer.survivorship import origins_of, survived

OLD, NEW = 1_700_000_000_000, 1_790_000_000_000


def goes_on(field: str, mine: Origin, theirs: Origin, **values: Any) -> Any:
    one, other = two(**values)
    document, origins = survived(one, other, {field: mine}, {field: theirs})
    assert origins[field] in (mine, theirs)
    return document[field]


def two(**values: Any) -> tuple[Document, Document]:
    first = {name: pair[0] for name, pair in values.items()}
    second = {name: pair[1] for name, pair in values.items()}
    return a_customer("lin", **first), a_customer("lin", **second)


@pytest.mark.parametrize(
    ("mine", "theirs", "name"),
    [
        (Origin("system", NEW), Origin("verified", OLD), "单晓岷"),
        (Origin("verified", OLD), Origin("system", NEW), "单晓敏"),
        (Origin("system", OLD), Origin("system", NEW), "单晓岷"),
        (Origin("system", NEW), Origin("system", None), "单晓敏"),
    ],
)
def test_a_name_goes_by_its_proof_first(mine: Origin, theirs: Origin, name: str) -> None:
    assert goes_on("name", mine, theirs, name=("单晓敏", "单晓岷")) == name


@pytest.mark.parametrize(
    ("mine", "theirs", "phone"),
    [
        (Origin("system", OLD), Origin("manager", NEW), "2"),
        (Origin("system", NEW), Origin("manager", NEW), "1"),
        (Origin("manager", NEW), Origin("system", NEW), "2"),
    ],
)
def test_a_telephone_goes_by_its_age_first(mine: Origin, theirs: Origin, phone: str) -> None:
    assert goes_on("phone", mine, theirs, phone=("1", "2")) == phone


def test_nothing_never_beats_something() -> None:
    new, old = Origin("verified", NEW), Origin("manager", OLD)

    assert goes_on("gender", new, old, gender=("male", None)) == "male"
    assert goes_on("gender", new, old, gender=(None, "male")) == "male"


def test_a_name_that_goes_on_has_its_own_initials() -> None:
    one, other = two(name=("单晓敏", "林晓岚"))

    document, _ = survived(one, other, {}, {"name": Origin("verified", NEW)})

    assert document["initials"] == "lxl"


def test_a_place_goes_with_its_address_and_words_are_put_together() -> None:
    one, other = two(
        address=("河湾路1号", "河湾路2号"), latitude=(30.0, None), interests=("旅游", "书法\n旅游")
    )
    newer = {"address": Origin("manager", NEW)}

    document, _ = survived(one, other, {"address": Origin("manager", OLD)}, newer)

    assert (document["address"], document["latitude"]) == ("河湾路2号", None)
    assert document["interests"] == "书法\n旅游"


def test_an_approved_change_is_verified_and_an_edit_is_a_managers() -> None:
    customer = a_customer("lin", phone="1", gender="female", as_of=OLD, deposit_balance=1)
    changes = [("phone", "lin", OLD), ("gender", "boss", NEW), ("name", "import:core", NEW)]

    origins = origins_of(customer, {}, changes)

    assert origins == {
        "name": Origin("system", NEW),
        "phone": Origin("manager", OLD),
        "gender": Origin("verified", NEW),
        "deposit_balance": Origin("system", OLD),
    }
