"""The sweep that looks for customers who are one: what it merges, what it asks, what it leaves."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from shared.domain.duplicate import duplicate_id
from shared.testing.around import a_collaborator, a_consent, an_alert
from shared.testing.builders import NOW, a_duplicate, an_identifier, an_interaction
from sync_server.store.deciding import open_duplicates
from sync_server.store.duplicates import find, find_daily
from sync_server.store.merging import split_customers
from sync_server.store.pairing import CROWDED
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.doubled_bank import PHONE, DoubledBank, an_id_card, opened

DAY_MS = 24 * 3_600_000


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DoubledBank]:
    database = opened(request, tmp_path)
    yield DoubledBank(database)
    database.close()


def test_who_is_proven_to_be_one_goes_on_as_the_elder(bank: DoubledBank) -> None:
    elder, other = bank.customer(an_id_card()), bank.customer(an_id_card(), phone=PHONE)
    visit = an_interaction(other, bank.lin)
    bank.bring("interaction", visit)

    sweep = bank.sweep()

    assert (sweep.merged, sweep.queued) == (1, 0)
    assert (bank.goes_on(other), bank.goes_on(elder)) == (elder, None)
    assert bank.rows("interaction")[str(visit["id"])].document["customer_id"] == elder
    assert bank.rows("customer")[elder].document["phone"] == PHONE
    pair = bank.pair(elder, other)
    assert (pair["status"], pair["decided_by"]) == ("merged", "job:identity")
    assert pair["reason"]


def test_who_refused_personalisation_as_either_record_is_spared_by_the_sweep(
    bank: DoubledBank,
) -> None:
    elder, other = bank.customer(an_id_card()), bank.customer(an_id_card())
    told = an_alert(elder, kind="maturity", direction=None)
    bank.bring("alert", told)
    bank.bring("consent", a_consent(other, bank.lin))

    assert bank.sweep().merged == 1

    assert bank.rows("alert")[str(told["id"])].document["status"] == "withdrawn"


def test_who_has_no_number_is_told_by_name_and_birth_date_in_one_portfolio(
    bank: DoubledBank,
) -> None:
    elder, bare = bank.customer(an_id_card()), bank.customer()
    elsewhere = bank.customer(owner=bank.zhou)

    sweep = bank.sweep()

    assert (sweep.merged, sweep.queued) == (1, 1)
    assert (bank.goes_on(bare), bank.goes_on(elsewhere)) == (elder, None)


@pytest.mark.parametrize("bare_first", [True, False])
def test_where_namesakes_of_one_day_are_known_a_person_says_whose_a_bare_record_is(
    bank: DoubledBank, bare_first: bool
) -> None:
    """Whichever of them are compared first."""
    early = bank.customer() if bare_first else None
    namesakes = [bank.customer(an_id_card(order)) for order in (12, 14)]
    bare = early or bank.customer()

    sweep = bank.sweep()

    assert (sweep.merged, sweep.queued) == (0, 2)
    pairs = [bank.pair(bare, each) for each in namesakes]
    assert [(pair["status"], pair["score"]) for pair in pairs] == [("open", 95)] * 2


@pytest.mark.parametrize("status", ["distinct", "split"])
def test_two_of_whom_somebody_said_that_they_are_two_are_namesakes(
    bank: DoubledBank, status: str
) -> None:
    one, other = bank.customer(), bank.customer()
    said = {"reason": "看过证件", "decided_by": bank.zhou, "decided_at": NOW}
    bank.bring("duplicate", a_duplicate(one, other, status=status, **said))
    bank.customer()

    sweep = bank.sweep()

    assert (sweep.merged, sweep.queued) == (0, 2)


def test_a_company_of_one_code_goes_on_though_its_name_and_representative_changed(
    bank: DoubledBank,
) -> None:
    def company(name: str, representative: str) -> str:
        said = {"legal_representative": representative, "birth_date": None, "gender": None}
        id = bank.customer(kind="organisation", name=name, phone=PHONE, **said)
        code = {"kind": "uscc", "value": "91480102MA00000K2E", "last_four": "0K2E"}
        bank.bring("identifier", an_identifier(id, **code))
        return id

    elder, other = company("云汀新材料有限公司", "张晓兰"), company("山河贸易有限公司", "王海")

    assert (bank.sweep().merged, bank.goes_on(other)) == (1, elder)


def test_a_merge_of_the_sweep_is_taken_back_to_the_byte(bank: DoubledBank) -> None:
    elder, other = bank.customer(an_id_card()), bank.customer(an_id_card(), phone=PHONE)
    bank.bring("interaction", an_interaction(other, bank.lin))
    before = bank.everything()
    bank.sweep()

    with bank.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("admin:split"), NOW + 1)
        newer = split_customers(unit, duplicate_id(elder, other))
        unit.finish()

    assert newer == []
    assert bank.everything() == before


def test_who_works_with_one_of_them_holds_who_goes_on(bank: DoubledBank) -> None:
    elder = bank.customer(an_id_card(), phone=PHONE)
    other = bank.customer(an_id_card())
    bank.bring("collaborator", a_collaborator(other, bank.zhou, bank.lin))

    bank.sweep()

    [held] = bank.rows("collaboration").values()
    assert held.document["customer_id"] == elder
    assert (held.document["phone"], held.scope) == (PHONE, f"user:{bank.zhou}")


def test_a_supervisor_merges_what_was_queued_and_splits_it(bank: DoubledBank) -> None:
    elder, other = bank.suspected()
    visit = an_interaction(other, bank.lin)
    bank.bring("interaction", visit)
    before = bank.everything()
    bank.sweep()

    assert bank.decided(elder, other, "open", "merged") == ["applied"]
    assert bank.rows("interaction")[str(visit["id"])].document["customer_id"] == elder
    assert bank.decided(elder, other, "merged", "split", version=2) == ["applied"]

    assert bank.everything() == before
    assert bank.sweep().queued == 0


def test_whose_customer_somebody_is_people_say(bank: DoubledBank) -> None:
    elder, other = bank.customer(an_id_card()), bank.customer(an_id_card(), bank.zhou)

    sweep = bank.sweep()

    assert (sweep.merged, sweep.queued) == (0, 1)
    assert bank.goes_on(other) is None
    pair = bank.pair(elder, other)
    assert (pair["status"], pair["customer_id"]) == ("open", elder)
    assert str(pair["reasons"]).splitlines() == [
        "number_same", "birth_same", "name_same", "owners_differ",
    ]  # fmt: skip


def test_what_is_suspected_comes_to_the_devices_of_the_elder(bank: DoubledBank) -> None:
    elder, other = bank.suspected()
    bank.store.grant(bank.lin, f"portfolio:{bank.lin}")
    *_, told = bank.store.pull(bank.lin, None)

    bank.sweep()

    changes = [row for page in bank.store.pull(bank.lin, told["cursor"]) for row in page["rows"]]
    assert [(row["entity"], row["id"]) for row in changes] == [
        ("duplicate", duplicate_id(elder, other))
    ]


@pytest.mark.parametrize("status", ["distinct", "merged", "split"])
def test_a_pair_on_which_somebody_has_spoken_is_never_raised_again(
    bank: DoubledBank, status: str
) -> None:
    one, other = bank.customer(an_id_card()), bank.customer(an_id_card())
    said = {"reason": "看过证件", "decided_by": bank.zhou, "decided_at": NOW}
    bank.bring("duplicate", a_duplicate(one, other, status=status, **said))
    before = bank.store.head()

    sweep = bank.sweep()

    assert (sweep.merged, sweep.queued, bank.store.head()) == (0, 0, before)


def test_what_was_said_of_one_holds_for_whom_they_are_merged_into(bank: DoubledBank) -> None:
    elder = bank.customer(an_id_card())
    twin = bank.customer(an_id_card(), birth_date=None)
    third = bank.customer(an_id_card(), owner=bank.zhou)
    said = {"status": "distinct", "reason": "看过证件", "decided_by": bank.zhou, "decided_at": NOW}
    bank.bring("duplicate", a_duplicate(twin, third, **said))

    sweep = bank.sweep()

    assert bank.goes_on(twin) == elder
    assert (sweep.merged, sweep.queued) == (1, 0)
    assert duplicate_id(elder, third) not in bank.rows("duplicate")


def test_a_second_sweep_changes_nothing(bank: DoubledBank) -> None:
    for _ in range(3):
        bank.customer(an_id_card(), name="李建国")
    bank.suspected()
    first = bank.sweep()
    before = bank.store.head()

    second = bank.sweep(NOW + DAY_MS)

    assert (first.merged, first.queued) == (2, 1)
    assert (second.merged, second.queued, bank.store.head()) == (0, 0, before)


def test_a_sweep_that_is_cut_off_anywhere_is_begun_again(bank: DoubledBank) -> None:
    for _ in range(3):
        bank.customer(an_id_card())
    bank.customer(an_id_card(), owner=bank.zhou)
    steps = 1
    while True:
        if len(list(islice(find(bank.database, NOW), steps))) < steps:
            break
        steps += 1
    before = bank.store.head()

    assert steps > 4
    found = [str(row.document["status"]) for row in bank.rows("duplicate").values()]
    assert sorted(found) == ["merged", "merged", "open"]
    assert bank.sweep().merged == 0
    assert bank.store.head() == before


def test_a_decision_during_the_sweep_stands(bank: DoubledBank) -> None:
    one, other = bank.customer(an_id_card()), bank.customer(an_id_card())
    going = find(bank.database, NOW)
    while next(going).compared == 0:
        pass
    said = {"status": "distinct", "reason": "看过证件", "decided_by": bank.zhou, "decided_at": NOW}
    bank.bring("duplicate", a_duplicate(one, other, **said))

    *_, sweep = going

    assert (sweep.merged, sweep.queued, bank.goes_on(other)) == (0, 0, None)


def test_what_both_records_know_proves_a_third(bank: DoubledBank) -> None:
    elder = bank.customer(an_id_card())
    twin = bank.customer(an_id_card(), phone=PHONE, birth_date=None)
    third = bank.customer(phone=PHONE)

    sweep = bank.sweep()

    assert (sweep.merged, sweep.queued) == (2, 0)
    assert {bank.goes_on(twin), bank.goes_on(third)} == {elder}


def test_the_queue_says_what_is_known_now(bank: DoubledBank) -> None:
    elder, other = bank.suspected()
    bank.sweep()
    before = bank.pair(elder, other)
    for id in (elder, other):
        row = bank.rows("customer")[id].document
        bank.bring("customer", {**row, "address": "青溪市河湾路12号"})

    sweep = bank.sweep(NOW + DAY_MS)

    after = bank.pair(elder, other)
    assert (before["score"], after["score"], after["found_at"]) == (85, 120, before["found_at"])
    assert sweep.queued == 0


def test_a_pair_that_is_alike_no_longer_waits_for_nobody(bank: DoubledBank) -> None:
    elder, other = bank.suspected()
    bank.sweep()
    row = bank.rows("customer")[other].document
    bank.bring("customer", {**row, "phone": "15400007777"})

    sweep = bank.sweep(NOW + DAY_MS)

    pair = bank.pair(elder, other)
    assert (pair["status"], pair["score"], pair["reasons"]) == ("open", 45, "name_same")
    with bank.database.reading() as connection:
        assert open_duplicates(connection, 10) == []
    bank.bring("customer", row)
    assert (sweep.queued, bank.sweep(NOW + 2 * DAY_MS).queued) == (0, 0)
    assert bank.pair(elder, other)["score"] == 85


def test_a_telephone_of_one_name_is_that_customers_however_often_it_is_there(
    bank: DoubledBank,
) -> None:
    for _ in range(4):
        bank.customer(phone=PHONE)

    assert bank.sweep().merged == 3


def test_a_telephone_of_three_names_proves_nothing(bank: DoubledBank) -> None:
    home = {"phone": PHONE, "address": "青溪市河湾路12号"}
    one, other = bank.customer(**home), bank.customer(**home, birth_date=None)
    for name in ("李建国", "王海"):
        bank.customer(name=name, phone=PHONE, birth_date="1980-05-01")

    assert (bank.sweep().merged, bank.pair(one, other)["status"]) == (0, "open")
    assert "phone_shared" in str(bank.pair(one, other)["reasons"])


def test_a_telephone_of_a_crowd_is_told_and_says_nothing(bank: DoubledBank) -> None:
    for order in range(CROWDED + 1):
        bank.customer(name=f"客户{order:02d}", phone=PHONE, birth_date=None)

    sweep = bank.sweep()

    assert (sweep.crowded, sweep.passed_over) == (1, CROWDED + 1)
    assert (sweep.compared, sweep.queued) == (0, 0)


def test_what_cannot_be_merged_is_left_to_people(bank: DoubledBank) -> None:
    words = ["\n".join(f"{sign}{place:03d}" for place in range(190)) for sign in "甲乙"]
    elder, other = (bank.customer(an_id_card(), interests=each) for each in words)

    sweep = bank.sweep()

    assert (sweep.merged, sweep.queued) == (0, 1)
    assert (bank.pair(elder, other)["status"], bank.goes_on(other)) == ("open", None)


def test_the_day_is_swept_once(bank: DoubledBank) -> None:
    find_daily(bank.database, NOW)
    bank.customer(an_id_card())
    other = bank.customer(an_id_card())

    find_daily(bank.database, NOW + 1)
    assert bank.goes_on(other) is None

    find_daily(bank.database, NOW + DAY_MS)
    assert bank.goes_on(other) is not None
