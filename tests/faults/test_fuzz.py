"""Whatever is sent, to whichever route: an answer or a refusal of the catalogue."""

from pathlib import Path

from tests.faults.fuzz import fuzz
from tests.faults.mutate import BOMBS, JUNK


def test_mutated_requests_are_answered_or_refused_in_bounded_memory(tmp_path: Path) -> None:
    tally = fuzz(tmp_path, runs=2_000, seed=20_261)

    assert tally.violations == []
    assert set(tally.faults) >= {*BOMBS, *JUNK}
    assert {"sync: answered", "digest: answered", "bundle: taken in"} <= set(tally.notes)


def test_mutated_requests_stumble_over_nothing_in_postgresql_either(
    tmp_path: Path, postgresql_url: str
) -> None:
    tally = fuzz(tmp_path, runs=500, seed=20_262, url=postgresql_url)

    assert tally.violations == []
