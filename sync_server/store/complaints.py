"""Complaints: one that is open is an alert, in the transaction that brought it."""

from typing import Final

from shared.domain.service_case import DONE
from shared.registry import REGISTRY
from sync_server.customer.reminders import complaint
from sync_server.store.alerts import raise_alerts
from sync_server.store.rows import documents
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.withdrawing import withdraw

_CASE: Final = "service_case"


def follow_complaints(unit: UnitOfWork) -> None:
    """Raise the complaints that this unit has written, and take back those that it resolved."""
    ids = unit.written({_CASE}).get(_CASE)
    if not ids:
        return
    unit.flush()
    cases = documents(unit.connection, REGISTRY[_CASE], ids).values()
    told = [each for each in cases if each["kind"] == "complaint"]
    raise_alerts(unit, [complaint(each, unit.now) for each in told if each["status"] not in DONE])
    done = {str(each["id"]): str(each["customer_id"]) for each in told if each["status"] in DONE}
    withdraw(
        unit,
        set(done.values()),
        lambda alert: alert["kind"] == "complaint" and alert["evidence"] in done,
    )
