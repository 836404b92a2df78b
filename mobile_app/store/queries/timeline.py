"""The timeline of one customer, and the feed of everyone's contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from mobile_app.store.queries.attachments import AttachmentQueries
from mobile_app.store.queries.reading import fields_of
from mobile_app.store.records import FeedItem, ReviewItem, TimelineItem
from mobile_app.store.tables import MIRROR
from shared.domain import Interaction, Review, Task

_interaction = MIRROR["interaction"]
_review = MIRROR["review"]
_task = MIRROR["task"]


class TimelineQueries(AttachmentQueries):
    """Contacts, what was said to them and what is attached to them."""

    def timeline(
        self, customer_id: str, limit: int = 50, before: int | None = None
    ) -> list[TimelineItem]:
        """Return a customer's contacts through every channel, latest first."""
        statement = _latest(limit, before).where(_interaction.c.customer_id == customer_id)
        found = [Interaction(*row) for row in self._rows(statement)]
        ids = [each.id for each in found]
        reviews, attachments = self._reviews(ids), self.attachments_of(ids)
        return [
            TimelineItem(
                each,
                self._name_of(each.employee_id),
                self.state("interaction", each.id),
                reviews.get(each.id, ()),
                attachments.get(each.id, ()),
            )
            for each in found
        ]

    def follow_up(self, contact: Interaction) -> Task | None:
        """Return the open task that a contact's next step made, or the one of what it corrects."""
        ids = [contact.id, *(one.id for one in self._formers([contact])[contact.id])]
        statement = select(*fields_of("task")).where(
            _task.c.interaction_id.in_(ids), _task.c.status == "open"
        )
        rows = self._rows(statement.order_by(_task.c.id.desc()).limit(1))
        return Task(*rows[0]) if rows else None

    def _formers(self, contacts: Sequence[Interaction]) -> dict[str, list[Interaction]]:
        """Return what each contact has put right, latest first: a correction may be corrected."""
        chains: dict[str, list[Interaction]] = {contact.id: [] for contact in contacts}
        wanted = {contact.id: contact.supersedes for contact in contacts if contact.supersedes}
        while wanted:
            rows = self._rows(
                select(*fields_of("interaction")).where(_interaction.c.id.in_(set(wanted.values())))
            )
            found = {row.id: Interaction(*row) for row in rows}
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
        statement = (
            select(*fields_of("review"))
            .where(_review.c.interaction_id.in_(interactions))
            .order_by(_review.c.occurred_at)
        )
        found: dict[str, tuple[ReviewItem, ...]] = {}
        for row in self._rows(statement):
            review = Review(*row)
            item = ReviewItem(
                review, self._name_of(review.employee_id), self.state("review", review.id)
            )
            found[review.interaction_id] = (*found.get(review.interaction_id, ()), item)
        return found

    def feed(self, limit: int = 50, before: int | None = None) -> list[FeedItem]:
        """Return the latest contacts of everyone in this device's scopes, latest first."""
        found = [Interaction(*row) for row in self._rows(_latest(limit, before))]
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


def _latest(limit: int, before: int | None) -> Select[Any]:
    statement = (
        select(*fields_of("interaction"))
        .order_by(_interaction.c.occurred_at.desc(), _interaction.c.id.desc())
        .limit(limit)
    )
    return statement if before is None else statement.where(_interaction.c.occurred_at < before)
