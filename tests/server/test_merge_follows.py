"""What a merge and a split bring about by themselves: who is spared, and who is assessed anew."""

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Final

import pytest

from shared.domain.account import account_id
from shared.registry import Document
from shared.testing.around import a_consent
from shared.testing.builders import NOW, a_caller, insert, txn
from sync_server.store.assessing import assess_due
from sync_server.store.deciding import merge_by_hand, split_by_hand
from tests.server.account_bank import PHONE, AccountBank, a_card, account, an_id_card
from tests.server.doubled_bank import opened
from tests.server.importing import states


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccountBank]:
    database = opened(request, tmp_path)
    yield AccountBank(database)
    database.close()


@pytest.fixture
def she(bank: AccountBank) -> str:
    return str(bank.customer["id"])


@pytest.fixture
def twin(bank: AccountBank) -> str:
    return bank.customer_named("单晓敏", PHONE)


def merge(bank: AccountBank, one: str, other: str) -> None:
    ids = one, other
    bank.database.write(lambda each: merge_by_hand(each, ids, "看过证件", NOW + 60_000))


def split(bank: AccountBank, one: str, other: str) -> None:
    ids = one, other
    bank.database.write(lambda each: split_by_hand(each, ids, "不是同一位", NOW + 120_000))


# Who refused personalisation


def refuses(bank: AccountBank, customer: str) -> None:
    lin = str(bank.lin["id"])
    said = txn(insert("consent", a_consent(customer, lin)))
    assert [each["status"] for each in bank.store.push(a_caller(lin), [said])] == ["applied"]


def matures(bank: AccountBank) -> None:
    bank.accounts(account(kind="time_deposit", matures_on="2026-12-10", **bank.hers))


def maturity(bank: AccountBank) -> Document:
    [alert] = bank.alerts("maturity")
    return alert


def test_a_refusal_of_either_record_spares_who_goes_on(
    bank: AccountBank, she: str, twin: str
) -> None:
    matures(bank)
    bank.usual_year()
    bank.flows("core,6001,2026-11-18,0.00,860000.00")
    refuses(bank, twin)

    merge(bank, she, twin)

    assert maturity(bank)["status"] == "withdrawn"
    assert [each["status"] for each in bank.alerts("abnormal_flow")] == ["open"]


def test_a_refusal_of_who_goes_on_spares_them_what_was_told_of_the_other(
    bank: AccountBank, she: str
) -> None:
    matures(bank)
    # An id that is older: the account is that of the record which ends.
    elder = "00000000-0000-7000-8000-000000000001"
    bank.store.bring("customer", bank.customer | {"id": elder, "phone": PHONE})
    refuses(bank, elder)
    before = maturity(bank)

    merge(bank, elder, she)

    assert (maturity(bank)["customer_id"], maturity(bank)["status"]) == (elder, "withdrawn")
    split(bank, elder, she)
    assert maturity(bank) == before


def test_a_split_brings_back_what_the_merge_took_back(
    bank: AccountBank, she: str, twin: str
) -> None:
    matures(bank)
    refuses(bank, twin)
    before = maturity(bank)
    merge(bank, she, twin)

    split(bank, she, twin)

    assert maturity(bank) == before


def test_who_refused_meanwhile_is_spared_also_after_a_split(
    bank: AccountBank, she: str, twin: str
) -> None:
    matures(bank)
    refuses(bank, twin)
    merge(bank, she, twin)
    refuses(bank, she)

    split(bank, she, twin)

    assert maturity(bank)["status"] == "withdrawn"


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_merges_that_spare_her_the_second_split_brings_it_back(
    bank: AccountBank, she: str, twin: str, first: int
) -> None:
    matures(bank)
    third = bank.customer_named("单晓敏", PHONE)
    for other in (twin, third):
        refuses(bank, other)
        merge(bank, she, other)
    others = (twin, third) if first == 0 else (third, twin)

    split(bank, she, others[0])

    assert maturity(bank)["status"] == "withdrawn"
    split(bank, she, others[1])
    assert maturity(bank)["status"] == "open"


# What a customer is worth


def worth(bank: AccountBank) -> dict[str, object]:
    """Assess who is due, and return the contribution of those who stand (fen)."""
    assess_due(bank.database, NOW + 180_000)
    return {
        str(row.document["customer_id"]): row.document["contribution"]
        for row in bank.store.rows("customer_value").values()
        if row.scope.startswith("portfolio:")
    }


def test_who_goes_on_is_assessed_at_once_and_both_are_after_a_split(
    bank: AccountBank, she: str, twin: str
) -> None:
    bank.identify(twin, "E12345678", "passport")
    theirs = {"id_kind": "passport", "id_number": "E12345678"}
    bank.accounts(
        account("6001", balance="500000.00", rate="0.05", **bank.hers),
        account("7001", balance="820000.00", rate="0.05", **theirs),
    )
    before = worth(bank)

    merge(bank, she, twin)

    together = worth(bank)
    assert together.keys() == {she}
    assert together[she] > before[she]  # type: ignore[operator]
    split(bank, she, twin)
    assert worth(bank) == before


# What the bank's systems say after a merge by what was the other record's


THEIRS: Final = {"id_kind": "passport", "id_number": "E12345678"}
BY_NAME: Final = {"phone": "15400005678", "customer": "单小敏"}


@pytest.fixture
def other(bank: AccountBank, she: str) -> str:
    """Somebody else, whom a supervisor takes for her: with an account of their own."""
    id = bank.customer_named(BY_NAME["customer"], BY_NAME["phone"])
    bank.identify(id, THEIRS["id_number"], "passport")
    bank.accounts(account("7001", balance="900000.00", **THEIRS))
    return id


def holder(bank: AccountBank, number: str) -> tuple[object, str]:
    """Whose an account is, and in which scope."""
    row = bank.store.rows("account")[account_id("core", number)]
    return row.document["customer_id"], row.scope


@pytest.mark.parametrize("said", [THEIRS, BY_NAME])
def test_an_account_that_came_by_a_former_record_goes_back_with_it(
    bank: AccountBank, she: str, other: str, said: dict[str, str]
) -> None:
    merge(bank, she, other)
    assert states(bank.accounts(account("7002", balance="50000.00", **said))) == {"applied": 1}
    assert holder(bank, "7002")[0] == she

    split(bank, she, other)

    assert holder(bank, "7002") == (other, f"portfolio:{bank.lin['id']}")
    customers = bank.store.rows("customer")
    assert customers[other].document["deposit_balance"] == 95_000_000
    again = bank.accounts(account("7002", balance="60000.00", as_of="2026-11-18", **said))
    assert states(again) == {"changed": 1}


def test_the_deposits_of_who_has_no_account_are_what_they_were(
    bank: AccountBank, she: str, other: str
) -> None:
    before = bank.customer_now()
    merge(bank, she, other)
    bank.accounts(account("7002", balance="50000.00", **THEIRS))

    split(bank, she, other)

    assert bank.customer_now() == before


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_they_are_so_in_whatever_order_merges_are_taken_back(
    bank: AccountBank, she: str, order: tuple[int, ...]
) -> None:
    others = [bank.customer_named(f"温若{name}") for name in "梅霞云"]
    bank.identify(others[0], an_id_card(5))
    hers = {"id_kind": "id_card", "id_number": an_id_card(5)}
    bank.accounts(account(as_of="2026-11-15", **hers))
    for day, each in enumerate(others, 15):
        merge(bank, she, each)
        bank.accounts(account(balance=f"{day}.00", as_of=f"2026-11-{day + 1}"))

    for place in order:
        split(bank, she, others[place])

    rows = bank.store.rows("customer")
    deposits = [rows[each].document["deposit_balance"] for each in (she, *others)]
    assert deposits == [None, 1_700, None, None]


def test_an_account_that_came_by_her_own_number_stays(
    bank: AccountBank, she: str, other: str
) -> None:
    bank.identify(other, bank.id_card)
    merge(bank, she, other)
    bank.accounts(account("6002", **bank.hers), account("7001", balance="1.00", **THEIRS))

    split(bank, she, other)

    assert holder(bank, "6002")[0] == she


def test_of_a_chain_an_account_goes_back_step_by_step(
    bank: AccountBank, she: str, other: str
) -> None:
    third = bank.customer_named("单晓明", "15400009999")
    bank.identify(third, "E87654321", "passport")
    merge(bank, other, third)
    merge(bank, she, other)
    said = {"id_kind": "passport", "id_number": "E87654321"}
    bank.accounts(account("8001", **said))

    split(bank, she, other)
    assert holder(bank, "8001")[0] == other
    split(bank, other, third)

    assert holder(bank, "8001")[0] == third


def test_what_is_told_of_an_account_goes_back_with_it(
    bank: AccountBank, she: str, other: str
) -> None:
    merge(bank, she, other)
    bank.flows("core,7001,2026-11-17,0.00,700000.00")
    due = {"kind": "time_deposit", "matures_on": "2026-12-10"}
    bank.accounts(account("7002", **due, **THEIRS), account("6002", **due, **bank.hers))
    assert {each["customer_id"] for each in bank.alerts()} == {she}

    split(bank, she, other)

    whose = {(each["kind"], each["evidence"]): each["customer_id"] for each in bank.alerts()}
    assert whose == {
        ("abnormal_flow", account_id("core", "7001")): other,
        ("maturity", account_id("core", "7002")): other,
        ("maturity", account_id("core", "6002")): she,
    }


CALL: Final = (
    "source,call_id,at,direction,result,summary,case,score,account_source,account,"
    "id_kind,id_number,phone,customer"
)
CARD: Final = "source,number,account_source,account,id_kind,id_number"
UNDER_THEIRS: Final = {"account_source": "core", "account": "7001"}


def told_of(bank: AccountBank, kind: str, columns: str, said: dict[str, str]) -> dict[str, int]:
    """Take in a file of one row; return what it came to."""
    row = ",".join(said.get(name, "") for name in columns.split(","))
    return states(bank.takes(kind, f"{columns}\n{row}\n"))


def whose(bank: AccountBank, *entities: str) -> list[object]:
    """Whose the one row of each entity is."""
    rows = (row for entity in entities for row in bank.store.rows(entity).values())
    return [row.document["customer_id"] for row in rows]


@pytest.mark.parametrize(
    "said", [THEIRS, BY_NAME, {"phone": BY_NAME["phone"]}, UNDER_THEIRS, UNDER_THEIRS | THEIRS]
)
def test_a_call_that_came_by_a_former_record_goes_back_with_all_that_it_left_to_do(
    bank: AccountBank, she: str, other: str, said: dict[str, str]
) -> None:
    merge(bank, she, other)
    known = {"source": "cc", "call_id": "1", "at": "2026-11-17 10:00", "direction": "inbound"}
    call = known | {"result": "missed", "case": "complaint", "score": "1"} | said
    assert told_of(bank, "calls", CALL, call) == {"applied": 1}
    things = "interaction", "task", "service_case", "alert"
    assert whose(bank, *things) == [she] * 5

    split(bank, she, other)

    assert whose(bank, *things) == [other] * 5
    assert told_of(bank, "calls", CALL, call | {"summary": "又说"}) == {"changed": 1}


def test_a_call_under_her_own_account_stays(bank: AccountBank, she: str, other: str) -> None:
    bank.accounts(account("6001", **bank.hers))
    merge(bank, she, other)
    known = {"source": "cc", "call_id": "1", "at": "2026-11-17 10:00", "direction": "inbound"}
    call = known | {"result": "missed", "account_source": "core", "account": "6001"}
    told_of(bank, "calls", CALL, call)

    split(bank, she, other)

    assert whose(bank, "interaction", "task") == [she, she]


@pytest.mark.parametrize("said", [THEIRS, UNDER_THEIRS])
def test_a_card_that_came_by_a_former_record_goes_back_with_it(
    bank: AccountBank, she: str, other: str, said: dict[str, str]
) -> None:
    merge(bank, she, other)
    card = {"source": "cards", "number": a_card()} | said
    assert told_of(bank, "cards", CARD, card) == {"applied": 1}

    split(bank, she, other)

    papers = [row.document for row in bank.store.rows("identifier").values()]
    assert [each["customer_id"] for each in papers if each["kind"] == "bank_card"] == [other]
    assert told_of(bank, "cards", CARD, card) == {"known": 1}
