"""Two devices of one person, which do not know of each other's work before they sync."""

from collections.abc import Iterator

import pytest

from shared.sync.change import Insert, Patch
from shared.testing.around import a_prospect
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


def test_what_both_say_otherwise_of_a_prospect_is_a_conflict_and_can_be_settled(
    world: World,
) -> None:
    phone, tablet = world.tablets[0], world.join("lin's tablet", "E1")
    prospect = a_prospect(LIN)
    phone.save(Insert("prospect", prospect))
    phone.sync()
    tablet.sync()
    for device, name in ((phone, "周经理"), (tablet, "吴经理")):
        device.save(Patch("prospect", str(prospect["id"]), {"contact_name": (None, name)}))

    for device in (phone, tablet, phone):
        device.sync()

    [card] = phone.store.conflicts()
    assert (card.lost, card.won, card.customer_name) == ("周经理", "吴经理", prospect["name"])
    phone.store.settle_conflict(card.conflict, "lost")
    for device in (phone, tablet):
        device.sync()
        document = device.store.document("prospect", str(prospect["id"]))
        assert document is not None
        assert (document["contact_name"], device.store.conflicts()) == ("周经理", [])
        assert device.verify().outcome == "agreed"
