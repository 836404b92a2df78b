"""Responses: how soon the team's alerts are looked at and handled, by manager and kind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from shared.domain import Alert
from shared.domain.alert import WAITING

SPANS: Final = (30, 90)
"""Days that one can look back over."""


@dataclass(frozen=True)
class Response:
    """What became of some alerts; times are ms from when they were raised."""

    in_time: int
    late: int
    """Handled after their time, or still waiting when it is over."""
    waiting: int
    """Not handled, and still in time."""
    checked_in: int | None
    """The median; None where none was checked."""
    handled_in: int | None

    @property
    def raised(self) -> int:
        """All of them."""
        return self.in_time + self.late + self.waiting

    @property
    def share(self) -> float | None:
        """The part of those whose time is over or that are handled that was in time, 0 to 1; None
        while there are none."""
        return self.in_time / (self.in_time + self.late) if self.in_time + self.late else None

    @property
    def percent(self) -> int:
        """The share in whole per cent, rounded down: one that was late is never told as none."""
        return 100 * self.in_time // max(1, self.in_time + self.late)


@dataclass(frozen=True)
class TeamResponse:
    """One manager's alerts together and by kind, the most frequent first."""

    employee_id: str
    name: str
    total: Response
    kinds: tuple[tuple[str, Response], ...]


def responses_of(
    alerts: Iterable[tuple[str, Alert]], names: dict[str, str], now: int
) -> list[TeamResponse]:
    """Put alerts of managers together, who is latest most often first; withdrawn ones do not count.

    `alerts` come with whose they are, `names` are the managers' by id.
    """
    mine: dict[str, list[Alert]] = defaultdict(list)
    for employee, alert in alerts:
        if employee in names and alert.status != "withdrawn":
            mine[employee].append(alert)
    found = [_of_one(id, names[id], some, now) for id, some in mine.items()]
    return sorted(found, key=_lateness)


def _lateness(one: TeamResponse) -> tuple[float, int, str]:
    share = one.total.share
    return (1.0 if share is None else share, -one.total.raised, one.name)


def _of_one(id: str, name: str, alerts: list[Alert], now: int) -> TeamResponse:
    by_kind: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        by_kind[alert.kind].append(alert)
    kinds = [(kind, response_to(some, now)) for kind, some in by_kind.items()]
    ordered = tuple(sorted(kinds, key=lambda each: (-each[1].raised, each[0])))
    return TeamResponse(id, name, response_to(alerts, now), ordered)


def response_to(alerts: Iterable[Alert], now: int) -> Response:
    """Say what became of alerts by a moment (ms)."""
    some = list(alerts)
    ended = [each.handled_at or now for each in some]
    is_late = [at > each.due_at for each, at in zip(some, ended, strict=True)]
    waits = [each.status in WAITING for each in some]
    return Response(
        in_time=sum(not late and not wait for late, wait in zip(is_late, waits, strict=True)),
        late=sum(is_late),
        waiting=sum(wait and not late for late, wait in zip(is_late, waits, strict=True)),
        checked_in=_median(each.checked_at - each.raised_at for each in some if each.checked_at),
        handled_in=_median(each.handled_at - each.raised_at for each in some if each.handled_at),
    )


def _median(spans: Iterable[int]) -> int | None:
    found = [max(0, each) for each in spans]
    return round(median(found)) if found else None
