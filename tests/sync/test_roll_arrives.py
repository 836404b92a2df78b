"""One roll follows another on a device: whole, whatever happens on the way."""

from collections.abc import Iterator, Sequence

import pytest

from mobile_app.store.face_records import Known
from shared.collision import FULL
from shared.domain.days import bank_day
from shared.registry import Document
from shared.testing.builders import a_customer
from sync_server.store.roll import bring_roll
from tests.sync.world import DAY_MS, STRANGER, Crash, Tablet, World

FIRST = [f"云港第{number}贸易有限公司" for number in range(FULL // 2)]
LATER = [f"江南第{number}船舶有限公司" for number in range(FULL)]


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.branch.bring("customer", *companies(FIRST))
    bring_roll(world.branch.database, world.branch.now)
    yield world
    world.close()


def companies(names: Sequence[str]) -> list[Document]:
    return [a_customer(STRANGER, kind="organisation", name=name) for name in names]


def grows(world: World) -> None:
    """Another day, and so many more customers that the roll is divided anew."""
    world.branch.bring("customer", *companies(LATER))
    world.branch.now += DAY_MS
    bring_roll(world.branch.database, world.branch.now)


def answers(tablet: Tablet, names: Sequence[str]) -> set[Known]:
    return {tablet.store.perhaps_known(name) for name in names}


def perhaps(world: World, days_ago: int = 0) -> set[Known]:
    day = bank_day(world.branch.now - days_ago * DAY_MS)
    return {Known("perhaps", day.isoformat())}


@pytest.mark.parametrize("lines", range(5))
def test_a_roll_that_is_broken_off_leaves_the_one_before(world: World, lines: int) -> None:
    tablet = world.tablets[0]
    tablet.sync()
    grows(world)

    broken = tablet.sync(deliver=lines)

    came = bool(tablet.store.perhaps_known(LATER[0]).answer == "perhaps")
    assert broken is None or came
    assert answers(tablet, FIRST) == perhaps(world, days_ago=0 if came else 1)
    if came:
        assert answers(tablet, LATER) == perhaps(world)


@pytest.mark.parametrize("place", ["page half applied", "page not yet applied"])
def test_a_device_that_dies_while_a_roll_comes_has_the_one_before(world: World, place: str) -> None:
    tablet = world.tablets[0]
    tablet.sync()
    grows(world)

    with pytest.raises(Crash), tablet.dying_at(place):
        tablet.sync()
    tablet.reopen()

    assert answers(tablet, FIRST) == perhaps(world, days_ago=1)
    tablet.sync()
    assert answers(tablet, FIRST + LATER) == perhaps(world)


def test_a_device_that_was_long_away_says_how_old_its_roll_is(world: World) -> None:
    tablet = world.tablets[0]
    tablet.sync()
    day = bank_day(world.branch.now).isoformat()
    for _ in range(3):
        grows(world)

    assert answers(tablet, FIRST) == {Known("perhaps", day)}
    assert tablet.store.perhaps_known(LATER[0]) == Known("not_known", day)


def test_a_damaged_part_says_nothing_until_it_is_repaired(world: World) -> None:
    tablet = world.tablets[0]
    tablet.sync()
    with tablet.store._mirror.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE roll_part SET content = substr(content, 1, 9) || lower(substr(content, 10))"
        )
    damaged = answers(tablet, FIRST)

    found = tablet.verify()

    assert damaged == {Known("cannot_say")}
    assert found.outcome == "repaired"
    assert answers(tablet, FIRST) == perhaps(world)


@pytest.mark.parametrize("content", ["", "AAAA", "not base64!", "姓名"])
def test_what_is_no_part_at_all_says_nothing(world: World, content: str) -> None:
    tablet = world.tablets[0]
    tablet.sync()
    with tablet.store._mirror.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE roll_part SET content = ?", (content,))

    assert answers(tablet, FIRST) == {Known("cannot_say")}


def test_a_part_that_is_lost_says_nothing_and_the_code_is_still_asked(world: World) -> None:
    tablet = world.tablets[0]
    tablet.sync()
    with tablet.store._mirror.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM roll_part")

    assert answers(tablet, FIRST) == {Known("cannot_say")}


def test_a_new_device_has_its_customers_before_the_roll(world: World) -> None:
    tablet = world.join("new", "E4")
    tablet.branch.bring("customer", *companies(LATER))

    tablet.sync()

    pages = [line for line in tablet.heard if line["line"] == "page"]
    came = [row["entity"] for page in pages for row in page["rows"]]
    assert came.index("customer") < came.index("roll_part")
    assert answers(tablet, FIRST) == perhaps(world)
