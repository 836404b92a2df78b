"""The roll: which organisations the bank perhaps knows, on every device, without their names.

The bank's customers are not for every device to hold, and yet nobody should call on a colleague's
customer as if they were a stranger's. So devices hold what answers "perhaps" or "no" to a name
and tells nothing else (`shared.collision`, docs/one-face.md). The server alone writes it.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field as Bound
from pydantic.types import StringConstraints

from shared.domain.customer import DateText
from shared.ids import derived_id
from shared.registry import INDEXED, Merge, ScopeRule, synced

ROLL_ID: Final = derived_id("roll", "organisations")


@synced("roll", merge=Merge.SERVER, scope=ScopeRule.GLOBAL)
@dataclass(frozen=True, slots=True)
class Roll:
    """What its parts are read by. There is one."""

    id: str
    salt: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    """16 bytes in hex."""
    parts: Annotated[int, Bound(ge=1, le=65_536)]
    as_of: DateText
    """The last day on which it was held against the record."""


@synced("roll_part", merge=Merge.SERVER, scope=ScopeRule.GLOBAL)
@dataclass(frozen=True, slots=True)
class RollPart:
    """One part of it. That of another division of the roll answers no question of this one."""

    id: str
    number: Annotated[int, Bound(ge=0, lt=65_536), INDEXED]
    content: str
    """In base64."""


def roll_part_id(number: int) -> str:
    """Return the id of a part, which it keeps whatever the roll is divided into."""
    return derived_id("roll_part", str(number))
