"""Webhooks as the database keeps them: where each is to be sent, how far it is, how it goes.

A hook is claimed for a while before anything is sent to it, so that of several server processes one
sends, in order; whoever dies with a claim loses it by time alone.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from shared.errors import refused
from shared.findings import WebhookReport
from sync_server.hooks import GIVE_UP_MS
from sync_server.outward import RIGHTS, Right
from sync_server.store.events import Place, Reader, last_place, oldest_after
from sync_server.store.schema import webhook

CLAIM_MS: Final = 20_000
"""Longer than one delivery may take."""
_ALL: Final = 2**31
"""After every row of a transaction."""
_WELL: Final[dict[str, Any]] = {
    "failures": 0,
    "failing_since": None,
    "said": None,
    "next_at": 0,
}


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook."""

    name: str
    id: str
    url: str
    reader: Reader
    place: Place
    failures: int
    failing_since: int | None


def add_hook(
    connection: Connection, name: str, url: str, reader: Reader, now: int
) -> tuple[str, Place]:
    """Add a hook that is sent what changes from now on; return its id, and from where.

    Raises Refusal `webhook_known` for a name that is taken.
    """
    if connection.execute(select(webhook.c.name).where(webhook.c.name == name)).first():
        raise refused("webhook_known", name=name)
    id, place = secrets.token_hex(12), last_place(connection)
    row = {
        "name": name,
        "id": id,
        "url": url,
        "types": "\n".join(sorted(reader.types)),
        "rights": "\n".join(sorted(reader.rights)),
        "seq": place.seq,
        "ord": place.ord,
        "status": "active",
        **_WELL,
        "claimed_until": 0,
        "created_at": now,
    }
    connection.execute(insert(webhook), row)
    return id, place


def hook_named(connection: Connection, name: str) -> Hook:
    """Return a hook; raise Refusal `webhook_unknown`."""
    row = connection.execute(select(webhook).where(webhook.c.name == name)).one_or_none()
    if row is None:
        raise refused("webhook_unknown", name=name)
    return _hook(row)


def hooks(connection: Connection) -> list[dict[str, Any]]:
    """Return all hooks by name, as they are kept, but for what only deliveries need."""
    rows = connection.execute(select(webhook).order_by(webhook.c.name)).mappings()
    aside = ("id", "claimed_until")
    return [{name: row[name] for name in row if name not in aside} for row in rows]


def remove_hook(connection: Connection, name: str) -> None:
    """Remove a hook; raise Refusal `webhook_unknown`."""
    if connection.execute(delete(webhook).where(webhook.c.name == name)).rowcount == 0:
        raise refused("webhook_unknown", name=name)


def replay(connection: Connection, name: str, seq: int | None) -> Place:
    """Let a hook go on, from a transaction of the change log on if one is named."""
    place = hook_named(connection, name).place if seq is None else Place(max(0, seq - 1), _ALL)
    _update(connection, name, {"status": "active", "seq": place.seq, "ord": place.ord, **_WELL})
    return place


def claim_due(connection: Connection, now: int, busy: Collection[str], most: int) -> list[Hook]:
    """Claim hooks that something may have to be sent to; those that waited longest first."""
    own, head = webhook.c, last_place(connection)
    due = (
        select(webhook)
        .where(
            own.status == "active",
            own.next_at <= now,
            own.claimed_until <= now,
            own.name.not_in(sorted(busy)),
            or_(own.seq < head.seq, (own.seq == head.seq) & (own.ord < head.ord)),
        )
        .order_by(own.next_at, own.name)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = [_hook(row) for row in connection.execute(due)]
    for hook in found:
        _update(connection, hook.name, {"claimed_until": now + CLAIM_MS})
    return found


def delivered(connection: Connection, hook: Hook, place: Place, now: int) -> bool:
    """Note that a hook has everything up to a place, and go on with the claim.

    False, and nothing noted, where it was removed or told to replay meanwhile.
    """
    moved = {"seq": place.seq, "ord": place.ord, "claimed_until": now + CLAIM_MS}
    return _note(connection, hook, {**_WELL, **moved})


def release(connection: Connection, hook: Hook) -> None:
    """Give a claim back, unless the hook was removed meanwhile and another has its name."""
    mine = webhook.c.name == hook.name, webhook.c.id == hook.id
    connection.execute(update(webhook).where(*mine).values(claimed_until=0))


def failed(
    connection: Connection, hook: Hook, said: str, now: int, wait_ms: int, *, is_final: bool
) -> None:
    """Note that a delivery failed, and give the claim back; the hook is paused in the end.

    Nothing is noted where it was removed or told to replay meanwhile.
    """
    since = hook.failing_since or now
    is_over = is_final or now - since >= GIVE_UP_MS
    how = {
        "status": "paused" if is_over else "active",
        "failures": hook.failures + 1,
        "failing_since": since,
        "said": said,
        "next_at": now + wait_ms,
    }
    _note(connection, hook, how)
    release(connection, hook)


def webhook_reports(connection: Connection) -> list[WebhookReport]:
    """Return how hooks stand: paused, or since when something waits for them."""
    return [
        WebhookReport(
            row.name,
            row.status == "paused",
            row.said,
            oldest_after(connection, Place(row.seq, row.ord)),
        )
        for row in connection.execute(select(webhook).order_by(webhook.c.name))
    ]


def _note(connection: Connection, hook: Hook, how: dict[str, Any]) -> bool:
    """Note how a delivery went; false, and nothing noted, where the hook is not as it was."""
    as_it_was = (
        webhook.c.name == hook.name,
        webhook.c.id == hook.id,
        webhook.c.seq == hook.place.seq,
        webhook.c.ord == hook.place.ord,
    )
    return connection.execute(update(webhook).where(*as_it_was).values(**how)).rowcount == 1


def _update(connection: Connection, name: str, values: dict[str, Any]) -> None:
    connection.execute(update(webhook).where(webhook.c.name == name).values(values))


def _hook(row: Any) -> Hook:
    said: Sequence[str] = row.rights.split("\n")
    rights: frozenset[Right] = frozenset(right for right in RIGHTS if right in said)
    types = frozenset(filter(None, row.types.split("\n")))
    place = Place(row.seq, row.ord)
    return Hook(
        row.name, row.id, row.url, Reader(rights, types), place, row.failures, row.failing_since
    )
