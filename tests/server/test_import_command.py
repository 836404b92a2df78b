"""`fieldbook import`: whole files are taken, others are refused before anything of them is."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from fieldbook.__main__ import main
from fieldbook.branch import Branch
from shared.errors import Refusal
from sync_server.adapters.marks import MARK
from sync_server.adapters.whole import AGAIN_S, RECENT_S, require_quiet
from sync_server.store.database import open_sqlite
from sync_server.store.unit_of_work import CHUNK
from tests.server.importing import HEADER, ImportingBranch

FIRST = "C-1,APPLIED,2026-11-18,,,1"
SECOND = "C-1,ACTIVATED,2026-11-18,,,1"
LONG_AGO = 1_700_000_000.0


@pytest.fixture
def record(branch: Branch) -> Iterator[ImportingBranch]:
    database = open_sqlite(branch.data / "fieldbook.db")
    yield ImportingBranch(database)
    database.close()


def a_file(folder: Path, content: str | bytes, at: float = LONG_AGO) -> Path:
    """Lay down a file that was last written at a moment."""
    file = folder / "confirmations.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    written_at(file, at)
    return file


def written_at(file: Path, at: float) -> None:
    os.utime(file, (at, at))


def imports(branch: Branch, file: Path) -> int:
    """Import a file of confirmations; return the command's status."""
    return main(["import", "confirmations", str(file), *branch.where, "--json"])


def kept(record: ImportingBranch) -> int:
    """How many of the core systems' events are kept."""
    with record.database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM core_event").scalar_one())


def test_a_whole_file_is_taken(branch: Branch, record: ImportingBranch) -> None:
    assert imports(branch, a_file(branch.folder, f"{HEADER}\n{FIRST}\n")) == 0
    assert kept(record) == 1


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{FIRST}\n{SECOND}",
        f"{HEADER}\n{FIRST}\nC-1,ACTI",
        HEADER,
        '{"external_ref": "C-1", "event": "APPLIED", "on": "2026-11-18"}\n{"external_re',
    ],
)
def test_of_a_file_whose_last_line_does_not_end_nothing_is_taken(
    branch: Branch, record: ImportingBranch, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    before = record.store.head()

    assert imports(branch, a_file(branch.folder, content)) == 1
    assert "(file_cut_short)" in capsys.readouterr().err
    assert record.store.head() == before


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (f"{HEADER}\n{FIRST}\n".encode("utf-16-le"), "file_encoding"),
        (b'[{"external_ref": "C-1", "event": "APPLIED"},\n', "file_lacks_columns"),
    ],
)
def test_what_can_be_no_file_of_rows_is_refused_for_being_that(
    branch: Branch, capsys: pytest.CaptureFixture[str], content: bytes, code: str
) -> None:
    assert imports(branch, a_file(branch.folder, content)) == 1
    assert f"({code})" in capsys.readouterr().err


def test_a_mark_says_that_a_file_is_whole_and_which_one_it_is(
    branch: Branch, record: ImportingBranch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = f"{HEADER}\n{FIRST}"
    file = a_file(branch.folder, content)
    mark = file.with_name(f"{file.name}{MARK}")

    mark.write_text(sha256(b"another").hexdigest())
    assert imports(branch, file) == 1
    assert "(file_altered)" in capsys.readouterr().err
    assert kept(record) == 0

    mark.write_text(sha256(content.encode()).hexdigest())
    assert imports(branch, file) == 0
    assert kept(record) == 1


def asked(file: Path, at: float, meanwhile: Callable[[], object]) -> list[float]:
    """Look at a file at a moment, with something going on meanwhile; return how long it took."""
    paused: list[float] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        meanwhile()

    require_quiet(file, lambda: at, pause)
    return paused


def nothing() -> None:
    pass


def test_only_a_file_that_was_just_written_is_looked_at_again(tmp_path: Path) -> None:
    file = a_file(tmp_path, f"{HEADER}\n", at=LONG_AGO)

    assert asked(file, LONG_AGO + RECENT_S + 1, nothing) == []
    assert asked(file, LONG_AGO + RECENT_S - 1, nothing) == [AGAIN_S]
    assert asked(file, LONG_AGO - 3_600, nothing) == [AGAIN_S], "of a clock that is ahead"


def test_a_file_that_its_sender_has_marked_is_not_waited_for(tmp_path: Path) -> None:
    file = a_file(tmp_path, f"{HEADER}\n")
    file.with_name(f"{file.name}{MARK}").touch()

    assert asked(file, LONG_AGO, nothing) == []


@pytest.mark.parametrize("what", ["size", "time"])
def test_a_file_that_is_another_a_little_later_is_refused(tmp_path: Path, what: str) -> None:
    file = a_file(tmp_path, f"{HEADER}\n")

    def goes_on() -> None:
        if what == "size":
            a_file(tmp_path, f"{HEADER}\n{FIRST}\n")
        else:
            written_at(file, LONG_AGO + 1)

    with pytest.raises(Refusal) as refusal:
        asked(file, LONG_AGO, goes_on)
    assert refusal.value.code == "file_growing"


def test_a_file_that_another_process_is_writing_is_left_alone(
    branch: Branch, record: ImportingBranch
) -> None:
    file, is_over = a_file(branch.folder, f"{HEADER}\n"), Event()
    before = record.store.head()

    def write() -> None:
        with file.open("a") as out:
            while not is_over.is_set():
                out.write(f"{FIRST}\n")
                out.flush()
                time.sleep(0.01)

    writer = Thread(target=write)
    writer.start()
    try:
        command = [sys.executable, "-m", "fieldbook", "import", "confirmations", str(file)]
        done = subprocess.run(
            [*command, *branch.where], capture_output=True, text=True, check=False
        )
    finally:
        is_over.set()
        writer.join()

    assert (done.returncode, "(file_growing)" in done.stderr) == (1, True)
    assert record.store.head() == before


@pytest.mark.parametrize("added", [f"{SECOND}\n", "C-2,ACTIVATED,2026-11-18,,,1"])
def test_of_a_file_that_goes_on_while_it_is_read_nothing_new_is_taken_and_it_is_told_of(
    branch: Branch,
    record: ImportingBranch,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    added: str,
) -> None:
    spoilt = "C-1,APPLIED\n" * CHUNK
    file = a_file(branch.folder, f"{HEADER}\n{FIRST}\n{spoilt}")

    def goes_on(*_: Any) -> Callable[..., None]:
        def tell(*_: Any) -> None:
            with file.open("a") as more:
                more.write(added)

        return tell

    with monkeypatch.context() as patched:
        patched.setattr("fieldbook.bring._progress", goes_on)
        status = imports(branch, file)
    told = capsys.readouterr()
    report = json.loads(told.out)

    assert (status, "(file_changed)" in told.err) == (1, True)
    assert (report["lines"], report["applied"], kept(record)) == (CHUNK + 1, 1, 1)


def test_the_whole_file_is_imported_again_once_it_is_finished(
    branch: Branch, record: ImportingBranch
) -> None:
    imports(branch, a_file(branch.folder, f"{HEADER}\n{FIRST}\n"))

    assert imports(branch, a_file(branch.folder, f"{HEADER}\n{FIRST}\n{SECOND}\n")) == 0
    assert kept(record) == 2
