"""Business: how the user's customers are served and what they bring, worked out on the device.

A supervisor sees all customers of the team, an account manager their own. The rules are pure
(`shared.domain.{pillars,quintiles,channel_efficiency,retention}`); here they are given the rows of
this device, once for each change of it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import flet as ft

from mobile_app.platform.files import save_file
from mobile_app.state.rows import Someone, TeamValue
from mobile_app.state.said import Message, Said
from mobile_app.team_csv import table_csv
from shared.commission.months import later_period
from shared.domain.channel_efficiency import CREDIT_DAYS, Channels, efficiency
from shared.domain.churn_risk import points_of
from shared.domain.days import DAY_MS, bank_day, bank_period
from shared.domain.pillars import (
    LOW,
    Planned,
    Process,
    Satisfaction,
    Serving,
    Span,
    by_employee,
    process,
    satisfaction,
    serving,
    span_before,
    span_of,
    within,
)
from shared.domain.quintiles import Fifth, Weighed, fifths
from shared.domain.retention import (
    Retention,
    Standings,
    Stood,
    Time,
    retention,
    standings,
    time_of,
)
from shared.domain.serving import Prices, Worked
from shared.errors import Refusal

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore

PILLARS: Final = ("process", "state", "satisfaction", "cost")
MONTHS: Final = ("this_month", "last_month")
CHANNEL_DAYS: Final = (90, 365)
"""Days over which channels are compared."""
_GOLD: Final = ("gold", "platinum")


@dataclass(frozen=True)
class Month:
    """One month by its four pillars, beside the one before."""

    span: Span
    process: Process
    process_before: Process
    standings: Standings
    satisfaction: Satisfaction
    satisfaction_before: Satisfaction
    serving: Serving
    serving_before: Serving

    @property
    def cost_change(self) -> int:
        """By how much serving became dearer (fen)."""
        return self.serving.cost - self.serving_before.cost


@dataclass(frozen=True)
class ManagerMonth:
    """One manager's part of a month."""

    employee_id: str
    name: str
    """Nothing for what nobody of the team had: the counter, the call centre."""
    process: Process
    serving: Serving


@dataclass(frozen=True)
class Kinds:
    """Customers in fifths, and of how many."""

    fifths: tuple[Fifth, ...]
    n: int
    computed_at: int | None
    """When a value was last worked out anew (ms); one that stays the same is not written again."""


@dataclass(frozen=True)
class Stay:
    """Who stayed in a time, and what spoke for the leaving of those who did not."""

    found: Retention | None
    reasons: tuple[tuple[str, int], ...] = ()
    """A churn point's reason, and of how many who left it was held; the most frequent first."""


@dataclass(frozen=True)
class LowScore:
    """One low score: whose, in which contact."""

    contact: Worked
    whose: Someone


@dataclass(eq=False)
class Business(ft.Observable):
    """The reads of the figures. `read` answers from memory until the store changes."""

    _store: "DeviceStore"
    _read: Callable[..., Any]
    _now: Callable[[], int]
    save: Callable[[str, bytes], Awaitable[bool]] = save_file
    chosen: str = MONTHS[0]
    """The month that is looked at, the same on every page."""
    messages: dict[str, Message] = field(default_factory=dict)
    """What became of the tables that were to be saved, by their names."""

    def choose(self, month: str) -> None:
        """Look at another month."""
        self.chosen, self.messages = month, {}

    @property
    def is_team(self) -> bool:
        """Whether these are a team's figures."""
        return self._store.me.role == "supervisor"

    @property
    def _owner(self) -> str | None:
        return None if self.is_team else self._store.me.id

    @property
    def _today(self) -> date:
        return bank_day(self._now())

    @property
    def span(self) -> Span:
        """The days that are looked at."""
        return self._span(self.chosen)

    def _span(self, name: str) -> Span:
        period = bank_period(self._now())
        return span_of(later_period(period, -1) if name == MONTHS[1] else period, self._today)

    # The four pillars

    def month(self) -> Month:
        """The month that is looked at."""
        found: Month = self._read(self._month_of_business, self.span)
        return found

    def _month_of_business(self, span: Span) -> Month:
        before, prices = span_before(span), self._prices()
        now, then = self._contacts(span), self._contacts(before)
        gold = [each.customer_id for each in self._values() if each.tier in _GOLD]
        return Month(
            span=span,
            process=self._process(now, gold, span),
            process_before=self._process(then, gold, before),
            standings=standings(self._history(), span.evening_before, span.last.isoformat()),
            satisfaction=satisfaction(now),
            satisfaction_before=satisfaction(then),
            serving=serving(now, prices),
            serving_before=serving(then, prices),
        )

    def _process(self, contacts: list[Worked], gold: list[str], span: Span) -> Process:
        mine, met_in = self._by_managers(contacts), self._by_any_manager(contacts)
        return process(mine, self._tasks(span), gold, span, self._today, met_in)

    def managers(self) -> list[ManagerMonth]:
        """The month manager by manager, who costs most first; what nobody of them had is last."""
        found: list[ManagerMonth] = self._read(self._managers_month, self.span)
        return found

    def _managers_month(self, span: Span) -> list[ManagerMonth]:
        names, prices, everything = self._names(), self._prices(), self._contacts(span)
        met_in = self._by_any_manager(everything)
        contacts = by_employee(
            everything,
            lambda each: each.employee_id if each.employee_id in names else "",
        )
        tasks = by_employee(self._tasks(span), lambda each: each.employee_id)
        gold = by_employee(
            (each for each in self._values() if each.tier in _GOLD), lambda each: each.owner_id
        )
        found = [
            ManagerMonth(
                id,
                names.get(id, ""),
                process(
                    contacts.get(id, []),
                    tasks.get(id, []),
                    [each.customer_id for each in gold.get(id, [])],
                    span,
                    self._today,
                    met_in,
                ),
                serving(contacts.get(id, []), prices),
            )
            for id in (*names, *([""] if "" in contacts else []))
        ]
        return sorted(found, key=lambda each: (not each.name, -each.serving.cost, each.name))

    def gold_not_met(self) -> list[Someone]:
        """Gold customers whom nobody met in the month, the most valuable first."""
        found: list[Someone] = self._read(self._gold_not_met, self.span)
        return found

    def _gold_not_met(self, span: Span) -> list[Someone]:
        contacts = self._by_any_manager(self._contacts(span))
        met = {each.customer_id for each in contacts if each.was_met}
        gold = [
            each for each in self._values() if each.tier in _GOLD and each.customer_id not in met
        ]
        ordered = sorted(gold, key=lambda each: (-each.contribution, each.customer_id))
        return self._named(each.customer_id for each in ordered)

    def low_scores(self) -> list[LowScore]:
        """The low scores of the month, the latest first."""
        found: list[LowScore] = self._read(self._low_scores, self.span)
        return found

    def _low_scores(self, span: Span) -> list[LowScore]:
        low = [
            each for each in self._contacts(span) if each.score is not None and each.score <= LOW
        ]
        people = self._store.someones({each.customer_id for each in low})
        ordered = sorted(low, key=lambda each: -each.at)
        return [LowScore(each, people[each.customer_id]) for each in ordered]

    def named(self, customers: Sequence[str]) -> list[Someone]:
        """Customers with their names, in the same order."""
        found: list[Someone] = self._read(self._named_customers, tuple(customers))
        return found

    def _named_customers(self, customers: tuple[str, ...]) -> list[Someone]:
        return self._named(customers)

    def _named(self, customers: Iterable[str]) -> list[Someone]:
        ids = list(customers)
        people = self._store.someones(ids)
        return [people[id] for id in ids if id in people]

    # Fifths, channels, retention

    def quintiles(self) -> Kinds:
        """Customers in fifths by what they contribute."""
        found: Kinds = self._read(self._fifths_of_customers)
        return found

    def _fifths_of_customers(self) -> Kinds:
        values = self._values()
        found = fifths(
            Weighed(each.customer_id, each.contribution, each.revenue, each.cost, each.loss)
            for each in values
        )
        return Kinds(found, len(values), max((each.computed_at for each in values), default=None))

    def channels(self, days: int) -> Channels:
        """The channels of so many days until today."""
        found: Channels = self._read(self._channels_of_days, days)
        return found

    def _channels_of_days(self, days: int) -> Channels:
        until = self._span(MONTHS[0]).until
        since = until - days * DAY_MS
        contacts = self._store.worked(self._owner, since - CREDIT_DAYS * DAY_MS, until)
        sales = self._store.sold(self._owner, since)
        return efficiency(contacts, sales, self._prices(), since)

    def stay(self, name: Time) -> Stay:
        """Who stayed in one of the times of `retention.Time`."""
        found: Stay = self._read(self._stay_of, name, self._today)
        return found

    def _stay_of(self, name: Time, today: date) -> Stay:
        evening, until = time_of(name, today)
        tiers = {each.customer_id: each.tier for each in self._values()}
        found = retention(self._history(), tiers, evening, until)
        if found is None:
            return Stay(None)
        held = Counter(
            point.reason
            for risk in self._store.risks_of(found.left)
            for point in points_of(risk.reasons)
        )
        reasons = sorted(held.items(), key=lambda each: (-each[1], each[0]))
        return Stay(found, tuple(reasons))

    # Tables

    async def export(self, name: str, head: Sequence[str], rows: list[Sequence[str]]) -> None:
        """Let the user save a table, and say so."""
        file = f"{name}-{self._today.isoformat()}.csv"
        try:
            if await self.save(file, table_csv(head, rows)):
                said = Said("business.exported", {"n": len(rows), "file": file})
                self.messages = {name: said}
        except Refusal as refusal:
            self.messages = {name: refusal}

    # Rows, read once for a change of the store

    def _contacts(self, span: Span) -> list[Worked]:
        found: list[Worked] = self._read(self._two_months, self._earliest, self._latest)
        return within(found, span)

    def _by_managers(self, contacts: list[Worked]) -> list[Worked]:
        """Leave out what nobody of the team had: it is no part of their work."""
        names = self._names()
        return [each for each in contacts if each.employee_id in names]

    def _by_any_manager(self, contacts: list[Worked]) -> list[Worked]:
        """Leave out what no manager had; a colleague of another team, or who has left, is one."""
        people = self._store.employees()
        managers = {each.id for each in people.values() if each.role == "account_manager"}
        return [each for each in contacts if each.employee_id in managers]

    def _two_months(self, since: int, until: int) -> list[Worked]:
        return self._store.worked(self._owner, since, until)

    @property
    def _earliest(self) -> int:
        return span_before(self._span(MONTHS[1])).since

    @property
    def _latest(self) -> int:
        return self._span(MONTHS[0]).until

    def _tasks(self, span: Span) -> list[Planned]:
        days = span.first.isoformat(), span.last.isoformat()
        found: list[Planned] = self._read(self._store.planned, self._owner, *days)
        return found

    def _values(self) -> list[TeamValue]:
        found: list[TeamValue] = self._read(self._store.team_values, self._owner)
        return found

    def _history(self) -> list[Stood]:
        found: list[Stood] = self._read(self._store.stood, self._owner)
        return found

    def _prices(self) -> Prices:
        found: Prices = self._read(self._store.prices)
        return found

    def _names(self) -> Mapping[str, str]:
        if not self.is_team:
            return {self._store.me.id: self._store.me.name}
        found: Mapping[str, str] = self._read(self._store.manager_names)
        return found
