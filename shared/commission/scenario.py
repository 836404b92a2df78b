"""Scenario files: a plan, its goals and events in; the posted entries and statements out.

A malformed file is refused whole, with the path of every field that is wrong: a plan that is half
read would be approved on false figures. A key that begins with "_" is a remark for people.
"""

import json
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, Final, TypedDict

from pydantic import ConfigDict, Discriminator, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from shared.commission.engine import Answer, Scenario, simulate
from shared.commission.entries import EntryText, Tranche, TrancheText
from shared.commission.exact import digest, yuan
from shared.commission.facts import (
    Cancelled,
    Event,
    Left,
    Quality,
    RuleReplaced,
    Sale,
    SplitApproved,
    Target,
    goals_of,
)
from shared.commission.fields import Day
from shared.commission.months import Period, period_of
from shared.commission.rules import STRICT, Rule, complaint
from shared.commission.statement import StatementText


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, and the path of the field ("" where it is the file itself)."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" if self.path else self.problem


@dataclass
class Malformed(Exception):
    """A scenario file that was refused whole."""

    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class HeldText(TypedDict):
    """Claims that wait for an approved split."""

    external_ref: str
    sales: list[str]


class PendingText(TypedDict):
    """A sale that waits for its recognition event."""

    sale: str
    waiting_for: str


class ProblemText(TypedDict):
    """A sale that nothing could be computed for."""

    sale: str
    code: str
    text: str


class ResultText(TypedDict):
    """What a scenario leads to, before its digests; amounts in yuan."""

    entries: list[EntryText]
    statements: list[StatementText]
    tranches: list[TrancheText]
    held: list[HeldText]
    pending: list[PendingText]
    errors: list[ProblemText]


class AnswerText(ResultText):
    """The whole answer: the same input digest and engine give the same result digest."""

    input_digest: str
    result_digest: str


@dataclass(frozen=True, slots=True)
class _Plan:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    plan: _Plan
    events: tuple[Annotated[Event, Discriminator("kind")], ...]
    targets: tuple[Target, ...] = field(default=())
    quality: tuple[Quality, ...] = field(default=())
    as_of: Day | None = None


_FILE: Final = TypeAdapter(_File)
_NOTHING_HAPPENED: Final = date(1970, 1, 1)


def answer_to(raw: bytes) -> AnswerText:
    """Read a scenario file, run it, and return the answer; raise Malformed where it is refused."""
    document = read_json(raw)
    result = result_text(simulate(read_scenario(document)))
    return AnswerText(**result, input_digest=digest(document), result_digest=digest(result))


def read_json(raw: bytes) -> Any:
    """Read the bytes of a file: JSON in UTF-8, with or without a BOM; raise Malformed else."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused_file(
            f"the file is not in UTF-8 (byte {error.start + 1} cannot be read); "
            "save it as UTF-8 and try again"
        ) from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _refused_file(f"the file is not JSON ({error.msg} at {place})") from None
    except (ValueError, RecursionError) as error:
        raise _refused_file(f"the file is not JSON that can be read ({error})") from None


def _refused_file(problem: str) -> Malformed:
    return Malformed((Fault("", problem),))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    meant = [(key, value) for key, value in pairs if not key.startswith("_")]
    found = dict(meant)
    if len(found) < len(meant):
        keys = [key for key, _ in meant]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def read_scenario(document: object) -> Scenario:
    """Read a scenario from its JSON document; raise Malformed with the path of each wrong field."""
    try:
        file = _FILE.validate_python(document)
    except ValidationError as error:
        faults = (_fault(each) for each in error.errors(include_url=False, include_input=False))
        raise Malformed(tuple(faults)) from None
    if faults_found := tuple(_contradictions(file)):
        raise Malformed(faults_found)
    as_of = file.as_of or max(_days(file), default=_NOTHING_HAPPENED)
    goals = goals_of(file.targets, file.quality)
    return Scenario(file.plan.rules, goals, file.events, as_of, file.as_of is not None)


def _fault(error: ErrorDetails) -> Fault:
    steps = [step for step in error["loc"] if step != "[key]"]
    if steps[:1] == ["events"] and len(steps) > 2:
        del steps[2]  # pydantic names the kind of event that it tried
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return Fault(
            f"{_path(steps)}.kind", "one of sale, close, rule, cancel, leave, approve_split"
        )
    problem = error["msg"].removeprefix("Value error, ")
    return Fault(_path(steps), _PLAINER.get(error["type"], problem))


_PLAINER: Final = {
    "missing": "missing",
    "missing_argument": "missing",
    "unexpected_keyword_argument": "there is no such field",
    "dataclass_type": "an object with fields",
    "string_unicode": "a text with half a character (a lone surrogate)",
}


def _path(steps: Iterable[int | str]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.removeprefix(".")


def _contradictions(file: _File) -> Iterator[Fault]:
    """Yield what no field shows alone: rules that contradict themselves, doubles, loose ends."""
    yield from _rule_faults(file)
    yield from _doubles("targets", ((t.employee, t.product, t.period) for t in file.targets))
    yield from _doubles("quality", ((q.employee, q.period) for q in file.quality))
    for index, target in enumerate(file.targets):
        if not target.value:
            yield Fault(f"targets[{index}].value", "a target is more than 0")
    yield from _event_doubles(file.events)
    yield from _loose_ends(file)


def _rule_faults(file: _File) -> Iterator[Fault]:
    rules = [(f"plan.rules[{index}]", rule) for index, rule in enumerate(file.plan.rules)]
    for index, event in enumerate(file.events):
        if isinstance(event, RuleReplaced):
            rules.append((f"events[{index}].rule", event.rule))
    for path, rule in rules:
        if found := complaint(rule):
            yield Fault(f"{path}.{found[0]}", found[1])


def _doubles(path: str, keys: Iterable[Hashable]) -> Iterator[Fault]:
    seen: dict[Hashable, int] = {}
    for index, key in enumerate(keys):
        if seen.setdefault(key, index) != index:
            yield Fault(f"{path}[{index}]", f"the same as {path}[{seen[key]}]")


def _event_doubles(events: tuple[Event, ...]) -> Iterator[Fault]:
    seen: dict[tuple[str, str], int] = {}
    for index, event in enumerate(events):
        if named := _happens_once(event):
            name, key = named
            first = seen.setdefault((event.kind, key), index)
            if first != index:
                yield Fault(f"events[{index}].{name}", f"{key!r} stands in events[{first}] already")


def _happens_once(event: Event) -> tuple[str, str] | None:
    """Return the field and the value that no second event of the kind may repeat."""
    if isinstance(event, Sale):
        return "id", event.id
    if isinstance(event, Cancelled):
        return "sale", event.sale
    return ("employee", event.employee) if isinstance(event, Left) else None


def _loose_ends(file: _File) -> Iterator[Fault]:
    sales = {event.id: event for event in file.events if isinstance(event, Sale)}
    refs = {sale.external_ref for sale in sales.values()}
    rules = {rule.id for rule in file.plan.rules}
    for index, event in enumerate(file.events):
        if isinstance(event, Cancelled) and event.sale not in sales:
            yield Fault(f"events[{index}].sale", f"there is no sale {event.sale!r}")
        elif isinstance(event, SplitApproved) and event.external_ref not in refs:
            yield Fault(f"events[{index}].external_ref", f"no sale has {event.external_ref!r}")
        elif isinstance(event, RuleReplaced):
            if event.replaces is not None and event.replaces not in rules:
                yield Fault(f"events[{index}].replaces", f"there is no rule {event.replaces!r}")
            rules.add(event.rule.id)


def _days(file: _File) -> Iterator[date]:
    """Yield the days in a file; a rule's end is left out: it is the first day without it."""
    yield from (rule.since for rule in file.plan.rules)
    for event in file.events:
        if isinstance(event, Sale):
            yield from event.dates.values()
            if event.captured is not None:
                yield event.captured
        elif isinstance(event, RuleReplaced):
            yield event.rule.since
        elif isinstance(event, (Cancelled, Left)):
            yield event.on


def result_text(answer: Answer) -> ResultText:
    """Write an answer as JSON has it."""
    places = answer.places
    return ResultText(
        entries=[entry.as_json() for entry in answer.entries],
        statements=[row.as_json() for row in answer.statements],
        tranches=_tranches(answer.tranches, answer.released_through),
        held=[HeldText(external_ref=h.external_ref, sales=list(h.sales)) for h in places.held],
        pending=[PendingText(sale=p.sale, waiting_for=p.waiting_for) for p in places.pending],
        errors=[ProblemText(sale=p.sale, code=p.code, text=p.text) for p in places.problems],
    )


def _tranches(tranches: Iterable[Tranche], released: Period) -> list[TrancheText]:
    rows = [_tranche(tranche, released) for tranche in tranches]
    return sorted(
        rows, key=lambda r: (r["employee"], r["rule"], r["period"], r["due_on"], r["status"])
    )


def _tranche(tranche: Tranche, released: Period) -> TrancheText:
    is_released = period_of(tranche.due_on) <= released
    return TrancheText(
        employee=tranche.employee,
        rule=tranche.rule,
        period=tranche.period,
        due_on=tranche.due_on.isoformat(),
        amount=yuan(tranche.amount),
        status="forfeited" if tranche.is_forfeited else "released" if is_released else "held",
    )
