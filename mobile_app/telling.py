"""Telling: what an operation does and why it was refused, in words; whatever it holds, no code.

A refused operation is shown as it is, and it may hold anything, so nothing here raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

from mobile_app.i18n import Words
from mobile_app.values import field_name, value_text
from mobile_app.words import TABLE
from shared.errors import Refusal

_STATES: Final = (
    "task_status", "request_status", "case_status", "gender", "risk", "kept", "sale_status",
    "share_status", "alert_status", "relation_status", "service_status", "duplicate_status",
)  # fmt: skip
"""The families that a state or a value in a refusal's sentence may be of."""

_UNSAID: Final = frozenset({"decided_by", "decided_at"})
"""What is kept along with a step, and its author knows."""


@dataclass(frozen=True)
class Told:
    """An operation as a person would say it: what it is, and what stands in it."""

    head: str
    facts: tuple[str, ...] = ()


def told(words: Words, op: Mapping[str, Any], title: str = "") -> Told:
    """Say what an operation does; `title` is what its record is called, where that is known."""
    entity, kind = str(op.get("entity")), str(op.get("kind"))
    named = words.dotted(words.code("entity", entity), title)
    if kind == "insert":
        return _made(words, entity, op.get("doc") or {})
    if kind == "delete":
        return Told(words("told.delete", what=named))
    pairs = [pair for pair in (op.get("set") or {}).items() if pair[0] not in _UNSAID]
    return Told(named, tuple(_changed(words, entity, kind, name, pair) for name, pair in pairs))


def _made(words: Words, entity: str, doc: Mapping[str, Any]) -> Told:
    if entity == "interaction":
        return _contact(words, doc)
    if entity == "task":
        head = words.dotted(words("entity.task"), str(doc.get("title") or ""))
        due = words("told.due", day=value_text(words, entity, "due", doc.get("due")))
        return Told(head, _said(due, doc.get("reason")))
    if entity == "review":
        head = words.dotted(words("entity.review"), words.code("review", doc.get("kind")))
        return Told(head, _said(doc.get("text")))
    if entity == "change_request":
        return Told(words("entity.change_request"), _said(_wish(words, doc), doc.get("reason")))
    if entity == "sale":
        return _sale(words, doc)
    if entity == "relation":
        kind = words.code("relation_kind", str(doc.get("kind")))
        head = words.dotted(words("entity.relation"), kind, str(doc.get("other_name") or ""))
        return Told(head, _said(doc.get("note")))
    if entity == "action_answer":
        head = words.dotted(words("entity.action_answer"), words("actions.no"))
        return Told(head, _said(words.code("unsuitable", doc.get("reason"))))
    if entity == "consent":
        head = words.dotted(words("entity.consent"), words.code("consent", doc.get("purpose")))
        return Told(head, _said(words.code("consent_answer", doc.get("answer"))))
    if entity == "referral":
        need = words.code("need", str(doc.get("need")))
        head = words.dotted(words("entity.referral"), str(doc.get("name") or ""), need)
        return Told(head, _said(doc.get("note")))
    if entity == "service_case":
        kind = words.code("service_kind", str(doc.get("kind")))
        return Told(words.dotted(words("entity.service_case"), kind), _said(doc.get("subject")))
    if entity == "case_step":
        return Told(words("entity.case_step"), _said(doc.get("what")))
    return Told(words.code("entity", entity))


def _sale(words: Words, doc: Mapping[str, Any]) -> Told:
    named = ("qty", "amount", "external_ref", "precaution")
    facts = [
        words(
            "told.said",
            field=field_name(words, "sale", name),
            text=value_text(words, "sale", name, doc[name]),
        )
        for name in named
        if doc.get(name)
    ]
    return Told(words("entity.sale"), _said(words.dotted(*facts), doc.get("note")))


def _contact(words: Words, doc: Mapping[str, Any]) -> Told:
    coded = {name: doc[name] for name in ("channel", "purpose", "outcome") if doc.get(name)}
    head = words.dotted(*(words.code(name, str(code)) for name, code in coded.items()))
    next_step = doc.get("next_step")
    facts = words.dotted(
        words.code("need", doc["need"]) if doc.get("need") else "",
        words(
            "timeline.next",
            step=next_step,
            when=value_text(words, "interaction", "next_due", doc.get("next_due")),
        )
        if next_step
        else "",
        words.code("satisfaction", str(doc["satisfaction"])) if doc.get("satisfaction") else "",
    )
    return Told(head or words("entity.interaction"), _said(facts, doc.get("note")))


def _wish(words: Words, doc: Mapping[str, Any]) -> str:
    field = str(doc.get("field"))
    old, new = (
        value_text(words, "customer", field, _json(doc.get(name))) for name in ("old", "new")
    )
    return words("told.change", field=field_name(words, "customer", field), old=old, new=new)


def _json(text: Any) -> Any:
    try:
        return from_json(str(text))
    except ValueError:
        return text


def _changed(words: Words, entity: str, kind: str, name: str, pair: Any) -> str:
    old, new = pair if isinstance(pair, list | tuple) and len(pair) == 2 else (None, pair)
    if kind in ("add", "remove"):
        return words(f"told.{kind}", word=new if kind == "add" else old)
    field = field_name(words, entity, name)
    if kind == "transition" and old is None:  # what is said along with a step
        return words("told.said", field=field, text=value_text(words, entity, name, new))
    values = (value_text(words, entity, name, value) for value in (old, new))
    old_text, new_text = values
    return words("told.change", field=field, old=old_text, new=new_text)


def _said(*parts: object) -> tuple[str, ...]:
    return tuple(str(part) for part in parts if part)


# Why it was refused


def readable(words: Words, refusal: Refusal) -> Refusal:
    """Return a refusal whose sentence names fields and states by their words."""
    fields = {
        name: _READ[name](words, text) if name in _READ else text
        for name, text in refusal.fields.items()
    }
    return Refusal(refusal.code, fields)


def why(words: Words, refusal: Refusal | None) -> str:
    """Return a refusal in a few words, as they stand above what was refused."""
    return words(f"why.{refusal.code}" if refusal else "why.unsaid")


def _fields(words: Words, text: str) -> str:
    names = text.split("、")
    return words.listed(
        [
            words(f"entity.{name}")
            if f"entity.{name}" in TABLE
            else field_name(words, "customer", name)
            for name in names
        ]
    )


def _path(words: Words, text: str) -> str:
    steps = text.split("/")
    return field_name(words, steps[0], steps[-1])


def _problem(words: Words, _text: str) -> str:
    return words("problem")


def _current(words: Words, text: str) -> str:
    if not text:
        return words("value.empty")
    return next((words(f"{one}.{text}") for one in _STATES if f"{one}.{text}" in TABLE), text)


def _action(words: Words, text: str) -> str:
    before, arrow, after = text.partition(" → ")
    if arrow:
        return words("told.step", before=_current(words, before), after=_current(words, after))
    kind, _, entity = text.partition(" ")
    if f"action.{kind}" in TABLE and f"entity.{entity}" in TABLE:
        return words(f"action.{kind}", what=words(f"entity.{entity}"))
    return words("action.other")


_READ: Final = {
    "fields": _fields,
    "path": _path,
    "problem": _problem,
    "current": _current,
    "action": _action,
}
