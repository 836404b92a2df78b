"""Work on its way: what is not in the record yet, and how old the data is."""

from dataclasses import replace
from typing import Any

from pydantic_core import from_json
from sqlalchemy import func, select

from mobile_app.store.outbox import STATES
from mobile_app.store.queries.reading import Reading
from mobile_app.store.records import OutboxItem, SyncOverview
from mobile_app.store.tables import MIRROR, deferred_row
from shared.errors import Refusal
from shared.findings import LocalReport

_customer = MIRROR["customer"]
_interaction = MIRROR["interaction"]


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

    def overview(self) -> SyncOverview:
        """Return what the sync centre says first."""
        counts = self._work.counts()
        [[customers, interactions, deferred]] = self._rows(
            select(
                select(func.count()).select_from(_customer).scalar_subquery(),
                select(func.count()).select_from(_interaction).scalar_subquery(),
                select(func.count()).select_from(deferred_row).scalar_subquery(),
            )
        )
        return SyncOverview(
            pending=counts.get("pending", 0),
            delivered=counts.get("acked", 0),
            issues=counts.get("quarantined", 0),
            last_sync_at=self.synced_at(),
            customers=customers,
            interactions=interactions,
            deferred=deferred,
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
        )


def _outbox_item(row: Any) -> tuple[OutboxItem, str | None]:
    body = from_json(row["body"])
    verdict = from_json(row["verdict"]) if row["verdict"] else {}
    refusal = Refusal(verdict["code"], verdict["fields"]) if "code" in verdict else None
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


def _labelled(item: OutboxItem, label: str) -> OutboxItem:
    return replace(item, label=label)
