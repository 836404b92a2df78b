"""`fieldbook import`: a file of another system of the bank, also while the server runs."""

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from shared.errors import refused
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, called, load
from sync_server.adapters.report import Report, State
from sync_server.adapters.whole import as_seen, look_at, require_quiet, require_whole
from sync_server.store.unit_of_work import GARBAGE_AFTER


def bring(asked: argparse.Namespace) -> int:
    """Take a file in; 1 if a row of it was refused.

    Raises the refusal of a file of which nothing was taken in, and `file_changed` of one of which
    perhaps not all was.
    """
    gc.set_threshold(GARBAGE_AFTER)
    kind = kind_named(asked.kind)
    with _readable(asked.file):
        file = asked.file.open("rb")
    with file:
        before = look_at(file.fileno())
        source = as_seen(file, before)
        with _readable(asked.file):
            require_quiet(asked.file, time.time, time.sleep)
            require_whole(asked.file, source)
        with opened(asked) as database:
            tell = _progress(source, before.size)
            report = load(database, kind, source, Sender("file", now(), called(asked.file)), tell)
        is_changed = look_at(file.fileno()) != before
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if asked.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print("\n".join(told(report)))
    if is_changed:
        raise refused("file_changed")
    return 1 if report.counts[State.REFUSED] else 0


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise Stop(f"{file} cannot be read: {why}. Nothing was imported.") from None


def _progress(source: BinaryIO, size: int) -> Callable[[Report, object], None]:
    """Return what says on a terminal how far a file of so many bytes has been read."""

    def tell(report: Report, _: object) -> None:
        if sys.stderr.isatty():
            # Files of accounts are read to their end before their first row goes in.
            share = source.tell() * 100 // max(1, size)
            read = f", {share} % of the file" if share < 100 else ""
            said = f"{report.lines:,} rows{read}"
            print(f"\r{said:<40}", end="", file=sys.stderr, flush=True)

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
