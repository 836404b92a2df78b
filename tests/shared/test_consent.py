"""Of each purpose the latest word counts, and silence is no consent."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.consent import (
    PURPOSES,
    Consent,
    ConsentPurpose,
    latest,
    must_show_what_was_signed,
    refuses_personalisation,
    refuses_selling,
    stands,
)
from shared.errors import Refusal
from shared.registry import Act


def a_word(purpose: ConsentPurpose = "personalisation", **fields: Any) -> Consent:
    known = {"id": "a", "answer": "given", "said": "spoken", "occurred_at": 1, **fields}
    return Consent(customer_id="c", employee_id="me", purpose=purpose, **known)


_WORDS = st.lists(
    st.builds(
        a_word,
        st.sampled_from(PURPOSES),
        id=st.text("abc", min_size=1, max_size=3),
        answer=st.sampled_from(["given", "refused"]),
        occurred_at=st.integers(0, 3),
    ),
    unique_by=lambda each: each.id,
)


def test_who_said_nothing_has_neither_consented_nor_refused() -> None:
    assert not any(stands([], purpose) for purpose in PURPOSES)
    assert not refuses_personalisation([])
    assert not refuses_personalisation([a_word("data_sharing", answer="refused")])


def test_who_changes_their_mind_says_another_word() -> None:
    before, after = a_word(occurred_at=1), a_word(id="b", answer="refused", occurred_at=2)

    assert stands([before], "personalisation")
    assert not stands([after, before], "personalisation")
    assert refuses_personalisation([after, before])


@pytest.mark.parametrize("purpose", ["personalisation", "marketing_contact"])
def test_either_refusal_is_enough_not_to_be_sold_to(purpose: ConsentPurpose) -> None:
    other: ConsentPurpose = (
        "personalisation" if purpose == "marketing_contact" else "marketing_contact"
    )
    said = [a_word(purpose, answer="refused"), a_word(other, id="b", occurred_at=2)]

    assert refuses_selling(iter(said))
    assert refuses_personalisation(said) is (purpose == "personalisation")
    assert not refuses_selling([*said, a_word(purpose, id="c", occurred_at=3)])


def test_who_keeps_their_data_from_partners_may_be_sold_to() -> None:
    assert not refuses_selling([])
    assert not refuses_selling([a_word("data_sharing", answer="refused")])


@given(words=_WORDS, data=st.data())
def test_in_whatever_order_words_arrive_the_same_one_counts(
    words: list[Consent], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(words))

    for purpose in PURPOSES:
        word = latest(shuffled, purpose)
        assert word == latest(words, purpose)
        assert word is None or all(
            (each.occurred_at, each.id) <= (word.occurred_at, word.id)
            for each in words
            if each.purpose == purpose
        )
        assert stands(words, purpose) == (word is not None and word.answer == "given")


def test_a_signed_word_shows_its_signature() -> None:
    def refusal(**fields: Any) -> str | None:
        try:
            must_show_what_was_signed(Act(asdict(a_word(**fields)), None, {}, "me", 1))
        except Refusal as found:
            return found.code
        return None

    assert refusal(said="signed") == "signature_missing"
    assert refusal(said="signed", evidence="attachment") is None
    assert refusal(said="spoken") is None
