"""Kill -9: what a process acknowledged before it was killed is never lost, and counts once."""

from pathlib import Path

from tests.faults.crash import DEVICE_POINTS, SERVER_POINTS
from tests.faults.kill import kill_over_and_over


def test_nothing_acknowledged_is_lost_whenever_device_or_server_is_killed(tmp_path: Path) -> None:
    tally = kill_over_and_over(tmp_path, runs=200, seed=20_261)

    assert tally.violations == []
    reached = {fault.partition(" ")[2] for fault in tally.faults}
    assert reached >= {*DEVICE_POINTS, *SERVER_POINTS}
