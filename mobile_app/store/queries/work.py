"""Work on its way: what is not in the record yet, and how old the data is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import from_json
from sqlalchemy import func, select

from mobile_app.store.outbox import STATES
from mobile_app.store.queries.reading import Reading
from mobile_app.store.records import LateWork, OutboxItem, RecordState, RefusedWork, SyncOverview
from mobile_app.store.set_aside import culprit_of
from mobile_app.store.tables import MIRROR, deferred_row
from shared.errors import Refusal
from shared.findings import LocalReport
from shared.registry import Document
from shared.sync.protocol import Op

_customer = MIRROR["customer"]
_interaction = MIRROR["interaction"]
_conflict = MIRROR["conflict"]


class WorkQueries(Reading):
    """The user's own unsettled work."""

    def outbox(self, limit: int = 200) -> list[OutboxItem]:
        """Return what is not in the record yet, what needs its user first."""
        items = [_outbox_item(row) for row in self._work.listed(limit)]
        people = self._customers_by_id([customer for _, customer in items if customer])
        return [
            _labelled(item, people[customer].name if customer in people else "")
            for item, customer in items
        ]

    def refused_work(self) -> list[RefusedWork]:
        """Return the user's transactions that were refused, the latest first."""
        return [self._refused(rows) for rows in self._work.set_aside()]

    def late_work(self) -> list[LateWork]:
        """Return the user's transactions that were accepted after their customer had moved on,
        the latest first."""
        found: dict[str, LateWork] = {}
        for row in self._work.late():
            state = STATES.get(row.state, RecordState.IN_RECORD)
            found.setdefault(row.txn, LateWork(from_json(row.body), row.created_at, state))
        return list(reversed(found.values()))

    def _refused(self, rows: Sequence[Any]) -> RefusedWork:
        guilty = culprit_of(rows)
        verdict = from_json(guilty.verdict)
        ops: tuple[Op, ...] = tuple(from_json(row.body) for row in rows)
        known = {op["id"]: self._known(op, verdict) for op in ops}
        customer = next(filter(None, (_customer_of(op, known[op["id"]]) for op in ops)), None)
        people = self._customers_by_id([customer] if customer else [])
        return RefusedWork(
            op_id=guilty.op_id,
            at=rows[0].created_at,
            customer_id=customer,
            customer_name=people[customer].name if customer in people else "",
            refusal=_refusal(verdict),
            ops=ops,
            titles={id: str(document.get("title", "")) for id, document in known.items()},
            restorable=verdict.get("last") is not None,
        )

    def _known(self, op: Op, verdict: Mapping[str, Any]) -> Document:
        """What this device knows of the record of an operation."""
        if "doc" in op:
            return op["doc"]
        if verdict.get("last") and verdict["op_id"] == op["op_id"]:
            last: Document = verdict["last"]
            return last
        found = self._mirror.document((op["entity"], op["id"])) if op["entity"] in MIRROR else None
        return found or {}

    def overview(self) -> SyncOverview:
        """Return what the sync centre says first."""
        counts = self._work.counts()
        clashes = select(func.count()).where(_conflict.c.status == "open")
        [[conflicts, customers, interactions, deferred]] = self._rows(
            select(
                clashes.scalar_subquery(),
                select(func.count()).select_from(_customer).scalar_subquery(),
                select(func.count()).select_from(_interaction).scalar_subquery(),
                select(func.count()).select_from(deferred_row).scalar_subquery(),
            )
        )
        return SyncOverview(
            pending=counts.get("pending", 0),
            delivered=counts.get("acked", 0),
            issues=len(self._work.quarantined()),
            conflicts=conflicts,
            last_sync_at=self.synced_at(),
            customers=customers,
            interactions=interactions,
            deferred=deferred,
            kept_aside=counts.get("deferred", 0),
        )

    def row_counts(self) -> dict[str, int]:
        """Return how many rows of each entity are here."""
        return {
            name: self._rows(select(func.count()).select_from(table))[0][0]
            for name, table in MIRROR.items()
        }

    def report(self) -> LocalReport:
        """Look at everything that can need the user; reads every page of both files."""
        counts, oldest = self.overview(), self._work.waiting()[1]
        said = [self._mirror.integrity(), self._work.integrity()]
        return LocalReport(
            integrity=next((each for each in said if each != "ok"), "ok"),
            pending=counts.pending,
            oldest_pending_at=oldest,
            quarantined=counts.issues,
            synced_at=counts.last_sync_at,
            deferred=counts.deferred,
            kept_aside=counts.kept_aside,
        )


def _outbox_item(row: Any) -> tuple[OutboxItem, str | None]:
    body = from_json(row["body"])
    verdict = from_json(row["verdict"]) if row["verdict"] else {}
    refusal = _refusal(verdict)
    item = OutboxItem(
        op_id=row["op_id"],
        entity=row["entity"],
        record_id=row["id"],
        label="",
        at=row["created_at"],
        state=STATES[row["state"]],
        refusal=refusal,
        tries=0,
    )
    return item, body.get("doc", {}).get("customer_id")


def _refusal(verdict: Mapping[str, Any]) -> Refusal | None:
    return Refusal(verdict["code"], verdict["fields"]) if "code" in verdict else None


def _customer_of(op: Op, document: Document) -> str | None:
    customer = op["id"] if op["entity"] == "customer" else document.get("customer_id")
    return customer if isinstance(customer, str) else None


def _labelled(item: OutboxItem, label: str) -> OutboxItem:
    return replace(item, label=label)
