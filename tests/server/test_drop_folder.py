"""The drop folder: whole files are taken in and put away, others are left in peace."""

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldbook.__main__ import IMPORTS, parser
from shared.testing.builders import NOW
from sync_server.adapters.drop import CUT_SHORT_S, QUIET_S, DropFolder, take_file
from sync_server.adapters.kinds import KINDS
from sync_server.adapters.marks import MARK
from sync_server.store.database import Database, open_sqlite
from tests.server.importing import HEADER, ImportingBranch

ROW = "C-1,ACTIVATED,2026-11-18,,,1"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_sqlite(tmp_path / "server.db")
    yield made
    made.close()


@pytest.fixture
def drop(tmp_path: Path) -> DropFolder:
    made = DropFolder(tmp_path / "drop")
    made.prepare()
    return made


def put(drop: DropFolder, name: str, content: str) -> Path:
    file = drop.folder / name
    file.write_text(content)
    return file


def mark(file: Path, said: str = "", *, newer_s: int = 1) -> None:
    """Put a mark beside a file, as long after its last change."""
    beside = file.with_name(f"{file.name}{MARK}")
    beside.write_text(said)
    changed = file.stat().st_mtime_ns + newer_s * 1_000_000_000
    os.utime(beside, ns=(changed, changed))


def take(file: Path, database: Database) -> Path:
    return take_file(file, database, NOW, lambda *_: None)


def report_on(put_away: Path) -> Any:
    return json.loads(put_away.with_name(f"{put_away.name}.report.json").read_text())


# Without a mark


def test_a_file_is_ready_once_it_has_been_quiet_and_its_last_line_ends(drop: DropFolder) -> None:
    whole = put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n")
    put(drop, "confirmations-2.csv", f"{HEADER}\nC-1,ACTI")
    put(drop, "confirmations-3.csv.part", f"{HEADER}\n{ROW}\n")

    assert drop.ready(0.0) == []
    assert drop.ready(QUIET_S - 0.1) == []
    assert drop.ready(QUIET_S) == [whole]


def test_a_file_that_goes_on_is_quiet_from_then_on(drop: DropFolder) -> None:
    file = put(drop, "confirmations-1.csv", f"{HEADER}\n")
    drop.ready(0.0)
    put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n")

    assert drop.ready(QUIET_S) == []
    assert drop.ready(2 * QUIET_S) == [file]


def test_the_times_that_a_file_bears_do_not_count(drop: DropFolder) -> None:
    os.utime(put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n"), (0, 0))

    assert drop.ready(0.0) == []


def test_where_every_sender_marks_nothing_else_is_taken(drop: DropFolder) -> None:
    drop.quiet_s = None
    file = put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n")
    drop.ready(0.0)

    assert drop.ready(1_000_000.0) == []
    mark(file)
    assert drop.ready(1_000_001.0) == [file]


def test_a_file_that_was_cut_short_is_refused_in_the_end(
    drop: DropFolder, database: Database
) -> None:
    file = put(drop, "confirmations-1.csv", f"{HEADER}\nC-1,ACTI")
    drop.ready(0.0)

    assert drop.ready(CUT_SHORT_S) == []
    assert drop.ready(CUT_SHORT_S + 1) == [file]
    put_away = take(file, database)
    assert (put_away.parent.name, report_on(put_away)["code"]) == ("failed", "file_cut_short")


# With a mark


def test_a_marked_file_is_ready_at_once_as_it_is(drop: DropFolder, database: Database) -> None:
    branch = ImportingBranch(database)
    file = put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}")
    mark(file)

    assert drop.ready(0.0) == [file]
    assert report_on(take(file, database))["applied"] == 1
    assert branch.sale_now()["status"] == "confirmed"
    assert [path.name for path in drop.folder.iterdir() if path.is_file()] == []


def test_a_mark_of_before_the_file_is_that_of_another(drop: DropFolder) -> None:
    mark(put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n"), newer_s=-1)

    assert drop.ready(0.0) == []


@pytest.mark.parametrize("said", ["ok", "3fa9", "0" * 63, "0" * 65, "\0" * 70_000])
def test_what_is_no_checksum_is_no_mark(drop: DropFolder, said: str) -> None:
    mark(put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n"), said)

    assert drop.ready(0.0) == []


@pytest.mark.parametrize("form", ["{}", "{}  confirmations-1.csv\n", "\n{} *c.csv"])
@pytest.mark.parametrize("newer_s", [1, -1])
def test_a_file_is_the_one_that_its_checksum_is_of(
    drop: DropFolder, form: str, newer_s: int
) -> None:
    content = f"{HEADER}\n{ROW}\n"
    file = put(drop, "confirmations-1.csv", content[:-5])
    sum = sha256(content.encode()).hexdigest()
    mark(file, form.format(sum.upper()), newer_s=newer_s)

    looks = [drop.ready(0.0), drop.ready(1.0)]
    put(drop, file.name, content)
    mark(file, form.format(sum), newer_s=newer_s)
    looks += [drop.ready(2.0), drop.ready(3.0)]

    assert looks == [[], [], [file] if newer_s > 0 else [], [file]]


def test_a_file_that_never_is_the_one_of_its_checksum_is_refused_whole(
    drop: DropFolder, database: Database
) -> None:
    branch = ImportingBranch(database)
    file = put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n")
    mark(file, "0" * 64)
    drop.ready(0.0)

    assert drop.ready(QUIET_S) == [file]
    put_away = take(file, database)
    assert (put_away.parent.name, report_on(put_away)["code"]) == ("failed", "file_altered")
    assert branch.sale_now()["status"] == "intent"


# Broken off


SALES = 4
LONG = "".join(
    [f"{HEADER}\n", *(f"K-{place},ACTIVATED,2026-11-18,,,1\n" for place in range(SALES))]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_of_a_writer_that_is_killed_no_part_is_taken(drop: DropFolder, data: st.DataObject) -> None:
    """At any byte, with looks in between: written aside never, in place only when it is quiet."""
    is_aside = data.draw(st.booleans(), label="written aside, then renamed and marked")
    killed_at = data.draw(st.integers(0, len(LONG) - 1), label="killed at byte")
    pauses = data.draw(st.lists(st.integers(1, max(1, killed_at)), max_size=6), label="looks at")
    drop.seen, at = {}, 0.0
    for path in drop.folder.iterdir():
        if path.is_file():
            path.unlink()
    name = "confirmations.csv" + (".part" if is_aside else "")
    written = 0
    for place in [*sorted({each for each in pauses if each < killed_at}), killed_at]:
        with (drop.folder / name).open("a") as file:
            file.write(LONG[written:place])
        written, at = place, at + QUIET_S - 1
        assert drop.ready(at) == []

    taken = drop.ready(at + CUT_SHORT_S - 1)

    if is_aside or not LONG[:killed_at].endswith("\n"):
        assert taken == []
    else:
        assert taken == [drop.folder / name], "quiet for long, and its last line ends"


def test_a_file_that_goes_on_while_it_is_read_is_read_again_whole(
    drop: DropFolder, database: Database
) -> None:
    branch = ImportingBranch(database)
    file = put(drop, "confirmations-1.csv", f"{HEADER}\nC-1,APPLIED,2026-11-18,,,1\n")

    def goes_on(*_: object) -> None:
        with file.open("a") as more:
            more.write(f"{ROW}\n")

    assert take_file(file, database, NOW, goes_on) == file
    assert (take(file, database).parent.name, branch.sale_now()["status"]) == ("done", "confirmed")


@pytest.mark.parametrize("dies_in", ["unmark", "Path.rename"])
def test_a_server_that_dies_before_the_file_is_away_takes_it_again(
    drop: DropFolder, database: Database, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    branch = ImportingBranch(database)
    file = put(drop, "confirmations-1.csv", f"{HEADER}\n{ROW}\n")
    mark(file)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"sync_server.adapters.drop.{dies_in}", dies)
    with pytest.raises(KeyboardInterrupt):
        take(file, database)
    monkeypatch.undo()
    again = DropFolder(drop.folder)

    assert (again.ready(0.0), again.ready(QUIET_S)) == (
        [file] if dies_in == "unmark" else [],
        [file],
    )
    assert report_on(take(file, database))["known"] == 1
    assert branch.sale_now()["status"] == "confirmed"
    assert [path.name for path in drop.folder.iterdir() if path.is_file()] == []


# Put away


def test_a_file_is_taken_in_once_and_its_report_says_so(
    drop: DropFolder, database: Database
) -> None:
    branch, counts = ImportingBranch(database), []
    for _ in range(2):
        file = put(drop, "confirmations.csv", f"{HEADER}\n{ROW}\n")
        put_away = take(file, database)
        report = report_on(put_away)
        counts.append((put_away.name, report["applied"], report["known"]))

    assert counts == [("confirmations.csv", 1, 0), ("confirmations.2.csv", 0, 1)]
    assert branch.sale_now()["status"] == "confirmed"


def test_a_file_whose_name_is_in_another_encoding_is_taken_in(
    drop: DropFolder, database: Database
) -> None:
    branch = ImportingBranch(database)
    name = os.fsdecode("confirmations-三月.csv".encode("gb18030"))
    file = put(drop, name, f"{HEADER}\n{ROW}\nC-1,SOLD,x,,,\n")

    put_away = take(file, database)

    assert put_away.parent.name == "done"
    assert report_on(put_away)["file"].startswith("confirmations-")
    assert branch.sale_now()["status"] == "confirmed"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rest", ["", "-20260331", "_2026-04", "3"])
def test_a_file_of_every_kind_is_known_by_how_its_name_begins(
    drop: DropFolder, database: Database, kind: str, rest: str
) -> None:
    header = ",".join(each.name for each in KINDS[kind].columns if each.required)

    put_away = take(put(drop, f"{kind}{rest}.csv", f"{header}\n"), database)

    assert report_on(put_away)["kind"] == kind


@pytest.mark.parametrize("name", ["service-1.csv", "callsigns.csv", "1.csv"])
def test_a_file_whose_name_begins_otherwise_is_put_aside(
    drop: DropFolder, database: Database, name: str
) -> None:
    assert report_on(take(put(drop, name, f"{HEADER}\n"), database))["code"] == "unknown_import"


def test_of_files_that_come_together_those_that_others_refer_to_are_first(
    drop: DropFolder,
) -> None:
    names = ("accounts", "calls", "cards", "confirmations", "customers", "employees", "nothing")
    for name in names:
        put(drop, f"{name}-1.csv", f"{HEADER}\n")
    drop.ready(0.0)

    found = [file.name.removesuffix("-1.csv") for file in drop.ready(QUIET_S)]

    assert found[:3] == ["employees", "customers", "accounts"]
    assert found[3:] == ["calls", "cards", "confirmations", "nothing"]


def test_the_command_line_names_every_kind() -> None:
    assert tuple(KINDS) == IMPORTS


@pytest.mark.parametrize(("said", "quiet_s"), [([], QUIET_S), (["1"], 1.0), (["never"], None)])
def test_the_server_is_told_how_long_a_file_must_be_quiet(
    said: list[str], quiet_s: float | None
) -> None:
    options = ["--drop-quiet", *said] if said else []

    assert parser().parse_args(["server", "--data", "d", *options]).drop_quiet == quiet_s


@pytest.mark.parametrize("said", ["0", "-1", "nan", "3601", "soon"])
def test_a_wait_that_cannot_be_is_asked_wrongly(said: str) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["server", "--data", "d", "--drop-quiet", said])
