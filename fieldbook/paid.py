"""`fieldbook commission verify` and `recompute`: what was paid, held against a full computation."""

import json
import sys
from argparse import Namespace
from typing import Final

from fieldbook.clock import now
from fieldbook.database import opened
from sync_server.store import audit
from sync_server.store.audit import Chain, Differing, chain, differing

SHOWN: Final = 20
"""Statements that differ, named on the terminal; JSON names them all."""


def verify(asked: Namespace) -> int:
    """Follow the ledger's chain, and hold every statement against a computation from scratch."""
    with opened(asked, must_exist=True) as database:
        ledger = chain(database)
        statements, wrong = 0, list[Differing]()
        for count, some in differing(database, now()):
            statements += count
            wrong += some
    if asked.json:
        print(json.dumps(_as_json(ledger, statements, wrong)))
    else:
        _tell(ledger, statements, wrong)
    return 0 if ledger.broken_at is None and not wrong else 1


def _as_json(ledger: Chain, statements: int, wrong: list[Differing]) -> dict[str, object]:
    return {
        "records": ledger.records,
        "broken_at": ledger.broken_at,
        "statements": statements,
        "differing": [{"employee_id": each.employee_id, "period": each.period} for each in wrong],
    }


def _tell(ledger: Chain, statements: int, wrong: list[Differing]) -> None:
    if ledger.broken_at is None:
        print(f"The ledger is whole: {ledger.records:,} records, each following the one before.")
    else:
        print(f"The ledger is broken at record {ledger.broken_at:,}; a backup has it whole.")
    for each in wrong[:SHOWN]:
        print(f"The statement of {each.employee_id} for {each.period} is not what was computed.")
    print(f"{statements - len(wrong):,} of {statements:,} statements are as computed from scratch.")


def recompute(asked: Namespace) -> int:
    """Compute everyone's open months anew, and write the statements that differ."""
    done = 0
    with opened(asked, must_exist=True) as database:
        for done in audit.recompute(database, now()):
            print(f"\r{done:,} employees", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(json.dumps({"employees": done}) if asked.json else f"{done:,} employees computed.")
    return 0
