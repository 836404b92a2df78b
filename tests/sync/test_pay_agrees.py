"""What a device says of its user's pay is what the server says, whatever happened and in whatever
order: the same fen, from the same facts, brought together by real exchanges.

A few streams in development, more in CI, the same ones every time; the nightly run looks for new
ones. That a wrong fen would be found, the planted bugs show.
"""

from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings

from tests.sync.pay_plants import PLANTS
from tests.sync.pay_streams import STREAM, live

STREAMS = {"dev": 12, "ci": 80, "nightly": 2_000}
"""By profile. A stream is some twenty things that happen."""
UNTIL_FOUND = 400
"""Streams; most bugs are found within fifty."""


@given(STREAM)
@settings(max_examples=STREAMS[settings.get_current_profile_name()])
def test_every_device_finds_what_the_server_pays(stream: list[Any]) -> None:
    live(stream)


@pytest.mark.parametrize("bug", PLANTS)
def test_a_planted_bug_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTS[bug](monkeypatch)

    search = settings(
        max_examples=UNTIL_FOUND,
        database=None,
        phases=[Phase.generate],
        derandomize=False,
        report_multiple_bugs=False,
    )
    with pytest.raises(AssertionError):
        search(seed(3)(given(STREAM)(live)))()
