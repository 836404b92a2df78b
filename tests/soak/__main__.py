"""Run the proof under real faults at its big sizes and print its table: `make soak`.

    make soak                                every part at its own size
    make soak ARGS="kill proxy=100"          some parts, one of them smaller
    make soak ARGS="kill seed=4711"          a run again, by the seed that it printed

Exit status 0: no violations. 1: some, each printed with the run and the seed that show it.
"""

import secrets
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.faults.full_disk import fill_device
from tests.faults.kill import kill_over_and_over
from tests.faults.network import suffer
from tests.faults.tally import Progress, Tally

Part = Callable[[Path, int, int, Progress], Tally]
PARTS: Final[dict[str, tuple[Part, int]]] = {
    "kill": (kill_over_and_over, 2_000),
    "proxy": (suffer, 1_000),
    "full-device": (fill_device, 2_000),
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
    print(f"{name}: {tally.runs} runs in {tally.took_s:.0f} s", flush=True)
    for fault, count in sorted(tally.faults.items()):
        print(f"    {count:>7} {fault}")
    for what, value in tally.notes.items():
        print(f"    {what}: {value}")
    for violation in tally.violations[:_SHOWN]:
        print(f"    VIOLATED: {violation}")
    return tally


def _print_table(tallies: Sequence[Tally]) -> None:
    print(f"\n{'what':<62} {'runs':>8} {'took':>9} {'violations':>11}")
    for tally in tallies:
        print(
            f"{tally.what:<62} {tally.runs:>8,} {tally.took_s:>7,.0f} s {len(tally.violations):>11}"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
