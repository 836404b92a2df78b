"""Run the proof under real faults at its big sizes and print its table: `make soak`.

    make soak                                every part at its own size
    make soak ARGS="kill proxy=100"          some parts, one of them smaller
    make soak ARGS="kill seed=4711"          a run again, by the seed that it printed

Exit status 0: no violations. 1: some, each printed with the run and the seed that show it.
"""

import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.faults.far import sync_from_afar
from tests.faults.full_disk import fill_device
from tests.faults.full_server import fill_server
from tests.faults.fuzz import fuzz
from tests.faults.kill import kill_over_and_over
from tests.faults.network import suffer
from tests.faults.pair import kill_one_of_two
from tests.faults.storm import rage
from tests.faults.tally import Progress, Tally
from tests.faults.writers import write_at_once
from tests.postgresql import empty_database, postgresql_running
from tests.sync.histories import explore

Part = Callable[[Path, int, int, Progress], Tally]


def on_postgresql(work: Callable[[Path, int, int, Progress, str], Tally]) -> Part:
    """Give a part a PostgreSQL of its own."""

    def part(folder: Path, runs: int, seed: int, progress: Progress) -> Tally:
        with postgresql_running() as server, empty_database(server) as url:
            return work(folder, runs, seed, progress, url)

    return part


PARTS: Final[dict[str, tuple[Part, int]]] = {
    "histories": (explore, 100_000),
    "kill": (kill_over_and_over, 2_000),
    "proxy": (suffer, 1_000),
    "full-device": (fill_device, 2_000),
    "full-server": (fill_server, 1_000),
    "writers": (on_postgresql(write_at_once), 10_000),
    "two-servers": (on_postgresql(kill_one_of_two), 200),
    "fuzz": (fuzz, 100_000),
    "fuzz-postgresql": (on_postgresql(fuzz), 20_000),
    "storm": (rage, 2_000),
    "far": (sync_from_afar, 30),
}
"""Each part's work and its size here; tests/faults runs the same with sizes for every change."""
_SHOWN: Final = 20


def main(words: Sequence[str]) -> int:
    """Run what is asked for."""
    asked = {name: size for name, _, size in (word.partition("=") for word in words)}
    seed = int(asked.pop("seed", "") or secrets.randbelow(2**31))
    if unknown := asked.keys() - PARTS.keys():
        print(f"There is no {', '.join(sorted(unknown))}; parts are {', '.join(PARTS)}.")
        return 2
    print(f"seed={seed}", flush=True)
    tallies = [_run(name, asked.get(name, ""), seed) for name in asked or PARTS]
    _print_table(tallies)
    return int(any(tally.violations for tally in tallies))


def _run(name: str, size: str, seed: int) -> Tally:
    work, usual = PARTS[name]
    with tempfile.TemporaryDirectory(prefix=f"fieldbook-{name}-") as folder:
        tally = work(
            Path(folder), int(size or usual), seed, lambda line: print(f"  {line}", flush=True)
        )
    print(f"{name}: {tally.runs:,} runs in {tally.took_s:,.0f} s", flush=True)
    for violation in tally.violations[:_SHOWN]:
        print(f"    VIOLATED: {violation}")
    return tally


def _print_table(tallies: Sequence[Tally]) -> None:
    heads = f"{'count':>9} {'runs':>8} {'violations':>11} {'took':>9}"
    print(f"\n{'what, and what befell it':<62} {heads}")
    for tally in tallies:
        sums = f"{tally.runs:>8,} {len(tally.violations):>11,} {tally.took_s:>7,.0f} s"
        print(f"{tally.what:<62} {'':>9} {'not run' if tally.not_run else sums}")
        for line in _lines(tally):
            print(f"    {line}")


def _lines(tally: Tally) -> Iterator[str]:
    if tally.not_run:
        yield tally.not_run
    for fault, count in sorted(tally.faults.items()):
        yield f"{fault:<58} {count:>9,}"
    for what, value in tally.notes.items():
        yield f"{what}: {value}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
