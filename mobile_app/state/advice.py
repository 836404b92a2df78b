"""Advice: what to do next and how a customer likes to be turned to, and the verbs on it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from mobile_app.state.rows import AdvisedAction, TodayItem
from mobile_app.state.said import Message
from mobile_app.state.selling import kept
from mobile_app.state.visit import DUES, working_day
from shared.domain import ActionAnswer, Task
from shared.domain.action_answer import Unsuitable
from shared.domain.preference import Preference
from shared.domain.task import TaskKind
from shared.sync.change import Insert

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

PLAN_DAYS: Final = ("tomorrow", "three_days", "week")
"""The days for which an action can be planned at once."""


@dataclass(eq=False)
class Advice:
    """What the user is advised, answered from memory until the store changes."""

    _desk: "Desk"
    problems: dict[str, Message] = field(default_factory=dict)
    """Why a plan or an answer was not kept, by customer."""

    def preference(self, customer_id: str) -> Preference:
        """What was learned of a customer's channels and times."""
        return self._desk.read(self._preference, customer_id)

    def _preference(self, customer_id: str) -> Preference:
        return self._desk.store.preference_of(customer_id, self._desk.now())

    def is_refused(self, customer_id: str) -> bool:
        """Whether a customer has refused to be recommended to."""
        return self._desk.read(self._is_refused, customer_id)

    def _is_refused(self, customer_id: str) -> bool:
        return bool(self._desk.store.refusing([customer_id]))

    def is_spared(self, customer_id: str) -> bool:
        """Whether a customer has refused to be sold to."""
        return self._desk.read(self._is_spared, customer_id)

    def _is_spared(self, customer_id: str) -> bool:
        return bool(self._desk.store.spared([customer_id]))

    def actions(self, customer_id: str) -> list[AdvisedAction]:
        """What to do next with a customer, the most pressing first."""
        return self._desk.read(self._advised, customer_id, self._desk.today_text)

    def _advised(self, customer_id: str, today: str) -> list[AdvisedAction]:
        return self._desk.store.advised(customer_id, today, self._desk.now())

    def today(self) -> list[AdvisedAction]:
        """Whom of all customers it is worth turning to today."""
        return self._desk.read(self._advised_today, self._desk.today_text)

    def _advised_today(self, today: str) -> list[AdvisedAction]:
        return self._desk.store.advised_today(today, self._desk.now())

    def besides(self, proposals: list[TodayItem]) -> list[TodayItem]:
        """The other proposals of the day: nobody is proposed twice."""
        advised = {action.signal.customer_id for action in self.today()}
        return [item for item in proposals if item.customer_id not in advised]

    def channel(self, action: AdvisedAction) -> str:
        """The channel to take: the one that the customer prefers, a call while that is unknown."""
        best = action.preference.best
        return best.of if best else "call"

    def plan_days(self) -> list[tuple[str, str]]:
        """The days to plan for: (code, calendar day)."""
        today = self._desk.today_text
        return [(code, working_day(today, DUES[code])) for code in PLAN_DAYS]

    def plan(self, action: AdvisedAction, title: str, why: str, day: str) -> None:
        """Put an action on the list of a day; `title` and `why` as the user reads them."""
        task = Task(
            id=self._desk.ids(),
            customer_id=action.signal.customer_id,
            kind=cast(TaskKind, self.channel(action)),
            title=title,
            due=day,
            reason=why,
        )
        self._keep(action, Insert.of("task", task))

    def decline(self, action: AdvisedAction, why: Unsuitable) -> None:
        """Say that an action does not suit the customer; its rule keeps silent for a while."""
        answer = ActionAnswer(
            id=self._desk.ids(),
            customer_id=action.signal.customer_id,
            employee_id=self._desk.store.me.id,
            action=action.signal.rule,
            reason=why,
            occurred_at=self._desk.now(),
        )
        self._keep(action, Insert.of("action_answer", answer))

    def _keep(self, action: AdvisedAction, change: Insert) -> None:
        customer_id = action.signal.customer_id
        self.problems.pop(customer_id, None)
        if problem := kept(self._desk, change):
            self.problems[customer_id] = problem
            self._desk.refresh()
