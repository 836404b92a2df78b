"""A month from its sales to its close, and what comes late: in real processes, on real devices.

`pytest -s` prints the walk as it goes.
"""

import asyncio
import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from fieldbook.branch import PIN, Branch, with_pin
from fieldbook.selling import desk_of
from mobile_app.device import Device, wall_clock
from mobile_app.platform.storage import ProfileFiles
from mobile_app.state.plans import Plans
from shared.commission.months import Period, later_period
from shared.domain.days import bank_day, bank_period
from tests.server.paying_branch import paying_branch

TODAY: Final = bank_day(wall_clock()).isoformat()
THIS_MONTH: Final = bank_period(wall_clock())
LAST_MONTH: Final = later_period(THIS_MONTH, -1)


class Walk:
    """The walk: commands as a person types them, and what the supervisors do on their devices."""

    def __init__(self, branch: Branch) -> None:
        self.branch, self.phone = branch, branch.folder / "AM001"

    def runs(self, *words: str) -> str:
        """Run a command as a process, show it, and return what it prints."""
        shown = " ".join(words).replace(f"{self.branch.folder}/", "")
        _show(f"\n$ fieldbook {shown}")
        printed = _printed(*words)
        _show(printed.rstrip())
        return printed

    def knows(self, *words: str) -> Any:
        """Run a command without showing it; return its answer."""
        return json.loads(_printed(*words, "--json"))

    def device(self, *words: str) -> str:
        """Run a command on the manager's device."""
        return self.runs("device", *words, "--store", str(self.phone))

    def month(self, period: Period) -> Any:
        """Show a month of pay, and return it."""
        self.device("pay", "--month", period)
        where = ("--store", str(self.phone))
        return self.knows("device", "pay", "--month", period, *where)

    def bank_says(self, name: str, *rows: tuple[str, str, str]) -> None:
        """Import what the core systems say: reference, event, day."""
        file = self.branch.folder / name
        with file.open("w", newline="", encoding="utf-8") as opened:
            csv.writer(opened).writerows([("external_ref", "event", "on"), *rows])
        self.runs("import", "confirmations", str(file), *self.branch.where)

    def verifies(self) -> Any:
        """Check the ledger and every statement."""
        self.runs("commission", "verify", *self.branch.where)
        return self.knows("commission", "verify", *self.branch.where)

    def supervises(self, who: str, step: str) -> None:
        """Let a supervisor take a step with last month on a device of theirs, and sync it."""
        asyncio.run(self._supervises(who, step))

    async def _supervises(self, who: str, step: str) -> None:
        device = await self._of(who)
        plans: Plans = desk_of(device).plans
        sheet = plans.month(LAST_MONTH)
        assert sheet is not None
        {"review": plans.review, "close": plans.close}[step](sheet)
        await device.runner.sync_once()
        after = plans.store.pay_periods()[LAST_MONTH].status
        _show(f"\n  {who} on their own device: {step} {LAST_MONTH} -> {plans.message or after}")
        await device.close()

    async def _of(self, who: str) -> Device:
        folder = self.branch.folder / who
        if not folder.exists():
            device = Device(ProfileFiles(folder))
            await device.enrol(self.branch.url, self.branch.code(who), PIN)
        else:
            device = Device(ProfileFiles(folder))
            await device.unlock(PIN)
        await device.runner.sync_once()
        return device


def _show(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _printed(*words: str) -> str:
    command = [sys.executable, "-m", "fieldbook", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=with_pin())
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    return Walk(paying_branch(tmp_path))


@contextmanager
def serving(walk: Walk) -> Iterator[None]:
    with walk.branch.serving():
        yield
    _show("\n  (the branch's server is down)")


def paid(month: Any) -> dict[str, Any]:
    """Return what may never change of a month that is closed."""
    kept = ("status", "confirmed", "digest", "server_digest", "agreement")
    return {name: month[name] for name in kept} | {"entries": month["entries"]["confirmed"]}


def entries(month: Any) -> list[tuple[str, str]]:
    """Return a month's confirmed entries: type, yuan; by type."""
    found = [(each["type"], each["amount"]) for each in month["entries"]["confirmed"]]
    return sorted(found)


def test_a_month_goes_from_its_sales_to_its_close_and_is_never_changed_by_what_comes_late(
    walk: Walk,
) -> None:
    with serving(walk):
        code = walk.branch.code("AM001")
        walk.device("enrol", "--server", walk.branch.url, "--code", code)
        walk.device("sync")

    sell = ("sale", "--customer", _customer(walk), "--product")
    walk.device(*sell, "CARD", "--qty", "2", "--ref", "C-1")
    walk.device(*sell, "CARD", "--qty", "1", "--ref", "C-2")
    walk.device(*sell, "DEPOSIT", "--amount", "300000.00", "--ref", "D-1")

    with serving(walk):
        walk.device("sync")
        walk.bank_says(
            "confirmations.csv",
            ("C-1", "ACTIVATED", f"{LAST_MONTH}-12"),
            ("D-1", "FUNDED", f"{LAST_MONTH}-20"),
        )
        walk.device("sync")
        before = walk.month(LAST_MONTH)
        assert entries(before) == [("DEFER", "-120.00"), ("EARN", "120.00"), ("EARN", "300.00")]
        assert before["confirmed"]["payable"] == "300.00"
        assert _is_the_servers(before)

        walk.supervises("SV001", "review")
        walk.supervises("SV001", "close")
        walk.supervises("SV002", "close")
        assert walk.verifies() == _sound(records=3, statements=2)
        walk.device("sync")
        closed = walk.month(LAST_MONTH)
        assert paid(closed) == {**paid(before), "status": "closed"}

        walk.bank_says(
            "late.csv",
            ("D-1", "CANCELLED", TODAY),
            ("C-2", "ACTIVATED", f"{LAST_MONTH}-28"),
        )
        walk.device("sync")
        assert paid(walk.month(LAST_MONTH)) == paid(closed)
        after = walk.month(THIS_MONTH)
        assert entries(after) == [
            ("ADJUST", "60.00"),
            ("CLAWBACK", "-300.00"),
            ("RELEASE", "40.00"),
            ("RELEASE", "40.00"),
            ("RELEASE", "40.00"),
        ]
        assert (after["confirmed"]["payable"], after["confirmed"]["closing_carry"]) == (
            "0.00",
            "-120.00",
        )
        assert _is_the_servers(after)
        assert walk.verifies() == _sound(records=3, statements=2)


def _customer(walk: Walk) -> str:
    [customer] = walk.knows("device", "customers", "--store", str(walk.phone))
    return str(customer["id"])


def _is_the_servers(month: Any) -> bool:
    return bool(month["agreement"] == "agrees" and month["digest"] == month["server_digest"])


def _sound(records: int, statements: int) -> dict[str, Any]:
    return {"records": records, "broken_at": None, "statements": statements, "differing": []}
