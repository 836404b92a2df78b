"""`fieldbook admin`: what an operator does at the branch machine, also while the server runs."""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from sync_server.store import identity
from sync_server.store.access import accesses
from sync_server.store.blobs import UNNAMED_LIFE_MS, sweep
from sync_server.store.inbox import open_issues
from sync_server.store.inbox import receipts as purged
from sync_server.store.moves import move_customer
from sync_server.store.retiring import revoke_device


def tls(asked: argparse.Namespace) -> int:
    """Make the branch's CA, or use the one that is there, and a server certificate."""
    from sync_server.tls import UnusableAuthority, make_branch_tls

    try:
        files = make_branch_tls(asked.out, asked.hosts, datetime.now(UTC))
    except UnusableAuthority as error:
        raise Stop(str(error)) from None
    print(f"Install on every tablet:  {files.ca_cert}")
    print(f"Its SHA-256 fingerprint:  {files.fingerprint_sha256}")
    print(f"Serve with:               --tls-cert {files.cert} --tls-key {files.key}")
    return 0


def employees(asked: argparse.Namespace) -> int:
    """List the employees."""
    with opened(asked) as database, database.reading() as connection:
        rows = [asdict(each) for each in identity.employees(connection)]
    lines = (f"{row['employee_no']}\t{row['role']}\t{row['name']}" for row in rows)
    _answer(asked, rows, "\n".join(lines))
    return 0


def enrol_code(asked: argparse.Namespace) -> int:
    """Print a one-time code for an employee's device."""
    with opened(asked) as database, database.writing() as connection:
        code = identity.new_code(connection, asked.employee_no, now(), identity.CODE_LIFE_MS)
    minutes = identity.CODE_LIFE_MS // 60_000
    answer = {"code": code, "employee_no": asked.employee_no, "minutes": minutes}
    _answer(asked, answer, f"{code}  (once, within {minutes} minutes)")
    return 0


def system_token(asked: argparse.Namespace) -> int:
    """Print a token for another system; it is shown only now."""
    with opened(asked) as database, database.writing() as connection:
        token = identity.new_system_token(connection, asked.name, now(), asked.may)
    _answer(asked, {"name": asked.name, "token": token}, token)
    return 0


def access_log(asked: argparse.Namespace) -> int:
    """List what other systems have read."""
    with opened(asked) as database, database.reading() as connection:
        rows = accesses(connection, asked.customer, asked.most)
    lines = (
        f"{datetime.fromtimestamp(row['at'] / 1000, UTC):%F %T}Z\t{row['system']}\t{row['what']}"
        f"\t{row['customer_id'] or row['extent'] or ''}"
        for row in rows
    )
    _answer(asked, rows, "\n".join(lines) or "No other system has read anything.")
    return 0


def revoke(asked: argparse.Namespace) -> int:
    """Stop a device."""
    with opened(asked) as database, database.writing() as connection:
        revoke_device(connection, asked.device, now())
    _answer(
        asked,
        {"device": asked.device},
        "Revoked. At its next contact it hands in its unsent records and is emptied.",
    )
    return 0


def move(asked: argparse.Namespace) -> int:
    """Give a customer, with everything that is theirs, to another account manager."""
    with opened(asked) as database, database.writing() as connection:
        seq = move_customer(connection, asked.customer, asked.employee_no, now())
    _answer(asked, {"customer": asked.customer, "seq": seq}, "Moved.")
    return 0


def issues(asked: argparse.Namespace) -> int:
    """List refused work that waits for its author or a supervisor."""
    with opened(asked) as database, database.reading() as connection:
        rows = open_issues(connection, "en")
    lines = (f"{row['id']}\t{row['employee_no']}\t{row['entity']}\t{row['why']}" for row in rows)
    _answer(asked, rows, "\n".join(lines) or "Nothing waits for anyone.")
    return 0


def receipts(asked: argparse.Namespace) -> int:
    """List what devices say they have purged."""
    with opened(asked) as database, database.reading() as connection:
        rows = purged(connection, 1_000)
    lines = (
        f"{row['employee_no']}\t{row['device_id']}\t{row['purged']}\t{row['rows']} rows"
        for row in rows
    )
    _answer(asked, rows, "\n".join(lines) or "No device has reported a purge.")
    return 0


def sweep_blobs(asked: argparse.Namespace) -> int:
    """Delete content of attachments that no record names after a week."""
    with opened(asked) as database:
        swept = sweep(database, now() - UNNAMED_LIFE_MS)
    _answer(asked, asdict(swept), f"Swept {swept.blobs} blobs, {swept.bytes:,} bytes.")
    return 0


def _answer(asked: argparse.Namespace, answer: Any, text: str) -> None:
    print(json.dumps(answer, ensure_ascii=False) if asked.json else text)
