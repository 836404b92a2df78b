"""Money: what is written as yuan comes back as the same fen, and nothing else is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import Fen, format_yuan, parse_yuan, short_yuan

amounts = st.integers(-(10**15) + 1, 10**15 - 1).map(Fen)


@given(amounts)
def test_an_amount_that_is_written_out_is_read_back_to_the_fen(amount: Fen) -> None:
    assert parse_yuan(format_yuan(amount).replace("¥", "").replace(",", "")) == amount


@pytest.mark.parametrize(
    "text", ["", "1.5", "1,000", "¥1", "1.", ".50", "1e3", "１", " 1", "1.234"]
)
def test_anything_but_yuan_with_two_decimals_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_yuan(text)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (99_999_999, "100.00 万"),
        (1_000_000, "1.00 万"),
        (999_999, "¥9,999.99"),
        (123_456_789, "123.46 万"),
        (12_300_000_000, "1.23 亿"),
        (-1_000_000, "-1.00 万"),
        (0, "¥0.00"),
    ],
)
def test_large_amounts_are_said_as_people_say_them(fen: int, words: str) -> None:
    assert short_yuan(Fen(fen)) == words


@given(amounts)
def test_a_short_amount_keeps_its_sign(amount: Fen) -> None:
    assert short_yuan(amount).startswith("-") == (amount < 0)
