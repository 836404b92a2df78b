"""The report on a file: what its lines came to, and where someone must look."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from shared.errors import Refusal

MOST_TOLD: Final = 1_000
"""Lines that are told one by one; a file may have a million, all wrong for the same reason."""


class State(StrEnum):
    """What became of a line."""

    APPLIED = "applied"
    CHANGED = "changed"
    """It corrected what an earlier line or file had said."""
    KNOWN = "known"
    """The record has it already."""
    WAITING = "waiting"
    """Kept until the sale arrives that it is about."""
    REFUSED = "refused"


def state_of(said: object, before: object | None) -> State:
    """Return what becomes of a line that says something where `before` was known."""
    if before is None:
        return State.APPLIED
    return State.KNOWN if said == before else State.CHANGED


QUIET: Final = (State.APPLIED, State.KNOWN)
"""What nobody must look at."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line; `what` names the thing that it is about, as the file does.

    Of a quiet one nobody is told, and nothing need be said.
    """

    line: int
    state: State
    what: str = ""
    why: Refusal | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as it is told, its reason in both languages."""
        told: dict[str, Any] = {"line": self.line, "state": self.state, "what": self.what}
        if self.why is None:
            return told
        sentences = {"zh": self.why.sentence("zh"), "en": self.why.sentence("en")}
        return told | {"code": self.why.code} | sentences


@dataclass(slots=True)
class Report:
    """What a file of a kind has come to so far."""

    kind: str
    counts: Counter[State] = field(default_factory=Counter)
    told: list[Outcome] = field(default_factory=list)
    kept: int = 0
    """How many of the refused rows are kept by the server, to be corrected or tried again."""

    def add(self, outcomes: Collection[Outcome], kept: int) -> None:
        """Count outcomes, and hold those that someone must look at, the first of the file."""
        self.kept += kept
        self.counts.update([each.state for each in outcomes])
        if loud := [each for each in outcomes if each.state not in QUIET]:
            by_line = sorted([*self.told, *loud], key=lambda each: each.line)
            self.told = by_line[:MOST_TOLD]

    @property
    def lines(self) -> int:
        """How many rows were read."""
        return self.counts.total()

    @property
    def left_out(self) -> int:
        """How many outcomes are counted but not told."""
        return sum(self.counts[s] for s in State if s not in QUIET) - len(self.told)

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is answered and kept."""
        counts = {str(state): self.counts[state] for state in State}
        told = [each.as_json() for each in self.told]
        return (
            {"kind": self.kind, "lines": self.lines}
            | counts
            | {
                "kept": self.kept,
                "told": told,
                "left_out": self.left_out,
            }
        )
