"""One question about what a device holds, answered from one snapshot (see `shared.sync.digest`).

Free of HTTP, like `exchange`, so that a test asks the very same without a socket.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from shared.sync.digest import (
    Answer,
    PartsQuestion,
    RowsQuestion,
    common,
    differing,
    read_question,
    repair,
)
from shared.sync.protocol import Row, write
from sync_server.store.database import Database
from sync_server.store.digests import Digests
from sync_server.store.feed import unseal
from sync_server.store.identity import device_of
from sync_server.store.scopes import granted

ANSWER_BYTES: Final = 4 * 1024 * 1024
"""Of rows in one answer; past that the device compares again: memory stays bounded."""


def answer(database: Database, token: str, body: bytes) -> bytes:
    """Answer one question; raise Refusal for one that is malformed or not permitted."""
    with database.reading() as connection:
        scopes = granted(connection, device_of(connection, token).employee_id)
        question = read_question(body)  # only of someone known, as in `exchange`
        cursor = unseal(question["cursor"], database.cursor_key, database.generation)
        digests = Digests(connection)
        if not digests.is_present(cursor, scopes):
            return write({"answer": "stale"})
        return write(_answer(digests, question, scopes))


def _answer(
    digests: Digests, question: PartsQuestion | RowsQuestion, scopes: Mapping[str, int]
) -> Answer:
    known = common(question["fields"])
    if known != question["fields"]:
        return {"answer": "fields", "fields": known}
    if question["ask"] == "parts":
        return differing(question, digests.tallies(known, scopes))
    return {"answer": "rows", "rows": _repairs(digests, question, scopes)}


def _repairs(digests: Digests, question: RowsQuestion, scopes: Mapping[str, int]) -> list[Row]:
    """Gather what is to be put and removed; a scope that is not the device's is empty."""
    rows: list[Row] = []
    size = 0
    for (scope, entity), group in groupby(question["buckets"], key=lambda each: each[:2]):
        asked = {bucket: theirs for _, _, bucket, theirs in group}
        names = question["fields"].get(entity) if scope in scopes else None
        mine = {} if names is None else digests.rows((scope, entity), names, asked)
        for bucket, theirs in asked.items():
            found = list(repair((scope, entity), theirs, mine.get(bucket, {})))
            rows += found
            size += len(write({"rows": found}))
            if size > ANSWER_BYTES:
                return rows
    return rows
