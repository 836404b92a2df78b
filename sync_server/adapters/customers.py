"""Customers, as the bank's systems say them: who they are, by which document, how to reach them.

A customer is known by the number of an identity document and by nothing else: of two with one name
and one telephone nobody can say by a file that they are one, and the nightly sweep looks at them.
Whoever is not in the record yet is opened for the manager whom the row names. Of whoever is there,
what the system says otherwise than the last time is news: it goes by its source and its age, as in
a merge. What it only repeats takes nothing back that was written down since. Whose customer they
are stays.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared import identity
from shared.domain import Customer, Identifier
from shared.domain.provenance import Origin, provenance_id
from shared.errors import Refusal, refused
from shared.ids import Millis, derived_id, uuid7
from shared.registry import REGISTRY, Document
from sync_server.adapters import cells
from sync_server.adapters.accounts import hidden, whose
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.records import read_each, valid
from sync_server.adapters.report import Outcome, State
from sync_server.customer.completed import completed
from sync_server.customer.matching import Number
from sync_server.customer.survivorship import GROUPS, survived
from sync_server.store.bank_rows import employees_by_number
from sync_server.store.collaborations import follow_collaborations
from sync_server.store.customers import identified
from sync_server.store.dated import watch_dates
from sync_server.store.merge_steps import Joined, MergeSteps, differing
from sync_server.store.provenances import known_origins, put
from sync_server.store.redirects import ways_of, who_took_in
from sync_server.store.rows import current_rows, document_of, row_scope
from sync_server.store.said import NOTHING, By, Said, Sayings
from sync_server.store.unit_of_work import UnitOfWork

COLUMNS: Final = (
    Column("source", ("来源系统",)),
    Column("id_kind", ("证件类型",)),
    Column("id_number", ("证件号码",)),
    Column("name", ("客户名称", "客户姓名")),
    Column("as_of", ("数据时间",)),
    Column("manager", ("管户工号",), required=False),
    Column("id_valid_until", ("证件有效期",), required=False),
    Column("phone", ("电话",), required=False),
    Column("address", ("地址",), required=False),
    Column("birth_date", ("出生日期",), required=False),
    Column("gender", ("性别",), required=False),
    Column("occupation", ("职业",), required=False),
    Column("industry", ("行业",), required=False),
    Column("legal_representative", ("法定代表人",), required=False),
    Column("contact_name", ("联系人",), required=False),
    Column("risk_grade", ("风险等级",), required=False),
    Column("risk_valid_until", ("风险等级有效期",), required=False),
)
_GENDERS: Final = {"女": "female", "男": "male", "female": "female", "male": "male"}
_GRADES: Final = {grade: grade for grade in ("R1", "R2", "R3", "R4", "R5")}
_TEXTS: Final = (
    "phone", "address", "occupation", "industry", "legal_representative", "contact_name",
)  # fmt: skip
_DAYS: Final = ("birth_date", "risk_valid_until")
_CUSTOMER: Final = REGISTRY["customer"]
_IDENTIFIER: Final = REGISTRY["identifier"]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says, and since when that is so (ms)."""

    row: Row
    source: str
    number: Number
    fields: Mapping[str, Any]
    valid_until: str | None
    as_of: int


@dataclass(frozen=True, slots=True)
class _Party:
    """A customer as the rows read so far leave them."""

    customer: Document
    origins: Mapping[str, Origin]
    papers: Mapping[Number, Document]

    @property
    def sides(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """What the customer says and where it comes from, as a merge keeps the two."""
        return self.customer, {name: list(origin) for name, origin in self.origins.items()}

    def with_news(self, news: Mapping[str, Any], said: _Said) -> "_Party":
        """Return the customer with what a row says anew, also of the paper that it names."""
        customer, origins = _brought_up(self, news, said.as_of)
        papers = self.papers
        if said.valid_until is not None and said.number in papers:
            renewed = papers[said.number] | {"valid_until": said.valid_until}
            papers = {**papers, said.number: renewed}
        return _Party(customer, origins, papers)


def _party(customer: Document, lines: Mapping[str, Any]) -> _Party:
    """Return a customer by both sides."""
    origins = {name: Origin(*line) for name, line in lines.items() if line is not None}
    return _Party(customer, origins, {})


def take(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in customers with their documents, and keep where each of their fields comes from."""
    read, outcomes = read_each(rows, lambda row: _said(row, unit.now), _what)
    book = _Book(unit, read)
    for said in read:
        try:
            state = book.take(said)
        except Refusal as why:
            outcomes.append(Outcome(said.row.line, State.REFUSED, _what(said.row), why))
        else:
            outcomes.append(Outcome(said.row.line, state, _what(said.row)))
    book.write()
    return outcomes


class _Book:
    """The customers that a chunk is about, as they stand and as its rows leave them."""

    def __init__(self, unit: UnitOfWork, read: Sequence[_Said]) -> None:
        self._unit = unit
        numbers = {str(each.row.cells["manager"]) for each in read if "manager" in each.row.cells}
        self._managers = employees_by_number(unit.connection, numbers)
        papers = identified(unit.connection, {each.number for each in read})
        held = {str(paper["customer_id"]) for found in papers.values() for paper in found}
        self._ways = ways_of(unit.connection, papers)
        held |= {step["loser"] for way in self._ways.values() for step in way}
        self._survivors = who_took_in(unit.connection, held)
        self._present = current_rows(unit.connection, _CUSTOMER, sorted(held))
        customers = {
            id: {name: row[name] for name in _CUSTOMER.fields} for id, row in self._present.items()
        }
        origins = known_origins(unit.connection, customers)
        self._by_number = {
            number: {str(paper["customer_id"]) for paper in found}
            for number, found in papers.items()
        }
        named: dict[str, dict[Number, Document]] = {id: {} for id in customers}
        for number, found in papers.items():
            for paper in found:
                named[str(paper["customer_id"])][number] = paper
        self._parties = {
            id: _Party(customer, origins[id], named[id]) for id, customer in customers.items()
        }
        self._sayings = Sayings(unit.connection)
        self._before = self._sayings.before({each.number for each in read})
        self._said: dict[By, Said] = {}
        self._changed: set[str] = set()

    def take(self, said: _Said) -> State:
        """Take one row; return what it came to. Raises the refusal of one that cannot be taken."""
        holders = set(self._by_number.get(said.number, ()))
        if len(holders) > 1:
            raise refused("row_several_customers", n=len(holders))
        if not holders:
            found = self._open(said)
        else:
            last = self._before.get((said.source, said.number), NOTHING)
            if said.as_of < last.as_of:
                return State.KNOWN
            found = self._bring_up(holders.pop(), said, last)
        self._note(said)
        return found

    def _note(self, said: _Said) -> None:
        by = said.source, said.number
        last = self._before.get(by, NOTHING)
        now = Said(said.as_of, {**last.fields, **said.fields})
        if now != last:
            self._before[by] = self._said[by] = now

    def _bring_up(self, id: str, said: _Said, last: Said) -> State:
        """Take what is news into a customer of the record.

        By the number of a record that ended it is news to that record too, and to all on the way
        from there: each says after a split what it would say without the merge.
        """
        way = self._ways.get(said.number, ())
        whose = [*(step["loser"] for step in way), id]
        holder = self._parties[whose[0]].customer
        if said.number[0] == "passport" and _is_somebody_else(said.fields, holder):
            raise refused("row_other_customer")
        news = _news(said.fields, last.fields)
        fresh = {each: self._parties[each].with_news(news, said) for each in whose}
        for each in fresh.values():
            valid(_CUSTOMER, said.row, each.customer)
        changed = {each for each in whose if fresh[each] != self._parties[each]}
        self._keep_apart(whose[0], news, said)
        for step in way:
            self._keep_step(step, self._parties[step["survivor"]], fresh[step["survivor"]])
        self._parties |= fresh
        self._changed |= changed
        return State.CHANGED if changed else State.KNOWN

    def _keep_apart(self, id: str, news: Mapping[str, Any], said: _Said) -> None:
        """Let merges know what a row makes of the record that has its number, without them."""
        if id not in self._survivors:
            return
        steps, party = MergeSteps(self._unit.connection), self._parties[id]
        keys = (_CUSTOMER.name, id), ("provenance", provenance_id(id))
        before = _party(*(steps.beneath(*each) for each in zip(keys, party.sides, strict=True)))
        after = before.with_news(news, said)
        for key, now, *own in zip(keys, party.sides, before.sides, after.sides, strict=True):
            steps.lay(key, now, differing(*own))

    def _keep_step(self, step: Joined, before: _Party, after: _Party) -> None:
        """Let a merge know what a former record's number has made of who goes on by it."""
        id, steps = step["survivor"], MergeSteps(self._unit.connection)
        keys = (_CUSTOMER.name, id), ("provenance", provenance_id(id))
        for key, *both in zip(keys, before.sides, after.sides, strict=True):
            steps.go_on(step, key, differing(*both))

    def _open(self, said: _Said) -> State:
        number = cells.text(said.row, "manager", longest=20)
        manager = self._managers.get(number)
        if manager is None or not manager["active"] or manager["role"] != "account_manager":
            raise refused("row_unknown", column="manager", value=number)
        id = uuid7(Millis(self._unit.now), secrets.token_bytes(10))
        kind = "organisation" if said.number[0] == "uscc" else "person"
        made = document_of(
            Customer(
                id=id,
                kind=kind,  # type: ignore[arg-type]
                name=str(said.fields["name"]),
                initials="",
                owner_id=str(manager["id"]),
                org_unit_id=str(manager["org_unit_id"]),
            )
        )
        customer = valid(_CUSTOMER, said.row, completed(_CUSTOMER, made | dict(said.fields)))
        paper = Identifier(
            derived_id("identifier", id, *said.number),
            id,
            said.number[0],  # type: ignore[arg-type]
            said.number[1],
            said.number[1][-4:],
            said.source,
            said.valid_until,
        )
        origins = {name: Origin("system", said.as_of) for name in _leads(said.fields)}
        self._parties[id] = _Party(customer, origins, {said.number: document_of(paper)})
        self._by_number[said.number] = {id}
        self._changed.add(id)
        return State.APPLIED

    def write(self) -> None:
        """Write what has changed: customers first, and then what hangs on them."""
        self._sayings.keep(self._said)
        changed = [self._parties[id] for id in sorted(self._changed)]
        if not changed:
            return
        unit, going_on = self._unit, [each for each in changed if not each.customer["merged_into"]]
        unit.import_rows(_CUSTOMER, [each.customer for each in changed], self._present)
        papers = [paper for each in going_on for paper in each.papers.values()]
        unit.import_rows(_IDENTIFIER, papers)
        homes = {
            str(each.customer["id"]): row_scope(_CUSTOMER, each.customer, {}) for each in changed
        }
        put(unit, {str(each.customer["id"]): each.origins for each in changed}, homes)
        customers = [each.customer for each in going_on]
        watch_dates(unit, customers, papers)
        follow_collaborations(unit, {str(each["id"]) for each in customers})


def _is_somebody_else(said: Mapping[str, Any], holder: Document) -> bool:
    """Whether a row under a passport is not its holder's: such a number proves little alone."""
    births = said.get("birth_date"), holder["birth_date"]
    if all(births):
        return births[0] != births[1]
    return identity.name(str(said["name"])) != identity.name(str(holder["name"]))


def _news(said: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a system says otherwise than before, with what it goes together with.

    A risk grade that is renewed is the same one until another day.
    """
    now = {**last, **said}
    return {
        name: now[name]
        for group, _ in GROUPS
        if any(now.get(name) != last.get(name) for name in group)
        for name in group
        if name in now
    }


def _brought_up(
    party: _Party, news: Mapping[str, Any], as_of: int
) -> tuple[Document, dict[str, Origin]]:
    """Return a customer with what a system says now, and where each of their fields comes from.

    The system's word is the one that goes on, so that of two of one time the later file counts.
    """
    before = party.customer
    # What the system does not say, the need and the deposits among it, is the record's.
    unsaid = {name: None for group, _ in GROUPS for name in group if name != "stage"}
    word = before | unsaid | dict(news)
    for (lead, *others), _ in GROUPS:
        if word[lead] == before[lead]:
            word |= {name: before[name] for name in others if word[name] is None}
    own = {name: Origin("system", as_of) for name in _leads(news)}
    fresh, origins = survived(word, before, own, party.origins)
    is_renamed = fresh["name"] != before["name"]
    return (completed(_CUSTOMER, fresh) if is_renamed else fresh), origins


def _leads(fields: Mapping[str, Any]) -> list[str]:
    return [group[0] for group, _ in GROUPS if fields.get(group[0]) is not None]


def _said(row: Row, now: int) -> _Said:
    number = whose(row).number
    if number is None:
        raise refused("row_lacks", column="id_number")
    fields: dict[str, Any] = {"name": cells.text(row, "name", longest=120)}
    fields |= {name: cells.text(row, name) for name in _TEXTS if name in row.cells}
    fields |= {name: cells.day(row, name).isoformat() for name in _DAYS if name in row.cells}
    if "gender" in row.cells:
        fields["gender"] = cells.word(row, "gender", _GENDERS)
    if "risk_grade" in row.cells:
        fields["risk_grade"] = cells.word(row, "risk_grade", _GRADES)
    until = cells.day_or_none(row, "id_valid_until")
    return _Said(
        row,
        cells.text(row, "source"),
        number,
        fields | _on_the_card(row, number, fields),
        until.isoformat() if until else None,
        cells.past_moment(row, "as_of", now),
    )


def _on_the_card(row: Row, number: Number, fields: Mapping[str, Any]) -> Document:
    """Return what the number of an identity card says; refuse a row that says otherwise."""
    kind, digits = number
    if kind != "id_card":
        return {}
    born = f"{digits[6:10]}-{digits[10:12]}-{digits[12:14]}"
    gender = "male" if int(digits[16]) % 2 else "female"
    for column, wanted in (("birth_date", born), ("gender", gender)):
        if fields.get(column, wanted) != wanted:
            raise refused("row_value", column=column, value=row.cells[column], wanted=wanted)
    return {"birth_date": born, "gender": gender}


def _what(row: Row) -> str:
    """Return what a report calls a customer: more people read a report than a record."""
    return " ".join(filter(None, (row.cells.get("source"), hidden(row.cells.get("id_number", "")))))
