"""The day's list: what is due, and whom else it would be good to turn to today.

A proposal carries its reason, because a list that cannot say why is not trusted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from shared.domain.customer import Stage

Reason = Literal["birthday", "silent"]

SILENT_DAYS: Final[dict[Stage, int]] = {
    "marketing": 14,
    "design": 21,
    "follow_up": 45,
    "discovery": 60,
}
"""Days without any contact after which a customer in this stage should hear from us."""
BIRTHDAY_DAYS: Final = 3
"""How many days ahead a birthday is worth a call."""
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rule looks at of one customer."""

    customer_id: str
    stage: Stage
    birth_date: str | None
    last_contact_at: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One customer to turn to; `days` is the silence so far, or the days until the birthday."""

    customer_id: str
    reason: Reason
    days: int


def propose(
    candidates: Iterable[Candidate],
    today: date,
    now: int,
    most: int,
    spared: Collection[str] = (),
) -> list[Proposal]:
    """Propose up to `most` customers: birthdays first, then the silence most over its due.

    Of those who are spared selling no birthday is an occasion.
    """
    birthdays, silent = [], []
    for each in candidates:
        ahead = days_to_birthday(each.birth_date, today)
        quiet = silent_days(each.last_contact_at, now)
        if ahead is not None and is_occasion(each, today, now) and each.customer_id not in spared:
            birthdays.append(Proposal(each.customer_id, "birthday", ahead))
        elif each.last_contact_at is not None and quiet >= SILENT_DAYS[each.stage]:
            silent.append((quiet / SILENT_DAYS[each.stage], each.customer_id, quiet))
    birthdays.sort(key=lambda proposal: (proposal.days, proposal.customer_id))
    silent.sort(key=lambda entry: (-entry[0], entry[1]))
    late = [Proposal(customer, "silent", quiet) for _, customer, quiet in silent]
    return (birthdays + late)[:most]


def is_occasion(candidate: Candidate, today: date, now: int) -> bool:
    """Whether a birthday is near of whom nobody has just spoken with."""
    ahead = days_to_birthday(candidate.birth_date, today)
    quiet = silent_days(candidate.last_contact_at, now)
    return ahead is not None and ahead <= BIRTHDAY_DAYS < quiet


def silent_days(last_contact_at: int | None, now: int) -> int:
    """Return the whole days since the last contact; 0 where there was none to be silent after."""
    return 0 if last_contact_at is None else max(0, now - last_contact_at) // _DAY_MS


def days_to_birthday(birth_date: str | None, today: date) -> int | None:
    """Return the days until the next birthday; one of 29 February is kept on 1 March."""
    if birth_date is None:
        return None
    born = date.fromisoformat(birth_date)
    return min(
        (on - today).days
        for year in (today.year, today.year + 1)
        if (on := _anniversary(born, year)) >= today
    )


def _anniversary(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
