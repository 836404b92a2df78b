"""Ids: a UUIDv7 tells its moment and sorts by it; a derived one is the same for ever."""

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import Millis, derived_id, made_at, uuid7

moments = st.integers(0, 2**48 - 1).map(Millis)
ten_bytes = st.binary(min_size=10, max_size=10)
_TEXTS = st.text(st.characters(codec="utf-8"))


@given(moments, ten_bytes)
def test_an_id_is_a_uuid_of_version_7_that_tells_its_moment(now: Millis, noise: bytes) -> None:
    made = UUID(uuid7(now, noise))

    assert (made.version, made.int >> 80) == (7, now)
    assert str(made) == uuid7(now, noise)


@given(moments, ten_bytes)
def test_only_an_id_of_version_7_says_when_it_was_made(now: Millis, noise: bytes) -> None:
    assert made_at(uuid7(now, noise)) == now
    assert made_at(derived_id("customer", str(now))) is None
    assert made_at("c1") is None


@given(moments, moments, ten_bytes, ten_bytes)
def test_ids_sort_by_their_moment(one: int, other: int, noise: bytes, more: bytes) -> None:
    earlier, later = sorted((one, other))
    if earlier < later:
        assert uuid7(Millis(earlier), noise) < uuid7(Millis(later), more)


@given(moments, ten_bytes, ten_bytes)
def test_ids_of_one_moment_differ_by_their_randomness(
    now: Millis, one: bytes, other: bytes
) -> None:
    used = {UUID(uuid7(now, each)).int for each in (one, other)}

    assert len(used) == len({_used(one), _used(other)})


def test_a_derived_id_is_what_it_was_when_the_first_record_got_it() -> None:
    assert derived_id("account", "core", "6001") == "0826a014-c763-885d-82fa-d4def70bf53e"


@given(st.lists(_TEXTS, min_size=1))
def test_a_derived_id_is_a_uuid_of_version_8(parts: list[str]) -> None:
    made = UUID(derived_id(*parts))

    assert (made.version, made.variant) == (8, RFC_4122)
    assert str(made) == derived_id(*parts)


def _used(noise: bytes) -> int:
    """The 74 random bits that an id keeps."""
    value = int.from_bytes(noise)
    return value & ~(0xF << 76) & ~(0x3 << 62)


@pytest.mark.parametrize("size", [0, 9, 11])
def test_too_little_or_too_much_randomness_is_refused(size: int) -> None:
    with pytest.raises(ValueError):
        uuid7(Millis(0), bytes(size))
