"""Performance: one month of the user's commission as the screens read it, and what they object to.

Everything here follows from `store.pay`, which computes the month twice with the server's own
engine: as the bank has confirmed it, and as it would be if the bank confirmed the rest (预估).
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Literal

import flet as ft

from mobile_app.platform.files import save_file
from mobile_app.state.rows import DisputeCard, Pay
from mobile_app.state.said import Message, Said
from shared.commission.entries import Entry, EntryType
from shared.commission.fields import ProductCode
from shared.commission.months import Period, later_period, period_of
from shared.commission.statement import Statement as Row
from shared.domain import Dispute, Product, SaleShare, Statement
from shared.domain.crediting import Earnings, entries_digest, sold_of
from shared.domain.days import bank_day, bank_period
from shared.domain.dispute import due_on
from shared.errors import Refusal
from shared.ids import EmployeeId
from shared.money import Fen
from shared.sync.change import Insert, Transition

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.sync_runner import SyncRunner

Basis = Literal["estimate", "confirmed"]
FIGURES: Final[Mapping[str, EntryType]] = {
    "earned": "EARN",
    "trimmed": "CAP_TRIM",
    "quality": "QUALITY",
    "deferred": "DEFER",
    "released": "RELEASE",
    "clawed": "CLAWBACK",
    "adjusted": "ADJUST",
}
"""The columns of a statement that are sums of entries, in the order of the reckoning."""
BOOKED: Final[tuple[EntryType, ...]] = ("EARN", "CAP_TRIM", "QUALITY")
"""What a month's own sales come to, before anything is held back or taken back."""
Place = Literal["confirmed", "estimated", "waiting", "held", "problem", "cancelled"]


@dataclass(frozen=True)
class SaleLine:
    """One sale of the month: what it pays, where it stands, and the code of the reason why."""

    share: SaleShare
    product: Product | None
    place: Place
    pays: int | None
    """Fen, as confirmed or else as estimated; None where nothing can be said."""
    why: str = ""


@dataclass(frozen=True)
class Aim:
    """A target and how far it has come, in pieces or fen."""

    product: Product | None
    code: str
    target: Fraction
    confirmed: Fraction
    estimated: Fraction
    is_counted: bool

    @property
    def share(self) -> float:
        """The part of the target that is confirmed, 0 to 1."""
        return min(1.0, float(self.confirmed / self.target))

    @property
    def percent(self) -> int:
        """How far the target is reached, in whole percent; may be above 100."""
        return int(100 * self.confirmed / self.target)


@dataclass(frozen=True)
class Agreement:
    """What the server's statement says against this device's own computation of the month."""

    kind: Literal["none", "agrees", "differs"]
    statement: Statement | None
    payable_here: Fen


@dataclass(frozen=True)
class Month:
    """One month, whole."""

    period: Period
    status: str
    estimate: Row
    confirmed: Row
    entries: Mapping[Basis, tuple[Entry, ...]]
    products: Mapping[str, Product]
    """What each rule pays for, where the catalogue here has it."""
    rule_since: str | None
    """The day from which the newest rule that counts in the month is in force."""
    aims: tuple[Aim, ...]
    sales: tuple[SaleLine, ...]
    deferred: tuple[tuple[int, int], ...]
    """What is still to be released, by year (fen)."""
    agreement: Agreement

    @property
    def is_closed(self) -> bool:
        """Whether the month can no longer change."""
        return self.status == "closed"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing of it."""
        return not (self.sales or self.entries["estimate"] or self.aims or self.estimate.due)

    @property
    def troubled(self) -> tuple[SaleLine, ...]:
        """Sales that will not pay unless someone does something."""
        return tuple(one for one in self.sales if one.place in ("held", "problem"))

    @property
    def uncounted(self) -> int:
        """How many sales the estimate counts and the bank has not confirmed."""
        return sum(one.place in ("estimated", "held") for one in self.sales)

    def row(self, basis: Basis) -> Row:
        """The statement's figures on one basis."""
        return self.estimate if basis == "estimate" else self.confirmed

    def booked(self) -> int:
        """What the confirmed sales of the month came to."""
        return sum(self.confirmed.sums.get(kind, 0) for kind in BOOKED)

    def line_of(self, sale_id: str | None) -> SaleLine | None:
        """The sale of this id, where it is one of the month's."""
        return next((one for one in self.sales if one.share.sale_id == sale_id), None)


@dataclass(frozen=True)
class About:
    """What one objects to: a figure, and the sale and rule where it has one."""

    period: str
    figure: str
    amount: int
    sale_id: str | None = None
    rule: str | None = None

    def is_of(self, dispute: Dispute) -> bool:
        """Whether a dispute is about the same."""
        return (self.period, self.figure, self.sale_id, self.rule) == (
            dispute.period,
            dispute.figure,
            dispute.sale_id,
            dispute.rule,
        )


@dataclass(eq=False)
class Performance(ft.Observable):
    """The reads and verbs of the user's commission. `read` answers from memory until it changes."""

    _store: "DeviceStore"
    _runner: "SyncRunner"
    _read: Callable[..., Any]
    _now: Callable[[], int]
    save: Callable[[str, bytes], Awaitable[bool]] = save_file
    period: str = ""
    """The month that is looked at; nothing: the present one."""
    message: Message | None = None

    @property
    def present(self) -> Period:
        """The month that the bank is in."""
        return bank_period(self._now())

    @property
    def shown(self) -> Period:
        """The month that is looked at."""
        return Period(self.period or self.present)

    def step(self, months: int) -> None:
        """Look at an earlier or a later month; there is nothing after the present one."""
        self.show(min(self.present, later_period(self.shown, months)))

    def show(self, period: str) -> None:
        """Look at a month."""
        self.period, self.message = period, None

    @property
    def is_latest(self) -> bool:
        """Whether the present month is looked at."""
        return self.shown == self.present

    def month(self) -> Month:
        """The month that is looked at."""
        found: Month = self._read(self._month, self.shown)
        return found

    def products(self) -> Mapping[str, Product]:
        """The catalogue by its codes."""
        found: Mapping[str, Product] = self._read(self._store.products_by_code)
        return found

    def reason_of(self, rule: str, number: int) -> str:
        """Why a version of a rule was made, where that is known."""
        found: Mapping[tuple[str, int], str] = self._read(self._store.rule_reasons)
        return found.get((rule, number), "")

    def _pay(self) -> Pay:
        found: Pay = self._read(self._store.pay, self.present)
        return found

    def _month(self, period: Period) -> Month:
        pay, me = self._pay(), EmployeeId(self._store.me.id)
        statement = self._read(self._store.statements).get(period)
        known = self._read(self._store.pay_periods).get(period)
        entries: dict[Basis, tuple[Entry, ...]] = {
            "estimate": tuple(pay.estimate.entries_of(period)),
            "confirmed": tuple(pay.confirmed.entries_of(period)),
        }
        confirmed = _row(pay.confirmed, me, period)
        return Month(
            period=period,
            status=known.status if known else "open",
            estimate=_row(pay.estimate, me, period),
            confirmed=confirmed,
            entries=entries,
            products={
                rule.id: self.products()[rule.product]
                for rule in pay.rules
                if rule.product in self.products()
            },
            rule_since=_newest_rule(pay, period),
            aims=tuple(_aims(pay, me, period, self.products())),
            sales=tuple(_lines(pay, period, self.products())),
            deferred=_by_year(pay.confirmed, period),
            agreement=_agreement(statement, entries["confirmed"], confirmed),
        )

    def entry(self, key: str) -> Entry | None:
        """The entry of the month that a path names."""
        basis, _, _ = key.partition("-")
        found = self.month().entries.get(basis, ())  # type: ignore[call-overload]
        return next((one for one in found if entry_key(basis, one) == key), None)

    # Disputes

    def disputes(self) -> list[DisputeCard]:
        """The user's own disputes, latest first."""
        found: list[DisputeCard] = self._read(self._store.disputes)
        return found

    def open_dispute(self, about: About) -> DisputeCard | None:
        """The dispute about the same that waits for its answer."""
        mine = (one for one in self.disputes() if about.is_of(one.dispute))
        return next((one for one in mine if one.dispute.status == "open"), None)

    def due_on(self) -> str:
        """The day by which a dispute that is raised now is to be answered."""
        return due_on(self._now())

    def object(self, about: About, claim: str) -> None:
        """Object to a figure, and say what should be different."""
        now = self._now()
        dispute = Dispute(
            id=self._store.new_id(),
            employee_id=self._store.me.id,
            period=about.period,
            figure=about.figure,
            amount=about.amount,
            claim=claim,
            occurred_at=now,
            due_on=due_on(now),
            sale_id=about.sale_id,
            rule=about.rule,
        )
        self._store.commit(Insert.of("dispute", dispute))
        self._runner.wake()

    def withdraw(self, card: DisputeCard) -> None:
        """Take one's own dispute back."""
        self._store.commit(
            Transition("dispute", card.dispute.id, "status", "open", "withdrawn", {})
        )
        self._runner.wake()

    # Files

    async def keep(self, name: str, content: bytes) -> None:
        """Let the user save a statement, and say so."""
        try:
            if await self.save(name, content):
                self.message = Said("pay.saved", {"file": name})
        except Refusal as refusal:
            self.message = refusal


def entry_key(basis: str, entry: Entry) -> str:
    """Return what a path calls an entry: the same as long as it is about the same."""
    about = (entry.period, entry.type, entry.rule, entry.sale or "", entry.ref or "")
    return f"{basis}-{sha256('|'.join(about).encode()).hexdigest()[:12]}"


def about_entry(entry: Entry) -> About:
    """Return what an objection to an entry is about."""
    return About(entry.period, entry.type, entry.amount, entry.sale, entry.rule)


def _row(earned: Earnings, me: EmployeeId, period: Period) -> Row:
    """Return a month's statement; one before the first entry is all zero."""
    found = (row for row in earned.statements if row.period == period)
    return next(found, Row(period, me, Fen(0), {}))


def _newest_rule(pay: Pay, period: Period) -> str | None:
    """Return from when the newest rule among those that the month's sales fall under holds."""
    days = [each.rule.since for each in pay.estimate.counted if each.period == period]
    return max(days).isoformat() if days else None


def _aims(pay: Pay, me: EmployeeId, period: Period, products: Mapping[str, Product]) -> list[Aim]:
    """Return the month's targets, the main one first: the one that speeds up what a sale pays."""
    speeding = {rule.product for rule in pay.rules if rule.accelerators}
    counts = {rule.product: rule.metric == "COUNT" for rule in pay.rules}
    mine = [
        (code, target)
        for (who, code, when), target in pay.goals.targets.items()
        if (who, when) == (me, period)
    ]
    ordered = sorted(mine, key=lambda one: (one[0] not in speeding, one[0]))
    return [_aim(pay, (me, period), one, products, counts) for one in ordered]


def _aim(
    pay: Pay,
    whose: tuple[EmployeeId, Period],
    goal: tuple[ProductCode, Fraction],
    products: Mapping[str, Product],
    counts: Mapping[ProductCode, bool],
) -> Aim:
    code, target = goal
    product = products.get(code)
    is_counted = counts.get(code, product is not None and product.measure == "count")
    confirmed, estimated = (
        sold_of(earned.counted, whose, code, counted=is_counted)
        for earned in (pay.confirmed, pay.estimate)
    )
    return Aim(product, code, target, confirmed, estimated, is_counted)


def _lines(pay: Pay, period: Period, products: Mapping[str, Product]) -> list[SaleLine]:
    """Return the month's sales, latest first: those that count in it, and those that wait."""
    counted = {each.sale.id: each.period for each in pay.confirmed.counted}
    hoped = {each.sale.id: each.period for each in pay.estimate.counted}
    paid = _paid(pay.confirmed, period), _paid(pay.estimate, period)
    waiting = {each.sale: each.waiting_for for each in pay.confirmed.pending}
    problems = {each.sale: each.code for each in (*pay.confirmed.problems, *pay.estimate.problems)}
    found = []
    for share in pay.shares:
        sale: Any = share.sale_id
        month = counted.get(sale) or hoped.get(sale) or period_of(bank_day(share.occurred_at))
        if period not in (month, (share.cancelled_on or "")[:7]):
            continue
        place, why = _place(share, sale in counted, problems.get(sale), waiting.get(sale))
        pays = paid[0].get(sale, 0) if place in ("confirmed", "cancelled") else paid[1].get(sale)
        found.append(SaleLine(share, products.get(share.product_code), place, pays, why))
    return sorted(found, key=lambda one: (-one.share.occurred_at, one.share.sale_id))


def _place(
    share: SaleShare, is_counted: bool, problem: str | None, waiting_for: str | None
) -> tuple[Place, str]:
    """Say where a sale stands, and the code of the reason."""
    if share.sale_status == "cancelled" or share.cancelled_on is not None:
        return "cancelled", "clawed" if is_counted else "dropped"
    if not share.stands:
        return "held", _held_by(share)
    if is_counted:
        return "confirmed", ""
    if problem is not None:
        return "problem", problem
    return "estimated", waiting_for or ""


def _held_by(share: SaleShare) -> str:
    """Say what a share that does not stand waits for."""
    if share.status in ("own", "accepted"):
        return "partners" if share.rivals in ("", "[]") else "contested"
    return share.status


def _paid(earned: Earnings, period: Period) -> Mapping[str, int]:
    """Add up what each sale is posted with in a month."""
    sums: dict[str, int] = defaultdict(int)
    for entry in earned.entries_of(period):
        if entry.sale is not None and entry.type != "RELEASE":
            sums[entry.sale] += entry.amount
    return sums


def _by_year(earned: Earnings, period: Period) -> tuple[tuple[int, int], ...]:
    """Add up what is held back beyond a month by the year in which it is due."""
    years: dict[int, int] = defaultdict(int)
    for tranche in earned.tranches:
        if not tranche.is_forfeited and tranche.period <= period < period_of(tranche.due_on):
            years[tranche.due_on.year] += tranche.amount
    return tuple(sorted(years.items()))


def _agreement(statement: Statement | None, entries: Iterable[Entry], confirmed: Row) -> Agreement:
    if statement is None:
        return Agreement("none", None, confirmed.payable)
    is_same = statement.digest == entries_digest(entries)
    return Agreement("agrees" if is_same else "differs", statement, confirmed.payable)
