"""`fieldbook admin import-bundle`: what a device could not send is taken in from a file."""

import argparse
import json
import secrets
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from fieldbook import carried
from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from shared.ids import uuid7
from sync_server.bundles import Imported, Refused, answer, import_bundle
from sync_server.store.database import Database, DatabaseUnavailable
from sync_server.store.identity import employee_by_id


def take_in(asked: argparse.Namespace) -> int:
    """Import a bundle, also while the server runs, and write the answer if one is wanted."""
    content = carried.read(asked.file, "BUNDLE")
    with opened(asked) as database:
        imported = _imported(database, content)
        with database.reading() as connection:
            number = employee_by_id(connection, imported.employee_id).employee_no
        if asked.answer is not None:
            id = uuid7(now(), secrets.token_bytes(10))
            carried.write(asked.answer, answer(database, imported, id, now()))
    said = _answer(imported, number)
    print(json.dumps(said, ensure_ascii=False) if asked.json else _text(said))
    return 0


def _imported(database: Database, content: bytes) -> Imported:
    try:
        return import_bundle(database, content, now())
    except DatabaseUnavailable as error:
        raise Stop(
            f"The database cannot be written now: {error}. What was imported before this is kept; "
            "import the same file again, nothing counts twice."
        ) from None


def _answer(imported: Imported, employee_no: str) -> dict[str, Any]:
    said = [verdict["status"] for each in imported.verdicts for verdict in each]
    return {
        "bundle_id": imported.header.id,
        "device_id": imported.header.device_id,
        "employee_no": employee_no,
        "made_at": imported.facts["made_at"],
        "operations": len(said),
        "verdicts": dict(Counter(said)),
        "refused": [_refused(each) for each in imported.refused],
    }


def _refused(each: Refused) -> dict[str, str]:
    return {
        "op_id": each.op_id,
        "entity": each.entity,
        "id": each.record_id,
        "code": each.refusal.code,
        "text": each.refusal.sentence("en"),
    }


def _text(said: dict[str, Any]) -> str:
    made = datetime.fromtimestamp(said["made_at"] / 1000, UTC).astimezone()
    counts = ", ".join(f"{status} {count}" for status, count in said["verdicts"].items())
    lines = [
        f"Bundle of {said['employee_no']}'s device, made {made:%Y-%m-%d %H:%M} by its clock.",
        f"{said['operations']} operations: {counts}.",
    ]
    lines += [
        f"  {each['entity']} {each['id']}: {each['text']} ({each['code']})"
        for each in said["refused"]
    ]
    return "\n".join(lines)
