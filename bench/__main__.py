"""Run the bench and print its table: `make bench`, or `make bench ARGS="store sync"`."""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench import (
    alerted,
    authority,
    browser,
    commission,
    confirmed,
    first,
    imports,
    matching,
    push,
    roll,
    store,
    sync,
    value,
)
from bench.report import Report
from fieldbook.branch import Branch


def measure_sync(report: Report) -> None:
    """Measure a real server process and real devices over loopback."""
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        branch = Branch(Path(folder))
        branch.seed()
        with branch.serving():
            report.section("The server")
            sync.idle(report, branch)
            asyncio.run(sync.measure(report, branch))


PARTS: Final[dict[str, Callable[[Report], None]]] = {
    "store": store.measure,
    "push": push.measure,
    "sync": measure_sync,
    "first": first.measure,
    "commission": commission.measure,
    "authority": authority.measure,
    "imports": imports.measure,
    "confirmed": confirmed.measure,
    "alerted": alerted.measure,
    "value": value.measure,
    "matching": matching.measure,
    "roll": roll.measure,
    "browser": browser.measure,
}


def main(wanted: list[str]) -> int:
    """Measure the named parts, or all."""
    report = Report()
    for name in wanted or PARTS:
        PARTS[name](report)
    report.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
