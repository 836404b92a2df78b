"""Refusals: every sentence can be read, whatever its placeholders are filled with."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.errors import CATALOGUE, Refusal, refused


@pytest.mark.parametrize("code", CATALOGUE)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_reads_as_a_sentence_without_its_details(code: str, language: str) -> None:
    sentence = refused(code).sentence(language)

    assert sentence.endswith(("。", "."))
    assert "{" not in sentence


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_refusal_has_a_status_that_says_no(code: str) -> None:
    assert 400 <= refused(code).status < 600


def test_a_refusal_names_what_it_is_about() -> None:
    assert "done" in refused("stale_transition", current="done").sentence("en")


def test_a_code_that_is_not_in_the_catalogue_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        refused("no_such_code")


def test_equal_refusals_are_equal() -> None:
    assert refused("gone") == refused("gone") != refused("append_only")


def test_a_refusal_passes_through_a_transaction_unharmed() -> None:
    @contextmanager
    def transaction() -> Iterator[None]:
        yield

    with pytest.raises(Refusal) as caught, transaction():
        raise refused("gone")

    assert caught.value.code == "gone"
