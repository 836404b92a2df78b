"""Sealed files: what goes in comes out, to whoever has the key and to nobody else."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import sealed
from shared.sealed import NotOpened, Sealed, seal, unseal

KEY = bytes(range(32))
CONTENT = Sealed({"made by": "林晓岚"}, (b"first", "CANARY金丝雀".encode() * 2_000, b""))
HEAD = range(24)
"""The database's head lies open and carries nothing of the content."""


def damaged(whole: bytes, places: range) -> Iterator[bytes]:
    for place in places:
        yield whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :]


@given(st.dictionaries(st.text(), st.text(), max_size=3), st.lists(st.binary(max_size=9_000)))
def test_what_goes_in_comes_out(facts: dict[str, str], parts: list[bytes]) -> None:
    content = Sealed(facts, tuple(parts))

    assert unseal(seal(content, KEY), KEY) == content


def test_nothing_of_it_can_be_read_without_the_key() -> None:
    whole = seal(CONTENT, KEY)

    for piece in ("CANARY金丝雀", "林晓岚", "made by", "CREATE TABLE", "SQLite format"):
        assert piece.encode() not in whole


def test_the_same_content_never_looks_the_same() -> None:
    assert seal(CONTENT, KEY)[32:] != seal(CONTENT, KEY)[32:]


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(NotOpened):
        unseal(seal(CONTENT, KEY), bytes(32))


def test_any_changed_byte_is_noticed() -> None:
    whole = seal(Sealed({}, (b"x" * 100,)), KEY)

    for each in damaged(whole, range(HEAD.stop, len(whole))):
        with pytest.raises(NotOpened):
            unseal(each, KEY)


def test_a_changed_byte_of_the_head_changes_nothing_that_is_read() -> None:
    content = Sealed({}, (b"x" * 100,))

    for each in damaged(seal(content, KEY), HEAD):
        with suppress(NotOpened):
            assert unseal(each, KEY) == content


def test_a_missing_end_and_an_added_one_are_noticed() -> None:
    whole = seal(CONTENT, KEY)

    for length in [*range(0, len(whole), 499), len(whole) - 1]:
        with pytest.raises(NotOpened):
            unseal(whole[:length], KEY)
    for more in (b"\0", bytes(4_096), whole):
        with pytest.raises(NotOpened):
            unseal(whole + more, KEY)


def test_pages_in_another_order_are_noticed() -> None:
    whole = seal(CONTENT, KEY)
    pages = [whole[start : start + 4_096] for start in range(0, len(whole), 4_096)]
    pages[3], pages[4] = pages[4], pages[3]

    with pytest.raises(NotOpened):
        unseal(b"".join(pages), KEY)


@given(st.binary(max_size=9_000))
def test_noise_is_no_sealed_file(noise: bytes) -> None:
    with pytest.raises(NotOpened):
        unseal(noise, KEY)


def test_a_database_of_other_tables_is_none_whoever_made_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = ("CREATE TABLE fact (name, value)", "CREATE TABLE part (number, body)")
    with monkeypatch.context() as patch:
        patch.setattr(sealed, "_TABLES", tables)
        whole = seal(CONTENT, KEY)

    with pytest.raises(NotOpened):
        unseal(whole, KEY)


def test_a_key_of_another_size_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(CONTENT, b"short")
