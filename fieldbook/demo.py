"""`fieldbook demo`: a branch with invented customers, and links that open as different people."""

import argparse
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Final

from fieldbook.clock import now
from fieldbook.database import FILE, opened
from fieldbook.server import listening, run
from fieldbook.stop import Stop
from fieldbook.story import By, begin
from sync_server.demo.clock import BEIJING
from sync_server.demo.seed import seed
from sync_server.store import identity
from sync_server.store.database import Database

_CODE_LIFE_MS: Final = 12 * 3_600_000
_NEEDED_BYTES: Final = 200 * 1024 * 1024
_MADE_FOR: Final = "made-for"
"""The file that says as of which day the demo was made: its accounts follow from it."""
_PEOPLE: Final = (
    ("AM001", "客户经理"),
    ("AM002", "客户经理"),
    ("SV001", "主管"),
    ("SV002", "主管"),
)
"""Two of each: a sale can be shared, and a month takes one to review it and another to close it."""


def demo(asked: argparse.Namespace) -> int:
    """Make the demo bank where there is none, then serve it and print the links."""
    _check_room(asked.data)
    today = datetime.now(BEIJING).date()
    with opened(asked) as database:
        _fill(database, asked.data, asked.today or today)
        if asked.seed_only:
            return 0
        with listening(asked.host, asked.port) as listener:
            host, port = listener.getsockname()[:2]
            url = f"http://{host}:{port}"
            _welcome(database, url, asked.webapp)
            if asked.story:
                _tell_the_story(database, url, asked.data, asked.story)
            run(database, listener, asked.webapp)
    print("Stopped. Everything is kept; `make demo` goes on from here.")
    return 0


def _check_room(data: Path) -> None:
    """Refuse to begin what a full disk would break off."""
    data.mkdir(parents=True, exist_ok=True)
    if not (data / FILE).exists() and shutil.disk_usage(data).free < _NEEDED_BYTES:
        raise Stop(f"The disk under {data} has less than 200 MB left. Make room and start again.")


def _tell_the_story(database: Database, url: str, data: Path, by: By) -> None:
    try:
        made_for = date.fromisoformat((data / _MADE_FOR).read_text(encoding="ascii"))
    except OSError:
        raise Stop(
            f"The demo in {data} is of an earlier version; delete it to begin anew."
        ) from None
    with database.writing() as connection:
        token = identity.new_system_token(connection, "core", now())
    begin(database, url, token, made_for, by)


def _fill(database: Database, data: Path, today: date) -> None:
    with database.reading() as connection:
        if identity.employees(connection):
            return
    print(f"Making a bank of invented people, as of {today}:", flush=True)
    seed(database, today, now(), lambda line: print(f"  {line}", flush=True))
    (data / _MADE_FOR).write_text(today.isoformat(), encoding="ascii")


def _welcome(database: Database, url: str, webapp: Path | None) -> None:
    print(f"\nFieldbook 外勤簿 serves {url}  (Ctrl-C stops it)\n")
    with database.writing() as connection:
        for employee_no, role in _PEOPLE:
            employee = identity.employee_by_no(connection, employee_no)
            code = identity.new_code(connection, employee_no, now(), _CODE_LIFE_MS)
            link = f"{url}/app/?profile={employee_no.lower()}&code={code}" if webapp else code
            print(f"  {role} {employee.name}  {link}")
    print("\nOpen the links side by side in one browser; each is a device of its own.")
    print("Choose any six-digit PIN that is not easily guessed.", flush=True)
