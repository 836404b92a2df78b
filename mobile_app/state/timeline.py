"""Timeline: all that there was with one customer, through every channel, and what came of it.

Contacts are read as many as are shown, for there may be thousands. Matters (sales, consents, alerts
and cases that are done, what happened to the record itself) are few: they are read whole, and both
are laid together in the order of time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from mobile_app.state.paging import PAGE, Page, page_of
from mobile_app.state.rows import (
    AlertItem,
    ConsentItem,
    DoneCase,
    RecordChangeItem,
    SaleItem,
    TimelineItem,
)
from shared.domain.channels import GROUPS, Group

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

View = Literal["all", Group, "matters", "told"]
VIEWS: Final[tuple[View, ...]] = ("all", *get_args(Group), "matters", "told")
"""What of it is shown: all, one group of channels, what is no contact, what the bank's systems
tell of."""
Item = TimelineItem | SaleItem | AlertItem | DoneCase | ConsentItem | RecordChangeItem


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `at` places it (ms)."""

    at: int
    item: Item


@dataclass(eq=False)
class Timeline:
    """The reads of a customer's timeline."""

    _desk: "Desk"

    def page(self, customer_id: str, view: View, pages: int = 1) -> Page[Entry]:
        """The latest of what is asked for, newest first."""
        most = pages * PAGE + 1
        found = [*self._contacts(customer_id, view, most), *self._matters_in(customer_id, view)]
        return page_of(sorted(found, key=lambda each: -each.at)[:most], pages)

    def counts(self, customer_id: str) -> Mapping[View, int]:
        """How much there is of everything that can be asked for."""
        contacts = self._desk.read(self._desk.store.contact_counts, customer_id)
        counts: dict[View, int] = dict.fromkeys(VIEWS, 0)
        counts["matters"] = len(self._matters(customer_id))
        for group, channels in GROUPS.items():
            counts[group] = sum(each.n for each in contacts if each.channel in channels)
        counts["told"] = sum(each.told for each in contacts)
        counts["all"] = counts["matters"] + sum(each.n for each in contacts)
        return counts

    def _contacts(self, customer_id: str, view: View, most: int) -> Iterable[Entry]:
        read, store = self._desk.read, self._desk.store
        if view == "matters":
            return []
        found: list[TimelineItem] = (
            read(store.timeline, customer_id, most)
            if view == "all"
            else read(store.told, customer_id, most)
            if view == "told"
            else read(store.timeline_through, customer_id, GROUPS[view], most)
        )
        return [Entry(each.interaction.occurred_at, each) for each in found]

    def _matters_in(self, customer_id: str, view: View) -> list[Entry]:
        return self._matters(customer_id) if view in ("all", "matters") else []

    def _matters(self, customer_id: str) -> list[Entry]:
        """What is no contact. An alert or a case that waits for someone stands above instead."""
        desk = self._desk
        done: list[DoneCase] = desk.read(desk.store.cases_done, customer_id)
        said: list[ConsentItem] = desk.read(desk.store.consents_said, customer_id)
        changes: list[RecordChangeItem] = desk.read(desk.store.record_changes, customer_id)
        return [
            *(Entry(one.sale.occurred_at, one) for one in desk.selling.sales_of(customer_id)),
            *(Entry(one.alert.raised_at, one) for one in desk.alerts.handled_of(customer_id)),
            *(Entry(one.case.stepped_at, one) for one in done),
            *(Entry(one.consent.occurred_at, one) for one in said),
            *(Entry(one.change.occurred_at, one) for one in changes),
        ]
