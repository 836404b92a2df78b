"""The whole protocol against everything that goes wrong in the field (see `machine`).

A few hundred histories in CI, thousands at night: HYPOTHESIS_PROFILE=nightly.
"""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.machine import Field

HISTORIES = {50: 40, 200: 160, 20_000: 6_000}
"""By the profile's number of examples: a history is some thirty steps, each checked in whole."""


def test_nothing_is_lost_doubled_or_shown_by_halves_whatever_goes_wrong() -> None:
    profile = settings()
    run_state_machine_as_test(
        Field,
        settings=settings(
            max_examples=HISTORIES.get(profile.max_examples, profile.max_examples),
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
        ),
    )
