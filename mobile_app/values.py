"""Values: a field's name and what stands in it as people read them; never a code, never an id."""

import re
from datetime import date
from typing import Any, Final

from mobile_app.i18n import Words
from mobile_app.words import TABLE
from shared.money import parse_yuan

_FAMILIES: Final = {
    "stage": "stage",
    "need": "need",
    "gender": "gender",
    "risk_grade": "risk",
    "channel": "channel",
    "purpose": "purpose",
    "outcome": "outcome",
    "satisfaction": "satisfaction",
    "no_fix_reason": "no_fix",
    "customer.kind": "kind",
    "task.kind": "task",
    "attachment.kind": "attached",
    "media_type": "media_type",
    "task.status": "task_status",
    "review.kind": "review",
    "change_request.status": "request_status",
    "conflict.kept": "kept",
    "conflict.status": "case_status",
    "issue.status": "case_status",
    "commission_rule.status": "rule_status",
    "pay_period.status": "period_status",
    "dispute.status": "dispute_status",
    "sale.status": "sale_status",
    "sale_share.status": "share_status",
    "precaution": "precaution",
    "relation.kind": "relation_kind",
    "collaborator.role": "collaborator_role",
    "collaborator.status": "collaborator_status",
    "consent.purpose": "consent",
    "consent.answer": "consent_answer",
    "consent.said": "consent_said",
    "relation.status": "relation_status",
    "alert.kind": "alert_kind",
    "alert.status": "alert_status",
    "alert.cause": "alert_cause",
    "alert.action": "measure",
    "account.kind": "account_kind",
    "service_case.kind": "service_kind",
    "service_case.status": "service_status",
    "case_step.status": "service_status",
    "severity": "severity",
    "direction": "call_direction",
    "action_answer.action": "advised",
    "action_answer.reason": "unsuitable",
    "referral.status": "referral_status",
    "duplicate.status": "duplicate_status",
    "prospect.status": "prospect_status",
    "prospect.kind": "kind",
    "prospect.source": "prospect_source",
    "prospect.cause": "prospect_cause",
    "prospect_contest.status": "contest_status",
}
"""The family of words of a coded field, by its name or by `entity.name`."""
_MONEY: Final = frozenset({"need_amount", "deposit_balance", "amount"})
_DAYS: Final = frozenset({"birth_date", "due", "next_due", "appointment_on", "cancelled_on"})
_MOMENTS: Final = frozenset(
    {
        "occurred_at", "started_at", "ended_at", "as_of", "fix_at", "at", "checked_at",
        "handled_at", "opened_at", "due_at", "stepped_at", "received_at",
        "taken_at", "renewed_at", "decided_at",
    }
)  # fmt: skip
_DAY: Final = re.compile(r"(\d{4})(?:[-/.年]?)(\d{1,2})(?:[-/.月]?)(\d{1,2})日?")
_WORD_SETS: Final = frozenset({"interests"})
_ANSWERS: Final = frozenset({"answers"})


def field_name(words: Words, entity: str, field: str, kind: str = "") -> str:
    """Return what people call a field; `kind` tells a company's name from a person's."""
    keys = (f"column.{kind}.{field}", f"column.{entity}.{field}", f"column.{field}")
    return next((words(key) for key in keys if key in TABLE), words("column.other"))


def value_text(words: Words, entity: str, field: str, value: Any) -> str:
    """Write a value by the type of its field: ¥1,234.00, 购房, 1952年3月12日; nothing is 空.

    A refused record may hold anything, so that what does not fit its field is shown as it is.
    """
    if value is None or value == "":
        return words("value.empty")
    if is_reference(field):
        return words("value.another_record")
    if isinstance(value, int):
        if field in _MONEY:
            return words.exact(value)
        if field in _MOMENTS:
            return words.moment(value)
    if field in _DAYS:
        return words.full_day(str(value))
    if field in _WORD_SETS:
        return words.listed(str(value).split("\n"))
    if field in _ANSWERS:
        return words.listed([words.code("answer", each) for each in str(value).split(",")])
    family = family_of(entity, field)
    return words.code(family, str(value)) if family else str(value)


def family_of(entity: str, field: str) -> str | None:
    """Return the family of words that a coded field speaks, None for any other field."""
    return _FAMILIES.get(f"{entity}.{field}") or _FAMILIES.get(field)


def is_reference(field: str) -> bool:
    """Whether a field names another record, which no person reads."""
    return field in ("id", "supersedes") or field.endswith("_id")


# How a value is put in by hand


class Unreadable(ValueError):
    """What was typed is not a value of its field; `args[0]` is the key of the sentence to say."""


def choices(entity: str, field: str) -> list[str]:
    """Return the codes of a coded field, none for any other."""
    family = family_of(entity, field)
    return [key.removeprefix(f"{family}.") for key in TABLE if key.startswith(f"{family}.")]


def typed(field: str, value: Any) -> str:
    """Return a value as it stands in a text field, in the form that `read_typed` reads."""
    if field in _MONEY and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}"
    return "" if value is None else str(value)


def read_typed(field: str, text: str) -> Any:
    """Read what was typed or chosen; nothing is None. Raises Unreadable."""
    text = text.strip()
    if not text:
        return None
    if field in _DAYS:
        return read_day(text)
    if field in _MONEY:
        return _read_amount(text)
    return int(text) if field == "satisfaction" else text


def read_day(text: str) -> str:
    """Read 1952-03-12, 19520312, 1952.3.12 or 1952年3月12日 as ISO 8601. Raises Unreadable."""
    match = _DAY.fullmatch(text)
    try:
        year, month, day = map(int, match.groups() if match else ())
        return date(year, month, day).isoformat()
    except ValueError:
        raise Unreadable("problem.day") from None


def _read_amount(text: str) -> int:
    try:
        return int(parse_yuan(re.sub(r"[¥,，\s]", "", text)))
    except ValueError:
        raise Unreadable("problem.amount") from None


def is_day(field: str) -> bool:
    """Whether a field holds a calendar day."""
    return field in _DAYS


def is_amount(field: str) -> bool:
    """Whether a field holds an amount."""
    return field in _MONEY
