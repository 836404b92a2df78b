"""Prospects: every claim is answered in the transaction that brings it.

Theory of operation. Who claims first is who is taken in first: exchanges that bring claims, and the
daily look at them, hold the ledger's lock, so that of two at the same moment the second sees the
first. What an exchange wrote is followed in this order: decisions of contests, claims that were
given up, claims that were made or changed, contacts. One that was given up and made again without a
network is both.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from shared import identity
from shared.domain.days import bank_day, working_day_from
from shared.domain.prospect import OPEN, claims_of, compared_name, is_same, renewed_at
from shared.domain.task import Task
from shared.ids import derived_id
from shared.registry import REGISTRY, Document
from shared.sync.ruling import Write
from sync_server.customer import claiming
from sync_server.customer.claiming import Around, Known
from sync_server.customer.matching import Whose
from sync_server.store.authority import hold_the_ledger
from sync_server.store.collaborations import follow_collaborations
from sync_server.store.customers import known_customers
from sync_server.store.rows import among, documents, look_up
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.scopes import supervisor_of_all
from sync_server.store.unit_of_work import UnitOfWork, as_job

CLAIMS: Final = frozenset({"prospect", "prospect_contact", "prospect_contest"})
JOB: Final = "job:prospects"
_CLAIM: Final = REGISTRY["prospect"]
_CONTEST: Final = REGISTRY["prospect_contest"]
_CONTACT: Final = REGISTRY["prospect_contact"]
_CONTESTS: Final = ENTITY_TABLES["prospect_contest"]
_KNOWN_BY: Final = frozenset({"name", "code", "phone", "district"})
_TABLE: Final = ENTITY_TABLES["prospect"]
_CUSTOMER: Final = ENTITY_TABLES["customer"].c
_IDENTIFIER: Final = ENTITY_TABLES["identifier"].c


def follow_prospects(unit: UnitOfWork, writes: Iterable[Write]) -> None:
    """Answer the claims that the unit has written; to be called before `unit.finish`.

    `writes` are all steps of the exchange: a row has only the last one of its own.
    """
    written = unit.written(CLAIMS)
    if not written:
        return
    unit.flush()
    hold_the_ledger(unit.connection)
    claims = [row for row in writes if row.entity is _CLAIM]
    with as_job(unit, JOB):
        for id in sorted(written.get("prospect_contest", ())):
            _award(unit, id)
        for id in sorted(_left(claims)):
            _leave(unit, id)
        for id in sorted(written.get("prospect", ())):
            _answer(unit, id, {name for row in claims if row.id == id for name in row.fields})
        contacts = documents(unit.connection, _CONTACT, written.get("prospect_contact", ()))
        _renew(unit, contacts.values())


def close_claim(unit: UnitOfWork, claim: Document, after: Document) -> None:
    """Write a claim that is closed now; whoever contested it goes on without it.

    Closing another one may have ended its contest by now.
    """
    id = str(claim["id"])
    contest = documents(unit.connection, _CLAIM, [id])[id]["contest_id"]
    unit.import_rows(_CLAIM, [after])
    if contest is not None:
        _without(unit, str(contest), id)


def became(unit: UnitOfWork, claim: Document, customer: Known) -> None:
    """Let a claim be won whose prospect has become a customer; one that is contested is lost.

    Whoever contested it has lost it before its holder has won it: nobody is left alone with it.
    """
    if claim["status"] == "contested":
        names = [customer.owner_name]
        close_claim(unit, claim, claiming.closed(claim, unit.now, "declined", "is_customer", names))
        return
    for rival in _contesting(unit.connection, str(claim["id"])):
        became(unit, rival, customer)
    close_claim(unit, claim, claiming.won(claim, customer, unit.now))
    if customer.owner_id == claim["employee_id"]:
        step = _first_visit(claim, customer, bank_day(unit.now))
        unit.import_rows(REGISTRY["task"], [asdict(step)])
        follow_collaborations(unit, [customer.customer_id])


def _first_visit(claim: Document, customer: Known, today: date) -> Task:
    return Task(
        id=derived_id("task", str(claim["id"]), customer.customer_id),
        customer_id=customer.customer_id,
        kind="visit",
        title="新客户首次拜访",
        due=working_day_from(today).isoformat(),
        reason="您跟进的潜客已成为客户",
    )


def _left(claims: Iterable[Write]) -> set[str]:
    """Return the claims that their authors have given up, whatever they did after that."""
    return {row.id for row in claims if row.document and row.document["status"] not in OPEN}


def _leave(unit: UnitOfWork, id: str) -> None:
    claim = documents(unit.connection, _CLAIM, [id])[id]
    if claim["taken_at"] is not None:
        close_claim(unit, claim, claiming.left_by_author(claim))


def _answer(unit: UnitOfWork, id: str, said: Collection[str]) -> None:
    """Answer a claim as it stands; `said` are the fields that the exchange has changed."""
    claim = documents(unit.connection, _CLAIM, [id])[id]
    if claim["status"] not in OPEN:
        return
    around = _around(unit.connection, claim)
    if around.customer is not None and _was_theirs(unit.connection, claim, said):
        became(unit, claim, around.customer)
        return
    answer = claiming.answered(claim, around, unit.now)
    if answer["status"] not in OPEN:
        close_claim(unit, claim, answer)
        return
    unit.import_rows(_CLAIM, [answer])
    rival = claiming.rival_of(answer, around)
    if rival is not None and claim["contest_id"] is None:
        _contest(unit, rival, answer)


def _was_theirs(connection: Connection, claim: Document, said: Collection[str]) -> bool:
    """Whether a customer is known by what a claim said while it was held, so that they came since.

    Whom something shows that is said only now may have been one before.
    """
    before = {**claim, **dict.fromkeys(_KNOWN_BY.intersection(said), "")}
    return claim["taken_at"] is not None and bool(customers_of(connection, [before]))


def _renew(unit: UnitOfWork, contacts: Collection[Document]) -> None:
    ids = {str(each["prospect_id"]) for each in contacts}
    for id, claim in sorted(documents(unit.connection, _CLAIM, ids).items()):
        mine = [each for each in contacts if each["prospect_id"] == id]
        renewed = renewed_at(claim, mine, unit.now)
        unit.import_rows(_CLAIM, [{**claim, "renewed_at": renewed}])


# Contests


def _contest(unit: UnitOfWork, rival: Document, claim: Document) -> None:
    """Let a claim contest one that stands in its way, in the contest about that if there is one."""
    if rival["contest_id"] is None:
        claims = [rival, *_sharing(unit.connection, rival), claim]
        people = {str(each["employee_id"]) for each in claims}
        arbiter = supervisor_of_all(unit.connection, people)
        contest = claiming.opened(rival, claim, arbiter, unit.now)
        _write(unit, contest, claims)
        return
    id = str(rival["contest_id"])
    contest = documents(unit.connection, _CONTEST, [id])[id]
    claims = [*_claims_in(unit.connection, contest), claim]
    people = {str(each["employee_id"]) for each in claims}
    arbiter = supervisor_of_all(unit.connection, people) or ""
    _write(unit, {**contest, "arbiter_id": arbiter}, claims)


def _contesting(connection: Connection, claim_id: str) -> list[Document]:
    """Return the claims that contest one by now."""
    contest = documents(connection, _CLAIM, [claim_id])[claim_id]["contest_id"]
    if contest is None:
        return []
    row = documents(connection, _CONTEST, [str(contest)])[str(contest)]
    return [each for each in _claims_in(connection, row) if each["status"] == "contested"]


def _without(unit: UnitOfWork, contest_id: str, claim_id: str) -> None:
    contest = documents(unit.connection, _CONTEST, [contest_id])[contest_id]
    left = [each for each in _claims_in(unit.connection, contest) if each["id"] != claim_id]
    _write(unit, contest, left)


def _write(unit: UnitOfWork, contest: Document, claims: Sequence[Document]) -> None:
    names = _names(unit.connection, [str(each["employee_id"]) for each in claims])
    unit.import_rows(_CONTEST, [claiming.among(contest, claims)])
    unit.import_rows(_CLAIM, claiming.contesting(contest, claims, names, unit.now))


def _award(unit: UnitOfWork, id: str) -> None:
    contest = documents(unit.connection, _CONTEST, [id])[id]
    if contest["status"] == "decided":
        names = _names(unit.connection, claiming.claimants(contest))
        claims = _claims_in(unit.connection, contest)
        unit.import_rows(_CLAIM, claiming.awarded(contest, claims, names, unit.now))


def _claims_in(connection: Connection, contest: Document) -> list[Document]:
    """Return the claims that are in an open contest, in its order."""
    ids = list(claims_of(contest))
    found = documents(connection, _CLAIM, ids)
    return [found[id] for id in ids if found[id]["contest_id"] == contest["id"]]


def _names(connection: Connection, employees: Collection[str]) -> dict[str, str]:
    found = documents(connection, REGISTRY["employee"], employees)
    return {id: str(each["name"]) for id, each in found.items()}


# What is around a claim


def _around(connection: Connection, claim: Document) -> Around:
    mine = _open(connection, {str(claim["employee_id"])}, "employee_id")
    called = compared_name(str(claim["kind"]), str(claim["name"]))
    alike = _open(connection, {called}, "called")
    if claim["code"] is not None:
        alike |= _open(connection, {str(claim["code"])}, "code")
    return Around(
        customers_of(connection, [claim]).get(str(claim["id"])),
        [each for id, each in mine.items() if id != claim["id"]],
        [each for each in alike.values() if each["employee_id"] != claim["employee_id"]],
    )


def _open(connection: Connection, values: Collection[str], column: str) -> dict[str, Document]:
    found = look_up(connection, values, _open_by, column)
    return {row.id: dict(zip(_CLAIM.fields, row, strict=False)) for row in found}


@cache
def _open_by(column: str, *, is_postgresql: bool) -> Select[Any]:
    named = among(_TABLE.c[column], is_postgresql=is_postgresql)
    # One that came in the same exchange and has no answer yet stands in nobody's way.
    is_held = _TABLE.c.status.in_(sorted(OPEN)), _TABLE.c.taken_at.is_not(None)
    return select(_TABLE).where(named, *is_held)


def customers_of(connection: Connection, claims: Collection[Document]) -> dict[str, Known]:
    """Return the customers that prospects are, by claim.

    By credit code, by name and telephone, or an organisation by its name and its district, where
    the customer's address names that, and never one with another code. What was awarded to several
    is one, by whichever of their claims it is known.
    """
    found = _fitting(connection, claims)
    for each in claims:
        if str(each["id"]) not in found:
            found |= _of_awarded(connection, each)
    rows = documents(connection, REGISTRY["customer"], set(found.values()))
    owners = _names(connection, {str(row["owner_id"]) for row in rows.values()})
    return {id: _known(rows[customer], owners) for id, customer in found.items()}


def _fitting(connection: Connection, claims: Collection[Document]) -> dict[str, str]:
    """Return the customers that claims are by what each of them says."""
    named = {str(each["id"]): _whose(each) for each in claims}
    known = known_customers(connection, [(whose, None) for whose in named.values()])
    found = {id: min(known.fitting(whose), default=None) for id, whose in named.items()}
    for each in claims:
        id = str(each["id"])
        found[id] = found[id] or _by_name(connection, each)
    return {id: customer for id, customer in found.items() if customer is not None}


def _of_awarded(connection: Connection, claim: Document) -> dict[str, str]:
    """Return the customer that a claim is by those of whom it was awarded to as well."""
    partners = _awarded_with(connection, claim)
    became = {str(each["customer_id"]) for each in partners if each["customer_id"] is not None}
    found = sorted(became or _fitting(connection, partners).values())
    return {str(claim["id"]): found[0]} if found else {}


def _sharing(connection: Connection, claim: Document) -> list[Document]:
    """Return the claims that hold a prospect beside one, as it was awarded."""
    found = _awarded_with(connection, claim)
    return [each for each in found if each["status"] in OPEN and each["id"] != claim["id"]]


def _awarded_with(connection: Connection, claim: Document) -> list[Document]:
    """Return the claims, this one among them, to whom a prospect was awarded with this split."""
    if not claim["shares"]:
        return []
    own = str(claim["id"])
    names_it = _CONTESTS.c.claims.contains(own, autoescape=True)
    decided = select(_CONTESTS.c.claims).where(_CONTESTS.c.status == "decided", names_it)
    heard = [claims_of({"claims": each.claims}) for each in connection.execute(decided)]
    ids = {id for claims in heard if own in claims for id in claims}
    found = documents(connection, _CLAIM, ids)
    return [each for _, each in sorted(found.items()) if each["shares"] == claim["shares"]]


def _known(customer: Document, names: Mapping[str, str]) -> Known:
    owner = str(customer["owner_id"])
    return Known(str(customer["id"]), owner, names.get(owner, ""))


def _whose(claim: Document) -> Whose:
    phone = identity.phone(str(claim["phone"] or ""))
    return Whose(
        ("uscc", str(claim["code"])) if claim["code"] else None,
        (phone, identity.name(str(claim["name"]))) if phone else None,
    )


def _by_name(connection: Connection, claim: Document) -> str | None:
    """Return the organisation that a claim is by the rule by which two claims are one."""
    if claim["kind"] != "organisation" or not (claim["district"] or claim["phone"]):
        return None
    # Its dictionary takes 0.2 s, and is rarely needed.
    from sync_server.customer.initials import company_initials, initials

    name = str(claim["name"])
    called = compared_name("organisation", name)
    spelt = company_initials(called) | {initials(name)}
    rows = look_up(connection, spelt, _organisations)
    alike = [row for row in rows if compared_name("organisation", row.name) == called]
    codes = dict(look_up(connection, {row.id for row in alike}, _codes)) if alike else {}
    found = (row.id for row in alike if is_same(claim, _as_claim(row, claim, codes.get(row.id))))
    return next(found, None)


def _as_claim(customer: Any, claim: Document, code: str | None) -> Document:
    """Return what would be claimed of a customer, in the district of a claim if they are there."""
    district = str(claim["district"] or "")
    is_there = identity.called(district) in identity.called(customer.address or "")
    return {
        "kind": "organisation",
        "name": customer.name,
        "code": identity.uscc(code or ""),
        "phone": customer.phone,
        "district": district if is_there else None,
    }


@cache
def _organisations(*, is_postgresql: bool) -> Select[Any]:
    called = among(_CUSTOMER.initials, is_postgresql=is_postgresql)
    found = select(_CUSTOMER.id, _CUSTOMER.name, _CUSTOMER.address, _CUSTOMER.phone)
    is_one = _CUSTOMER.kind == "organisation", _CUSTOMER.merged_into.is_(None)
    return found.where(called, *is_one).order_by(_CUSTOMER.id)


@cache
def _codes(*, is_postgresql: bool) -> Select[Any]:
    mine = among(_IDENTIFIER.customer_id, is_postgresql=is_postgresql)
    found = select(_IDENTIFIER.customer_id, _IDENTIFIER.value)
    return found.where(mine, _IDENTIFIER.kind == "uscc")
