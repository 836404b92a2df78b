"""Many histories of the machine; `make soak ARGS=histories` runs them on every processor.

    python -m tests.sync.histories 2000 --seed 1

The same seed and number are the same histories on every machine.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.tally import Progress, Tally
from tests.sync.machine import Field

BATCH: Final = 50
"""Histories between two words of progress; each batch has a seed of its own."""
STEPS: Final = 30
_SHOWN_EVERY: Final = 1_000


def run(histories: int, first_seed: int) -> None:
    """Run histories batch by batch; an AssertionError says which one went wrong, and how."""
    for batch in range(-(-histories // BATCH)):
        number = min(BATCH, histories - batch * BATCH)
        machine = seed(first_seed + batch)(type(f"Field{first_seed + batch}", (Field,), {}))
        run_state_machine_as_test(machine, settings=_settings(number))
        print(f"{batch * BATCH + number} of {histories}", flush=True)


def _settings(histories: int) -> settings:
    return settings(
        max_examples=histories,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def spread(histories: int, first_seed: int) -> list[str]:
    """Run histories in several processes; return what those said that found something wrong."""
    processes = os.cpu_count() or 1
    share = -(-histories // processes)
    shards = [
        _start(share, first_seed + place * (share // BATCH + 1)) for place in range(processes)
    ]
    said = [shard.communicate()[0] for shard in shards]
    return [text for shard, text in zip(shards, said, strict=True) if shard.returncode != 0]


def _start(histories: int, first_seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.sync.histories", str(histories)]
    return subprocess.Popen(
        [*command, "--seed", str(first_seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def explore(_folder: Path, runs: int, seed: int, progress: Progress) -> Tally:
    """Run many histories, in as many processes as there are processors."""
    tally = Tally("histories of a branch, its devices and their network", seed)
    while tally.runs < runs:
        number = min(_SHOWN_EVERY, runs - tally.runs)
        first = seed + tally.runs
        tally.violated(f"{tally.runs:,} to {tally.runs + number:,}", spread(number, first))
        tally.runs += number
        progress(f"{tally.runs:,} of {runs:,} histories, {len(tally.violations)} violations")
    return tally.close()


def main() -> int:
    """Run from the command line, in this process."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("histories", type=int)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    run(given.histories, given.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
