"""Rows of a file that are rows of the record: read, compared with what is there, and written.

A row that stands in the file twice counts as it stands there last, as it would in two files.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import ValidationError

from shared.errors import Refusal, refused
from shared.registry import REGISTRY, Document, Entity
from shared.sync.protocol import complaint
from sync_server.adapters.lines import Row
from sync_server.adapters.report import Outcome, State
from sync_server.store.rows import documents
from sync_server.store.unit_of_work import UnitOfWork

T = TypeVar("T")
Read = Callable[[Row], Document]
"""Makes a row's document; raises the refusal of a row that is none."""


def read_each(
    rows: Sequence[Row], read: Callable[[Row], T], what: Callable[[Row], str]
) -> tuple[list[T], list[Outcome]]:
    """Return what rows say, and what became of those that say nothing; `what` names the thing."""
    good: list[T] = []
    bad: list[Outcome] = []
    for row in rows:
        try:
            good.append(read(row))
        except Refusal as why:
            bad.append(Outcome(row.line, State.REFUSED, what(row), why))
    return good, bad


def take_records(
    unit: UnitOfWork, name: str, rows: Sequence[Row], read: Read, called: tuple[str, ...]
) -> tuple[list[Outcome], list[Document]]:
    """Write the rows of an entity; return what each came to, and the documents that are new.

    `called`: the columns that say which thing a row is about.
    """
    entity = REGISTRY[name]
    good, outcomes = read_each(
        rows, lambda row: (row, valid(entity, row, read(row))), lambda row: _what(row, called)
    )
    ids = {str(document["id"]) for _, document in good}
    standing = documents(unit.connection, entity, ids)
    latest: dict[str, Document] = {}
    for row, document in good:
        id = str(document["id"])
        state = _state(document, latest.get(id) or standing.get(id))
        outcomes.append(Outcome(row.line, state, _what(row, called)))
        latest[id] = document
    written = _differing(latest, standing)
    unit.import_rows(entity, written)
    return outcomes, written


def _differing(latest: Mapping[str, Document], standing: Mapping[str, Document]) -> list[Document]:
    return [document for id, document in latest.items() if document != standing.get(id)]


def _state(document: Document, before: Document | None) -> State:
    if before is None:
        return State.APPLIED
    return State.KNOWN if before == document else State.CHANGED


def valid(entity: Entity, row: Row, document: Document) -> Document:
    """Return a row's document whole; raise the refusal that names the column which does not fit."""
    complete = entity.known(document)
    try:
        return entity.one.validate_python(complete)
    except ValidationError as error:
        column, problem = complaint(error)
        value = row.cells.get(column, "")
        raise refused("row_value", column=column, value=value, wanted=problem) from None


def _what(row: Row, called: tuple[str, ...]) -> str:
    return " ".join(filter(None, (row.cells.get(name, "") for name in called)))
