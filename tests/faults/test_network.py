"""What stands between device and server may do as it likes: nothing is lost, nothing is stuck."""

from pathlib import Path

from tests.faults.network import suffer
from tests.faults.proxy import FAULTS


def test_every_queue_empties_after_whatever_a_proxy_did(tmp_path: Path) -> None:
    tally = suffer(tmp_path, runs=150, seed=20_261)

    assert tally.violations == []
    assert set(tally.faults) == set(FAULTS)
