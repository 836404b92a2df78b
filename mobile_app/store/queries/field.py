"""The field: how each manager's day goes, and what their devices still hold."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import case, exists, func, select

from mobile_app.store.queries.reading import Reading, fields_of, stands
from mobile_app.store.records import FieldRow
from mobile_app.store.tables import MIRROR
from shared.domain import DeviceState, Employee, OrgUnit
from shared.findings import DeviceReport

_interaction = MIRROR["interaction"]
_device_state = MIRROR["device_state"]
_issue = MIRROR["issue"]
_review = MIRROR["review"]


class FieldQueries(Reading):
    """The day of everyone below a supervisor."""

    def field_today(self, since: int) -> list[FieldRow]:
        """Return each manager's day below this supervisor, the busiest first."""
        counts = self._counts_since(since)
        devices = self._device_states()
        rows = [
            _field_row(employee, counts.get(employee.id), devices.get(employee.id))
            for employee in self._managers()
        ]
        return sorted(rows, key=lambda row: (-row.visits, -row.calls, row.name))

    def unreviewed(self, since: int) -> int:
        """Return how many contacts since a moment (ms) have no review."""
        reviewed = exists().where(_review.c.interaction_id == _interaction.c.id)
        statement = select(func.count()).where(
            _interaction.c.occurred_at >= since, stands(), ~reviewed
        )
        [[found]] = self._rows(statement)
        return int(found)

    def devices(self) -> list[DeviceReport]:
        """Return what is known of colleagues' devices, by their names."""
        refused = (
            select(_issue.c.device_id, func.count().label("count"))
            .where(_issue.c.status == "open")
            .group_by(_issue.c.device_id)
        )
        issues = {row.device_id: row.count for row in self._rows(refused)}
        people = self.employees()
        states = [DeviceState(*row) for row in self._rows(select(*fields_of("device_state")))]
        reports = [
            _report(each, people[each.employee_id], issues.get(each.id, 0))
            for each in states
            if each.employee_id in people and each.employee_id != self._my()
        ]
        return sorted(reports, key=lambda each: (each.name, each.device_id))

    def manager_names(self) -> dict[str, str]:
        """Return the names of the managers below this supervisor by id."""
        return {each.id: each.name for each in self._managers()}

    def _managers(self) -> list[Employee]:
        below = _subtree(self._rows(select(*fields_of("org_unit"))), self._unit_of_mine())
        return [
            each
            for each in self.employees().values()
            if each.role == "account_manager" and each.active and each.org_unit_id in below
        ]

    def _unit_of_mine(self) -> str:
        mine = self.employees().get(self._my())
        return mine.org_unit_id if mine else ""

    def _counts_since(self, since: int) -> dict[str, Any]:
        channel = _interaction.c.channel
        statement = (
            select(
                _interaction.c.employee_id,
                func.sum(case((channel == "visit", 1), else_=0)).label("visits"),
                func.sum(case((channel == "call", 1), else_=0)).label("calls"),
                func.count().label("all"),
                func.count(_interaction.c.customer_id.distinct()).label("customers"),
                func.max(_interaction.c.occurred_at).label("last_at"),
            )
            .where(_interaction.c.occurred_at >= since, stands())
            .group_by(_interaction.c.employee_id)
        )
        return {row.employee_id: row for row in self._rows(statement)}

    def _device_states(self) -> dict[str, Any]:
        statement = select(
            _device_state.c.employee_id,
            func.sum(_device_state.c.pending).label("pending"),
            func.max(_device_state.c.seen_at).label("seen_at"),
        ).group_by(_device_state.c.employee_id)
        return {row.employee_id: row for row in self._rows(statement)}


def _subtree(units: Iterable[Any], root: str) -> set[str]:
    children: dict[str | None, list[str]] = {}
    for row in units:
        unit = OrgUnit(*row)
        children.setdefault(unit.parent_id, []).append(unit.id)
    found, waiting = set(), [root]
    while waiting:
        unit_id = waiting.pop()
        found.add(unit_id)
        waiting += children.get(unit_id, [])
    return found


def _report(state: DeviceState, employee: Employee, issues: int) -> DeviceReport:
    return DeviceReport(
        device_id=state.id,
        employee_no=employee.employee_no,
        name=employee.name,
        pending=state.pending,
        oldest_pending_at=state.oldest_pending_at,
        last_seen=state.seen_at,
        skew_ms=state.skew_ms,
        standing="left" if not employee.active else "revoked" if state.revoked else "active",
        issues=issues,
    )


def _field_row(employee: Employee, counts: Any | None, device: Any | None) -> FieldRow:
    return FieldRow(
        employee_id=employee.id,
        name=employee.name,
        visits=counts.visits if counts else 0,
        calls=counts.calls if counts else 0,
        others=counts.all - counts.visits - counts.calls if counts else 0,
        customers_met=counts.customers if counts else 0,
        last_at=counts.last_at if counts else None,
        pending_on_devices=device.pending if device else None,
        device_seen_at=device.seen_at if device else None,
    )
