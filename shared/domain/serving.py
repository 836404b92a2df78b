"""Serving: what contacts with customers cost, by an account manager's minutes or by the piece.

The prices are those of the value model in force. A device does not hold the model; it reads them
back from the lines of the values that were worked out by it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pydantic_core import from_json

from shared.domain.channels import ALONE
from shared.domain.days import DAY_MS
from shared.domain.interaction import Channel
from shared.domain.preference import OURS
from shared.money import Fen

WORKED: Final = OURS
"""Channels whose cost is an account manager's time."""
LONGEST_MS: Final = DAY_MS
"""What lasted longer, or ended before it began, was timed by a clock that was set meanwhile: nobody
has measured it."""
_MINUTE_MS: Final = 60_000


class Worked(NamedTuple):
    """What is looked at of one contact; `spent` is ms, None where nobody measured it."""

    customer_id: str
    employee_id: str
    channel: Channel
    outcome: str
    at: int
    spent: int | None
    score: int | None
    purpose: str

    @property
    def was_met(self) -> bool:
        """Whether somebody of the bank met the customer in it."""
        is_alone = self.channel in ALONE and not self.employee_id
        return self.outcome != "not_met" and not is_alone


@dataclass(frozen=True, slots=True)
class Effort:
    """Contacts through one channel."""

    channel: Channel
    contacts: int
    minutes: int = 0


class Priced(NamedTuple):
    """What is read of a value for its prices: the model's version, and its lines as JSON."""

    model: int
    lines: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What contacts cost (fen); what no value has told yet is not known."""

    minute: Fen | None = None
    pieces: Mapping[str, Fen] = field(default_factory=dict)
    """By channel, what one contact costs that nobody measures in minutes."""

    def cost(self, effort: Effort) -> Fen | None:
        """Return what contacts cost; None where their price is not known."""
        is_worked = effort.channel in WORKED
        price = self.minute if is_worked else self.pieces.get(effort.channel)
        if price is None:
            return None
        return Fen(price * (effort.minutes if is_worked else effort.contacts))


def prices_of(values: Iterable[Priced]) -> Prices:
    """Read the prices that the latest model's lines go by."""
    latest: list[Priced] = []
    for each in values:
        if latest and each.model < latest[0].model:
            continue
        if latest and each.model > latest[0].model:
            latest.clear()
        latest.append(each)
    minute: Fen | None = None
    pieces: dict[str, Fen] = {}
    for each in latest:
        for part, of, _base, rate, _amount in from_json(each.lines):
            if part == "minutes":
                minute = Fen(int(rate))
            elif part == "contacts":
                pieces[of] = Fen(int(rate))
    return Prices(minute, pieces)


def whole_minutes(spent: int) -> int:
    """Return milliseconds as minutes, rounded once."""
    return (spent + _MINUTE_MS // 2) // _MINUTE_MS
