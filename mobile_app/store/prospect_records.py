"""What the screens read of prospects: claims with their contacts, and contests to decide."""

from collections.abc import Mapping
from dataclasses import dataclass

from mobile_app.store.records import RecordState
from shared.domain import Prospect, ProspectContact, ProspectContest


@dataclass(frozen=True, slots=True)
class ProspectItem:
    """One claim."""

    prospect: Prospect
    contacts: tuple[ProspectContact, ...]
    """The latest first."""
    by_name: str | None
    """Whose it is."""
    days_left: int | None
    """For how many days it still holds, by the contacts that this device knows of; None for one
    that holds nothing, or that the server has not answered."""
    state: RecordState


@dataclass(frozen=True, slots=True)
class ProspectContestItem:
    """A contest of prospects that is open."""

    contest: ProspectContest
    claims: tuple[ProspectItem, ...]
    """Those that this device holds, the holder's first."""
    names: Mapping[str, str]
    """Of everyone who claims, by employee."""
    state: RecordState

    @property
    def id(self) -> str:
        """The contest's own."""
        return self.contest.id
