"""Referrals: what one of the two says of theirs is brought to the copy of the other."""

from typing import Final

from shared.domain.referral import both_copies
from shared.registry import REGISTRY, Document
from sync_server.store.redirects import follow_said
from sync_server.store.rows import documents
from sync_server.store.unit_of_work import Actor, UnitOfWork

_REFERRAL: Final = REGISTRY["referral"]
_CUSTOMER: Final = REGISTRY["customer"]


def follow_referrals(unit: UnitOfWork) -> None:
    """Write both copies of every referral of which the unit has written one.

    To be called before `unit.finish`, so that no device reads one without the other.
    """
    ids = unit.written({_REFERRAL.name}).get(_REFERRAL.name)
    if not ids:
        return
    unit.flush()
    written = documents(unit.connection, _REFERRAL, ids)
    customers = {str(each["customer_id"]) for each in written.values()}
    known = documents(unit.connection, _CUSTOMER, customers)
    names = {id: str(each["name"]) for id, each in known.items()}
    actor = unit.actor
    unit.actor = Actor("job:referrals", actor.device_id)
    try:
        rows = [
            copy
            for _, each in sorted(written.items())
            for copy in _copies(unit, each, names[str(each["customer_id"])])
        ]
        unit.import_rows(_REFERRAL, rows)
    finally:
        unit.actor = actor


def _copies(unit: UnitOfWork, written: Document, customer_name: str) -> list[Document]:
    """Return both copies; whom it is about may have been merged since the colleague said so."""
    copies = both_copies(written, customer_name)
    if written["for_id"] is None:
        return copies
    keys = [(_REFERRAL.name, str(each["id"])) for each in copies]
    about = follow_said(unit.connection, keys, "for_id", str(written["for_id"]))
    return [{**each, "for_id": about} for each in copies]
