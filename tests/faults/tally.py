"""A tally: how many runs there were, what broke them, and what was violated."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Progress = Callable[[str], None]


def silent(_line: str) -> None:
    """Report progress to nobody."""


@dataclass(slots=True)
class Tally:
    """One part of the proof, as it goes along."""

    what: str
    seed: int
    runs: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    """How often each fault really struck."""
    violations: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    """What was measured beside."""
    not_run: str = ""
    """Why this machine could not run it; empty where it was run."""
    began: float = field(default_factory=time.monotonic)
    took_s: float = 0.0

    def violated(self, run: object, complaints: Iterable[str]) -> None:
        """Note what a run violated, with what is needed to see it again."""
        self.violations += [f"{each} (run {run}, seed {self.seed})" for each in complaints]

    def close(self) -> "Tally":
        """Stop the clock."""
        self.took_s = time.monotonic() - self.began
        return self
