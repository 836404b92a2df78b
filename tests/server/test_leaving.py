"""Leaving, on both databases: a last day that a file said ahead ends what somebody may."""

import pytest

from shared.domain.days import bank_day
from sync_server.store.database import Database
from sync_server.store.leaving import let_leavers_go
from sync_server.store.scopes import granted
from tests.server.importing import TODAY, ImportingBranch, states

DAY_MS = 24 * 3_600_000
HEADER = "employee_no,joined_on,left_on,active"


@pytest.fixture
def branch(database: Database) -> ImportingBranch:
    """A branch whose leavers were let go today, as every day."""
    branch = ImportingBranch(database)
    let_leavers_go(database, branch.now)
    return branch


def says(branch: ImportingBranch, left: str, active: str = "") -> None:
    file = f"{HEADER}\nAM001,2026-01-05,{left},{active}\n"
    assert states(branch.takes("employees", file)) == {"changed": 1}


def works(branch: ImportingBranch) -> bool:
    """Whether Lin is one of the bank's, and her devices hold her customers."""
    is_active = bool(branch.store.rows("employee")[str(branch.lin["id"])].document["active"])
    with branch.database.reading() as connection:
        assert bool(granted(connection, str(branch.lin["id"]))) == is_active
    return is_active


def next_day(branch: ImportingBranch) -> None:
    branch.now += DAY_MS
    let_leavers_go(branch.database, branch.now)


def test_whoever_leaves_works_until_the_end_of_the_last_day(branch: ImportingBranch) -> None:
    assert bank_day(branch.now).isoformat() == TODAY
    says(branch, "2026-11-19")

    next_day(branch)
    assert works(branch)
    next_day(branch)
    assert not works(branch)


def test_days_on_which_the_server_was_down_are_made_up_for(branch: ImportingBranch) -> None:
    says(branch, "2026-11-19")
    branch.now += 40 * DAY_MS

    next_day(branch)

    assert not works(branch)


def test_whoever_is_said_to_be_active_after_the_last_day_stays_so(
    branch: ImportingBranch,
) -> None:
    says(branch, "2026-11-18")
    next_day(branch)
    assert not works(branch)

    says(branch, "2026-11-18", "true")
    for _ in range(3):
        next_day(branch)
        assert works(branch)


def test_the_first_time_lets_all_go_who_have_left(database: Database) -> None:
    branch = ImportingBranch(database)
    says(branch, "2026-10-31", "true")

    let_leavers_go(database, branch.now)

    assert not works(branch)
