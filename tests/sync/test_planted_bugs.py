"""A test of the test: known protocol bugs are planted one by one, and the machine finds each.

That it finds nothing where nothing is planted, `test_machine` shows, and for the seeds from which
bugs are known to be found soon, the test below.
"""

import os
import subprocess
import sys

import pytest

from tests.sync.hunt import NOTHING, SEEDS
from tests.sync.plants import PLANTS


@pytest.mark.parametrize("bug", PLANTS)
def test_the_machine_finds(bug: str) -> None:
    hunt = _hunt(bug)

    assert hunt.returncode == 0, hunt.stdout + hunt.stderr


@pytest.mark.parametrize("first", sorted(set(SEEDS.values())))
def test_nothing_is_found_where_nothing_is_planted(first: int) -> None:
    hunt = _hunt(NOTHING, "--seed", str(first))

    assert "NOT FOUND" in hunt.stdout, hunt.stdout + hunt.stderr


def _hunt(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.sync.hunt", *arguments],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
