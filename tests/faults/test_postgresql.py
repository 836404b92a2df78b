"""PostgreSQL under load: no row is hidden by whoever is slow, and two servers are as one."""

from pathlib import Path

from tests.faults.pair import kill_one_of_two
from tests.faults.tally import silent
from tests.faults.writers import write_at_once
from tests.postgresql import empty_database


def test_a_reader_sees_every_row_of_eight_writers_once_and_in_order(
    tmp_path: Path, postgresql_url: str
) -> None:
    tally = write_at_once(tmp_path, 150, 20_261, silent, postgresql_url)

    assert tally.violations == []
    assert len(tally.faults) == 4


def test_two_servers_wake_each_others_devices_whichever_of_them_is_killed(
    tmp_path: Path, postgresql_server: str
) -> None:
    with empty_database(postgresql_server) as url:
        tally = kill_one_of_two(tmp_path, 8, 20_261, silent, url)

    assert tally.violations == []
    assert tally.faults["woken across servers"] == 16
