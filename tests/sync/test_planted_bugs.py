"""A test of the test: known protocol bugs are planted one by one, and the machine finds each.

That it finds nothing where nothing is planted, `test_machine` shows.
"""

import pytest

from tests.sync.hunt import find
from tests.sync.plants import PLANTS


@pytest.mark.parametrize("bug", PLANTS)
def test_the_machine_finds(bug: str) -> None:
    finding = find(bug)

    assert finding is not None, "nobody noticed"
    assert finding.is_honest, f"the plant itself is broken: {finding.what}"
