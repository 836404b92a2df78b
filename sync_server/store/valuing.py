"""Valuing: every customer's value brought up to the facts, a chunk of customers a transaction.

A value is written only where it says something new, so that a night in which nothing happened tells
no device anything. Within a month it follows the facts; the ladder takes its step when the month is
over.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Select, func, select
from sqlalchemy import insert as insert_into

from shared.commission.exact import digest
from shared.domain import Account, CustomerValue
from shared.domain.account import assets
from shared.domain.customer_value import value_id
from shared.domain.days import bank_day, bank_period
from shared.errors import refused
from shared.registry import REGISTRY, Document
from sync_server.customer.ladder import Standing, after, began
from sync_server.customer.models import in_force, read_model
from sync_server.customer.value import Effort, Model, contribution, score
from sync_server.store.database import Database
from sync_server.store.fees import Fees, fees_of
from sync_server.store.rows import among, documents, look_up
from sync_server.store.schema import ENTITY_TABLES, value_model
from sync_server.store.turned import VALUES, note_turn, turned_to
from sync_server.store.unit_of_work import Actor, UnitOfWork

TOGETHER: Final = 500
"""Customers of one writing transaction; devices get in between."""
_YEAR: Final = timedelta(days=365)
_MINUTE_MS: Final = 60_000
_CUSTOMERS: Final = ENTITY_TABLES["customer"]
_ACCOUNTS: Final = ENTITY_TABLES["account"]
_CONTACTS: Final = ENTITY_TABLES["interaction"]
_VALUE: Final = REGISTRY["customer_value"]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of some customers, read at once; by customer."""

    accounts: Mapping[str, list[Account]]
    efforts: Mapping[str, list[Effort]]
    fees: Mapping[str, Fees]
    satisfaction: Mapping[str, int]
    values: Mapping[str, Document]


def bring_model(database: Database, text: str | bytes, actor: str, now: int) -> Model:
    """Keep a bank's own version of the model; raise the refusal that says what is wrong with it."""
    model = read_model(text)

    def work(connection: Connection) -> None:
        numbers = [each.number for each in _models(connection)]
        if model.number <= max(numbers, default=1):
            raise refused("model_wrong", path="number", problem="there is this one or a later one")
        terms = text if isinstance(text, str) else text.decode()
        row = {"number": model.number, "terms": terms, "actor": actor, "at": now}
        connection.execute(insert_into(value_model).values(row))

    database.write(work)
    return model


def assess(database: Database, now: int) -> Iterator[int]:
    """Bring every customer's value up to the facts; yield how many are done."""
    last, done = "", 0
    while ids := _following(database, last):
        database.write(lambda connection, ids=ids: _assess(connection, ids, now))  # type: ignore[misc]
        last, done = ids[-1], done + len(ids)
        yield done


def assess_daily(database: Database, now: int) -> None:
    """Assess everyone if nobody did yet today; what is cut off begins again at the next look."""
    today = bank_day(now).isoformat()
    if turned_to(database, VALUES) != today:
        for _ in assess(database, now):
            pass
        note_turn(database, VALUES, today)


def _following(database: Database, last: str) -> list[str]:
    page = select(_CUSTOMERS.c.id).where(_CUSTOMERS.c.id > last)
    with database.reading() as connection:
        return list(connection.execute(page.order_by(_CUSTOMERS.c.id).limit(TOGETHER)).scalars())


def _models(connection: Connection) -> list[Model]:
    return [
        read_model(terms) for terms in connection.execute(select(value_model.c.terms)).scalars()
    ]


def _assess(connection: Connection, ids: Sequence[str], now: int) -> None:
    model = in_force(_models(connection), bank_day(now))
    facts = _facts(connection, ids, now)
    unit = UnitOfWork(connection, Actor("job:value"), now)
    made = [(facts.values.get(value_id(id)), _value(id, facts, model, now)) for id in ids]
    unit.import_rows(
        _VALUE, [row for before, row in made if before is None or before["digest"] != row["digest"]]
    )
    unit.finish()


def _value(customer: str, facts: _Facts, model: Model, now: int) -> Document:
    accounts, efforts = facts.accounts[customer], facts.efforts[customer]
    satisfaction = facts.satisfaction.get(customer)
    fees = facts.fees.get(customer)
    found = contribution(accounts, efforts, fees.amounts if fees else {}, model)
    kinds = len({each.kind for each in accounts if not each.closed_on})
    scored = score(found, assets(accounts), kinds, satisfaction, model)
    period = bank_period(now)
    before = _standing_before(facts.values.get(value_id(customer)), period)
    standing = began(scored.tier) if before is None else after(before, scored.tier)
    row = CustomerValue(
        id=value_id(customer),
        customer_id=customer,
        period=period,
        contribution=found.total,
        revenue=found.revenue,
        cost=found.cost,
        loss=-found.sum_of("loss"),
        ratio=found.ratio,
        score=scored.points,
        tier=standing.tier,
        below=standing.below,
        lines=_json(
            [[each.part, each.of, each.base, each.rate, each.amount] for each in found.lines]
        ),
        reasons=_json(scored.reasons),
        reached=_json(standing.reached),
        before="" if before is None else _json([before.tier, before.below, before.reached]),
        model=model.number,
        fees_until=fees.until if fees else None,
        digest="",
        computed_at=now,
    )
    document: Document = asdict(row)
    said = {name: document[name] for name in document if name not in ("digest", "computed_at")}
    return {**document, "digest": digest(said)}


def _standing_before(known: Document | None, period: str) -> Standing | None:
    """Return where the customer stood when the month began; None for one without a past."""
    if known is None:
        return None
    if known["period"] == period:
        if not known["before"]:
            return None
        tier, below, reached = from_json(str(known["before"]))
        return Standing(tier, below, tuple(reached))
    reached = tuple(from_json(str(known["reached"])))
    return Standing(str(known["tier"]), int(str(known["below"])), reached)  # type: ignore[arg-type]


def _facts(connection: Connection, ids: Sequence[str], now: int) -> _Facts:
    accounts: dict[str, list[Account]] = defaultdict(list)
    names = REGISTRY["account"].fields
    for row in look_up(connection, ids, _accounts_of):
        accounts[row.customer_id].append(Account(**{name: row._mapping[name] for name in names}))
    since = now - round(_YEAR.total_seconds() * 1000)
    efforts: dict[str, list[Effort]] = defaultdict(list)
    for row in look_up(connection, ids, _efforts_of, since):
        minutes = (row.spent + _MINUTE_MS // 2) // _MINUTE_MS
        efforts[row.customer_id].append(Effort(row.channel, row.contacts, int(minutes)))
    scores = {
        row.customer_id: row.satisfaction for row in look_up(connection, ids, _scores_of, since)
    }
    today = bank_day(now)
    fees = fees_of(connection, ids, (today - _YEAR).isoformat(), today.isoformat())
    values = documents(connection, _VALUE, [value_id(id) for id in ids])
    return _Facts(accounts, efforts, fees, scores, values)


@cache
def _accounts_of(*, is_postgresql: bool) -> Select[Any]:
    mine = among(_ACCOUNTS.c.customer_id, is_postgresql=is_postgresql)
    return select(_ACCOUNTS).where(mine).order_by(_ACCOUNTS.c.id)


def _efforts_of(since: int, *, is_postgresql: bool) -> Select[Any]:
    """Contacts of some customers by channel; what was corrected is counted once."""
    contact = _CONTACTS.c
    spent = func.coalesce(func.sum(contact.ended_at - contact.started_at), 0)
    return (
        select(
            contact.customer_id,
            contact.channel,
            func.count().label("contacts"),
            spent.label("spent"),
        )
        .where(
            among(contact.customer_id, is_postgresql=is_postgresql),
            contact.occurred_at >= since,
            contact.supersedes.is_(None),
        )
        .group_by(contact.customer_id, contact.channel)
        .order_by(contact.customer_id, contact.channel)
    )


def _scores_of(since: int, *, is_postgresql: bool) -> Select[Any]:
    """The scores that some customers gave, the latest last."""
    contact = _CONTACTS.c
    return (
        select(contact.customer_id, contact.satisfaction)
        .where(
            among(contact.customer_id, is_postgresql=is_postgresql),
            contact.occurred_at >= since,
            contact.satisfaction.is_not(None),
        )
        .order_by(contact.occurred_at, contact.id)
    )


def _json(value: object) -> str:
    return to_json(value).decode()
