"""A full disk at any write, on the device and at the server: it says so, loses nothing, goes on."""

from pathlib import Path

import pytest

from tests.faults.full_disk import fill_device
from tests.faults.full_server import fill_server


def test_a_device_whose_disk_is_full_at_any_write_loses_nothing(tmp_path: Path) -> None:
    tally = fill_device(tmp_path, runs=130, seed=20_261)

    assert tally.violations == []
    assert tally.faults["full at a write"] >= 100


def test_a_server_whose_disk_is_full_refuses_in_a_sentence_and_goes_on_with_room(
    tmp_path: Path,
) -> None:
    tally = fill_server(tmp_path, runs=40, seed=20_261)

    if tally.not_run:
        pytest.skip(tally.not_run)
    assert tally.violations == []
    assert tally.faults["refused: unavailable"] >= 40
