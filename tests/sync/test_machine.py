"""The whole protocol against everything that goes wrong in the field (see `machine`).

Some in development, 2,000 histories in CI, the same ones every time; `make soak` runs many more.
"""

import os

from hypothesis import settings

from tests.sync.histories import spread

HISTORIES = {"dev": 40, "ci": 2_000, "nightly": 6_000}
"""By profile. A history is some thirty steps, each checked in whole."""


def test_nothing_is_lost_doubled_or_shown_by_halves_whatever_goes_wrong() -> None:
    wrong = spread(
        HISTORIES[settings.get_current_profile_name()], first_seed=1, processes=os.cpu_count() or 1
    )

    assert wrong == [], "\n".join(wrong)
