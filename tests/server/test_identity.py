"""Numbers, telephones and names of other systems, written in one way before they are compared."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import identity
from sync_server.demo import numbers


@given(seed=st.integers(0, 10_000), place=st.integers(0, 17), other=st.integers(1, 30))
def test_no_single_wrong_sign_passes(seed: int, place: int, other: int) -> None:
    rng, alphabet = Random(seed), identity.USCC_ALPHABET
    code = numbers.uscc(rng)
    wrong = alphabet[(alphabet.index(code[place]) + other) % 31]

    assert identity.uscc(code) == code
    assert identity.uscc(code[:place] + wrong + code[place + 1 :]) is None


@given(order=st.integers(0, 999), place=st.integers(6, 16), other=st.integers(1, 9))
def test_no_single_wrong_digit_passes(order: int, place: int, other: int) -> None:
    body = f"48010219490708{order:03d}"
    card = body + identity.id_card_check(body)
    wrong = str((int(card[place]) + other) % 10)

    assert identity.id_card(card) == card
    assert identity.id_card(card[:place] + wrong + card[place + 1 :]) is None


def test_nobody_is_born_on_a_day_that_never_was() -> None:
    body = "48010219500230002"

    assert identity.id_card(body + identity.id_card_check(body)) is None


@pytest.mark.parametrize("typed", ["１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 002x"])
def test_a_card_is_read_however_it_is_typed(typed: str) -> None:
    assert identity.id_card(typed) == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("154 0000 1234", "15400001234"),
        ("+86-154-0000-1234", "15400001234"),
        ("0086 15400001234", "15400001234"),
        ("（0755）8200 1234", "075582001234"),
        ("8621", "8621"),
        ("无", ""),
    ],
)
def test_a_telephone_is_its_digits(typed: str, read: str) -> None:
    assert identity.phone(typed) == read


@given(st.from_regex(r"1[0-9]{10}|0[0-9]{9,11}", fullmatch=True))
def test_every_spelling_is_read_as_the_number_it_spells(number: str) -> None:
    assert {identity.phone(each) for each in identity.spellings(number)} == {number}


def test_a_name_is_compared_without_its_spaces_and_dots() -> None:
    assert identity.name("阿依古丽•买买提") == identity.name("阿依古丽・ 买买提")
    assert identity.name("山河（深圳）ＡＢＣ") == identity.name("山河(深圳) abc")
