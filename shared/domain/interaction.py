"""An interaction: one contact between the bank and a customer, through any channel.

The timeline of a customer is the list of these. It is append-only: what was said in the doorway
stays as it was said; a correction is a new interaction that supersedes the old one.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field as Bound
from pydantic.types import StringConstraints

from shared.domain.customer import DateText, Latitude, Longitude, Need, ShortText
from shared.ids import derived_id
from shared.registry import BANK_SAYS, C2, INDEXED, Merge, ScopeRule, synced

Channel = Literal[
    "visit",
    "call",
    "wechat",
    "sms",
    "counter",
    "online",
    "self_service",
    "call_centre",
    "mail",
]
Purpose = Literal[
    "relationship",
    "account",
    "deposit",
    "loan",
    "wealth",
    "insurance",
    "card",
    "post_loan",
    "complaint",
    "alert",
    "service",
]
Outcome = Literal["interested", "follow_up", "done", "declined", "not_met"]
CallDirection = Literal["inbound", "outbound"]
NoFixReason = Literal["indoors", "denied", "timed_out", "stale", "unsupported", "private"]
"""Why a visit has no location: no signal indoors, permission refused, no answer in time, the only
fix was old, the device has no receiver, the client asked for none."""
Moment = Annotated[int, Bound(ge=0, le=253_370_764_799_999)]
"""Milliseconds since 1970-01-01 UTC, by the device's clock. Before the year 9999, so that every day
and term that is counted from it exists."""
_ROUND_THE_EARTH_M: Final = 40_075_017
"""No place is less certain; and a number must end somewhere, or a column overflows."""
Note = Annotated[str, StringConstraints(max_length=4000)]
Score = Annotated[int, Bound(ge=1, le=5)]

NEARLY_MS = 30 * 60_000
"""How far apart the times of two records of one contact may be: one looks at the clock at the
start, the other when writing it down."""
FIX_MAX_AGE_MS = 120_000
"""A location fix older than this says where someone was, not where they are; it is refused."""


@synced(
    "interaction",
    merge=Merge.APPEND_ONLY,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
)
@dataclass(frozen=True, slots=True)
class Interaction:
    """One contact. `occurred_at` places it in the timeline; duration = ended_at - started_at.

    One that a system of the bank tells of has a `source`, and the id `contact_id`.
    """

    id: str
    customer_id: Annotated[str, INDEXED]
    employee_id: Annotated[str, INDEXED]
    """Who had it; nothing where a system tells of nobody whom the record knows."""
    channel: Channel
    purpose: Purpose
    outcome: Outcome
    occurred_at: Annotated[Moment, INDEXED]
    started_at: Moment | None = None
    ended_at: Moment | None = None
    need: Need | None = None
    next_step: Annotated[ShortText | None, C2] = None
    next_due: DateText | None = None
    satisfaction: Score | None = None
    note: Annotated[Note | None, C2] = None
    latitude: Annotated[Latitude | None, C2] = None
    longitude: Annotated[Longitude | None, C2] = None
    accuracy_m: Annotated[float, Bound(ge=0, le=_ROUND_THE_EARTH_M)] | None = None
    fix_at: Moment | None = None
    no_fix_reason: NoFixReason | None = None
    template_id: str | None = None
    supersedes: str | None = None
    direction: CallDirection | None = None
    """Who called whom; None where it is no call, or nobody said so."""
    source: Annotated[ShortText | None, BANK_SAYS] = None
    """The system that tells of it; None for what an employee recorded."""
    agent: Annotated[ShortText | None, BANK_SAYS] = None
    """Who had it, in the source's own words."""
    received_at: Annotated[Moment | None, BANK_SAYS] = None
    """When the source last told of it: how old it is here."""


def contact_id(kind: str, source: str, number: str) -> str:
    """Return the id of a system's contact, the same whenever and by whomever it is imported.

    `kind` is that of the file: a system may number its calls and its mails each from one.
    """
    return derived_id("contact", kind, source, number)


def is_usable_fix(fix_at: int, started_at: int) -> bool:
    """Whether a location fix is fresh enough to say where the visit began."""
    return abs(started_at - fix_at) <= FIX_MAX_AGE_MS


def is_nearly(one: Interaction, other: Interaction) -> bool:
    """Whether two contacts look like one that was recorded twice: they are shown, never merged.

    A correction looks like nothing else: its author has just read what it says.
    """
    return (
        one.id != other.id
        and not one.supersedes
        and not other.supersedes
        and (one.customer_id, one.channel, one.purpose)
        == (other.customer_id, other.channel, other.purpose)
        and abs(one.occurred_at - other.occurred_at) <= NEARLY_MS
    )
