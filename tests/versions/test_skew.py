"""Old and new living together: apps and servers of two releases, each upgraded in the middle."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from shared.registry import Document
from shared.sync.change import Insert, Patch
from shared.testing.builders import NOW, an_interaction, id_number
from tests.sync.world import DAY_MS, LIN, STRANGER, ZHOU
from tests.versions.recorded import KEY, device_files, server_file, server_in_postgresql
from tests.versions.releases import Release, later, present
from tests.versions.skew import Skewed, deferred, shown
from tests.versions.tape import KEEPSAKES, MINE, OTHER, STRANGERS, ZHOUS, keepsake

VISIT: Final = id_number(9_501)
Branch = Callable[[Release, Release], Skewed]


@pytest.fixture
def branch() -> Iterator[Branch]:
    made: list[Skewed] = []

    def make(server: Release, tablets: Release) -> Skewed:
        made.append(Skewed(server, tablets))
        return made[-1]

    yield make
    for each in made:
        each.close()


def news(skewed: Skewed) -> None:
    """A later server has news that an older app cannot understand, or not whole."""
    skewed.bring("keepsake", a_keepsake(0, MINE), a_keepsake(1, OTHER))
    skewed.change("customer", MINE, parking_note="东门可停车", occupation="教师")
    visit = an_interaction(OTHER, LIN, id=VISIT)
    skewed.bring("interaction", {**visit, "weather": "snow"})


def a_keepsake(place: int, customer: str) -> Document:
    return keepsake(KEEPSAKES[place], customer, LIN)


NEWS: Final = {
    ("keepsake", KEEPSAKES[0]),
    ("keepsake", KEEPSAKES[1]),
    ("customer", MINE),
    ("interaction", VISIT),
}


def test_what_an_app_did_not_understand_is_there_after_its_upgrade(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()
    assert deferred(lin) == NEWS
    assert shown(lin, "customer", MINE)["occupation"] == "教师"

    skewed.upgrade_tablet(0, later())

    lin = skewed.tablets[0]
    assert deferred(lin) == set()
    assert shown(lin, "customer", MINE)["parking_note"] == "东门可停车"
    assert shown(lin, "interaction", VISIT)["weather"] == "snow"
    assert shown(lin, "keepsake", KEEPSAKES[0])["title"] == "剪纸"
    assert skewed.compare(0) == "agreed"


def test_it_is_taken_up_beneath_the_users_own_work(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()
    lin.save(Patch("customer", MINE, {"contact_note": (None, "午后在")}))

    skewed.upgrade_tablet(0, later())

    lin = skewed.tablets[0]
    mine = shown(lin, "customer", MINE)
    assert (mine["contact_note"], mine["parking_note"]) == ("午后在", "东门可停车")
    assert skewed.compare(0) == "agreed"
    lin.sync()
    assert lin.store.overview().pending == 0
    assert skewed.rows()["customer", MINE].document["parking_note"] == "东门可停车"


def test_an_old_app_and_a_new_server_agree_on_what_both_know(branch: Branch) -> None:
    skewed = branch(later(), present())
    news(skewed)
    skewed.tablets[0].sync()

    assert [skewed.compare(0), skewed.compare(0)] == ["agreed", "agreed"]


def test_a_repaired_row_keeps_what_the_app_does_not_understand(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()
    with lin.store._engines[0].begin() as connection:
        connection.exec_driver_sql("UPDATE customer SET occupation = 'rotten'")
        connection.exec_driver_sql("DELETE FROM deferred_row WHERE entity = 'customer'")

    assert [skewed.compare(0), skewed.compare(0)] == ["repaired", "agreed"]
    assert ("customer", MINE) in deferred(lin)


def test_what_was_deferred_leaves_with_its_customer(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()

    skewed.change("customer", MINE, owner_id=STRANGER)
    lin.sync()

    assert deferred(lin) == {("keepsake", KEEPSAKES[1]), ("interaction", VISIT)}
    skewed.upgrade_tablet(0, later())
    assert shown(skewed.tablets[0], "keepsake", KEEPSAKES[0]) is None
    assert skewed.compare(0) == "agreed"


def test_what_was_deferred_and_a_later_walk_does_not_bring_is_gone(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()
    with skewed.database.writing() as connection:
        connection.exec_driver_sql(f"DELETE FROM keepsake WHERE id = '{KEEPSAKES[0]}'")
    skewed.new_generation()

    lin.sync()

    kept = {key for key in deferred(lin) if key[0] == "keepsake"}
    assert kept == {("keepsake", KEEPSAKES[1])}


def test_what_0_1_0_did_not_understand_is_taken_up_by_the_release_that_does(tmp_path: Path) -> None:
    files = device_files(tmp_path)
    opened(files, present()).close()

    store = opened(files, later())

    assert store.overview().deferred == 0
    assert store.document("customer", MINE)["parking_note"] == f"东门可停车 {MINE[-4:]}"
    assert store.document("keepsake", KEEPSAKES[0])["worth"] == 8_800
    store.close()


def opened(files: Path, release: Release) -> Any:
    """Open a tablet's files with a release's app."""
    world = release.world
    engines = [world.open_engine(str(files / name), KEY) for name in ("mirror.db", "outbox.db")]
    return world.DeviceStore(*engines, lambda: NOW, Random(7).randbytes)


def from_a_newer_app(skewed: Skewed) -> Any:
    """Lin's newer app says what the server cannot know yet, or not whole."""
    lin = skewed.tablets[0]
    visit = {**an_interaction(OTHER, LIN, id=VISIT), "weather": "snow"}
    lin.save(Insert("interaction", visit), Insert("keepsake", a_keepsake(2, OTHER)))
    lin.save(Patch("keepsake", KEEPSAKES[2], {"title": ("剪纸", "年画")}))
    note = {"occupation": (None, "船员"), "parking_note": (None, "东门可停车")}
    lin.save(Patch("customer", MINE, note))
    return lin


def test_what_a_server_did_not_understand_is_in_the_record_after_its_upgrade(
    branch: Branch,
) -> None:
    skewed = branch(present(), later())
    lin = from_a_newer_app(skewed)
    assert lin.sync().rejected == 0
    assert len(skewed.sql("SELECT * FROM set_aside_op")) == 4

    skewed.upgrade_server(later())

    rows = skewed.rows()
    assert rows["interaction", VISIT].document["weather"] == "snow"
    assert rows["keepsake", KEEPSAKES[2]].document["title"] == "年画"
    assert rows["customer", MINE].document["parking_note"] == "东门可停车"
    assert skewed.sql("SELECT * FROM set_aside_op") == []
    assert skewed.sql("SELECT id FROM issue") == skewed.sql("SELECT id FROM conflict") == []


def test_everyone_hears_of_it(branch: Branch) -> None:
    skewed = branch(present(), later())
    from_a_newer_app(skewed).sync()
    skewed.upgrade_server(later())

    for place in (0, 2):
        tablet = skewed.tablets[place]
        tablet.sync()

        assert shown(tablet, "interaction", VISIT)["weather"] == "snow"
        assert shown(tablet, "keepsake", KEEPSAKES[2])["title"] == "年画"
        assert skewed.compare(place) == "agreed"


def test_what_was_understood_then_is_not_written_again(branch: Branch) -> None:
    skewed = branch(present(), later())
    from_a_newer_app(skewed).sync()
    skewed.change("customer", MINE, occupation="教师")

    skewed.upgrade_server(later())

    mine = skewed.rows()["customer", MINE].document
    assert (mine["occupation"], mine["parking_note"]) == ("教师", "东门可停车")


@pytest.mark.parametrize("times", [1, 3])
def test_until_then_their_author_sees_it_and_nothing_waits_or_is_refused(
    branch: Branch, times: int
) -> None:
    skewed = branch(present(), later())
    lin = from_a_newer_app(skewed)

    for _ in range(times):
        lin.sync()
        lin.reopen()

    shows(lin)
    overview = lin.store.overview()
    assert (overview.pending, overview.issues, overview.kept_aside) == (0, 0, 4)
    assert lin.store.state("keepsake", KEEPSAKES[2]) == "deferred"
    assert lin.store.state("customer", MINE) == "deferred"


def shows(lin: Any) -> None:
    """A tablet shows what `from_a_newer_app` saved on it."""
    assert shown(lin, "interaction", VISIT)["weather"] == "snow"
    assert shown(lin, "keepsake", KEEPSAKES[2])["title"] == "年画"
    mine = shown(lin, "customer", MINE)
    assert (mine["occupation"], mine["parking_note"]) == ("船员", "东门可停车")


def test_what_others_change_meanwhile_is_not_hidden_by_it(branch: Branch) -> None:
    skewed = branch(present(), later())
    lin = from_a_newer_app(skewed)
    lin.sync()

    skewed.change("customer", MINE, occupation="教师")
    lin.sync()

    mine = shown(lin, "customer", MINE)
    assert (mine["occupation"], mine["parking_note"]) == ("教师", "东门可停车")


def test_it_is_in_the_record_for_its_author_too_once_the_server_is_upgraded(
    branch: Branch,
) -> None:
    skewed = branch(present(), later())
    lin = from_a_newer_app(skewed)
    lin.sync()
    skewed.upgrade_server(later())

    lin.sync()

    shows(lin)
    assert lin.store.outbox() == []
    assert lin.store.overview().kept_aside == 0
    assert lin.store.state("keepsake", KEEPSAKES[2]) == "in_record"
    assert lin.store._mirror.overlaid() == set()
    assert skewed.sql("SELECT op_id FROM change_log GROUP BY op_id HAVING count(op_id) > 1") == []


def test_an_answer_that_is_lost_leaves_it_kept_aside(branch: Branch) -> None:
    skewed = branch(present(), later())
    lin = from_a_newer_app(skewed)
    lin.sync(deliver=0)

    lin.sync()

    shows(lin)
    assert lin.store.overview().kept_aside == 4


def test_what_the_upgraded_server_refuses_needs_its_author(branch: Branch) -> None:
    skewed = branch(present(), later())
    lin = skewed.tablets[0]
    lin.save(Insert("keepsake", a_keepsake(2, OTHER)))
    lin.save(Patch("customer", MINE, {"parking_note": (None, "东门可停车")}))
    lin.sync()
    skewed.change("customer", MINE, owner_id=STRANGER)
    skewed.change("customer", OTHER, owner_id=STRANGER)
    skewed.now += 60_000
    skewed.upgrade_server(later())

    lin.sync()

    [refused] = lin.store.refused_work()
    assert refused.refusal.code == "not_yours"
    lin.store.discard(refused.op_id, "不再需要")
    lin.sync()
    assert (lin.store.overview().issues, lin.store.overview().kept_aside) == (0, 0)
    assert [status for (status,) in skewed.sql("SELECT status FROM issue")] == ["discarded"]


@pytest.mark.parametrize("by", ["its author", "a supervisor"])
def test_what_was_refused_then_can_be_sent_again_or_accepted(branch: Branch, by: str) -> None:
    skewed = branch(present(), later())
    lin, boss = skewed.tablets[0], skewed.tablets[2]
    lin.save(Patch("customer", MINE, {"parking_note": (None, "东门可停车")}))
    lin.sync()
    skewed.change("customer", MINE, owner_id=STRANGER)
    skewed.upgrade_server(later())
    lin.sync()
    skewed.change("customer", MINE, owner_id=LIN)

    for tablet in (lin, boss):
        tablet.sync()
    if by == "its author":
        lin.store.resend(lin.store.refused_work()[0].op_id)
    else:
        boss.store.decide_issue(boss.store.team_issues()[0].issue.id, "accepted", "核过")
    for tablet in (boss, lin, lin):
        tablet.sync()

    assert skewed.rows()["customer", MINE].document["parking_note"] == "东门可停车"
    assert lin.store.overview().issues == 0
    assert shown(lin, "customer", MINE)["parking_note"] == "东门可停车"


def test_a_restored_older_server_is_given_it_again(branch: Branch) -> None:
    skewed = branch(present(), later())
    skewed.database.close()
    file = skewed.folder / "server.db"
    backup = file.read_bytes()
    skewed.upgrade_server(present())
    lin = from_a_newer_app(skewed)
    lin.sync()
    skewed.database.close()
    file.write_bytes(backup)
    skewed.upgrade_server(present())
    skewed.new_generation()

    lin.sync()

    shows(lin)
    assert lin.store.overview().kept_aside == 4
    skewed.upgrade_server(later())
    lin.sync()
    shows(lin)
    assert lin.store.overview().kept_aside == 0


def test_two_who_said_different_things_then_see_both_now(branch: Branch) -> None:
    skewed = branch(present(), later())
    for place, said in ((0, "东门可停车"), (2, "西门可停车")):
        skewed.tablets[place].save(Patch("customer", MINE, {"parking_note": (None, said)}))
        skewed.tablets[place].sync()
        skewed.now += 60_000

    skewed.upgrade_server(later())

    assert skewed.rows()["customer", MINE].document["parking_note"] == "西门可停车"
    assert skewed.sql("SELECT field, lost, won FROM conflict") == [
        ("parking_note", '"东门可停车"', '"西门可停车"')
    ]


def test_what_is_refused_then_becomes_an_issue_of_its_author(branch: Branch) -> None:
    skewed = branch(present(), later())
    lin = skewed.tablets[0]
    lin.save(Insert("keepsake", a_keepsake(2, STRANGERS)))
    lin.sync()

    skewed.upgrade_server(later())

    [(author, code)] = skewed.sql("SELECT employee_id, code FROM issue")
    assert (author, code) == (LIN, "not_yours")
    assert ("keepsake", KEEPSAKES[2]) not in skewed.rows()


def test_it_is_judged_as_of_the_day_on_which_it_came(branch: Branch) -> None:
    """A customer who moved on a month later takes the keepsake along."""
    skewed = branch(present(), later())
    from_a_newer_app(skewed).sync()
    skewed.now += 40 * DAY_MS
    skewed.change("customer", OTHER, owner_id=ZHOU)

    skewed.upgrade_server(later())

    row = skewed.rows()["keepsake", KEEPSAKES[2]]
    assert (row.scope, row.document["title"]) == (f"portfolio:{ZHOU}", "剪纸")


@pytest.mark.parametrize("sql", ["SQLite", "PostgreSQL"])
def test_what_0_1_0_set_aside_is_taken_up_by_the_release_that_understands_it(
    sql: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = recorded(sql, tmp_path, request)
    with database.reading() as connection:
        run = connection.exec_driver_sql
        found = [run(each).all() for each in (_TAKEN_UP, _KEPT, _COMPLETED, _REFUSED)]
    database.close()

    assert found == [
        [(KEEPSAKES[2], "年画"), (KEEPSAKES[4], "剪纸")],
        [("stamp",)],
        [("船员", "西门可停车", "snow")],
        [("not_yours", KEEPSAKES[3])],
    ]


_TAKEN_UP: Final = "SELECT id, title FROM keepsake ORDER BY id"
_KEPT: Final = "SELECT 'stamp' FROM set_aside_op WHERE status = 'deferred'"
_COMPLETED: Final = (
    "SELECT customer.occupation, customer.parking_note, interaction.weather FROM customer, "
    f"interaction WHERE customer.id = '{ZHOUS}' AND interaction.weather IS NOT NULL"
)
_REFUSED: Final = "SELECT code, record_id FROM issue"


def recorded(sql: str, folder: Path, request: pytest.FixtureRequest) -> Any:
    """Open what 0.1.0 left of a server, first with this release and then with the later one."""
    if sql == "SQLite":
        file = server_file(folder)
        present().databases.open_sqlite(file).close()
        return later().databases.open_sqlite(file)
    url = server_in_postgresql(request)
    present().databases.open_postgresql(url).close()
    return later().databases.open_postgresql(url)
