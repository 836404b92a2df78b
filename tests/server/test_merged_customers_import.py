"""Files of customers about records that were merged, and what a split makes of what they said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.domain.provenance import provenance_id
from shared.registry import Document
from shared.testing.builders import NOW
from sync_server.store.deciding import merge_by_hand, split_by_hand
from tests.server.account_bank import an_id_card
from tests.server.doubled_bank import opened
from tests.server.test_customers_import import Bank, person

LAN, MEI, XIA = ("温若兰", "13900000008"), ("温若梅", "13900000009"), ("温若霞", "13900000010")
LATER = "2026-11-12"


class Family(Bank):
    """Three sisters of whom each has her number, taken for one customer, and apart again."""

    def says(self, place: int, called: tuple[str, str], as_of: str, **said: Any) -> str:
        """Take in what a file says of the holder of a number; return her id."""
        name, phone = called
        number = an_id_card(20 + place)
        known = {"id_number": number, "name": name, "phone": phone, "as_of": as_of}
        [(state, why)] = self.takes_in(person(**known | said), at=NOW + place)
        assert state != "refused", why
        papers = (row.document for row in self.store.rows("identifier").values())
        return next(str(each["customer_id"]) for each in papers if each["value"] == number)

    def merge(self, one: str, other: str, after: int = 10) -> None:
        self.database.write(lambda each: merge_by_hand(each, (one, other), "看过", NOW + after))

    def split(self, one: str, other: str, after: int = 20) -> list[str]:
        """Split; return the fields of which it says that they keep the newer value."""
        newer = self.database.write(
            lambda each: split_by_hand(each, (one, other), "不是", NOW + after)
        )
        return [each.field for each in newer]

    def called(self, *ids: str) -> list[tuple[object, object]]:
        rows = self.store.rows("customer")
        return [(rows[id].document["name"], rows[id].document["phone"]) for id in ids]

    def sources(self, *ids: str) -> list[Document]:
        rows = self.store.rows("provenance")
        known = [rows[provenance_id(id)].document for id in ids]
        return [{**each, "kept_at": None} for each in known]


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Family]:
    database = opened(request, tmp_path)
    yield Family(database)
    database.close()


def test_what_a_file_says_by_a_former_records_number_goes_back_with_it(bank: Family) -> None:
    lan, mei = bank.says(1, LAN, "2026-11-10"), bank.says(2, MEI, "2026-11-10")
    [known, _] = bank.sources(lan, mei)
    bank.merge(lan, mei)

    bank.says(2, XIA, LATER)
    assert bank.called(lan) == [XIA], "meanwhile it is hers who goes on"

    assert bank.split(lan, mei) == []
    assert bank.called(lan, mei) == [LAN, XIA]
    assert bank.sources(lan)[0] == known
    assert bank.origin({"id": mei}, "name").as_of > bank.origin({"id": lan}, "name").as_of


def test_what_it_says_by_her_own_number_stays(bank: Family) -> None:
    lan, mei = bank.says(1, LAN, "2026-11-10"), bank.says(2, MEI, "2026-11-10")
    bank.merge(lan, mei)

    bank.says(1, XIA, LATER)
    bank.split(lan, mei)

    assert bank.called(lan, mei) == [XIA, MEI]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_what_a_file_says_of_both_each_has_after_a_split(
    bank: Family, order: tuple[int, int]
) -> None:
    lan, mei = bank.says(1, LAN, "2026-11-10"), bank.says(2, MEI, "2026-11-10")
    bank.merge(lan, mei)
    both = "13900000013"

    for place in order:
        bank.says(place, ((LAN, MEI)[place - 1][0], both), LATER)
    bank.split(lan, mei)

    assert bank.called(lan, mei) == [(LAN[0], both), (MEI[0], both)]


def test_what_was_older_than_what_stood_meanwhile_is_hers_after_a_split(bank: Family) -> None:
    lan, mei = bank.says(1, LAN, "2026-11-10"), bank.says(2, MEI, "2026-11-12")
    bank.merge(lan, mei)

    bank.says(1, XIA, "2026-11-11")
    assert bank.called(lan) == [MEI]
    bank.split(lan, mei)

    assert bank.called(lan, mei) == [XIA, MEI]
    assert bank.origin({"id": lan}, "phone").as_of < bank.origin({"id": mei}, "phone").as_of


def test_what_a_merge_took_over_and_a_file_went_on_with_goes_back_whole(bank: Family) -> None:
    lan, mei = bank.says(1, LAN, "2026-11-10"), bank.says(2, MEI, "2026-11-11")
    bank.merge(lan, mei)
    assert bank.called(lan) == [MEI]

    bank.says(2, XIA, LATER)
    bank.says(2, (XIA[0], "13900000011"), "2026-11-13")
    bank.split(lan, mei)

    assert bank.called(lan, mei) == [LAN, (XIA[0], "13900000011")]


def test_what_somebody_wrote_down_since_stays_and_is_told(bank: Family) -> None:
    lan, mei = bank.says(1, LAN, "2026-11-10"), bank.says(2, MEI, "2026-11-10")
    bank.merge(lan, mei)
    bank.says(2, XIA, LATER)
    bank.writes_down(bank.store.rows("customer")[lan].document, phone="13900000012")

    assert bank.split(lan, mei) == ["phone"]

    assert bank.called(lan, mei) == [(LAN[0], "13900000012"), XIA]


def test_of_a_chain_it_goes_back_step_by_step(bank: Family) -> None:
    ids = [bank.says(place, called, "2026-11-10") for place, called in enumerate((LAN, MEI, XIA))]
    lan, mei, xia = ids
    bank.merge(mei, xia)
    bank.merge(lan, mei, after=11)

    bank.says(2, ("温若云", "13900000011"), LATER)
    bank.split(lan, mei)

    assert bank.called(lan, mei) == [LAN, ("温若云", "13900000011")]
    bank.split(mei, xia, after=21)
    assert bank.called(*ids) == [LAN, MEI, ("温若云", "13900000011")]


@pytest.mark.parametrize("first", [1, 2])
def test_of_two_merges_either_may_be_taken_back_first(bank: Family, first: int) -> None:
    days = ("2026-11-10", "2026-11-11", "2026-11-12")
    ids = [bank.says(place, said, days[place]) for place, said in enumerate((LAN, MEI, XIA))]
    bank.merge(ids[0], ids[1])
    bank.merge(ids[0], ids[2], after=11)
    assert bank.called(ids[0]) == [XIA]

    bank.says(1, ("温若云", "13900000011"), "2026-11-13")
    bank.split(ids[0], ids[first])
    bank.split(ids[0], ids[3 - first], after=21)

    assert bank.called(*ids) == [LAN, ("温若云", "13900000011"), XIA]


def test_tomorrows_file_finds_both_as_it_says(bank: Family) -> None:
    lan, mei = bank.says(1, LAN, "2026-11-10"), bank.says(2, MEI, "2026-11-10")
    bank.merge(lan, mei)
    bank.says(2, XIA, LATER)
    bank.split(lan, mei)

    bank.says(1, LAN, "2026-11-13")
    bank.says(2, XIA, "2026-11-13")

    assert bank.called(lan, mei) == [LAN, XIA]


def test_no_device_is_told_of_a_record_that_ended(bank: Family) -> None:
    lan, mei = bank.says(1, LAN, "2026-11-10"), bank.says(2, MEI, "2026-11-10")
    bank.merge(lan, mei)

    bank.says(2, XIA, LATER)

    homes = [bank.store.rows("customer")[mei].scope]
    homes.append(bank.store.rows("provenance")[provenance_id(mei)].scope)
    assert homes == [f"merged:{lan}"] * 2
