"""The table that `make bench` prints."""

from dataclasses import dataclass, field
from typing import Final

_MARKS: Final = {True: "held", False: "MISSED", None: ""}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and what it should be; `held` is None where there is no target."""

    name: str
    value: str
    target: str = ""
    held: bool | None = None


@dataclass(slots=True)
class Report:
    """Figures in the order measured, printed as they come: a long run shows its progress."""

    figures: list[Figure] = field(default_factory=list)

    def section(self, name: str) -> None:
        """Begin a part of the table."""
        print(f"\n{name}", flush=True)

    def add(self, name: str, value: str, target: str = "", held: bool | None = None) -> None:
        """Print a figure and keep it for the count at the end."""
        figure = Figure(name, value, target, held)
        self.figures.append(figure)
        print(f"  {name:<58} {value:>22}   {target:<28} {_MARKS[held]}", flush=True)

    def at_most(self, name: str, value: float, limit: float, unit: str) -> None:
        """Add a figure that should not exceed a limit."""
        self.add(name, f"{_short(value)} {unit}", f"<= {_short(limit)} {unit}", value <= limit)

    def at_least(self, name: str, value: float, limit: float, unit: str) -> None:
        """Add a figure that should reach a limit."""
        self.add(name, f"{_short(value)} {unit}", f">= {_short(limit)} {unit}", value >= limit)

    def close(self) -> None:
        """Print how many targets were held."""
        judged = [figure for figure in self.figures if figure.held is not None]
        held = sum(figure.held is True for figure in judged)
        print(f"\n{held} of {len(judged)} targets held on this machine.")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
