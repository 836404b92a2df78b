"""The timeline of one customer, and the feed of everyone's contacts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from mobile_app.store.duplicate_records import RecordChangeItem
from mobile_app.store.queries.attachments import AttachmentQueries
from mobile_app.store.queries.reading import among, every, listed, stands
from mobile_app.store.records import (
    AttachmentItem,
    ContactCount,
    DoneCase,
    FeedItem,
    ReviewItem,
    TimelineItem,
)
from mobile_app.store.tables import MIRROR
from shared.domain import Interaction, RecordChange, Review, ServiceCase, Task
from shared.domain.interaction import Channel, is_nearly
from shared.domain.service_case import DONE

_interaction = MIRROR["interaction"]
_review = MIRROR["review"]
_task = MIRROR["task"]

_LATEST: Final = (
    every("interaction")
    .where(stands())
    .order_by(_interaction.c.occurred_at.desc(), _interaction.c.id.desc())
    .limit(bindparam("most"))
)
_OF_CUSTOMER: Final = _LATEST.where(_interaction.c.customer_id == bindparam("customer"))
_THROUGH: Final = _OF_CUSTOMER.where(among(_interaction.c.channel, "channels"))
_TOLD: Final = _OF_CUSTOMER.where(_interaction.c.source.is_not(None))
_COUNTS: Final = (
    select(_interaction.c.channel, func.count(), func.count(_interaction.c.source))
    .where(_interaction.c.customer_id == bindparam("customer"), stands())
    .group_by(_interaction.c.channel)
)
_case = MIRROR["service_case"]
_DONE: Final = (
    every("service_case")
    .where(_case.c.customer_id == bindparam("customer"), _case.c.status.in_(sorted(DONE)))
    .order_by(_case.c.stepped_at.desc(), _case.c.id)
)
_change = MIRROR["record_change"]
_CHANGES: Final = (
    every("record_change")
    .where(_change.c.customer_id == bindparam("customer"))
    .order_by(_change.c.occurred_at.desc(), _change.c.id)
)
_REVIEWS: Final = (
    every("review")
    .where(among(_review.c.interaction_id, "contacts"))
    .order_by(_review.c.occurred_at)
)


class TimelineQueries(AttachmentQueries):
    """Contacts, what was said to them and what is attached to them."""

    def timeline(self, customer_id: str, limit: int = 50) -> list[TimelineItem]:
        """Return a customer's contacts through every channel as they now stand, latest first."""
        return self._moments(self._ask(_OF_CUSTOMER, customer=customer_id, most=limit))

    def timeline_through(
        self, customer_id: str, channels: Sequence[Channel], limit: int = 50
    ) -> list[TimelineItem]:
        """Return those of them that came through some channels."""
        some = listed(channels)
        return self._moments(self._ask(_THROUGH, customer=customer_id, channels=some, most=limit))

    def told(self, customer_id: str, limit: int = 50) -> list[TimelineItem]:
        """Return those of them that the bank's systems tell of."""
        return self._moments(self._ask(_TOLD, customer=customer_id, most=limit))

    def contact_counts(self, customer_id: str) -> list[ContactCount]:
        """Return how many contacts of a customer stand, channel by channel."""
        return [ContactCount(*row) for row in self._ask(_COUNTS, customer=customer_id)]

    def cases_done(self, customer_id: str) -> list[DoneCase]:
        """Return a customer's cases that are resolved or closed, the latest first."""
        found = (ServiceCase(*row) for row in self._ask(_DONE, customer=customer_id))
        return [
            DoneCase(
                each, self._name_of(each.employee_id or ""), self.state("service_case", each.id)
            )
            for each in found
        ]

    def record_changes(self, customer_id: str) -> list[RecordChangeItem]:
        """Return what happened to a customer's record, the latest first."""
        found = (RecordChange(*row) for row in self._ask(_CHANGES, customer=customer_id))
        return [
            RecordChangeItem(
                each,
                self._name_of(each.from_id or ""),
                self._name_of(each.to_id or ""),
                self._name_of(each.by),
            )
            for each in found
        ]

    def _moments(self, rows: Iterable[Any]) -> list[TimelineItem]:
        found = [Interaction(*row) for row in rows]
        formers = self._formers(found)
        said = {each.id: [each.id, *(one.id for one in formers[each.id])] for each in found}
        ids = [id for chain in said.values() for id in chain]
        reviews, attachments = self._reviews(ids), self.attachments_of(ids)
        return [
            self._item(
                each,
                tuple(one for id in said[each.id] for one in reviews.get(id, ())),
                tuple(one for id in said[each.id] for one in attachments.get(id, ())),
                tuple(formers[each.id]),
                _twin(each, found[place + 1 :]),
            )
            for place, each in enumerate(found)
        ]

    def _item(
        self,
        contact: Interaction,
        reviews: tuple[ReviewItem, ...],
        attachments: tuple[AttachmentItem, ...],
        formers: tuple[Interaction, ...],
        twin: Interaction | None,
    ) -> TimelineItem:
        return TimelineItem(
            interaction=contact,
            by_name=self._name_of(contact.employee_id),
            state=self.state("interaction", contact.id),
            reviews=reviews,
            attachments=attachments,
            formers=formers,
            twin=twin,
            twin_by=self._name_of(twin.employee_id) if twin else None,
        )

    def follow_up(self, contact: Interaction) -> Task | None:
        """Return the open task that a contact's next step made, or the one of what it corrects."""
        ids = [contact.id, *(one.id for one in self._formers([contact])[contact.id])]
        statement = every("task").where(_task.c.interaction_id.in_(ids), _task.c.status == "open")
        rows = self._rows(statement.order_by(_task.c.id.desc()).limit(1))
        return Task(*rows[0]) if rows else None

    def _formers(self, contacts: Sequence[Interaction]) -> dict[str, list[Interaction]]:
        """Return what each contact has put right, latest first: a correction may be corrected."""
        chains: dict[str, list[Interaction]] = {contact.id: [] for contact in contacts}
        wanted = {contact.id: contact.supersedes for contact in contacts if contact.supersedes}
        while wanted:
            rows = self._of_ids("interaction", set(wanted.values()))
            found = {each.id: each for each in (Interaction(*row) for row in rows)}
            earlier = {id: found[former] for id, former in wanted.items() if former in found}
            for id, former in earlier.items():
                chains[id].append(former)
            wanted = {
                id: former.supersedes
                for id, former in earlier.items()
                if former.supersedes and all(one.id != former.supersedes for one in chains[id])
            }
        return chains

    def _reviews(self, interactions: Sequence[str]) -> Mapping[str, tuple[ReviewItem, ...]]:
        found: dict[str, tuple[ReviewItem, ...]] = {}
        for row in self._ask(_REVIEWS, contacts=listed(interactions)):
            review = Review(*row)
            item = ReviewItem(
                review, self._name_of(review.employee_id), self.state("review", review.id)
            )
            found[review.interaction_id] = (*found.get(review.interaction_id, ()), item)
        return found

    def feed(self, limit: int = 50) -> list[FeedItem]:
        """Return the latest contacts of everyone in this device's scopes, latest first."""
        found = [Interaction(*row) for row in self._ask(_LATEST, most=limit)]
        reviews = self._reviews([each.id for each in found])
        people = self._customers_by_id([each.customer_id for each in found])
        return [
            FeedItem(
                each,
                people[each.customer_id].name,
                people[each.customer_id].kind,
                self._name_of(each.employee_id),
                self.state("interaction", each.id),
                reviews.get(each.id, ()),
            )
            for each in found
            if each.customer_id in people
        ]


def _twin(contact: Interaction, earlier: Sequence[Interaction]) -> Interaction | None:
    """Return the latest of the earlier contacts that is almost the same."""
    return next((each for each in earlier if is_nearly(contact, each)), None)
