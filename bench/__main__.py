"""Run the bench and print its table: `make bench`, or `make bench ARGS="store sync"`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from bench import store, sync
from bench.report import Report
from fieldbook.branch import Branch

_PARTS = ("store", "sync", "browser")


def main(parts: list[str]) -> int:
    """Measure the named parts, or all."""
    report = Report()
    wanted = parts or list(_PARTS)
    if "store" in wanted:
        store.measure(report)
    if "sync" in wanted:
        _measure_sync(report)
    report.close()
    return 0


def _measure_sync(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        branch = Branch(Path(folder))
        branch.seed()
        with branch.serving():
            report.section("The server")
            sync.idle(report, branch)
            asyncio.run(sync.measure(report, branch))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
