"""`fieldbook import`: a file of another system of the bank, also while the server runs."""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, called, load
from sync_server.adapters.report import Report, State
from sync_server.store.unit_of_work import GARBAGE_AFTER


def bring(asked: argparse.Namespace) -> int:
    """Take a file in; 1 if a row of it was refused."""
    gc.set_threshold(GARBAGE_AFTER)
    kind = kind_named(asked.kind)
    with _read(asked.file) as source, opened(asked) as database:
        tell = _progress(source, asked.file)
        report = load(database, kind, source, Sender("file", now(), called(asked.file)), tell)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if asked.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print("\n".join(told(report)))
    return 1 if report.counts[State.REFUSED] else 0


@contextmanager
def _read(file: Path) -> Iterator[BinaryIO]:
    try:
        source = file.open("rb")
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}. Nothing was imported.") from None
    with source:
        yield source


def _progress(source: BinaryIO, file: Path) -> Callable[[Report, object], None]:
    """Return what says on a terminal how far the file has been read."""
    size = max(1, file.stat().st_size)

    def tell(report: Report, _: object) -> None:
        if sys.stderr.isatty():
            share = min(100, source.tell() * 100 // size)
            print(f"\r{report.lines:,} rows, {share} %", end="", file=sys.stderr, flush=True)

    return tell


def told(report: Report) -> Iterator[str]:
    """Yield what a person reads of a report."""
    for each in report.told:
        why = "" if each.why is None else f": {each.why.sentence('en')}"
        yield f"line {each.line}\t{each.state}\t{each.what}{why}"
    if report.left_out:
        yield f"... and {report.left_out:,} more"
    counts = (f"{report.counts[state]:,} {state}" for state in State if report.counts[state])
    if report.kept:
        yield f"{report.kept:,} refused rows are kept: see `fieldbook refused list`"
    yield f"{report.lines:,} rows of {report.kind}: {', '.join(counts) or 'none'}"
