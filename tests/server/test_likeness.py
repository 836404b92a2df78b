"""Two customers are one when a number proves it, or much else that a family does not share."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import id_card_check
from sync_server.customer.likeness import Likeness, Party, Shared, is_namesake, keys, likeness

ROAD = "青溪市河湾路12号3栋502室"


def a_number(order: int = 12, birth: str = "19520312") -> str:
    body = f"480101{birth}{order:03d}"
    return body + id_card_check(body)


def a_party(**said: Any) -> Party:
    known: dict[str, Any] = {
        "id": "1",
        "kind": "person",
        "name": "张晓兰",
        "phone": "15400001234",
        "birth_date": "1952-03-12",
        "gender": "female",
        "numbers": [("id_card", a_number())],
    }
    return Party(**known | said)


def a_company(**said: Any) -> Party:
    return Party(**{"id": "1", "kind": "organisation", "name": "青溪云栖纸业有限公司", **said})


def slipped(number: str, place: int) -> str:
    return number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]


def between(other: Party, one: Party | None = None, **shared: Any) -> Likeness:
    return likeness(one or a_party(), other, Shared(**shared))


def test_one_number_and_one_name_are_one_customer_wherever_they_live_now() -> None:
    found = between(a_party(phone="15400009999", address=ROAD))

    assert found.is_sure
    assert found.reasons[0] == "number_same"


def test_a_person_without_a_number_is_told_by_name_and_birth_date_in_one_portfolio() -> None:
    bare = a_party(numbers=(), phone=None)

    assert between(bare).is_sure
    assert not between(replace(bare, owner_id="another")).is_sure
    assert not between(replace(bare, name="张晓岚")).is_sure
    assert not between(replace(bare, birth_date=None)).is_sure
    assert not between(replace(bare, gender="male")).is_sure


def test_two_cards_that_are_not_even_nearly_one_are_two_though_one_is_mistyped() -> None:
    other = a_party(numbers=[("id_card", "480102195203129991")], phone=None)

    assert not between(other).is_sure
    assert "number_differs" not in between(other).reasons


def test_the_first_of_a_year_is_what_people_write_who_know_the_year() -> None:
    one, other = (a_party(birth_date="1980-01-01", numbers=(), phone=None) for _ in range(2))

    assert not between(other, one).is_sure


def test_where_a_namesake_of_the_day_is_known_name_and_birth_date_are_for_a_person() -> None:
    found = between(a_party(numbers=(), phone=None), has_namesake=True)

    assert (found.is_sure, found.is_suspected) == (False, True)


def test_namesakes_of_one_day_are_two_of_whom_something_else_differs() -> None:
    other = a_party(numbers=[("id_card", a_number(14))], phone=None)

    assert is_namesake(between(other))
    assert is_namesake(between(replace(other, name="张晓岚")))
    assert not is_namesake(between(replace(other, name="王海")))
    assert not is_namesake(between(replace(other, birth_date="1980-05-01")))
    assert not is_namesake(between(a_party()))


def test_a_company_is_told_by_its_code_whoever_acts_for_it_now() -> None:
    code = [("uscc", "91480102MA00000K2E")]
    one = a_company(legal_representative="张晓兰", numbers=code)

    assert between(a_company(legal_representative="王海", numbers=code), one).is_sure
    assert not between(a_company(name="山河贸易有限公司", numbers=code), one).is_sure
    assert not between(a_company(legal_representative="王海"), one).is_sure


def test_a_company_that_was_renamed_is_told_by_its_code_and_its_address() -> None:
    code = [("uscc", "91480102MA00000K2E")]
    one = a_company(numbers=code, address=ROAD)

    assert between(a_company(name="山河贸易有限公司", numbers=code, address=ROAD), one).is_sure


@pytest.mark.parametrize(
    "number", [("uscc", "91480102MA00000K2F"), ("uscc", "000000"), ("id_card", a_number())]
)
def test_what_is_no_real_code_tells_no_company(number: tuple[str, str]) -> None:
    one = a_company(numbers=[number], address=ROAD)

    found = between(a_company(name="山河贸易有限公司", numbers=[number], address=ROAD), one)

    assert (found.is_sure, found.is_suspected) == (False, True)


def test_one_number_with_two_names_is_for_a_person_to_look_at() -> None:
    found = between(a_party(name="王海", birth_date=None, phone=None))

    assert not found.is_sure
    assert found.is_suspected


@pytest.mark.parametrize("place", range(17))
def test_a_wrong_digit_finds_and_proves_the_same_customer(place: int) -> None:
    other = a_party(numbers=[("id_card", slipped(a_number(), place))], phone=None)

    assert set(keys(a_party())) & set(keys(other))
    assert between(other).is_sure


def test_a_slip_in_the_number_and_another_in_the_name_are_for_a_person() -> None:
    twin = a_party(name="张晓岚", address=ROAD, numbers=[("id_card", slipped(a_number(), 16))])

    found = between(twin, a_party(address=ROAD))

    assert (found.is_sure, found.is_suspected) == (False, True)


def test_two_swapped_digits_are_a_slip() -> None:
    number = a_number()
    swapped = number[:9] + number[10] + number[9] + number[11:]

    assert "number_typo" in between(a_party(numbers=[("id_card", swapped)])).reasons


@pytest.mark.parametrize("place", range(18))
@pytest.mark.parametrize("written", ["", "5"])
def test_a_digit_left_out_or_one_too_many_is_a_slip(place: int, written: str) -> None:
    number = a_number()
    end = number[place:] if written else number[place + 1 :]
    other = a_party(numbers=[("id_card", number[:place] + written + end)], phone=None)

    assert set(keys(a_party())) & set(keys(other))
    assert between(other).reasons[0] == "number_typo"


def test_a_card_of_the_first_generation_is_the_same_number() -> None:
    number = a_number()
    former = a_party(numbers=[("id_card", number[:6] + number[8:17])], phone=None, birth_date=None)

    assert between(former).is_sure
    assert between(former).reasons[0] == "number_same"


def test_a_real_number_says_when_somebody_was_born_and_whether_a_woman() -> None:
    told = a_party(birth_date=None, gender=None)
    other = a_party(numbers=())

    assert between(other, told).reasons == ("birth_same", "name_same", "phone_same")
    assert "gender_differs" in between(a_party(numbers=(), gender="male"), told).reasons
    assert "birth_differs" in between(a_party(numbers=(), birth_date="1980-05-01"), told).reasons
    assert set(keys(told)) & set(keys(a_party(numbers=(), phone=None)))


def test_a_son_whose_record_has_his_fathers_number_is_for_a_person() -> None:
    father = a_party(name="王伟", gender="male", numbers=[("id_card", a_number(11))])
    son = a_party(
        name="王伟", gender="male", birth_date="1980-05-01", numbers=[("id_card", a_number(11))]
    )

    assert (between(son, father).is_sure, between(son, father).is_suspected) == (False, True)


def test_a_mistyped_card_of_the_first_generation_proves_no_other_person() -> None:
    number = a_number()
    former = slipped(number[:6] + number[8:17], 13)

    found = between(a_party(numbers=[("id_card", former)]))

    assert "number_differs" not in found.reasons


def test_a_real_number_beats_the_gender_that_was_chosen_beside_it() -> None:
    assert between(a_party(gender="male", phone=None)).is_sure


@pytest.mark.parametrize("day", ["1900-01-01", "1970-01-01"])
def test_a_day_that_systems_put_for_none_says_nothing(day: str) -> None:
    father, son = (a_party(name="王伟", birth_date=day, numbers=()) for _ in range(2))

    assert between(son, father).reasons == ("name_same", "phone_same")


def test_a_passport_that_was_renewed_speaks_against_nobody() -> None:
    former, present = (a_party(numbers=[("passport", each)]) for each in ("E4800001", "E4800002"))

    assert between(present, former).reasons == ("birth_same", "name_same", "phone_same")


def test_two_real_numbers_are_two_people_however_much_is_alike() -> None:
    found = between(a_party(numbers=[("id_card", a_number(14))]))

    assert not found.is_sure
    assert not found.is_suspected


@pytest.mark.parametrize(
    "name", ["張曉蘭", "章小兰", "张 晓 兰", "张晓岚", "张晓兰女士", "张晓兰（本人）"]
)
def test_a_name_may_be_written_in_another_way(name: str) -> None:
    found = between(a_party(name=name))

    assert found.is_sure
    assert {"name_same", "name_variant"} & set(found.reasons)


def test_a_household_shares_telephone_and_address_and_is_not_one_person() -> None:
    wife = a_party(address=ROAD)
    husband = a_party(
        name="李建国", gender="male", birth_date="1950-01-02", numbers=(), address=ROAD
    )

    found = between(husband, wife, phone=2)

    assert (found.is_sure, found.is_suspected) == (False, False)


def test_a_father_and_his_son_of_one_name_stay_two() -> None:
    father = a_party(name="王伟", gender="male", numbers=(), address=ROAD)
    son = a_party(name="王伟", gender="male", birth_date="1980-05-01", numbers=(), address=ROAD)

    assert not between(son, father).is_sure
    unknown = a_party(name="王伟", gender="male", birth_date=None, numbers=(), address=ROAD)
    assert not between(unknown, father).is_sure


def test_twins_whose_names_sound_alike_stay_two() -> None:
    one = a_party(name="张伟", address=ROAD)
    other = a_party(name="张玮", numbers=(), address=ROAD)

    assert not between(other, one).is_sure


def test_without_a_number_name_birth_and_telephone_are_enough() -> None:
    elsewhere = a_party(numbers=(), owner_id="another")

    assert between(elsewhere).is_sure
    assert not between(elsewhere, phone=5).is_sure


def test_same_name_and_birth_alone_in_two_portfolios_are_for_a_person() -> None:
    found = between(a_party(numbers=(), phone="15400007777", owner_id="another"))

    assert (found.is_sure, found.is_suspected) == (False, True)


@pytest.mark.parametrize(
    "name", ["青溪云栖纸业有限责任公司", "青溪云栖纸业（有限公司）", "青溪云栖纸业公司"]
)
def test_a_company_may_write_its_legal_form_in_another_way(name: str) -> None:
    code = ("uscc", "91480102MA00000K25")
    one, other = a_company(numbers=[code]), a_company(name=name, numbers=[code])

    assert between(other, one).is_sure
    assert set(keys(one)) & set(keys(other))


def test_two_companies_of_one_owner_in_one_office_stay_two() -> None:
    office: dict[str, Any] = {
        "phone": "0571-88880000", "address": ROAD, "legal_representative": "沈知遥",
    }  # fmt: skip
    one, other = a_company(**office), a_company(name="青溪云栖运输有限公司", **office)

    assert not between(other, one).is_sure


def test_a_person_and_a_company_are_never_one() -> None:
    assert between(a_company(name="张晓兰", phone="15400001234")).score == 0


def test_it_is_the_same_whichever_is_named_first() -> None:
    other = a_party(name="张晓岚", numbers=())

    assert likeness(a_party(), other) == likeness(other, a_party())


def _number_and_slips(order: int) -> list[tuple[str, str]]:
    number = a_number(order)
    swaps = [
        number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        for place in range(17)
    ]
    written = [number, *(slipped(number, place) for place in range(17)), *swaps]
    return [("id_card", each) for each in written]


_ANYBODY = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["person", "organisation"]),
        "name": st.sampled_from(["张晓兰", "張曉蘭", "张晓岚", "李建国", "青溪纸业厂", "青溪纸业"]),
        "phone": st.sampled_from([None, "15400001234", "+86 154-0000-1234", "15400009999"]),
        "birth_date": st.sampled_from([None, "1952-03-12", "1952-03-13", "1980-01-01"]),
        "gender": st.sampled_from([None, "female"]),
        "address": st.sampled_from([None, ROAD, "青溪市河湾路13号"]),
        "legal_representative": st.sampled_from([None, "沈知遥", "沈之遥", "王海"]),
        "numbers": st.lists(
            st.sampled_from(
                [*_number_and_slips(12), *_number_and_slips(13), ("passport", "E12345678")]
            ),
            max_size=2,
        ),
    }
)  # fmt: skip


@given(_ANYBODY, _ANYBODY)
def test_whoever_could_be_one_shares_a_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = Party(id="1", **one), Party(id="2", **other)

    if likeness(first, second).is_suspected:
        assert set(keys(first)) & set(keys(second))
