"""`fieldbook value`: what customers are worth, assessed now, and the model that it goes by."""

import argparse
import json
import sys

from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from sync_server.store.assessing import assess as assess_everyone
from sync_server.store.valuing import bring_model


def assess(asked: argparse.Namespace) -> int:
    """Bring every customer's value up to the facts."""
    done = 0
    with opened(asked, must_exist=True) as database:
        for done in assess_everyone(database, now()):
            if sys.stderr.isatty():
                print(f"\r{done:,} customers", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(json.dumps({"customers": done}) if asked.json else f"{done:,} customers assessed.")
    return 0


def model(asked: argparse.Namespace) -> int:
    """Bring the bank's own version of the model; it is in force from its day on."""
    try:
        text = asked.file.read_bytes()
    except OSError as error:
        raise Stop(f"{asked.file} cannot be read: {error.strerror}. Nothing changed.") from None
    with opened(asked, must_exist=True) as database:
        brought = bring_model(database, text, "admin", now())
    if asked.json:
        print(json.dumps({"number": brought.number, "since": brought.since.isoformat()}))
    else:
        print(f"Version {brought.number} of the value model is in force from {brought.since} on.")
    return 0
