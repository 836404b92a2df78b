"""Consents: what each customer last allowed or refused, purpose by purpose."""

from collections.abc import Callable, Collection, Iterable
from itertools import groupby
from typing import Final

from mobile_app.store.face_records import ConsentItem
from mobile_app.store.queries.reading import Reading, among, every, listed
from mobile_app.store.tables import MIRROR
from shared.domain import Consent
from shared.domain.consent import PURPOSES, latest, refuses_personalisation, refuses_selling

_consent = MIRROR["consent"]

_SAID: Final = (
    every("consent")
    .where(among(_consent.c.customer_id, "customers"))
    .order_by(_consent.c.customer_id)
)


class ConsentQueries(Reading):
    """What the user's customers allow the bank to do with their data."""

    def consents_of(self, customer_id: str) -> list[ConsentItem]:
        """Return the word that counts of each purpose on which a customer has said one."""
        said = self._said([customer_id])
        words = [latest(said, purpose) for purpose in PURPOSES]
        return [self._consent(each) for each in words if each is not None]

    def consents_said(self, customer_id: str) -> list[ConsentItem]:
        """Return every word that a customer has said, also what counts no more."""
        return [self._consent(each) for each in self._said([customer_id])]

    def _consent(self, word: Consent) -> ConsentItem:
        name = self._name_of(word.employee_id)
        return ConsentItem(word, name, self.state("consent", word.id))

    def refusing(self, customer_ids: Collection[str]) -> frozenset[str]:
        """Return those of these customers who refuse to be recommended to."""
        return self._who(customer_ids, refuses_personalisation)

    def spared(self, customer_ids: Collection[str]) -> frozenset[str]:
        """Return those of these customers who refuse to be sold to, in whatever words."""
        return self._who(customer_ids, refuses_selling)

    def _who(
        self, customer_ids: Collection[str], refuses: Callable[[Iterable[Consent]], bool]
    ) -> frozenset[str]:
        by_customer = groupby(self._said(customer_ids), key=lambda each: each.customer_id)
        return frozenset(id for id, said in by_customer if refuses(said))

    def _said(self, customer_ids: Collection[str]) -> list[Consent]:
        rows = self._ask(_SAID, customers=listed(customer_ids))
        return [Consent(*row) for row in rows]
