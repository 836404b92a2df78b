"""Withdrawing alerts: what nobody has touched and has lost its cause is taken back.

It stays to be read, and is open again when its cause is back (`followed`).
"""

from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, select

from shared.domain.alert import MARKETING
from shared.domain.consent import AGAINST_SELLING
from shared.registry import REGISTRY, Document
from sync_server.store.consents import spared
from sync_server.store.rows import among, look_up
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import UnitOfWork, as_job

_ALERT: Final = REGISTRY["alert"]


def watch_consents(unit: UnitOfWork, consents: Iterable[Document]) -> None:
    """Take back the marketing alerts of customers who have just refused to be sold to."""
    said = {str(each["customer_id"]) for each in consents if each["purpose"] in AGAINST_SELLING}
    if said:
        unit.flush()
        withdraw(unit, spared(unit.connection, said), lambda alert: alert["kind"] in MARKETING)


def withdraw_maturities(unit: UnitOfWork, accounts: Iterable[Document]) -> None:
    """Take back what was told of the money in these accounts, which is not free on that day."""
    written = {str(each["id"]): each for each in accounts}
    withdraw(
        unit,
        {str(each["customer_id"]) for each in written.values()},
        lambda alert: (
            alert["kind"] == "maturity"
            and (account := written.get(str(alert["evidence"]))) is not None
            and (account["matures_on"] != alert["day"] or bool(account["closed_on"]))
        ),
    )


def withdraw(
    unit: UnitOfWork, customers: Collection[str], is_over: Callable[[Document], bool]
) -> None:
    """Take back the open alerts of customers whose cause is over."""
    if not customers:
        return
    rows = look_up(unit.connection, customers, _open)
    found = [dict(zip(_ALERT.fields, row, strict=True)) for row in rows]
    take_back(unit, [each for each in found if is_over(each)])


def take_back(unit: UnitOfWork, alerts: Iterable[Document]) -> None:
    """Take back these alerts, which are open."""
    over = [{**each, "status": "withdrawn"} for each in alerts]
    if over:
        with as_job(unit, "job:alerts"):
            unit.import_rows(_ALERT, over)


@cache
def _open(*, is_postgresql: bool) -> Select[Any]:
    alert = ENTITY_TABLES["alert"].c
    own = [alert[name] for name in _ALERT.fields]
    mine = among(alert.customer_id, is_postgresql=is_postgresql)
    return select(*own).where(mine, alert.status == "open").order_by(alert.id)
