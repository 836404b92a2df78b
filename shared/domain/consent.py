"""A consent: what a customer allowed the bank to do with their data, or forbade it.

Each is a fact of its moment and is never rewritten: who changes their mind says another one, and of
each purpose the latest word counts. Nobody has consented by saying nothing. The purposes are those
for which the Personal Information Protection Law asks separately: personalised recommendation
(article 24), being approached, and passing data on to another handler (article 23).

Who refuses to be recommended to is neither profiled nor advised of; who refuses to be approached is
not turned to in order to sell. Either spares them what only sells, and neither what protects or
serves them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from shared.domain.customer import ShortText
from shared.domain.interaction import Moment
from shared.errors import refused
from shared.registry import C2, INDEXED, NOT_AHEAD, Act, Merge, ScopeRule, synced

ConsentPurpose = Literal["personalisation", "marketing_contact", "data_sharing"]
PURPOSES: Final[tuple[ConsentPurpose, ...]] = get_args(ConsentPurpose)
AGAINST_SELLING: Final[frozenset[ConsentPurpose]] = frozenset(
    {"personalisation", "marketing_contact"}
)
"""Purposes of which one refusal is enough for a customer not to be sold to."""
ConsentAnswer = Literal["given", "refused"]
Saying = Literal["signed", "spoken", "online"]
"""How it was said: with a signature, aloud, or by the customer on the bank's own pages."""


def must_show_what_was_signed(act: Act) -> None:
    """Refuse a signed consent without the signature or the number of the form."""
    if act.document["said"] == "signed" and not act.document["evidence"]:
        raise refused("signature_missing")


@synced(
    "consent",
    merge=Merge.APPEND_ONLY,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
    rule=must_show_what_was_signed,
)
@dataclass(frozen=True, slots=True)
class Consent:
    """One word of a customer on one purpose."""

    id: str
    customer_id: Annotated[str, INDEXED]
    employee_id: str
    """Who heard it."""
    purpose: ConsentPurpose
    answer: ConsentAnswer
    said: Saying
    occurred_at: Annotated[Moment, NOT_AHEAD]
    evidence: Annotated[ShortText | None, C2] = None
    """The id of the attachment with the signature, or what the form is filed under."""


def latest(consents: Iterable[Consent], purpose: ConsentPurpose) -> Consent | None:
    """Return the word that counts for a purpose; None where the customer has said nothing."""
    said = (each for each in consents if each.purpose == purpose)
    return max(said, key=lambda each: (each.occurred_at, each.id), default=None)


def stands(consents: Iterable[Consent], purpose: ConsentPurpose) -> bool:
    """Whether a customer has allowed a purpose and not taken it back."""
    word = latest(consents, purpose)
    return word is not None and word.answer == "given"


def refuses_personalisation(consents: Iterable[Consent]) -> bool:
    """Whether a customer has refused to be recommended to; who said nothing has not."""
    return "personalisation" in _refused(consents)


def refuses_selling(consents: Iterable[Consent]) -> bool:
    """Whether a customer has refused to be recommended to or to be approached."""
    return not _refused(consents).isdisjoint(AGAINST_SELLING)


def _refused(consents: Iterable[Consent]) -> frozenset[ConsentPurpose]:
    said = list(consents)
    words = (latest(said, purpose) for purpose in PURPOSES)
    return frozenset(word.purpose for word in words if word and word.answer == "refused")
