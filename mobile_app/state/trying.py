"""Trying: a draft on last month, one employee at a time, so that the screen never stands still."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import flet as ft

from shared.commission.months import Period
from shared.commission.rules import Rule
from shared.domain.what_if import Difference, difference, sorted_differences, tried
from shared.ids import EmployeeId

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore


@dataclass(eq=False)
class Trial(ft.Observable):
    """How far a trial has come, and whom the draft would pay more or less."""

    store: "DeviceStore"
    draft: Rule
    period: Period
    done: int = 0
    total: int = 0
    is_running: bool = False
    found: tuple[Difference, ...] | None = None
    """None until it has been run to its end."""

    @property
    def progress(self) -> float:
        """The part that is done, 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def before(self) -> int:
        """What everyone who can be compared earned (fen)."""
        return sum(each.before.earned for each in self._told)

    @property
    def after(self) -> int:
        """What they would have earned with the draft (fen)."""
        return sum(each.after.earned for each in self._told)

    @property
    def _told(self) -> list[Difference]:
        return [each for each in self.found or () if not each.problems]

    def share(self, of: Difference) -> float:
        """A difference against the largest one, -1 to 1."""
        largest = max((abs(each.change) for each in self._told), default=0)
        return of.change / largest if largest else 0.0

    def name_of(self, employee_id: str) -> str:
        """The name of an employee."""
        found = self.store.employees().get(employee_id)
        return found.name if found else employee_id

    async def run(self) -> None:
        """Compare everyone's month; between two of them everything else has its turn."""
        if self.is_running:
            return
        self.is_running, self.found, self.done = True, None, 0
        try:
            goals = self.store.team_goals()
            everyone = self.store.team_shares()
            self.total = len(everyone)
            found = []
            for employee, shares in everyone.items():
                in_force = self.store.rules_where(employee)
                rules = in_force, tried(in_force, self.draft, self.period)
                found.append(difference(EmployeeId(employee), shares, rules, goals, self.period))
                self.done += 1
                await asyncio.sleep(0)
            self.found = tuple(sorted_differences(each for each in found if _has_any(each)))
        finally:
            self.is_running = False


def _has_any(each: Difference) -> bool:
    return bool(each.before.earned or each.after.earned or each.problems)
