"""A change: what a user's act does to one record, before it becomes an operation in the outbox."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as dataclass_field
from typing import Any, Self

from shared.registry import Document


@dataclass(frozen=True, slots=True)
class Insert:
    """A new record, whole."""

    entity: str
    document: Document

    @classmethod
    def of(cls, entity: str, record: Any) -> Self:
        """Insert a record given as its dataclass."""
        return cls(entity, asdict(record))

    @property
    def id(self) -> str:
        """The new record's id."""
        return str(self.document["id"])


@dataclass(frozen=True, slots=True)
class Patch:
    """New values for some fields, each with the value that the user saw when changing it."""

    entity: str
    id: str
    fields: Mapping[str, tuple[Any, Any]]
    """Field name to (old, new)."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a state field, refused when the record has moved on meanwhile."""

    entity: str
    id: str
    field: str
    before: str
    after: str
    said: Mapping[str, Any] = dataclass_field(default_factory=dict)
    """What is said along with the step: a reason, which value was kept."""


@dataclass(frozen=True, slots=True)
class Add:
    """One word more in a set of words."""

    entity: str
    id: str
    field: str
    word: str


@dataclass(frozen=True, slots=True)
class Remove:
    """One word less in a set of words."""

    entity: str
    id: str
    field: str
    word: str


@dataclass(frozen=True, slots=True)
class Delete:
    """The removal of the user's own task or draft."""

    entity: str
    id: str


Change = Insert | Patch | Transition | Add | Remove | Delete
