"""What a table seals is opened under its own name alone, and says nothing to who lacks the key."""

import pytest
from cryptography.exceptions import InvalidTag

from sync_server.store.sealing import Sealing

SECRET = bytes(range(32))
SAID = ["单晓敏", {"phone": "15400001234", "as_of": 1_794_240_000_000}, None]


def test_what_was_sealed_comes_back_as_it_was_said() -> None:
    sealing = Sealing(SECRET, b"customers")

    sealed = sealing.seal(SAID, "her")

    assert sealing.opened(sealed, "her") == SAID
    assert b"15400001234" not in sealed
    assert "单晓敏".encode() not in sealed


def test_the_same_is_sealed_otherwise_each_time_and_known_by_the_same_digest() -> None:
    sealing = Sealing(SECRET, b"customers")

    assert sealing.seal(SAID, "her") != sealing.seal(SAID, "her")
    assert sealing.digest(SAID) == Sealing(SECRET, b"customers").digest(list(SAID))


@pytest.mark.parametrize(
    "other", [Sealing(SECRET, b"other things"), Sealing(bytes(32), b"customers")]
)
def test_another_thing_or_another_database_knows_nothing_of_it(other: Sealing) -> None:
    sealing = Sealing(SECRET, b"customers")

    assert other.digest(SAID) != sealing.digest(SAID)
    with pytest.raises(InvalidTag):
        other.opened(sealing.seal(SAID, "her"), "her")


def test_what_is_moved_to_another_row_or_damaged_is_not_opened() -> None:
    sealing = Sealing(SECRET, b"customers")
    sealed = sealing.seal(SAID, "her")

    with pytest.raises(InvalidTag):
        sealing.opened(sealed, "him")
    with pytest.raises(InvalidTag):
        sealing.opened(sealed[:-1] + bytes([sealed[-1] ^ 1]), "her")
