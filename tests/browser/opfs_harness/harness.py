"""Runs in the browser's worker: the store over OPFS, one coroutine for each step of the test.

Each answers with JSON, because that crosses from the worker to the page to the test unchanged.
"""

from __future__ import annotations

import json
import random
import secrets
from base64 import b64encode
from time import perf_counter
from typing import Any

import httpx
import sqlalchemy as sa

from mobile_app.device import wall_clock
from mobile_app.platform.fetch import FetchTransport
from mobile_app.platform.opfs import BrowserProfile, JsHandle, js, open_profile
from mobile_app.platform.storage import ProfileInUse
from mobile_app.store.argon2id import Cost, argon2id
from mobile_app.store.bridge import open_engine, reading
from mobile_app.store.bundle import export_bundle
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.faults import DiskFull
from mobile_app.store.opening import open_store
from mobile_app.store.vault import Vault
from shared.domain import Employee, Interaction
from shared.sync.change import Insert

PIN = "402817"
CHEAP = Cost(memory_kib=1024, passes=1)
COMMITS = 50
VISITS = 1_200
"""More than one request holds."""

metadata = sa.MetaData()
customer = sa.Table(
    "customer",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    *[sa.Column(f"text{number}", sa.String) for number in range(9)],
    *[sa.Column(f"number{number}", sa.Integer) for number in range(8)],
)
opened: dict[str, Any] = {}


async def profile_of(name: str) -> BrowserProfile:
    opened["profile"] = opened.get("profile") or await open_profile(name)
    profile: BrowserProfile = opened["profile"]
    return profile


async def begin(name: str, canary: str, rows: int) -> str:
    """Make a profile with its vault and insert `rows` customers; answers the figures."""
    profile = await profile_of(name)
    keys = Vault(profile, profile.device_secret(), cost=CHEAP).create(PIN)
    engine = opened["engine"] = open_engine(profile.path("mirror.db"), keys.mirror, vfs=profile.vfs)
    metadata.create_all(engine)
    return json.dumps({"insert_s": inserted(engine, canary, rows), "commit_ms": committed(engine)})


def inserted(engine: sa.Engine, canary: str, rows: int) -> float:
    texts = {f"text{number}": canary for number in range(9)}
    numbers = dict.fromkeys((f"number{number}" for number in range(8)), 7)
    many = [texts | numbers | {"text0": f"{canary}:{row}"} for row in range(rows)]
    start = perf_counter()
    with engine.begin() as connection:
        connection.execute(customer.insert(), many)
    return perf_counter() - start


def committed(engine: sa.Engine) -> float:
    start = perf_counter()
    for number in range(COMMITS):
        with engine.begin() as connection:
            connection.execute(customer.update().where(customer.c.id == 1).values(number0=number))
    return (perf_counter() - start) / COMMITS * 1000


async def again(name: str, pattern: str) -> str:
    """Unlock and open what an earlier page wrote; answers rows, matches and figures."""
    profile = await profile_of(name)
    keys = Vault(profile, profile.device_secret()).unlock(PIN, 0)
    start = perf_counter()
    engine = opened["engine"] = open_engine(profile.path("mirror.db"), keys.mirror, vfs=profile.vfs)
    open_ms = (perf_counter() - start) * 1000
    with reading(engine) as connection:
        rows = len(connection.execute(sa.select(customer)).all())
        start = perf_counter()
        like = customer.c.text0.like(pattern)
        matches = len(connection.execute(sa.select(customer.c.id).where(like)).all())
        like_ms = (perf_counter() - start) * 1000
        sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
    return json.dumps(
        {"rows": rows, "matches": matches, "sound": sound, "like_ms": like_ms, "open_ms": open_ms}
    )


async def leave_open(name: str, text: str) -> str:
    """Rewrite every row in a transaction that is never ended, past what memory holds."""
    await profile_of(name)
    connection = opened["transaction"] = opened["engine"].connect()
    connection.exec_driver_sql("PRAGMA cache_size=5")
    connection.execute(customer.update().values(text0=text))
    return json.dumps("left open")


async def waits(path: str) -> str:
    """Ask a server that falls silent; answers how it ended and what arrived before."""
    limits = httpx.Timeout(0.2)
    arrived = b""
    async with httpx.AsyncClient(transport=FetchTransport(), timeout=limits) as client:
        try:
            address = js.URL.new(path, js.location.origin).href
            async with client.stream("GET", address) as answer:
                async for chunk in answer.aiter_bytes():
                    arrived += chunk
        except httpx.TransportError as error:
            return json.dumps([type(error).__name__, arrived.decode()])
    return json.dumps(["ended", arrived.decode()])


async def second(name: str) -> str:
    """Open a profile that another tab may have; answers its words of refusal."""
    try:
        await open_profile(name)
    except ProfileInUse as refusal:
        return json.dumps(str(refusal))
    return json.dumps("opened")


async def fill(name: str) -> str:
    """Insert until the disk is full; answers with how it was said and what is there."""
    engine = opened["engine"]
    rows = [{"text0": "x" * 4000} for _ in range(1000)]
    try:
        for _ in range(20):
            with engine.begin() as connection:
                connection.execute(customer.insert(), rows)
    except DiskFull:
        return json.dumps({"said": "full", "rows": counted(engine)})
    return json.dumps({"said": "nothing", "rows": counted(engine)})


async def exported(name: str, identity: str, customer: str, note: str) -> str:
    """Log visits on a device that is enrolled so, and export them; answers the file in base64."""
    profile = await profile_of(name)
    keys = Vault(profile, profile.device_secret(), cost=CHEAP).create(PIN)
    store = open_store(profile, keys, wall_clock, secrets.token_bytes)
    known = json.loads(identity)
    store.enrol(known["device_id"], known["token"], "", Employee(**known["employee"]))
    for _ in range(VISITS):
        store.commit(Insert.of("interaction", visit(store, customer, note)))
    start = perf_counter()
    made = export_bundle(store)
    export_ms = (perf_counter() - start) * 1000
    content, pending = b64encode(made.content).decode(), store.overview().pending
    return json.dumps({"bundle": content, "pending": pending, "export_ms": export_ms})


def visit(store: DeviceStore, customer: str, note: str) -> Interaction:
    return Interaction(
        id=store.new_id(),
        customer_id=customer,
        employee_id=store.me.id,
        channel="visit",
        purpose="loan",
        outcome="done",
        occurred_at=wall_clock(),
        note=note,
    )


def counted(engine: sa.Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(customer)) or 0


async def shadow(seed: int) -> str:
    """Many random operations on a real handle and on bytes; answers the first difference."""
    root = await js.navigator.storage.getDirectory()
    file = await root.getFileHandle("shadow", create=True)
    handle = JsHandle(await file.createSyncAccessHandle())
    handle.truncate(0)
    try:
        return json.dumps(first_difference(handle, random.Random(seed)))
    finally:
        handle.close()


def first_difference(handle: JsHandle, chance: random.Random) -> str:
    copy = bytearray()
    for step in range(2000):
        offset, amount = chance.randrange(20_000), chance.randrange(6000)
        match chance.randrange(4):
            case 0:
                handle.truncate(offset)
                del copy[offset:]
                copy.extend(bytes(offset - len(copy)))
            case 1:
                data = chance.randbytes(amount) + bytes(chance.randrange(50))
                handle.write(data, offset)
                copy.extend(bytes(max(offset - len(copy), 0)))
                copy[offset : offset + len(data)] = data
            case _:
                if handle.read(amount, offset) != copy[offset : offset + amount]:
                    return f"step {step}: {amount} bytes at {offset} of {len(copy)}"
        if handle.size() != len(copy):
            return f"step {step}: {handle.size()} bytes, not {len(copy)}"
    return "none"


async def end(name: str) -> str:
    """Close everything, so that another tab may open it."""
    opened.pop("engine").dispose()
    opened.pop("profile").close()
    return json.dumps("closed")


async def stretch(memory_kib: int, passes: int) -> str:
    """One Argon2id: its result and its time."""
    start = perf_counter()
    derived = argon2id(b"402817", b"saltsaltsaltsalt", Cost(memory_kib, passes)).hex()
    return json.dumps({"hex": derived, "s": perf_counter() - start})


async def measure(source: str, customers: int) -> str:
    """Run the bench's own code here, on the app's store over OPFS; answers its figures."""
    bench: dict[str, Any] = {}
    exec(compile(source, "bench/device.py", "exec"), bench)  # noqa: S102 - it is our own file
    profile = await profile_of("measure")
    mirror, outbox = (
        open_engine(profile.path(name), bytes(range(32)), vfs=profile.vfs)
        for name in ("mirror.db", "outbox.db")
    )
    return json.dumps(bench["figures"](mirror, outbox, customers))
