"""Bank cards, as their system says them: whose each is, and until when.

A card is one more number by which a customer is found. It is opened under an account or for whoever
the row names, and stays with them: a card never changes hands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared import identity
from shared.domain import Identifier
from shared.errors import Refusal, refused
from shared.ids import derived_id
from shared.registry import REGISTRY, Document
from sync_server.adapters import cells
from sync_server.adapters.accounts import (
    REFERRED,
    WHOSE,
    customer_of,
    held,
    hidden,
    referred,
    what,
    whose,
)
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.records import read_each
from sync_server.adapters.report import Outcome, State, state_of
from sync_server.customer.matching import Known, Number, Whose
from sync_server.store.customers import identified, known_customers
from sync_server.store.daily_flows import Holder, holders
from sync_server.store.redirects import Came, follow_found
from sync_server.store.rows import current_rows, document_of
from sync_server.store.unit_of_work import UnitOfWork

COLUMNS: Final = (
    Column("source", ("来源系统",)),
    Column("number", ("卡号",)),
    Column("valid_until", ("有效期",), required=False),
    Column("closed_on", ("销卡日",), required=False),
    *REFERRED,
    *WHOSE,
)
_LONGEST_NUMBER: Final = 40
_IDENTIFIER: Final = REGISTRY["identifier"]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says of a card, and whose it is."""

    row: Row
    source: str
    number: Number
    valid_until: str | None
    whose: Whose
    account_id: str | None


def take(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in cards; their customers are found by them from then on."""
    read, outcomes = read_each(rows, _said, what)
    papers = identified(unit.connection, {each.number for each in read})
    standing = {number: found[0] for number, found in papers.items()}
    accounts = holders(unit.connection, {each.account_id for each in read if each.account_id})
    known = known_customers(
        unit.connection,
        [(each.whose, held(each.account_id, standing.get(each.number), accounts)) for each in read],
    )
    latest: dict[Number, Document] = {}
    opened: list[Came] = []
    for each in read:
        before = latest.get(each.number) or standing.get(each.number)
        try:
            several = {paper["customer_id"] for paper in papers.get(each.number, ())}
            if len(several) > 1:
                raise refused("row_several_customers", n=len(several))
            card = _card(each, before, known, accounts)
        except Refusal as why:
            outcomes.append(Outcome(each.row.line, State.REFUSED, what(each.row), why))
            continue
        if before is None:
            opened.append(_came(each, card))
        outcomes.append(Outcome(each.row.line, state_of(card, before), what(each.row)))
        latest[each.number] = card
    _write(unit, [card for number, card in latest.items() if card != standing.get(number)])
    follow_found(unit.connection, opened)
    return outcomes


def _write(unit: UnitOfWork, cards: Sequence[Document]) -> None:
    # Customers are locked before what is theirs, as an exchange does.
    customers = {str(each["customer_id"]) for each in cards}
    present = current_rows(unit.connection, REGISTRY["customer"], sorted(customers))
    homes = {id: row["scope_id"] for id, row in present.items()}
    unit.import_rows(_IDENTIFIER, cards, homes=homes)


def _card(
    said: _Said, before: Document | None, known: Known, accounts: Mapping[str, Holder]
) -> Document:
    """Return a card as a row says it; raise the refusal of one that names nobody, or two."""
    customer = customer_of(known, said.whose, said.account_id, before, accounts)
    if before is not None:
        return before if said.valid_until is None else {**before, "valid_until": said.valid_until}
    kind, number = said.number
    id = derived_id("identifier", customer, kind, number)
    made = Identifier(id, customer, "bank_card", number, number[-4:], said.source, said.valid_until)
    return document_of(made)


def _came(said: _Said, card: Document) -> Came:
    whose = str(card["customer_id"])
    return Came("identifier", str(card["id"]), whose, said.whose, said.account_id)


def _said(row: Row) -> _Said:
    cell = cells.text(row, "number", _LONGEST_NUMBER)
    number = identity.bank_card(cell)
    if number is None and identity.BANK_CARD.fullmatch(identity.standard(cell)):
        value, checked = hidden(cell), "ISO/IEC 7812-1"
        raise refused("row_check_digit", column="number", value=value, standard=checked)
    if number is None:
        raise refused("row_value", column="number", value=hidden(cell), wanted="12 - 19 x 0-9")
    days = (cells.day_or_none(row, name) for name in ("valid_until", "closed_on"))
    return _Said(
        row,
        cells.text(row, "source"),
        ("bank_card", number),
        min((day.isoformat() for day in days if day), default=None),
        whose(row),
        referred(row),
    )
