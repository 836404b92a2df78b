"""Everyone comes back at once: nobody is turned away, nobody waits a minute, memory is bounded."""

from pathlib import Path

from tests.faults.storm import rage


def test_a_hundred_devices_come_back_at_once_while_some_stand_still(tmp_path: Path) -> None:
    tally = rage(tmp_path, runs=100, seed=20_261)

    assert tally.violations == []
    assert tally.faults["came back"] == 2 * 80
    assert tally.faults["stood still in the midst of an answer"] == 2 * 20
