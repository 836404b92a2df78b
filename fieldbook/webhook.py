"""`fieldbook webhook`: where other systems are sent what changes, also while the server runs."""

import argparse
import asyncio
import json
import secrets
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from sync_server.courier import Reply, a_test_event, client_for, post
from sync_server.hooks import Sending, host_of, secret_of
from sync_server.store.events import Reader, read_types
from sync_server.store.webhooks import add_hook, hook_named, hooks, remove_hook
from sync_server.store.webhooks import replay as go_on


def add(asked: argparse.Namespace) -> int:
    """Add a hook; its secret is shown only now."""
    host = host_of(asked.url)
    reader = Reader(frozenset(["events", *asked.may]), read_types(",".join(asked.type)))
    with opened(asked) as database:
        with database.writing() as connection:
            id, place = add_hook(connection, asked.name, asked.url, reader, now())
        secret = secret_of(database.cursor_key, id)
    text = (
        f"{secret}\n(shown once; what changes after transaction {place.seq} is sent, "
        f"by a server that runs with --webhook-to {host})"
    )
    _answer(asked, {"name": asked.name, "secret": secret, "seq": place.seq}, text)
    return 0


def list(asked: argparse.Namespace) -> int:
    """List the hooks and how they stand."""
    with opened(asked) as database, database.reading() as connection:
        rows = hooks(connection)
    lines = (
        f"{row['name']}\t{row['status']}\tseq {row['seq']}\t{row['url']}\t{row['said'] or ''}"
        for row in rows
    )
    _answer(asked, rows, "\n".join(lines) or "There are no webhooks.")
    return 0


def remove(asked: argparse.Namespace) -> int:
    """Remove a hook."""
    with opened(asked) as database, database.writing() as connection:
        remove_hook(connection, asked.name)
    _answer(asked, {"name": asked.name}, "Removed. Nothing more is sent to it.")
    return 0


def replay(asked: argparse.Namespace) -> int:
    """Let a paused hook go on, or send again from a transaction on."""
    with opened(asked) as database, database.writing() as connection:
        place = go_on(connection, asked.name, asked.since)
    answer = {"name": asked.name, "after": place.seq}
    _answer(asked, answer, f"What comes after transaction {place.seq} is sent.")
    return 0


def test(asked: argparse.Namespace) -> int:
    """Send one signed event from this machine; 1 if it was not accepted."""
    with opened(asked) as database:
        with database.reading() as connection:
            hook = hook_named(connection, asked.name)
        secret = secret_of(database.cursor_key, hook.id)
        id, at = f"test-{secrets.token_hex(8)}", now()
        moment = datetime.fromtimestamp(at // 1_000, UTC).isoformat().replace("+00:00", "Z")
        body = to_json([a_test_event(database.generation, id, moment)])
    sending = Sending(frozenset({host_of(hook.url)}), asked.ca)
    reply = asyncio.run(_sent(sending, hook.url, secret, id, body, at // 1_000))
    if not reply.is_accepted:
        raise Stop(f"{hook.url} did not accept it: {reply.said}. The hook is as it was.")
    _answer(asked, {"name": hook.name, "status": reply.status}, f"Accepted: {reply.said}.")
    return 0


async def _sent(sending: Sending, url: str, secret: str, id: str, body: bytes, at_s: int) -> Reply:
    async with client_for(sending) as client:
        return await post(client, sending, url, secret, id, body, at_s)


def _answer(asked: argparse.Namespace, answer: Any, text: str) -> None:
    print(json.dumps(answer, ensure_ascii=False) if asked.json else text)
