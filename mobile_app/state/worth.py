"""Worth: a customer's value as the customer's page tells it."""

from dataclasses import dataclass

from pydantic_core import from_json

from shared.domain import CustomerValue
from shared.domain.customer_value import PATIENCE


@dataclass(frozen=True)
class Line:
    """One line of the contribution: what it is of, its base, its rate, and the fen."""

    part: str
    of: str
    base: int
    rate: str
    amount: int


@dataclass(frozen=True)
class Worth:
    """A value with its parts read; the lines that weigh most come first."""

    value: CustomerValue
    lines: tuple[Line, ...]
    reasons: tuple[tuple[str, int], ...]

    @property
    def largest(self) -> int:
        """What the bars of the lines are drawn against."""
        return max((abs(line.amount) for line in self.lines), default=0) or 1

    @property
    def unrated(self) -> int:
        """How many accounts are left out because nobody said their rate."""
        return sum(line.part == "unrated" for line in self.lines)

    @property
    def is_watched(self) -> bool:
        """Whether the customer is on 关注: below the line of their tier for three months."""
        return self.value.below >= PATIENCE

    @property
    def months_left(self) -> int:
        """Months below the line after which the tier falls."""
        return 2 * PATIENCE - self.value.below


def worth_of(value: CustomerValue) -> Worth:
    """Read a value's lines and reasons."""
    lines = [Line(*each) for each in from_json(value.lines)]
    reasons = tuple((str(name), int(points)) for name, points in from_json(value.reasons))
    return Worth(value, tuple(sorted(lines, key=lambda line: -abs(line.amount))), reasons)
