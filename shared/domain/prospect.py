"""A prospect 潜客: a person or an organisation who is no customer yet, claimed by one manager.

Theory of operation. Whoever writes a prospect down claims it 认领, offline too: nothing that was
recorded is ever refused for what the device could not know. The server answers the claim on the row
itself when it takes it in, and its clock alone says who was first:

    claimed      held, for a term that every real contact begins anew
    contested    a colleague holds the same one already; a supervisor awards it
    declined     it is a customer, or was awarded to another, or is one too many: `cause` says which
    lapsed       the term ran out without a contact: free for anybody
    won          it has become a customer

The author ends it as released or lost, and may claim again; that is answered as a new claim is. A
`prospect_contest` is the case of two or more claims of the same: it goes to the nearest supervisor
over all who claim. docs/one-face.md has the terms and why they are what they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic.types import StringConstraints
from pydantic_core import from_json

from shared import identity
from shared.domain.customer import DateText, Name, Need, PartyKind, ShortText
from shared.domain.days import bank_day
from shared.domain.interaction import Moment, Note, Outcome
from shared.domain.sale import SharesText, read_shares
from shared.errors import refused
from shared.registry import (
    BANK_SAYS,
    C2,
    INDEXED,
    WITH_STEP,
    Act,
    Merge,
    Refers,
    ScopeRule,
    States,
    Step,
    Who,
    synced,
)

PROTECTED_DAYS: Final = 90
"""How long a claim holds from the last real contact: a quarter, the rhythm of the work plan."""
LATE_DAYS: Final = 7
"""How long after the term a claim still waits for a contact that is only on a device."""
SOON_DAYS: Final = 14
"""How long before the end of its term the manager is told that a claim will lapse: a visit has to
be arranged and made."""
MOST_OPEN: Final = 50
"""Claims that a manager holds at a time: four a week met once within the term."""

ProspectStatus = Literal[
    "claimed", "contested", "declined", "released", "lapsed", "lost", "won",
]  # fmt: skip
OPEN: Final = frozenset({"claimed", "contested"})
PROSPECT_STEPS: Final = (
    Step("claimed", "released", Who.AUTHOR),
    Step("contested", "released", Who.AUTHOR),
    Step("claimed", "lost", Who.AUTHOR),
    Step("released", "claimed", Who.AUTHOR),
    Step("lost", "claimed", Who.AUTHOR),
    Step("lapsed", "claimed", Who.AUTHOR),
    Step("declined", "claimed", Who.AUTHOR),
)
"""What people do; all else is the server's answer."""
ProspectCause = Literal[
    "is_customer", "yours_already", "too_many", "awarded", "no_contact", "left",
]  # fmt: skip
"""Why a claim was declined or ended: it is a customer of the bank, one's own other claim, one more
than MOST_OPEN, awarded to another, without a contact, or its manager has left."""
ProspectSource = Literal["referred", "walk_in", "visited", "event", "public", "other"]
ProspectChannel = Literal["visit", "call", "wechat"]
"""Ways in which two people speak with each other: a mail, or an SMS, is none."""
ContestStatus = Literal["open", "decided", "over"]
CONTEST_STEPS: Final = (Step("open", "decided", Who.SUPERVISOR),)
"""`over`: only one claim was left, and nobody had to decide."""
_FIXED: Final = ("kind", "employee_id", "occurred_at")


def may_claim(act: Act) -> None:
    """Hold a prospect to its author, a credit code to its check digit, an end to its reason."""
    prospect, before = act.document, act.before
    if act.employee_id != prospect["employee_id"]:
        raise refused("not_own_fact")
    if before is not None:
        fixed = [name for name in _FIXED if prospect[name] != before[name]]
        if fixed:
            raise refused("guarded_field", fields="、".join(fixed))
    code = prospect["code"]
    if code is not None and (
        prospect["kind"] != "organisation" or identity.uscc(str(code)) != code
    ):
        raise refused("code_wrong", value=str(code))
    if prospect["status"] == "lost" and not str(prospect["reason"] or "").strip():
        raise refused("reason_missing")


def must_be_own(act: Act) -> None:
    """Hold a contact to a prospect of one's own."""
    prospect = act.related["prospect_id"]
    if prospect is None:
        raise refused("not_found")
    if prospect["employee_id"] != act.employee_id:
        raise refused("not_yours")


def may_award(act: Act) -> None:
    """Hold a decision to its reason, to all who were heard, and to one or more of them."""
    contest = act.document
    if act.before is None or contest["status"] != "decided":
        return
    if contest["decided_by"] != act.employee_id:
        raise refused("not_own_fact")
    if contest["heard"] != contest["claims"]:
        raise refused("claims_moved_on")
    if not str(contest["reason"] or "").strip():
        raise refused("reason_missing")
    claimants = set(claims_of(contest).values())
    if act.employee_id in claimants:
        raise refused("four_eyes")
    if not {each.employee for each in read_shares(str(contest["shares"] or ""))} <= claimants:
        raise refused("award_wrong")


@synced(
    "prospect",
    merge=Merge.FIELDS,
    scope=ScopeRule.PORTFOLIO,
    scope_key="employee_id",
    author="employee_id",
    makers=frozenset({"account_manager"}),
    rule=may_claim,
)
@dataclass(frozen=True, slots=True)
class Prospect:
    """One manager's claim of one prospect. Moments are ms."""

    id: str
    employee_id: Annotated[str, INDEXED]
    """Who claims."""
    kind: PartyKind
    name: Annotated[Name, C2]
    occurred_at: Annotated[Moment, INDEXED]
    """When it was written down, by the device's clock: it decides nothing."""
    code: Annotated[ShortText | None, C2, INDEXED] = None
    """An organisation's unified social credit code, in standard form."""
    phone: Annotated[ShortText | None, C2] = None
    contact_name: Annotated[ShortText | None, C2] = None
    district: ShortText | None = None
    """The district it is in: 江宁区."""
    need: Need | None = None
    source: ProspectSource | None = None
    """Where it came from."""
    note: Annotated[Note | None, C2] = None
    status: Annotated[ProspectStatus, States(PROSPECT_STEPS)] = "claimed"
    reason: Annotated[ShortText | None, WITH_STEP] = None
    """Why its author ended it."""
    taken_at: Annotated[Moment | None, BANK_SAYS] = None
    """When the server took the claim in; None while it has not, and for one that is not open."""
    renewed_at: Annotated[Moment | None, BANK_SAYS] = None
    """From when its term runs: when it was taken in or awarded, or the last real contact since."""
    contest_id: Annotated[str | None, INDEXED, BANK_SAYS] = None
    """The open contest that it is in: also of the one who holds it meanwhile."""
    cause: Annotated[ProspectCause | None, BANK_SAYS] = None
    others: Annotated[ShortText, BANK_SAYS] = ""
    """Names of colleagues, one a line: a customer's owner, who else claims, who was awarded it."""
    answer: Annotated[ShortText | None, BANK_SAYS] = None
    """The supervisor's reason."""
    shares: Annotated[SharesText, BANK_SAYS] = ""
    """The agreed split where it was awarded to more than one: JSON, as a sale's."""
    customer_id: Annotated[str | None, INDEXED, BANK_SAYS] = None
    """The customer that it has become."""
    called: Annotated[ShortText, INDEXED, BANK_SAYS] = ""
    """The name as it is compared, by the server."""
    decided_at: Annotated[Moment | None, BANK_SAYS] = None
    """When the server last said what becomes of it, other than that it is taken in or contested:
    declined, awarded, alone again, lapsed, won."""


@synced(
    "prospect_contact",
    merge=Merge.APPEND_ONLY,
    scope=ScopeRule.PORTFOLIO,
    scope_key="employee_id",
    author="employee_id",
    rule=must_be_own,
)
@dataclass(frozen=True, slots=True)
class ProspectContact:
    """One contact with a prospect, at `occurred_at` (ms, the device's clock)."""

    id: str
    prospect_id: Annotated[str, INDEXED, Refers("prospect")]
    employee_id: str
    channel: ProspectChannel
    outcome: Outcome
    occurred_at: Annotated[Moment, INDEXED]
    note: Annotated[Note | None, C2] = None


@synced(
    "prospect_contest",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="arbiter_id",
    rule=may_award,
)
@dataclass(frozen=True, slots=True)
class ProspectContest:
    """The same prospect claimed by several. Moments are ms."""

    id: str
    arbiter_id: Annotated[str, INDEXED]
    """The nearest supervisor over all who claim; nothing where there is none yet."""
    name: Annotated[Name, C2]
    claims: Annotated[str, StringConstraints(max_length=4000)]
    """JSON: the id of each claim and whose it is, the holder's first."""
    opened_at: Moment
    due_on: DateText
    """By when it is to be decided."""
    status: Annotated[ContestStatus, States(CONTEST_STEPS)] = "open"
    heard: Annotated[str | None, StringConstraints(max_length=4000), WITH_STEP] = None
    """The claims as the supervisor saw them: one that came since has not been heard."""
    shares: Annotated[SharesText | None, WITH_STEP] = None
    """Whom it is awarded to, the leading one first, and who has how much of what it brings."""
    reason: Annotated[ShortText | None, WITH_STEP] = None
    decided_by: Annotated[ShortText | None, WITH_STEP] = None


def claims_of(contest: Mapping[str, Any]) -> dict[str, str]:
    """Return the claims of a contest, each with whose it is, the holder's first."""
    return {str(claim): str(employee) for claim, employee in from_json(str(contest["claims"]))}


def compared_name(kind: str, name: str) -> str:
    """Return a prospect's name as it is compared: a company's without country and legal form."""
    called = identity.called(name)
    return identity.company(called) if kind == "organisation" else called


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two prospects are one: by credit code, or by name with telephone or district.

    Two codes that differ are two organisations, whatever they are called. A district is not enough
    to tell two people of one name from each other.
    """
    if one["kind"] != other["kind"]:
        return False
    if one["code"] and other["code"]:
        return bool(one["code"] == other["code"])
    names = [compared_name(each["kind"], each["name"]) for each in (one, other)]
    if names[0] != names[1]:
        return False
    is_near = one["kind"] == "organisation" and _alike(identity.called, one, other, "district")
    return is_near or _alike(identity.phone, one, other, "phone")


def _alike(standard: Any, one: Mapping[str, Any], other: Mapping[str, Any], field: str) -> bool:
    mine, theirs = (standard(each[field] or "") for each in (one, other))
    return bool(mine) and mine == theirs


def is_real(contact: Mapping[str, Any]) -> bool:
    """Whether a contact renews a claim: somebody was met, or spoken to."""
    return bool(contact["outcome"] != "not_met")


def renewed_at(
    prospect: Mapping[str, Any], contacts: Iterable[Mapping[str, Any]], now: int
) -> int | None:
    """Return from when a claim's term runs (ms) with these contacts; None before it was answered.

    No contact counts as later than when it is looked at: a device's clock wins nothing.
    """
    if prospect["renewed_at"] is None:
        return None
    real = [min(int(each["occurred_at"]), now) for each in contacts if is_real(each)]
    return max([int(prospect["renewed_at"]), *real])


def ends_on(renewed: int) -> date:
    """Return the last day on which a claim holds whose term runs from then (ms)."""
    return bank_day(renewed) + timedelta(days=PROTECTED_DAYS)


def days_left(renewed: int, today: date) -> int:
    """Return for how many days a claim still holds; negative once its term has run out."""
    return (ends_on(renewed) - today).days


def has_lapsed(prospect: Mapping[str, Any], today: date) -> bool:
    """Whether a claim has gone without a contact for its term, with what may still be on its way.

    Not while a contest about it is open: nobody loses by waiting for a decision.
    """
    if prospect["status"] != "claimed" or prospect["contest_id"] or not prospect["renewed_at"]:
        return False
    return days_left(int(prospect["renewed_at"]), today) < -LATE_DAYS
