"""Two devices of one person, which do not know of each other's work before they sync."""

from collections.abc import Iterator

import pytest

from shared.sync.change import Insert
from shared.testing.builders import an_interaction
from tests.sync.world import CUSTOMERS, LIN, World

MINE = CUSTOMERS[0]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def test_what_both_put_right_is_one_contact_and_the_last_word_counts(world: World) -> None:
    phone, tablet = world.tablets[0], world.join("lin's tablet", "E1")
    visit = an_interaction(MINE, LIN)
    phone.save(Insert("interaction", visit))
    phone.sync()
    tablet.sync()
    said = [
        an_interaction(MINE, LIN, supersedes=visit["id"], outcome=outcome)
        for outcome in ("done", "declined")
    ]
    for device, word in zip((phone, tablet), said, strict=True):
        device.save(Insert("interaction", word))

    for device in (phone, tablet, phone):
        device.sync()

    for device in (phone, tablet):
        [seen] = device.store.timeline(MINE)
        assert (seen.interaction.id, seen.interaction.outcome) == (said[1]["id"], "declined")
        assert device.store.refused_work() == []
