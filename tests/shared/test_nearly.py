"""Two contacts that look like one recorded twice: which pairs do, whatever arrived first."""

from dataclasses import replace

import pytest

from shared.domain import Interaction
from shared.domain.interaction import NEARLY_MS, is_nearly

AT = 1_795_500_000_000
ONE = Interaction("i1", "c1", "e1", "visit", "deposit", "interested", AT)


@pytest.mark.parametrize("apart_ms", [0, 60_000, NEARLY_MS])
def test_two_of_one_kind_within_half_an_hour_look_the_same(apart_ms: int) -> None:
    other = replace(ONE, id="i2", employee_id="e2", outcome="done", occurred_at=AT + apart_ms)

    assert is_nearly(ONE, other)
    assert is_nearly(other, ONE)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "i1"},
        {"customer_id": "c2"},
        {"channel": "call"},
        {"purpose": "loan"},
        {"occurred_at": AT + NEARLY_MS + 1},
        {"supersedes": "i0"},
    ],
)
def test_what_differs_in_more_or_was_corrected_looks_like_nothing_else(
    changes: dict[str, object],
) -> None:
    other = replace(ONE, **{"id": "i2", **changes})  # type: ignore[arg-type]

    assert not is_nearly(ONE, other)
    assert not is_nearly(other, ONE)
