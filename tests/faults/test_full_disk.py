"""A full disk on the device, at any write: it says so, loses nothing, and goes on with room."""

from pathlib import Path

from tests.faults.full_disk import fill_device


def test_a_device_whose_disk_is_full_at_any_write_loses_nothing(tmp_path: Path) -> None:
    tally = fill_device(tmp_path, runs=130, seed=20_261)

    assert tally.violations == []
    assert tally.faults["full at a write"] >= 100
