"""The registry: a synced entity is declared once, and everything else follows from it.

`@synced(...)` on a frozen dataclass yields the tables on both sides (`shared.tables`), the codec,
the merge policy, the scope, the masking class of every field, and a place in the property tests.
Fields are JSON primitives, so that one value is the same thing in a dataclass, a column and a
message; what a field needs beyond its type stands in its annotation:

    name: Annotated[str, MaxLen(120), C2, GUARDED]
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import ConfigDict, JsonValue, TypeAdapter, with_config
from pydantic import Field as Bound
from typing_extensions import TypedDict

_EXACT: Final = 2**53
Document = dict[str, JsonValue]
"""One row as it travels: field name to JSON value. Every field is there, absent ones as null."""


class Merge(StrEnum):
    """What happens when a device's write meets the shared record (docs/sync-protocol.md)."""

    APPEND_ONLY = "append_only"
    """A fact: written once, never changed; a correction is a new row that supersedes."""
    FIELDS = "fields"
    """Three-way per field with the old value; the later accepted write wins, both are kept."""
    CASE = "case"
    """Made whole, by its author or, where none is declared, by the server; afterwards only its
    states move, and what an entity marks WITH_STEP is said along with a step."""
    SERVER = "server"
    """The server alone writes."""


class ScopeRule(StrEnum):
    """Who holds a row: the family of scopes that its scope id is taken from."""

    GLOBAL = "global"
    BRANCH = "branch"
    USER = "user"
    PORTFOLIO = "portfolio"


class Mask(StrEnum):
    """Classes of JR/T 0171: C2 is identity or finances and is masked by default."""

    C1 = "C1"
    C2 = "C2"


@dataclass(frozen=True, slots=True)
class Guarded:
    """A device may not write this field; it files a change request."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """Rows are looked up by this field."""


@dataclass(frozen=True, slots=True)
class Members:
    """This text is a set of words, one a line, in order; it changes by add and remove alone."""


@dataclass(frozen=True, slots=True)
class WithStep:
    """This field is said by whoever takes a step of the record's state, and never otherwise."""

    binds: bool = False
    """Whether it is what the step comes to: of two who take one step and say it differently, the
    second has not said the same."""


@dataclass(frozen=True, slots=True)
class BankSays:
    """Only the bank's systems say this field, through the server; a device leaves it at default."""


@dataclass(frozen=True, slots=True)
class NotAhead:
    """Something goes by this moment (ms): one ahead of the server's clock is taken as now."""


@dataclass(frozen=True, slots=True)
class Refers:
    """This field holds the id of a record of `entity`, which the entity's rule looks at."""

    entity: str


class Who(StrEnum):
    """Who may take a step of a state."""

    ANYONE = "anyone"
    """Everyone who holds the record and records field work."""
    AUTHOR = "author"
    """Only the employee whose record it is."""
    SUPERVISOR = "supervisor"
    """Any supervisor who holds the record."""
    CHECKER = "checker"
    """A supervisor, and never of their own record: two people see what one wanted."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a state, and who may take it."""

    before: str
    after: str
    who: Who = Who.ANYONE


@dataclass(frozen=True, slots=True)
class States:
    """This field moves only by a transition, along these steps."""

    steps: tuple[Step, ...]
    yields: str | None = None
    """A state that the server alone sets, over which a step of someone goes that did not know."""


GUARDED = Guarded()
INDEXED = Indexed()
MEMBERS = Members()
WITH_STEP = WithStep()
BINDS = WithStep(binds=True)
BANK_SAYS = BankSays()
NOT_AHEAD = NotAhead()
C2 = Mask.C2


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity, read from its annotation."""

    name: str
    python_type: type
    nullable: bool
    required: bool
    mask: Mask
    guarded: bool
    indexed: bool
    members: bool
    with_step: bool
    binds: bool
    bank_says: bool
    not_ahead: bool
    refers: str | None
    """The entity that the field's id is of, where the entity's rule looks at it."""
    steps: tuple[Step, ...]
    """Steps of a state field; none for any other."""
    yields: str | None
    """The state of it that gives way to a step; see States."""


@dataclass(frozen=True, slots=True)
class Act:
    """What an entity's rule looks at: a record as an act would leave it, and what stands around."""

    document: Document
    before: Document | None
    """The record as it stood; None for a new one."""
    related: Mapping[str, Document | None]
    """By the name of the field that REFERS to it; None where the id is of no record."""
    employee_id: str
    """Who acts."""
    at: int
    """When, by the clock of whoever acts (ms)."""


Rule = Callable[[Act], None]
"""Raises the refusal of an act that the bank does not allow, though each field is valid."""


@dataclass(frozen=True)
class Entity:
    """One synced entity: a record type, its fields and the rules it lives under."""

    name: str
    record: type
    merge: Merge
    scope: ScopeRule
    scope_key: str
    """The field whose value names the scope: a customer's owner, a row's customer, a branch."""
    author: str | None
    """The field that must name the employee who makes the row on a device."""
    fields: Mapping[str, Field]
    makers: frozenset[str] | None = None
    """The roles that may make one on a device; None: all that record field work."""
    rule: Rule | None = None
    """What must hold between its fields and the records that they refer to."""
    stays: bool = False
    """Whether a row is of one record of a customer and stays with it when that is merged into
    another: there is one for each, or it is about that record itself. Others follow."""

    @property
    def of_customer(self) -> bool:
        """Whether the row follows its customer from portfolio to portfolio."""
        return self.scope is ScopeRule.PORTFOLIO and self.scope_key == "customer_id"

    @cached_property
    def document_type(self) -> Any:
        """A TypedDict of the record; validating one is four times as fast as building a model."""
        hints = get_type_hints(self.record, include_extras=True)
        bounded = {name: _bounded(hints[name], each) for name, each in self.fields.items()}
        annotations = {
            name: hint if self.fields[name].required else NotRequired[hint]
            for name, hint in bounded.items()
        }
        make: Any = TypedDict
        made = make(f"{self.name}_document", annotations)
        return with_config(ConfigDict(extra="forbid", strict=True, allow_inf_nan=False))(made)

    @cached_property
    def one(self) -> TypeAdapter[Document]:
        """Validates one document."""
        return TypeAdapter(self.document_type)

    @cached_property
    def many(self) -> TypeAdapter[list[Document]]:
        """Validates a batch of documents at once, the fast path of the server."""
        return TypeAdapter(list[self.document_type])  # type: ignore[name-defined]

    @cached_property
    def defaults(self) -> Document:
        """The values of fields that a document may leave out."""
        return {
            item.name: None if item.default is MISSING else item.default
            for item in fields(self.record)
        }

    @cached_property
    def is_guarded(self) -> bool:
        """Whether some field is guarded: a device then makes no such row."""
        return any(item.guarded for item in self.fields.values())

    def is_fixed(self, name: str) -> bool:
        """Whether a device may not change a field: it is guarded, or says which row, and whose."""
        return name in ("id", self.scope_key) or self.fields[name].guarded

    @cached_property
    def state(self) -> Field | None:
        """The field whose value moves by steps, if there is one."""
        return next((item for item in self.fields.values() if item.steps), None)

    def claims_the_banks_word(self, document: Document) -> bool:
        """Whether a device's document says what only the bank's systems may."""
        return any(document[name] != self.defaults[name] for name in self._bank_says)

    @cached_property
    def _bank_says(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.fields.values() if item.bank_says)

    def in_time(self, document: Document, now: int) -> Document:
        """Return a device's document with no moment ahead of now that something goes by."""
        ahead = [name for name in self._not_ahead if int(str(document[name] or 0)) > now]
        return document | dict.fromkeys(ahead, now)

    @cached_property
    def _not_ahead(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.fields.values() if item.not_ahead)

    @cached_property
    def noted(self) -> frozenset[str]:
        """Fields of which it is kept who changed them, so that edits of two people can meet."""
        if self.merge is not Merge.FIELDS:
            return frozenset()
        return frozenset(item.name for item in self.fields.values() if not item.bank_says)

    @cached_property
    def references(self) -> Mapping[str, str]:
        """The entity that each field refers to, for those whose records the rule looks at."""
        return {item.name: item.refers for item in self.fields.values() if item.refers}

    @cached_property
    def values(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        """Takes a complete document's values in the order of the fields."""
        return itemgetter(*self.fields)

    def known(self, document: Mapping[str, Any]) -> Document:
        """Return the part of a document that this version knows, complete with defaults."""
        mine = self.fields
        if list(document) == list(mine):
            return dict(document)
        return self.defaults | {name: document[name] for name in document if name in mine}


REGISTRY: dict[str, Entity] = {}
"""Every synced entity by name, in the order of declaration, which is the order of a first sync."""


def synced(
    name: str,
    *,
    merge: Merge,
    scope: ScopeRule,
    scope_key: str = "",
    author: str | None = None,
    makers: frozenset[str] | None = None,
    rule: Rule | None = None,
    stays: bool = False,
) -> Callable[[type], type]:
    """Declare a frozen dataclass as the synced entity `name`."""

    def declare(record: type) -> type:
        if name in REGISTRY:
            raise ValueError(f"the entity {name} is declared twice")
        mine = MappingProxyType({item.name: item for item in _fields(record)})
        for key in filter(None, (scope_key, author)):
            if key not in mine:
                raise ValueError(f"{name} has no field {key}")
        REGISTRY[name] = Entity(
            name, record, merge, scope, scope_key, author, mine, makers, rule, stays
        )
        return record

    return declare


def _fields(record: type) -> Sequence[Field]:
    hints = get_type_hints(record, include_extras=True)
    return [
        _field(item.name, hints[item.name], required=item.default is MISSING)
        for item in fields(record)
    ]


def _field(name: str, hint: Any, *, required: bool) -> Field:
    python_type, nullable, marks = _unwrap(hint)
    states = next((mark for mark in marks if isinstance(mark, States)), States(()))
    refers = next((mark.entity for mark in marks if isinstance(mark, Refers)), None)
    return Field(
        name,
        python_type,
        nullable,
        required,
        mask=next((mark for mark in marks if isinstance(mark, Mask)), Mask.C1),
        guarded=GUARDED in marks,
        indexed=INDEXED in marks,
        members=MEMBERS in marks,
        with_step=any(isinstance(mark, WithStep) for mark in marks),
        binds=BINDS in marks,
        bank_says=BANK_SAYS in marks,
        not_ahead=NOT_AHEAD in marks,
        refers=refers,
        steps=states.steps,
        yields=states.yields,
    )


def _bounded(hint: Any, field: Field) -> Any:
    """Keep integers to what JSON says exactly: past that a column overflows and stops a batch."""
    if field.python_type is not int:
        return hint
    return Annotated[hint, Bound(gt=-_EXACT, lt=_EXACT)]


def _unwrap(hint: Any) -> tuple[type, bool, tuple[Any, ...]]:
    """Split an annotation into its primitive type, whether null is allowed, and its marks."""
    if get_origin(hint) is Annotated:
        inner, *own = get_args(hint)
        python_type, nullable, marks = _unwrap(inner)
        return python_type, nullable, (*own, *marks)
    if get_origin(hint) in (Union, UnionType):
        [inner] = [part for part in get_args(hint) if part is not type(None)]
        python_type, _, marks = _unwrap(inner)
        return python_type, True, marks
    if get_origin(hint) is Literal:
        return type(get_args(hint)[0]), False, ()
    primitive = getattr(hint, "__supertype__", hint)
    if primitive not in (str, int, float, bool):
        raise TypeError(f"a synced field is a JSON primitive, not {hint}")
    return primitive, False, ()
