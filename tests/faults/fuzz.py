"""The exchange under fuzz: valid requests, mutated, asked of the real application in this process.

Whatever arrives is answered or refused, in the words of the catalogue; nothing is a 500, memory
stays where it was, and what was taken in can be read by every device afterwards. A run is made
again by its seed and number.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

from pydantic_core import from_json
from starlette.types import ASGIApp

from shared.blob import PART
from shared.errors import CATALOGUE, Refusal
from shared.registry import REGISTRY
from shared.sync.bundle import Header, pack, secret_of
from shared.sync.digest import compared, read_answer
from shared.sync.protocol import read_line, write
from shared.testing.builders import (
    NOW,
    a_customer,
    a_request,
    a_task,
    an_attachment,
    an_interaction,
    delete,
    insert,
    new_id,
    patch,
    transition,
    txn,
)
from shared.testing.replica import Replica
from sync_server.bundles import answer as bundle_answer
from sync_server.bundles import import_bundle
from sync_server.http import Services, make_app
from sync_server.store.database import Database
from sync_server.store.identity import new_code, new_system_token
from tests.faults.asgi import Answer, ask
from tests.faults.bank import Kit, bring, make_bank, opened_database
from tests.faults.memory import Memory
from tests.faults.mutate import BOMBS, change_structure, change_text, written
from tests.faults.mutate import pack as packed
from tests.faults.processes import unsound
from tests.faults.tally import Progress, Tally, silent

_TICK_MS: Final = 7_000
"""From one request to the next, so that enrolments are slowed down only now and then."""
_BOMB_EVERY: Final = 250
_GROWTH_MB: Final = 128
"""What the process may have grown by at the end: caches fill, and bombs leave a heap in pieces."""
_PEAK_MB: Final = 320
"""What one request may take for a moment."""
Request = tuple[str, str, dict[str, str], Any]
"""Method, path, headers, and the body as a structure, as bytes, or None."""


@dataclass(slots=True)
class World:
    """A branch, its application, and who asks it."""

    database: Database
    app: ASGIApp
    writer: Kit
    reader: Kit
    """Whose rows stay as they are, so that its digests are compared and not only called stale."""
    system: str
    now: int = NOW
    cursor: str | None = None
    blob: bytes = b"\xff\xd8\xff" + bytes(2 * PART)
    tasks: list[str] = field(default_factory=list)
    known: list[Any] = field(default_factory=list)
    """Transactions that were sent before, to be sent again changed."""

    def clock(self) -> int:
        """The server's."""
        return self.now

    def headers(self, kit: Kit) -> dict[str, str]:
        """What a device signs its requests with."""
        return {"authorization": f"Bearer {kit.identity.token}"}


async def make_world(folder: Path, url: str | None) -> World:
    """Write a branch with two devices, and read one of them up to date."""
    writer, reader = make_bank(folder, "", devices=2, url=url)
    database = opened_database(folder / "server", url)
    with database.writing() as connection:
        system = new_system_token(connection, "core", NOW)
    world = World(database, None, writer, reader, system)  # type: ignore[arg-type]
    world.app = make_app(Services(database, world.clock))
    customer = reader.customers[0]
    bring(database, "interaction", [an_interaction(customer, reader.identity.employee.id)])
    attachment = an_attachment(customer, reader.identity.employee.id, world.blob)
    bring(database, "attachment", [attachment])
    said = await ask(
        world.app, "POST", "/v1/sync", write(a_request()), headers=world.headers(reader)
    )
    pages = [line for line in map(read_line, said.body.splitlines()) if line["line"] == "page"]
    world.cursor = pages[-1]["cursor"]
    return world


# Valid requests


def a_sync(world: World, random: Random) -> Request:
    """An exchange with some of everything that a device sends."""
    kit = world.writer
    customer, me = random.choice(kit.customers), kit.identity.employee.id
    task = a_task(customer)
    made = [
        txn(insert("interaction", an_interaction(customer, me)), insert("task", task)),
        txn(insert("attachment", an_attachment(customer, me, random.randbytes(8)))),
        txn(patch("customer", customer, contact_note=(None, "午后在"))),
        txn(insert("customer", a_customer(me))),
        *(txn(transition("task", id, "status", "open", "done")) for id in world.tasks[-1:]),
        *(txn(delete("task", id)) for id in world.tasks[-2:-1]),
        *world.known[-2:],
    ]
    world.tasks = [*world.tasks[-20:], str(task["id"])]
    txns = random.sample(made, random.randint(0, 3))
    world.known = [*world.known[-20:], *txns]
    request: Any = a_request(txns, random.choice((None, world.cursor)))
    if random.random() < 0.2:
        receipt = {"id": new_id(), "purged": "portfolio:x", "rows": 1, "at": NOW}
        request = {**request, "receipts": [receipt]}
    return "POST", "/v1/sync", world.headers(kit), deepcopy(request)


def a_question(world: World, random: Random) -> Request:
    """One question of a comparison, of a device that is up to date."""
    names = random.sample(list(REGISTRY), 3)
    fields = {name: compared(REGISTRY[name]) for name in names}
    scope = f"portfolio:{world.reader.identity.employee.id}"
    question: dict[str, Any] = {"proto": 1, "cursor": world.cursor, "fields": fields}
    if random.random() < 0.5:
        parts = [[scope, name, random.randint(0, 5), "0" * 16] for name in names]
        question |= {"ask": "parts", "parts": parts}
    else:
        rows = dict.fromkeys(world.reader.customers, "0" * 16)
        buckets = [[scope, name, random.randrange(64), rows] for name in sorted(names)]
        question |= {"ask": "rows", "buckets": buckets}
    return "POST", "/v1/digest", world.headers(world.reader), question


def an_enrolment(world: World, random: Random) -> Request:
    """An enrolment, now and then with a code that is good."""
    code = "ABCD-EFGH-JKLM-NPQR"
    if random.random() < 0.1:
        number = world.writer.identity.employee.employee_no
        with world.database.writing() as connection:
            code = new_code(connection, number, world.now, 600_000)
    return "POST", "/v1/enrol", {}, {"code": code}


def a_part(world: World, random: Random) -> Request:
    """A part of a blob."""
    start = random.choice((0, 0, PART, len(world.blob) - 3))
    part = world.blob[start : start + random.choice((3, PART))]
    name = random.choice((sha256(world.blob).hexdigest(), sha256(random.randbytes(1)).hexdigest()))
    span = f"bytes {start}-{start + len(part) - 1}/{len(world.blob)}"
    headers = {**world.headers(world.reader), "content-range": _spoilt(span, random)}
    return "PUT", f"/v1/blob/{_spoilt(name, random)}", headers, part


def a_blob(world: World, random: Random) -> Request:
    """A question for a blob."""
    name = _spoilt(sha256(world.blob).hexdigest(), random)
    first, last = random.choice(("", 0, 5, PART)), random.choice(("", 0, 7, 10**8))
    headers = {**world.headers(world.reader), "range": _spoilt(f"bytes={first}-{last}", random)}
    return random.choice(("GET", "HEAD")), f"/v1/blob/{name}", headers, None


def a_timeline(world: World, random: Random) -> Request:
    """Another system's question for the record."""
    id = _spoilt(random.choice(world.reader.customers), random)
    query = random.choice(("", f"?limit={_spoilt('20', random)}", f"?after={_spoilt(id, random)}"))
    path = f"/v1/customers/{id}" + random.choice(("", f"/timeline{query}"))
    return "GET", path, {"authorization": f"Bearer {_spoilt(world.system, random)}"}, None


def _spoilt(text: str, random: Random) -> str:
    """A text that goes into a path or a header, most often as it was."""
    if random.random() < 0.6:
        return text
    wrong = ("", "\xff", "%00", "\x00", "0" * 3_000, "-1", text.upper(), text[1:], text + "0", "*")
    return random.choice(wrong)


VALID: Final[Mapping[str, tuple[int, Callable[[World, Random], Request]]]] = {
    "sync": (8, a_sync),
    "digest": (4, a_question),
    "enrolment": (2, an_enrolment),
    "blob sent": (2, a_part),
    "blob asked": (1, a_blob),
    "record asked": (1, a_timeline),
}
"""What is asked, and how often of 20 times; the rest are sync bundles."""


# One run


@dataclass(slots=True)
class Fuzz:
    """The runs, one after the other."""

    world: World
    tally: Tally
    answers: Counter[str] = field(default_factory=Counter)

    async def run(self, number: int) -> None:
        """Make one request, mutate it, ask it and judge the answer."""
        random = Random(f"{self.tally.seed} {number}")
        self.world.now += _TICK_MS
        kinds, weights = list(VALID), [weight for weight, _ in VALID.values()]
        kind = random.choices([*kinds, "bundle"], [*weights, 2])[0]
        try:
            if number % _BOMB_EVERY == _BOMB_EVERY - 1:
                kind, found = "bomb", await self._bomb(number // _BOMB_EVERY, random)
            elif kind == "bundle":
                found = self._carry(random)
            else:
                found = await self._ask(kind, random)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            found = [f"{kind}: {error!r}"]
        self.tally.violated(number, found)
        self.tally.runs += 1

    async def _bomb(self, place: int, random: Random) -> list[str]:
        name = list(BOMBS)[place % len(BOMBS)]
        body, encoding = BOMBS[name]()
        headers = self.world.headers(self.world.writer) | {"content-encoding": encoding}
        path = random.choice(("/v1/sync", "/v1/digest"))
        self.tally.faults[name] += 1
        answer = await ask(self.world.app, "POST", path, body, headers)
        self.answers[f"bomb: {_word(answer)}"] += 1
        return _wrong_with(answer, "bomb", "POST")

    async def _ask(self, kind: str, random: Random) -> list[str]:
        method, path, headers, content = VALID[kind][1](self.world, random)
        body = b""
        if isinstance(content, dict):
            body, encoding = self._spoil(content, random)
            headers = headers | ({"content-encoding": encoding} if encoding else {})
        elif content is not None:
            body = self._changed_text(content, random) if random.random() < 0.3 else content
        if random.random() < 0.03:
            headers = headers | {"authorization": f"Bearer {_spoilt('', random)}"}
        headers = headers | {"accept-encoding": random.choice(("", "identity", "*", "br"))}
        answer = await ask(self.world.app, method, path, body, headers)
        self.answers[f"{kind}: {_word(answer)}"] += 1
        return [f"{kind}: {each}" for each in _wrong_with(answer, kind, method)]

    def _spoil(self, content: Any, random: Random) -> tuple[bytes, str]:
        self._changed_structure(content, random, random.choice((0, 1, 1, 1, 2, 4)))
        body, encoding = written(content, random), ""
        if random.random() < 0.15:
            body = self._changed_text(body, random)
        if random.random() < 0.25:
            name, body, encoding = packed(body, random)
            self.tally.faults[name] += 1
        return body, encoding

    def _changed_structure(self, content: Any, random: Random, times: int) -> None:
        """Change an exchange at some places, half of them in the records that it carries."""
        ops = [op for each in content.get("txns", ()) for op in each["ops"]]
        records = [op.get("doc") or op.get("set") for op in ops]
        for _ in range(times):
            record = random.choice([content, *filter(None, records)])
            target = random.choice((content, record))
            self.tally.faults[change_structure(target, random)] += 1

    def _changed_text(self, body: bytes, random: Random) -> bytes:
        name, changed = change_text(body, random)
        self.tally.faults[name] += 1
        return changed

    def _carry(self, random: Random) -> list[str]:
        """Import a sync bundle whose requests, facts, first line or bytes were changed."""
        kit, world = self.world.writer, self.world
        bodies = []
        for _ in range(random.randint(1, 3)):
            _, _, _, content = a_sync(world, random)
            self._changed_structure(content, random, random.choice((0, 0, 1, 2)))
            bodies.append(written(content, random))
        facts: Any = {
            "device_id": kit.identity.device_id,
            "made_at": NOW,
            "requests": len(bodies),
            "operations": 1,
        }
        if random.random() < 0.1:
            facts[random.choice(list(facts))] = random.choice(("", "x", "-1", "9" * 400))
        header = Header("BUNDLE", kit.identity.device_id, new_id())
        whole = pack(header, secret_of(kit.identity.token), facts, bodies)
        if random.random() < 0.4:
            whole = self._changed_text(whole, random)
        try:
            imported = import_bundle(world.database, whole, world.now)
        except Refusal as refusal:
            self.answers[f"bundle: {refusal.code}"] += 1
            return []
        bundle_answer(world.database, imported, new_id(), world.now)
        self.answers["bundle: taken in"] += 1
        return []


def _word(answer: Answer) -> str:
    if answer.status < 400:
        return "answered"
    return answer.headers.get("refusal", f"status {answer.status} without a refusal")


def _wrong_with(answer: Answer, kind: str, method: str) -> list[str]:
    if answer.status >= 400:
        return _wrong_refusal(answer, method)
    if kind == "sync":
        lines = [read_line(line) for line in answer.body.splitlines()]
        return [] if lines[-1]["line"] == "end" else ["an answer without an end"]
    if kind == "digest":
        read_answer(answer.body)
    return []


def _wrong_refusal(answer: Answer, method: str) -> list[str]:
    code = answer.headers.get("refusal", "")
    if answer.status == 500 or code not in CATALOGUE or CATALOGUE[code].status != answer.status:
        return [f"status {answer.status} and code {code!r}: {answer.body[:200]!r}"]
    if method == "HEAD":
        return []
    said = from_json(answer.body)
    gaps = [language for language in ("zh", "en") if not said[language] or "…" in said[language]]
    return [f"{code} leaves a gap in its sentence: {said}" for _ in gaps]


# All of it


def fuzz(
    folder: Path, runs: int, seed: int, progress: Progress = silent, url: str | None = None
) -> Tally:
    """Ask `runs` mutated requests, and look at what they left behind."""
    where = "PostgreSQL" if url else "SQLite"
    tally = Tally(f"mutated requests to every route, over {where}", seed)
    asyncio.run(_fuzz(folder, runs, tally, progress, url))
    return tally.close()


async def _fuzz(folder: Path, runs: int, tally: Tally, progress: Progress, url: str | None) -> None:
    world = await make_world(folder, url)
    fuzzed = Fuzz(world, tally)
    numbers = count()
    while tally.runs < min(runs, 2 * _BOMB_EVERY * len(BOMBS)) // 4:
        await fuzzed.run(next(numbers))
    memory = Memory.of_this_process()
    while tally.runs < runs:
        await fuzzed.run(next(numbers))
        if tally.runs % 5_000 == 0:
            progress(f"{tally.runs} of {runs}, {len(tally.violations)} violations")
    tally.violated("all", memory.complaints(_GROWTH_MB, _PEAK_MB))
    tally.violated("all", unsound(world.database))
    tally.violated("all", await _unreadable(world))
    tally.notes |= {"memory": memory.said()}
    tally.notes |= {word: f"{times:,}" for word, times in sorted(fuzzed.answers.items())}
    world.database.close()


async def _unreadable(world: World) -> list[str]:
    """Read everything as a new device would; return what stands in its way."""
    replica = Replica()
    more = True
    while more:
        body = write(a_request(cursor=replica.cursor))
        said = await ask(world.app, "POST", "/v1/sync", body, headers=world.headers(world.writer))
        lines = [read_line(line) for line in said.body.splitlines()]
        replica.take(line for line in lines if line["line"] == "page")
        end = lines[-1]
        more = end["line"] == "end" and end["more"]
    json.dumps([row.document for row in replica.rows.values()], allow_nan=False)
    return [] if replica.rows else ["a device that asked for everything was given nothing"]
