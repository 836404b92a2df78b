"""Prospects: whom the user has claimed, and what a supervisor is to award."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import case, select

from mobile_app.store.prospect_records import ProspectContestItem, ProspectItem
from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.tables import MIRROR
from shared.domain import Prospect, ProspectContact, ProspectContest
from shared.domain.days import bank_day
from shared.domain.prospect import OPEN, claims_of, days_left, renewed_at

_claim = MIRROR["prospect"]
_contact = MIRROR["prospect_contact"]
_contest = MIRROR["prospect_contest"]


class ProspectQueries(Reading):
    """Claims of prospects, from both sides."""

    def own_prospects(self, now: int) -> list[ProspectItem]:
        """Return the user's claims at a moment (ms): the open ones first, the latest first."""
        is_open = case((_claim.c.status.in_(sorted(OPEN)), 0), else_=1)
        mine = select(*fields_of("prospect")).where(_claim.c.employee_id == self._my())
        rows = self._rows(mine.order_by(is_open, _claim.c.occurred_at.desc(), _claim.c.id))
        return self._claims([Prospect(*row) for row in rows], now)

    def prospect_contests(self, now: int) -> list[ProspectContestItem]:
        """Return the open contests at a moment (ms), the soonest due first."""
        statement = select(*fields_of("prospect_contest")).where(_contest.c.status == "open")
        found = [ProspectContest(*row) for row in self._rows(statement)]
        found.sort(key=lambda each: (each.due_on, each.id))
        return [self._claim_contest(each, now) for each in found]

    def _claim_contest(self, contest: ProspectContest, now: int) -> ProspectContestItem:
        claims = claims_of(asdict(contest))
        rows = self._rows(select(*fields_of("prospect")).where(_claim.c.id.in_(list(claims))))
        by_id = {row.id: Prospect(*row) for row in rows}
        held = [by_id[id] for id in claims if id in by_id]
        names = {each: self._name_of(each) or "" for each in claims.values()}
        state = self.state("prospect_contest", contest.id)
        return ProspectContestItem(contest, tuple(self._claims(held, now)), names, state)

    def _claims(self, claims: Sequence[Prospect], now: int) -> list[ProspectItem]:
        contacts = self._claim_contacts(each.id for each in claims)
        return [self._claim_item(each, contacts.get(each.id, []), now) for each in claims]

    def _claim_item(
        self, claim: Prospect, contacts: list[ProspectContact], now: int
    ) -> ProspectItem:
        renewed = renewed_at(asdict(claim), map(asdict, contacts), now)
        is_held = claim.status == "claimed" and renewed is not None
        return ProspectItem(
            prospect=claim,
            contacts=tuple(contacts),
            by_name=self._name_of(claim.employee_id),
            days_left=days_left(renewed, bank_day(now)) if is_held and renewed else None,
            state=self.state("prospect", claim.id),
        )

    def _claim_contacts(self, claims: Iterable[str]) -> dict[str, list[ProspectContact]]:
        statement = select(*fields_of("prospect_contact"))
        mine = statement.where(_contact.c.prospect_id.in_(list(claims)))
        latest = mine.order_by(_contact.c.occurred_at.desc(), _contact.c.id)
        found: dict[str, list[ProspectContact]] = {}
        for each in (ProspectContact(*row) for row in self._rows(latest)):
            found.setdefault(each.prospect_id, []).append(each)
        return found
