"""The whole protocol against everything that goes wrong in the field (see `machine`).

Some in development, 2,000 histories in CI, the same ones every time; `make soak` runs many more.
"""

import pytest
from hypothesis import settings

from tests.sync.histories import run

HISTORIES = {"dev": 40, "ci": 2_000, "nightly": 6_000}
"""By profile. A history is some thirty steps, each checked in whole."""
SHARES = 8
"""So that they can be run side by side."""


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_lost_doubled_or_shown_by_halves_whatever_goes_wrong(share: int) -> None:
    run(HISTORIES[settings.get_current_profile_name()] // SHARES, first_seed=1 + share * 1_000)
