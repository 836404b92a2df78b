"""The hunt: the machine is let loose on planted bugs; run as `make mutants` it prints the table.

    python -m tests.sync.hunt a_repair_takes_own_work_along --seed 3

Hypothesis draws among others what stands as a constant in the modules that are loaded, so a hunt is
the same hunt only in a process of its own.
"""

import argparse
import contextlib
import io
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.machine import Field
from tests.sync.plants import PLANTS

HISTORIES: Final = 1_000
"""At most; most bugs are found within twenty."""
STEPS: Final = 40
HINTED: Final = 40
"""Histories from a seed that found a bug before."""
SEEDS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "a_repair_takes_own_work_along": 20,
        "people_approve_what_they_asked_for": 5,
        "a_value_that_loses_is_forgotten": 1,
        "a_scope_given_again_is_taken_for_the_one_held": 4,
        "a_purge_takes_unsent_work_along": 1,
        "nobody_is_told_that_a_purge_was_done": 1,
        "the_digest_does_not_look_at_the_values": 1,
        "what_was_not_walked_is_not_swept": 1,
    }
)
"""From where a bug is found soon that takes hundreds of histories otherwise. A machine that is
changed draws others, and the hunt is as long as it was until another seed is tried."""
NOTHING: Final = "nothing"
"""Plants nothing, to see whether it is the bug that is found from a seed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How a planted bug gave itself away."""

    what: str
    """The check, or the rule, in which it did."""
    is_honest: bool
    """False where the plant does not fit the code any more, and so proves nothing."""
    histories: int
    seconds: float


class _Counted(Field):
    """The machine, which counts its histories."""

    tried = 0

    def __init__(self) -> None:
        super().__init__()
        _Counted.tried += 1


def find(name: str, first: int | None = None) -> Finding | None:
    """Plant a bug and let the machine look for it; None if it finds nothing.

    From the seed `first` it looks for a few histories only, and otherwise from where the bug is
    known to be found soon, and then for as long as it may.
    """
    _Counted.tried, began = 0, time.monotonic()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        if name != NOTHING:
            PLANTS[name](patch)
        try:
            hint = SEEDS.get(name) if first is None else first
            if hint is not None:
                _let_loose(HINTED, hint)
            if first is None:
                _let_loose(HISTORIES, None)
        except Exception as error:  # whatever a bug does is how it is found
            spent = time.monotonic() - began
            honest = not isinstance(error, (TypeError, AttributeError, NameError))
            return Finding(_where(error), honest, _Counted.tried, spent)
    return None


def _let_loose(histories: int, first: int | None) -> None:
    """Run the machine from a seed of its own, or from that which is the same for every machine."""
    machine = _Counted if first is None else seed(first)(type(f"Counted{first}", (_Counted,), {}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            derandomize=first is None,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _where(error: BaseException) -> str:
    """Name the last function of ours that the error came through."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = [
        frame.name
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent.name == "sync" and "tests" in Path(frame.filename).parts
    ]
    found = [name for name in frames if name not in ("_let_loose", "find")]
    return found[-1] if found else repr(error)[:40]


def main() -> int:
    """Print one line for each planted bug; fail if one of them was not found."""
    parser = argparse.ArgumentParser(description="Look for planted bugs.")
    parser.add_argument(
        "bugs", nargs="*", metavar="BUG", help=f"the ones to look for (all), or `{NOTHING}`"
    )
    parser.add_argument("--seed", type=int, help="look from here only")
    asked = parser.parse_args()
    bugs, found = asked.bugs or list(PLANTS), 0
    print(f"{'planted bug':<58} {'found by':<40} {'histories':>9} {'s':>6}", flush=True)
    for name in bugs:
        finding = find(name, asked.seed)
        found += finding is not None and finding.is_honest
        print(f"{name.replace('_', ' '):<58} {_told(finding)}", flush=True)
    print(f"{found} of {len(bugs)} planted bugs were found.")
    return 0 if found == len(bugs) else 1


def _told(finding: Finding | None) -> str:
    if finding is None:
        return "NOT FOUND"
    what = finding.what if finding.is_honest else f"BROKEN PLANT: {finding.what}"
    return f"{what.replace('_', ' '):<40} {finding.histories:>9} {finding.seconds:>6.1f}"


if __name__ == "__main__":
    sys.exit(main())
