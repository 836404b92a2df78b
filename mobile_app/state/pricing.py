"""Pricing: what a sale will pay its seller, or why that cannot be told; and parts in percent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.commission.engine import Estimate
from shared.commission.entries import Entry
from shared.commission.qualify import Problem
from shared.commission.rules import Rule

WHOLE = 10_000


@dataclass(frozen=True)
class Priced:
    """What a sale will pay its seller, or why that cannot be told."""

    earned: int | None = None
    change: int = 0
    """What the month changes by, after cap, quality and deferral."""
    entry: Entry | None = None
    """With the trace that says how it comes about."""
    since: date | None = None
    """Since when the rule is in force."""
    why: str = ""
    """The code of a reason where there is no price."""


def priced(found: object, rules: Mapping[tuple[str, int], Rule]) -> Priced:
    """Tell the engine's answer about one sale."""
    if isinstance(found, Estimate):
        own = next((each for each in found.entries if each.type == "EARN"), None)
        if own is None:
            return Priced(why="not_mine")
        rule = rules.get((str(own.rule), own.version))
        return Priced(found.earned, found.change, own, rule.since if rule else None)
    return Priced(why=found.code if isinstance(found, Problem) else "waits")


def percent_text(basis_points: int) -> str:
    """Write basis points as percent: 5000 as 50, 3333 as 33.33."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}" if part else str(whole)


def basis_points_of(text: str) -> int | None:
    """Read percent as typed; None for what is none, and for nothing."""
    whole, _, part = text.strip().rstrip("%").strip().partition(".")
    if not (whole + part).isdecimal() or not whole or len(part) > 2 or len(whole) > 3:
        return None
    return int(whole) * 100 + int(part.ljust(2, "0")) or None
