"""The demo's months, lived through: work arrives, the bank's systems speak, everyone's value is
assessed, and a month is closed.

The two months before the present one are closed, each on the third day after its end, by two
supervisors. What comes later about them is adjusted in the month it comes in, as anywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from random import Random
from typing import Final

from shared.commission.entries import Entry
from shared.commission.exact import yuan
from shared.commission.months import Period, last_day, later_period
from shared.domain import Dispute, Employee
from shared.domain.days import bank_period
from shared.domain.dispute import due_on
from shared.domain.pay_period import period_id
from shared.money import Fen
from shared.sync.change import Insert, Transition
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import State
from sync_server.demo.bank import Bank
from sync_server.demo.catalogue import make_changes
from sync_server.demo.claims import saved_claims
from sync_server.demo.clock import HOUR, day_of, moment, new_id
from sync_server.demo.devices import Devices, RefusedDemo
from sync_server.demo.fees import as_file as fees_as_file
from sync_server.demo.flows import as_file, written
from sync_server.demo.heard import as_file as calls_as_file
from sync_server.demo.history import Saved, field_work
from sync_server.demo.leaving import closed_as_file, events_as_file
from sync_server.demo.sales import Told, saved_by_sellers
from sync_server.demo.ties import saved_ties, seen_proofs
from sync_server.demo.together import saved_calls, saved_namings
from sync_server.store.alerts import unhandled
from sync_server.store.assessing import assess
from sync_server.store.books import Books
from sync_server.store.database import Database

MONTHS: Final = 3
_CLOSED_ON: Final = 3
"""The day of the next month on which a month is closed."""
_STILL_OPEN_DAYS: Final = 4
_HANDLED: Final = (
    ("dissatisfied", "talked"),
    ("dissatisfied", "appointment"),
    ("other", "talked"),
    ("unreachable", "none_needed"),
)
"""What was behind a drop in satisfaction, and what was done."""
_CLAIM: Final = "金额和我与客户核对的不一致，请再核对一次"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some weeks of work: from one close to the next, the last one until now."""

    since: int
    until: int
    closes: Period | None

    def has(self, at: int) -> bool:
        """Whether something happened, or came, in it."""
        return self.since <= at < self.until


def live_through(
    database: Database, bank: Bank, today: date, now: int, progress: Callable[[str], None]
) -> None:
    """Bring everyone's work of the ninety days, what the core systems said, and two closes."""
    random = Random(f"{bank.employees[0].id}:devices")
    devices = Devices(database, bank.employees, random)
    drafts, approvals = make_changes(random, today, bank.org_units, bank.employees)
    saved = [*field_work(bank.contacts, bank.tasks), *saved_by_sellers(bank.sales), *drafts]
    saved += [*saved_ties(bank.relations), *saved_namings(bank.helped), *bank.served.saved]
    saved += saved_claims(bank.claims)
    answers = [*(answer for sold in bank.sales for answer in sold.answers), *approvals]
    chief = next(one for one in bank.employees if one.role == "supervisor")
    answers += [*seen_proofs(bank.relations, chief), *saved_calls(bank.helped)]
    told = [each for sold in bank.sales for each in sold.told]
    _bring(database, "fees", fees_as_file(bank.fees), now)
    events = [*bank.leaving.events, *bank.heard.events]
    _bring(database, "service_events", events_as_file(events), now)
    _bring(database, "calls", calls_as_file([*bank.heard.calls, *bank.served.calls]), now)
    _bring(database, "flows", as_file(bank.leaving.before), now)
    for stretch in _stretches(today, now):
        for some in (saved, answers):
            devices.push([each for each in some if stretch.has(each.at)], stretch.until - HOUR)
        some_told = [each for each in told if stretch.has(each.at)]
        _bring(database, "confirmations", _confirmations(some_told), stretch.until)
        _handle(database, devices, bank, random, stretch.until)
        if stretch.closes is None:
            _bring(database, "flows", as_file(bank.leaving.now), now)
            _bring(database, "accounts", closed_as_file(bank.leaving.closed), now)
        for _ in assess(database, stretch.until):
            pass
        if stretch.closes:
            _close(devices, bank.employees, stretch.closes, stretch.until)
            progress(f"{stretch.closes}: closed")
    _bring(database, "flows", as_file(bank.flows), now)
    _dispute(database, devices, bank, random, later_period(bank_period(moment(today)), -1), now)
    progress(f"field work: {len(saved) + len(answers)} transactions, {len(bank.sales)} sales")


def _stretches(today: date, now: int) -> Iterator[_Stretch]:
    present = bank_period(moment(today))
    since = 0
    for back in range(MONTHS - 1, 0, -1):
        month = later_period(present, -back)
        closed_on = last_day(month) + timedelta(days=_CLOSED_ON)
        until = min(moment(closed_on, 10), moment(today), now)
        yield _Stretch(since, until, month)
        since = until
    yield _Stretch(since, now, None)


def _confirmations(told: Sequence[Told]) -> bytes:
    """Write a file of confirmations, as the card and core systems would."""
    rows: list[tuple[object, ...]] = [("sale_id", "external_ref", "event", "on", "amount")]
    for each in sorted(told):
        amount = "" if each.amount is None else yuan(Fen(each.amount))
        rows.append((each.sale_id, each.external_ref, each.event, each.on.isoformat(), amount))
    return written(rows)


def _bring(database: Database, kind: str, file: bytes, now: int) -> None:
    sender = Sender("core", now)
    report = load(database, kind_named(kind), BytesIO(file), sender, lambda *_: None)
    if report.counts[State.REFUSED]:
        raise RefusedDemo(report.as_json())


def _handle(database: Database, devices: Devices, bank: Bank, random: Random, now: int) -> None:
    """Have owners handle what they were alerted of, but for the last days."""
    owners = {one.id: one.owner_id for one in bank.customers}
    recent = day_of(now) - timedelta(days=_STILL_OPEN_DAYS)
    with database.reading() as connection:
        waiting = [alert for alert in unhandled(connection) if alert.day < recent.isoformat()]
    handled = []
    for alert in waiting:
        owner, at = owners[alert.customer_id], min(now, alert.raised_at + random.randrange(HOUR))
        cause, action = random.choice(_HANDLED)
        said = {"employee_id": owner, "cause": cause, "action": action, "handled_at": at}
        step = Transition("alert", alert.id, "status", "open", "handled", said)
        handled.append(Saved(owner, at, [step]))
    devices.push(handled, now)


def _close(devices: Devices, people: Sequence[Employee], month: Period, now: int) -> None:
    """Have one supervisor put a month under review and another close it."""
    checker, maker = [one.id for one in people if one.role == "supervisor"]
    id = period_id(month)
    review = Transition("pay_period", id, "status", "open", "review", {"employee_id": maker})
    close = Transition("pay_period", id, "status", "review", "closing", {"checker_id": checker})
    devices.push([Saved(maker, now - 2 * HOUR, [review])], now)
    devices.push([Saved(checker, now - HOUR, [close])], now)


def _dispute(
    database: Database, devices: Devices, bank: Bank, random: Random, month: Period, now: int
) -> None:
    """Have the first manager object to the largest figure of the month that was just closed."""
    author = bank.employees[0].id
    earned = [entry for entry in _posted(database, author, now) if entry.period == month]
    at = now - HOUR
    for entry in sorted(earned, key=lambda each: -each.amount)[:1]:
        dispute = Dispute(
            id=new_id(random, at),
            employee_id=author,
            period=month,
            figure=entry.type,
            amount=entry.amount,
            claim=_CLAIM,
            occurred_at=at,
            due_on=due_on(at),
            sale_id=entry.sale,
            rule=entry.rule,
        )
        devices.push([Saved(author, at, [Insert.of("dispute", dispute)])], now)


def _posted(database: Database, employee: str, now: int) -> list[Entry]:
    with database.reading() as connection:
        books = Books(connection, now)
        payee = books.payee(employee)
        return [] if payee is None else list(books.ledger(payee).entries)
