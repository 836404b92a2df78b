"""Valuing: what a customer is worth by the model in force, as the row that devices read.

A value follows the facts each day; the ladder takes its step down when a month is over.
"""

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, select
from sqlalchemy import insert as insert_into

from shared.commission.exact import digest
from shared.commission.months import Period
from shared.domain import CustomerValue
from shared.domain.account import assets
from shared.domain.customer_value import value_id
from shared.domain.days import bank_day, bank_period
from shared.errors import refused
from shared.registry import Document
from sync_server.customer.ladder import Standing, after, began, during
from sync_server.customer.models import in_force, read_model
from sync_server.customer.value import Model, contribution, score
from sync_server.store.database import Database
from sync_server.store.gathered import Gathered
from sync_server.store.rows import document_of
from sync_server.store.schema import value_model


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


def model_of(connection: Connection, now: int) -> Model:
    """Return the model that is in force at a moment (ms)."""
    return in_force(_models(connection), bank_day(now))


def _models(connection: Connection) -> list[Model]:
    return [
        read_model(terms) for terms in connection.execute(select(value_model.c.terms)).scalars()
    ]


def value_of(customer: str, known: Gathered, model: Model, now: int) -> Document:
    """Work out what a customer is worth at a moment (ms)."""
    accounts, efforts = known.accounts.get(customer, ()), known.efforts.get(customer, ())
    satisfaction = known.satisfaction.get(customer)
    fees = known.fees.get(customer)
    found = contribution(accounts, efforts, fees.amounts if fees else {}, model)
    kinds = len({each.kind for each in accounts if not each.closed_on})
    scored = score(found, assets(accounts), kinds, satisfaction, model)
    last = known.values.get(customer)
    period = _period(last, now)
    before = _standing_before(last, period)
    standing = began(scored.tier) if before is None else during(before, scored.tier)
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
    document = document_of(row)
    said = {name: document[name] for name in document if name not in ("digest", "computed_at")}
    return {**document, "digest": digest(said)}


def _period(known: Document | None, now: int) -> Period:
    """Return the month that runs. One that has begun runs also for a look with an earlier clock.

    Such is that of a night's work which goes on past midnight, or of another server process.
    """
    period = bank_period(now)
    return period if known is None else max(period, Period(str(known["period"])))


def _standing_before(known: Document | None, period: str) -> Standing | None:
    """Return where the customer stood when the month began; None for one without a past.

    The month before ends here, with what was reached when it was last looked at.
    """
    if known is None:
        return None
    before = None
    if known["before"]:
        tier, below, reached = from_json(str(known["before"]))
        before = Standing(tier, below, tuple(reached))
    if known["period"] == period:
        return before
    last = from_json(str(known["reached"]))[-1]
    return began(last) if before is None else after(before, last)


def _json(value: object) -> str:
    return to_json(value).decode()
