"""A part finds every key that was put in, hardly another, and is silent when it is damaged."""

from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.collision import FULL, MOST_PARTS, Damaged, Sieve, names_of, parts_for
from shared.identity import is_longer_than_a_persons, uscc_check

SALT = bytes(range(16))
BODY = "91440300MA5DA0EX8"
CODE = BODY + uscc_check(BODY)
PROBES = 200_000
keys = st.sets(st.integers(0, 2**64 - 1), max_size=300)
sieves = st.builds(Sieve, st.binary(min_size=16, max_size=16), st.integers(1, MOST_PARTS))


def found(sieve: Sieve, parts: list[bytes], key: int) -> bool:
    return sieve.holds(parts[sieve.place(key)], key)


@given(sieves, keys)
def test_every_key_that_was_put_in_is_found(sieve: Sieve, keys: set[int]) -> None:
    parts = sieve.made(keys)

    assert len(parts) == sieve.parts
    assert all(found(sieve, parts, key) for key in keys)


@given(sieves, st.lists(st.text(max_size=30)))
def test_every_text_is_found_by_its_key(sieve: Sieve, texts: list[str]) -> None:
    parts = sieve.made(map(sieve.key, texts))

    assert all(found(sieve, parts, sieve.key(text)) for text in texts)


@given(st.integers(0, 47), st.sets(st.integers(0, 2**64 - 1), min_size=2, max_size=50))
def test_keys_that_share_all_but_a_bit_are_found(bit: int, keys: set[int]) -> None:
    sieve = Sieve(SALT, 1)
    both = keys | {key ^ 1 << bit for key in keys}
    [part] = sieve.made(both)

    assert all(sieve.holds(part, key) for key in both)


def test_hardly_a_key_is_found_that_was_not_put_in() -> None:
    rng, sieve = Random(11), Sieve(SALT, 64)
    parts = sieve.made(rng.getrandbits(64) for _ in range(64 * 40))

    wrong = sum(found(sieve, parts, rng.getrandbits(64)) for _ in range(PROBES))

    expected = PROBES / 2**14
    assert wrong <= expected + 4 * sqrt(expected) < PROBES / 7_500


def test_a_key_takes_less_than_two_bytes() -> None:
    rng, sieve = Random(12), Sieve(SALT, 4)
    parts = sieve.made(rng.getrandbits(64) for _ in range(4 * FULL))

    assert sum(map(len, parts)) * 8 / (4 * FULL) < 16


def test_the_same_keys_make_the_same_parts_in_whatever_order() -> None:
    sieve, keys = Sieve(SALT, 3), [Random(13).getrandbits(64) for _ in range(100)]

    assert sieve.made(keys) == sieve.made(reversed(keys * 2))


def test_a_new_key_changes_one_part() -> None:
    sieve, keys = Sieve(SALT, 64), [Random(14).getrandbits(64) for _ in range(500)]
    before, after = sieve.made(keys), sieve.made([*keys, 2**63])

    changed = [
        number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new
    ]
    assert changed == [32]


@given(keys, st.data())
def test_a_part_that_is_damaged_or_cut_says_nothing(keys: set[int], data: st.DataObject) -> None:
    sieve = Sieve(SALT, 1)
    [part] = sieve.made(keys)
    place = data.draw(st.integers(0, len(part) - 1))
    other = bytes([part[place] ^ data.draw(st.integers(1, 255))])

    for damaged in (part[:place], part[:place] + other + part[place + 1 :], part + b"\0"):
        with pytest.raises(Damaged):
            sieve.holds(damaged, 1)


@given(st.binary(max_size=60))
def test_what_was_never_a_part_says_nothing(content: bytes) -> None:
    with pytest.raises(Damaged):
        Sieve(SALT, 1).holds(content, 1)


def test_a_part_of_another_place_division_or_bank_says_nothing() -> None:
    key, part = 1, Sieve(SALT, 2).made([1])[0]

    for sieve, asked in (
        (Sieve(SALT, 2), 2**63 + key),
        (Sieve(SALT, 4), key),
        (Sieve(bytes(16), 2), key),
    ):
        with pytest.raises(Damaged):
            sieve.holds(part, asked)


@pytest.mark.parametrize(
    ("keys", "before", "parts"),
    [
        (0, 1, 1),
        (FULL, 1, 1),
        (FULL + 1, 1, 2),
        (3 * FULL, 1, 4),
        (1, 8, 8),
        (10**7, 1, MOST_PARTS),
    ],
)
def test_parts_double_with_the_keys_and_never_become_fewer(
    keys: int, before: int, parts: int
) -> None:
    assert parts_for(keys, before) == parts


def test_an_organisation_is_known_by_its_name_and_by_a_code_that_passes_its_check() -> None:
    assert names_of("山河（深圳）有限公司", CODE.lower()) == ["name 山河深圳", f"code {CODE}"]
    assert names_of("山河", BODY + ("0" if CODE[-1] == "1" else "1")) == ["name 山河"]
    assert names_of("山", "") == []


@pytest.mark.parametrize(
    "written",
    [
        "山河（深圳）科技有限公司",
        "山河(深圳)科技有限责任公司",
        " 山河深圳 科技集团股份有限公司",
        "中国山河（深圳）科技公司",
        "山河深圳科技集团",
        "山河深圳科技",
    ],
)
def test_brackets_spaces_country_and_legal_form_make_no_other_organisation(written: str) -> None:
    assert names_of(written) == ["name 山河深圳科技"]


@pytest.mark.parametrize(
    ("name", "longer"),
    [
        ("欧阳娜娜", False),
        ("阿依古丽·买买提", False),
        ("阿依古丽•买买提", False),
        ("云港造船厂", True),
    ],
)
def test_a_long_name_without_a_dot_is_no_persons(name: str, longer: bool) -> None:
    assert is_longer_than_a_persons(name) is longer
