"""Claims at the server, on both databases: of two at the same moment the second sees the first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import pytest

from shared.registry import Document
from shared.testing.around import a_prospect, a_prospect_contact
from shared.testing.builders import (
    a_caller,
    a_customer,
    an_identifier,
    insert,
    patch,
    transition,
    txn,
)
from sync_server.customer.initials import initials
from sync_server.demo.numbers import uscc
from sync_server.store import prospecting
from sync_server.store.database import open_postgresql, open_sqlite
from sync_server.store.prospecting import look_at_claims
from tests.server.selling_bank import SellingBank
from tests.server.sql_store import empty

DAY_MS = 24 * 3_600_000


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SellingBank]:
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "server.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield SellingBank(database)
    database.close()


def claim(bank: SellingBank, who: str, **fields: object) -> Document:
    """A manager's claim is taken in; return the row as it was answered."""
    prospect = a_prospect(who, **fields)
    assert [each["status"] for each in bank.push(who, insert("prospect", prospect))] == ["applied"]
    return bank.row("prospect", str(prospect["id"]))


def test_two_claims_at_the_same_moment_are_one_that_holds_and_one_that_contests(
    bank: SellingBank,
) -> None:
    for number in range(6):
        both = Barrier(2)

        def send(who: str, number: int = number, both: Barrier = both) -> None:
            prospect = a_prospect(who, name=f"第{number}公司")
            both.wait()
            bank.push(who, insert("prospect", prospect))

        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(send, who) for who in (bank.lin, bank.zhou)]
            assert [each.result() for each in sent] == [None, None]

    found = sorted((str(row["name"]), str(row["status"])) for row in bank.rows("prospect"))
    both_of = [
        (f"第{number}公司", each) for number in range(6) for each in ("claimed", "contested")
    ]
    assert found == both_of
    assert len(bank.rows("prospect_contest")) == 6


def test_an_answer_says_nothing_of_the_customer_but_whom_to_ask(bank: SellingBank) -> None:
    code = uscc(Random(3))
    there = a_customer(bank.zhou, id="there", kind="organisation", deposit_balance=9_876_543)
    bank.bring("customer", there)
    bank.bring("identifier", an_identifier("there", kind="uscc", value=code.lower()))

    row = claim(bank, bank.lin, code=code)

    assert (row["status"], row["cause"]) == ("declined", "is_customer")
    assert row["others"] == bank.row("employee", bank.zhou)["name"]
    assert "9876543" not in str(row)
    assert row["customer_id"] is None


def there_is(bank: SellingBank, name: str, **fields: Any) -> None:
    """A company is a customer of Zhou's, in 江宁区."""
    known = {"initials": initials(name), "address": "云汀市江宁区12号", **fields}
    there = a_customer(bank.zhou, id="there", kind="organisation", name=name, **known)
    bank.bring("customer", there)


@pytest.mark.parametrize("known", [{"district": "江宁区"}, {"phone": "025 8600 1234"}])
@pytest.mark.parametrize(
    ("customer", "named"),
    [
        ("山河科技有限公司", "山河科技"),
        ("中国山河（深圳）科技集团股份有限公司", "山河深圳科技"),
        ("山河科技", "山河科技有限公司"),
        ("单行道五金店", "单行道五金"),
        ("云汀中国商会", "云汀中国商会"),
    ],
)
def test_a_customer_is_recognised_without_country_and_legal_form_as_a_prospect_is(
    bank: SellingBank, customer: str, named: str, known: dict[str, str]
) -> None:
    there_is(bank, customer, phone="025-86001234")

    row = claim(bank, bank.lin, **{"name": named, "phone": None, **known})

    assert (row["status"], row["cause"]) == ("declined", "is_customer")


def test_two_codes_are_two_organisations_also_where_one_is_a_customer(bank: SellingBank) -> None:
    there_is(bank, "山河科技有限公司")
    bank.bring("identifier", an_identifier("there", kind="uscc", value=uscc(Random(1))))

    near = {"name": "山河科技有限公司", "phone": None, "district": "江宁区"}
    row = claim(bank, bank.lin, code=uscc(Random(2)), **near)

    assert (row["status"], row["cause"]) == ("claimed", None)


def all_to(who: str, contest: Document) -> dict[str, Any]:
    """What an arbiter says who awards a contested prospect to one alone."""
    return {
        "heard": contest["claims"],
        "shares": f'[["{who}",10000]]',
        "reason": "有拜访记录",
        "decided_by": contest["arbiter_id"],
    }


def test_a_supervisor_awards_and_nobody_else_does(bank: SellingBank) -> None:
    first, second = claim(bank, bank.lin), claim(bank, bank.zhou)
    [contest] = bank.rows("prospect_contest")
    arbiter = str(contest["arbiter_id"])
    said = all_to(bank.zhou, contest)
    steps = ("status", "open", "decided")
    assert arbiter in (bank.boss, bank.head)

    decision = [
        transition("prospect_contest", str(contest["id"]), *steps, **said) for _ in range(2)
    ]
    assert bank.push(bank.zhou, decision[0])[0].get("code") == "not_yours"
    assert bank.push(arbiter, decision[1])[0]["status"] == "applied"

    rows = [bank.row("prospect", str(each["id"])) for each in (first, second)]
    assert [row["status"] for row in rows] == ["declined", "claimed"]
    assert {row["answer"] for row in rows} == {"有拜访记录"}


def test_whoever_became_a_supervisor_meanwhile_awards_nothing_that_they_claim(
    bank: SellingBank,
) -> None:
    claim(bank, bank.lin)
    claim(bank, bank.zhou)
    for who, role in ((bank.lin, "supervisor"), (bank.boss, "auditor"), (bank.head, "auditor")):
        bank.bring("employee", {**bank.row("employee", who), "role": role})

    look_at_claims(bank.database, bank.now)

    [contest] = bank.rows("prospect_contest")
    assert contest["arbiter_id"] == ""
    held = {**contest, "arbiter_id": bank.boss}
    bank.bring("prospect_contest", held)  # as it was before she became one
    said = all_to(bank.lin, contest) | {"decided_by": bank.lin}
    step = transition("prospect_contest", str(held["id"]), "status", "open", "decided", **said)
    caller = a_caller(bank.lin, f"portfolio:{bank.boss}", role="supervisor")
    assert bank.store.push(caller, [txn(step)])[0].get("code") == "four_eyes"


def test_a_term_runs_from_the_contact_and_never_from_a_clock_that_is_ahead(
    bank: SellingBank,
) -> None:
    row = claim(bank, bank.lin)
    ahead = a_prospect_contact(row, occurred_at=bank.now + 300 * DAY_MS)

    bank.push(bank.lin, insert("prospect_contact", ahead))

    assert bank.row("prospect", str(row["id"]))["renewed_at"] == bank.now


def test_a_day_is_looked_at_once_and_ends_nothing_twice(bank: SellingBank) -> None:
    row = claim(bank, bank.lin)
    later = bank.now + 98 * DAY_MS

    look_at_claims(bank.database, later)
    first = bank.row("prospect", str(row["id"]))
    head = bank.store.head()
    look_at_claims(bank.database, later)
    look_at_claims(bank.database, later + DAY_MS)

    assert (first["status"], first["cause"], first["taken_at"]) == ("lapsed", "no_contact", None)
    assert bank.store.head() == head


def test_of_a_contested_prospect_that_becomes_a_customer_the_holder_alone_has_won_it(
    bank: SellingBank,
) -> None:
    code = uscc(Random(4))
    first, second = claim(bank, bank.lin, code=code), claim(bank, bank.zhou, code=code)
    bank.bring("customer", a_customer(bank.lin, id="new", kind="organisation"))
    bank.bring("identifier", an_identifier("new", kind="uscc", value=code))

    look_at_claims(bank.database, bank.now)

    rows = [bank.row("prospect", str(each["id"])) for each in (first, second)]
    assert [(row["status"], row["cause"]) for row in rows] == [
        ("won", None),
        ("declined", "is_customer"),
    ]
    assert [row["status"] for row in bank.rows("prospect_contest")] == ["over"]
    assert [row["customer_id"] for row in bank.rows("task")] == ["new"]


def test_so_it_is_where_the_holder_says_more_of_it_before_that_look(bank: SellingBank) -> None:
    code = uscc(Random(4))
    first, second = claim(bank, bank.lin, code=code), claim(bank, bank.zhou)
    bank.bring("customer", a_customer(bank.lin, id="new", kind="organisation"))
    bank.bring("identifier", an_identifier("new", kind="uscc", value=code))

    id = str(first["id"])
    bank.push(bank.lin, patch("prospect", id, contact_name=(None, "周经理")))
    look_at_claims(bank.database, bank.now)

    rows = [bank.row("prospect", str(each["id"])) for each in (first, second)]
    assert [(row["status"], row["cause"]) for row in rows] == [
        ("won", None),
        ("declined", "is_customer"),
    ]


def test_nobody_else_wins_it_however_many_claims_stand_between_theirs(
    bank: SellingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prospecting, "TOGETHER", 1)
    code = uscc(Random(4))
    rows = [claim(bank, who, code=code) for who in (bank.lin, bank.zhou)]
    bank.bring("customer", a_customer(bank.lin, id="new", kind="organisation"))
    bank.bring("identifier", an_identifier("new", kind="uscc", value=code))

    look_at_claims(bank.database, bank.now)

    statuses = [bank.row("prospect", str(each["id"]))["status"] for each in rows]
    assert statuses == ["won", "declined"]


def decided_at(bank: SellingBank, claim: Document) -> object:
    return bank.row("prospect", str(claim["id"]))["decided_at"]


def test_whoever_is_answered_later_knows_when_and_a_new_claim_begins_anew(
    bank: SellingBank,
) -> None:
    taken = claim(bank, bank.lin)
    again = claim(bank, bank.lin)
    later = bank.now + 98 * DAY_MS

    assert (taken["decided_at"], again["decided_at"]) == (None, bank.now)
    look_at_claims(bank.database, later)
    assert decided_at(bank, taken) == later

    step = transition("prospect", str(taken["id"]), "status", "lapsed", "claimed")
    assert bank.push(bank.lin, step)[0]["status"] == "applied"
    assert decided_at(bank, taken) is None


def test_a_contest_is_decided_for_all_who_were_in_it_at_one_moment(bank: SellingBank) -> None:
    first, second = claim(bank, bank.lin), claim(bank, bank.zhou)
    assert (decided_at(bank, first), decided_at(bank, second)) == (None, None)
    [contest] = bank.rows("prospect_contest")
    arbiter = str(contest["arbiter_id"])
    said = all_to(bank.zhou, contest)

    step = transition("prospect_contest", str(contest["id"]), "status", "open", "decided", **said)
    bank.push(arbiter, step)

    assert decided_at(bank, first) == decided_at(bank, second) == bank.now


def test_who_is_left_alone_in_a_contest_is_told_and_who_gave_way_is_not(bank: SellingBank) -> None:
    first, second = claim(bank, bank.lin), claim(bank, bank.zhou)

    step = transition("prospect", str(first["id"]), "status", "claimed", "released")
    bank.push(bank.lin, step)

    assert (decided_at(bank, first), decided_at(bank, second)) == (None, bank.now)


def test_no_device_says_what_the_server_answers(bank: SellingBank) -> None:
    for said in ({"customer_id": "x"}, {"renewed_at": 1}, {"cause": "awarded"}, {"decided_at": 1}):
        prospect = a_prospect(bank.lin, **said)

        assert bank.push(bank.lin, insert("prospect", prospect))[0].get("code") == "server_owned"
