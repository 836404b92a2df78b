"""How many exchanges a server has in hand, and what the one too many is told."""

import pytest

from shared.errors import Refusal
from sync_server.admission import COME_AGAIN_S, Admission


def test_one_too_many_is_asked_to_come_again_and_the_next_one_is_admitted() -> None:
    admission = Admission(most=1, draw=lambda least, most: (least + most) // 2)

    with admission.admitted(), pytest.raises(Refusal) as caught, admission.admitted():
        pass

    assert caught.value.code == "unavailable"
    assert caught.value.wait_s == sum(COME_AGAIN_S) // 2
    with admission.admitted():
        assert admission.in_hand == 1


def test_an_exchange_that_fails_is_out_of_hand() -> None:
    admission = Admission(most=1)

    with pytest.raises(ZeroDivisionError), admission.admitted():
        _ = 1 / 0

    assert admission.in_hand == 0
