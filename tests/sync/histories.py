"""Many histories of the machine, in as many processes as there are processors.

    python -m tests.sync.histories 2000 --seed 1

The same seed and number are the same histories on every machine.
"""

import argparse
import os
import subprocess
import sys
import time
from typing import Final

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.machine import Field

BATCH: Final = 50
"""Histories between two words of progress; each batch has a seed of its own."""
STEPS: Final = 30


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


def spread(histories: int, first_seed: int, processes: int) -> list[str]:
    """Run histories in several processes; return what those said that found something wrong."""
    share = -(-histories // processes)
    shards = [
        _start(share, first_seed + place * (share // BATCH + 1)) for place in range(processes)
    ]
    said = [shard.communicate()[0] for shard in shards]
    return [text for shard, text in zip(shards, said, strict=True) if shard.returncode != 0]


def _start(histories: int, first_seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.sync.histories", str(histories), "--here"]
    return subprocess.Popen(
        [*command, "--seed", str(first_seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def main() -> int:
    """Run from the command line."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("histories", type=int)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--here", action="store_true", help="in this process alone")
    given = asked.parse_args()
    if given.here:
        run(given.histories, given.seed)
        return 0
    began, processes = time.monotonic(), os.cpu_count() or 1
    wrong = spread(given.histories, given.seed, processes)
    print("\n".join(wrong), end="")
    took = time.monotonic() - began
    print(f"{given.histories:,} histories, {len(wrong)} processes found something, {took:,.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
