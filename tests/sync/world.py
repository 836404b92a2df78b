"""A branch in miniature: the real server store and the real device stores, without a network.

Three tablets (two account managers and their supervisor) and a manager of another sub-branch, who
has none. A conversation runs through `Tablet.sync`, which can lose an answer, cut it, or die in the
middle; time is a number that only the test moves.
"""

import atexit
import base64
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

from pydantic_core import from_json
from sqlalchemy import Connection, update

from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore, Identity
from mobile_app.store.mirror import _Applying
from shared.errors import Refusal, Unreachable
from shared.ids import Millis
from shared.registry import REGISTRY, Document
from shared.sync.digest import read_answer
from shared.sync.protocol import Line, read_line
from shared.sync.ruling import Key, Row
from shared.sync.session import Post, Report, converse
from shared.sync.verify import Ask, Compared, compare
from shared.testing.builders import NOW, a_customer, a_task, a_unit, an_employee, id_number
from sync_server import exchange
from sync_server.comparison import answer
from sync_server.store.database import Database, open_sqlite
from sync_server.store.identity import enrol, new_code
from sync_server.store.schema import meta
from sync_server.store.scopes import granted, refresh_scopes
from sync_server.store.unit_of_work import Actor, UnitOfWork

DAY_MS: Final = 24 * 3_600_000
HEAD_OFFICE, BRANCH, NEAR, FAR = (id_number(number) for number in range(9_001, 9_005))
LIN, ZHOU, BOSS, STRANGER = (id_number(number) for number in range(9_011, 9_015))
NAMES: Final = ("lin", "zhou", "boss")
_FOLDER: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None

_PLAIN: Final = "SELECT op_id FROM change_log WHERE op_id IS NOT NULL AND version = 1"
_TAKEN_AFTER_ALL: Final = (
    "SELECT json_extract(value, '$.op_id') FROM issue, json_each(issue.ops) "
    "WHERE issue.status = 'accepted'"
)


class Crash(BaseException):
    """A process dies here. Not an Exception: nothing may catch it and go on."""


def scratch_folder() -> TemporaryDirectory[str]:
    """A folder in memory where there is one: these tests count commits, not disk flushes."""
    return TemporaryDirectory(prefix="fieldbook-", dir=_FOLDER)


@dataclass(slots=True)
class Branch:
    """The server's side, and what its record was after every transaction."""

    folder: Path
    now: int = NOW
    history: dict[tuple[str, int], dict[Key, Row]] = field(default_factory=dict)
    database: Database = field(init=False)
    restores: int = 0
    refused_decisions: set[str] = field(default_factory=set)
    """Operations on issues, which are not kept as issues themselves."""

    def __post_init__(self) -> None:
        self.database = open_sqlite(self.folder / "server.db")
        self.remember()

    def restart(self) -> None:
        """Stop the server and start it again."""
        self.database.close()
        self.database = open_sqlite(self.folder / "server.db")

    def back_up(self) -> None:
        """Take a backup."""
        self.database.close()
        shutil.copy(self.folder / "server.db", self.folder / "backup.db")
        self.database = open_sqlite(self.folder / "server.db")

    def restore(self) -> None:
        """Go back to the backup: a new generation begins."""
        self.database.close()
        shutil.copy(self.folder / "backup.db", self.folder / "server.db")
        self.database = open_sqlite(self.folder / "server.db")
        self.restores += 1
        with self.database.writing() as connection:
            connection.execute(
                update(meta)
                .where(meta.c.key == "generation")
                .values(value=f"restored {self.restores}")
            )
        self.restart()
        self.remember()

    def hold(self, token: str, body: bytes, crash: str | None = None) -> Iterator[Line]:
        """Hold one exchange, or die before its commit, or after it and before the answer."""
        with ExitStack() as stack:
            if crash == "before commit":
                stack.enter_context(_dying_after(exchange, "take_in"))
            try:
                answer = exchange.hold(self.database, token, body, self.now)
            except Crash:
                raise Unreachable("the server died before its commit") from None
        self.remember()
        if crash == "after commit":
            raise Unreachable("the server died after its commit")
        self.refused_decisions |= _decisions(body)
        return (read_line(line) for line in answer.lines)

    def welcomes(self, tablet: "Tablet") -> bool:
        """Whether a tablet's owner still works here."""
        employee = self.rows()["employee", tablet.identity.employee.id]
        return bool(employee.document["active"])

    def bring(self, entity: str, *documents: Document) -> None:
        """Write what the bank's own systems say."""
        with self.database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:test"), self.now)
            unit.import_rows(REGISTRY[entity], documents)
            unit.finish()
            if entity in ("employee", "org_unit"):
                refresh_scopes(connection)
        self.remember()

    def change(self, entity: str, id: str, **values: Any) -> None:
        """Import a row with other values than it has now."""
        row = self.rows()[entity, id]
        self.bring(entity, {**row.document, **values})

    def rows(self) -> dict[Key, Row]:
        """Return the whole record."""
        return dict(self.history[self.database.generation, self.head()])

    def head(self) -> int:
        with self.database.reading() as connection:
            return int(connection.exec_driver_sql("SELECT seq FROM sync_clock").scalar_one())

    def remember(self) -> None:
        """Keep what the record is at its present seq, for whoever is found to stand there."""
        place = self.database.generation, self.head()
        if place not in self.history:
            self.history[place] = self._read()

    def _read(self) -> dict[Key, Row]:
        found: dict[Key, Row] = {}
        with self.database.reading() as connection:
            for name in REGISTRY:
                found |= read_rows(connection, name)
        return found

    def scopes(self, employee: str) -> set[str]:
        """Return the scopes that an employee holds now."""
        with self.database.reading() as connection:
            return set(granted(connection, employee))

    def effects(self) -> set[str]:
        """Return the operations that have changed a row."""
        with self.database.reading() as connection:
            found = connection.exec_driver_sql("SELECT op_id FROM change_log")
            return {row.op_id for row in found}

    def verdicts(self) -> dict[str, str]:
        """Return the status of every operation that had its verdict."""
        with self.database.reading() as connection:
            plain = connection.exec_driver_sql(_PLAIN).scalars().all()
            found = connection.exec_driver_sql("SELECT op_id, status FROM applied_op").all()
            taken = connection.exec_driver_sql(_TAKEN_AFTER_ALL).scalars().all()
        kept = {row.op_id: row.status for row in found}
        return dict.fromkeys(plain, "applied") | kept | dict.fromkeys(taken, "accepted")


def _decisions(body: bytes) -> set[str]:
    ops = (op for txn in from_json(body)["txns"] for op in txn["ops"])
    return {op["op_id"] for op in ops if op["entity"] == "issue"}


def read_rows(connection: Connection, entity: str) -> dict[Key, Row]:
    """Return all rows of an entity; as text, since a history asks ten thousand times."""
    fields = REGISTRY[entity].fields
    flags = [name for name, each in fields.items() if each.python_type is bool]
    found: dict[Key, Row] = {}
    sql = f"SELECT version, scope_id, {', '.join(fields)} FROM {entity}"
    for version, scope, *values in connection.exec_driver_sql(sql):
        document = dict(zip(fields, values, strict=True))
        document |= {name: bool(document[name]) for name in flags}
        found[entity, document["id"]] = Row(document, version, scope)
    return found


@dataclass(slots=True)
class Tablet:
    """One device of the branch: its files outlive every crash."""

    name: str
    folder: Path
    identity: Identity
    branch: Branch
    skew: int = 0
    store: DeviceStore = field(init=False)
    heard: list[Line] = field(default_factory=list)
    """Lines of earlier answers, which a bad network may deliver once more."""
    formerly: set[str] = field(default_factory=set)
    """Scopes held of a server that has been restored since."""
    made: set[Key] = field(default_factory=set)
    """Records that were saved here."""
    purged: set[str] = field(default_factory=set)
    """Scopes that it was told to purge."""
    bundles: list[bytes] = field(default_factory=list)
    """What was ever exported here, and may be imported at any time."""
    answers: list[bytes] = field(default_factory=list)
    rotten: set[Key] = field(default_factory=set)
    """Rows of the mirror that are perhaps not what the server said (see `rot`)."""
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.name)
        self.open()

    @classmethod
    def new(cls, name: str, folder: Path, identity: Identity, branch: Branch) -> "Tablet":
        """Take a tablet out of its box and enrol it."""
        folder.mkdir()
        tablet = cls(name, folder, identity, branch)
        tablet.store.enrol(
            identity.device_id, identity.token, identity.server_url, identity.employee
        )
        return tablet

    def clock(self) -> Millis:
        return Millis(self.branch.now + self.skew)

    def open(self) -> None:
        key = self.name.encode().ljust(32)
        self.store = DeviceStore(
            open_engine(str(self.folder / "mirror.db"), key),
            open_engine(str(self.folder / "outbox.db"), key),
            self.clock,
            self.random.randbytes,
        )

    def reopen(self) -> None:
        """Start the app again: memory is gone, files are not."""
        self.store.close()
        self.open()

    def save(self, *changes: Any) -> None:
        """Commit what the user did."""
        self.made |= {
            (change.entity, change.id) for change in changes if hasattr(change, "document")
        }
        self.store.commit(*changes)

    def sync(self, deliver: int | None = None, crash: str | None = None) -> Report | None:
        """Converse with the server; None if the line broke. `deliver` is how many lines arrive."""
        arriving = deliver
        conversation = converse(self.store)
        lines: Iterator[Line] = iter(())
        wish = next(conversation)
        try:
            while True:
                try:
                    if isinstance(wish, Post):
                        lines = self.branch.hold(self.identity.token, wish.body, crash)
                    if arriving is not None:
                        if arriving == 0:
                            return None
                        arriving -= 1
                    line = next(lines)
                except Refusal as refusal:
                    wish = conversation.throw(refusal)
                    continue
                wish = conversation.send(line)
                self.heard.append(line)
                if line["line"] == "page":
                    self.purged |= set(line["gone"])
        except Unreachable:
            return None
        except Refusal as refusal:
            return self._revoked(Report(code=refusal.code))
        except StopIteration as end:
            report: Report = end.value
            return self._revoked(report) if report.code == "revoked" else report

    def _revoked(self, report: Report) -> Report:
        """Do as the runner does when the device is no longer welcome."""
        assert report.code in ("revoked", "device_revoked")
        self.store.forget_record()
        self.heard.clear()  # whoever asked for those answers has gone with the record
        return report

    def verify(self, bodies: list[tuple[bytes, bytes]] | None = None) -> Compared:
        """Compare the mirror with the server; `bodies` gathers each question and its answer."""
        comparing = compare(self.store)
        wish = next(comparing)
        try:
            while True:
                said = None
                if isinstance(wish, Ask):
                    body = answer(self.branch.database, self.identity.token, wish.body)
                    if bodies is not None:
                        bodies.append((wish.body, body))
                    said = read_answer(body)
                wish = comparing.send(said)
        except StopIteration as end:
            found: Compared = end.value
        if found.outcome in ("agreed", "repaired"):
            self.rotten.clear()
        return found

    def sync_verdicts_only(self) -> bool:
        """Push, and have the line break right behind the verdicts; say whether any came."""
        before = len(self.heard)
        lines_until = 2  # the head and the verdicts
        self.sync(deliver=lines_until)
        return any(line["line"] == "verdicts" for line in self.heard[before:])

    def hear_again(self) -> None:
        """A bad network delivers the latest answers once more, from a head on."""
        lines = self.heard[-20:]
        heads = [place for place, line in enumerate(lines) if line["line"] == "head"]
        for line in lines[heads[0] :] if heads else ():
            match line["line"]:
                case "head":
                    self.store.meet(line)
                case "verdicts":
                    self.store.record_verdicts(line["verdicts"])
                case "page":
                    assert not self.store.apply_page(line), "a page was taken twice"

    def dying_at(self, place: str) -> Any:
        """Die at one of PLACES."""
        owner, method, after = PLACES[place]
        make = _dying_after if after else _dying_before
        return make(owner(self.store), method)


Owner = Callable[[DeviceStore], Any]
PLACES: Final[Mapping[str, tuple[Owner, str, bool]]] = {
    "saved in the outbox, not shown in the mirror": (lambda store: store._mirror, "overlay", False),
    "verdicts read": (lambda store: store._outbox, "record", True),
    "page half applied": (lambda _: _Applying, "page", True),
    "page not yet applied": (lambda store: store._mirror, "apply", False),
    "page applied, not settled": (lambda store: store._mirror, "apply", True),
    "page settled": (lambda store: store._outbox, "settle", True),
}


def _dying_after(owner: Any, method: str) -> Any:
    whole = getattr(owner, method)

    def die(*args: Any, **named: Any) -> None:
        whole(*args, **named)
        raise Crash(method)

    return patch.object(owner, method, die)


def _dying_before(owner: Any, method: str) -> Any:
    def die(*args: Any, **named: Any) -> None:
        raise Crash(method)

    return patch.object(owner, method, die)


@cache
def _template() -> tuple[Branch, Mapping[str, Identity]]:
    """A branch with its people and customers, and its tablets new and synced; made once, copied."""
    folder = scratch_folder()
    branch = Branch(Path(folder.name))
    branch.bring("org_unit", *_units())
    branch.bring("employee", *_people())
    branch.bring("customer", *_customers())
    for place, (_, customer) in enumerate(zip(range(4), _customers(), strict=False)):
        branch.bring("task", a_task(str(customer["id"]), id=id_number(9_200 + place)))
    identities = {}
    for name, number in zip(NAMES, ("E1", "E2", "E3"), strict=True):
        identities[name] = _enrolled(branch, number)
    for name, identity in identities.items():
        for state in ("new", "joined"):
            tablet = Tablet.new(name, Path(folder.name) / f"{name} {state}", identity, branch)
            if state == "joined":
                tablet.sync()
            tablet.store.close()
    branch.database.close()
    atexit.register(folder.cleanup)
    return branch, identities


def _enrolled(branch: Branch, number: str) -> Identity:
    with branch.database.writing() as connection:
        code = new_code(connection, number, branch.now, DAY_MS)
        made = enrol(connection, code, Millis(branch.now))
    return Identity(made.device_id, made.token, "local", made.employee)


def _units() -> Sequence[Document]:
    return (
        a_unit("head_office", None, id=HEAD_OFFICE),
        a_unit("branch", HEAD_OFFICE, id=BRANCH),
        a_unit("sub_branch", BRANCH, id=NEAR),
        a_unit("sub_branch", BRANCH, id=FAR),
    )


def _people() -> Sequence[Document]:
    return (
        an_employee(NEAR, id=LIN, employee_no="E1"),
        an_employee(NEAR, id=ZHOU, employee_no="E2"),
        an_employee(NEAR, "supervisor", id=BOSS, employee_no="E3"),
        an_employee(FAR, id=STRANGER, employee_no="E4"),
    )


def _customers() -> Sequence[Document]:
    owners = (LIN, LIN, ZHOU, STRANGER)
    return [
        a_customer(owner, id=id_number(9_100 + place), name=f"客户{place}")
        for place, owner in enumerate(owners)
    ]


CUSTOMERS: Final = tuple(id_number(9_100 + place) for place in range(4))


class World:
    """One history's branch and tablets; `joined` are those that have synced before."""

    def __init__(self, joined: Collection[str] = NAMES) -> None:
        template, identities = _template()
        self.folder = scratch_folder()
        root = Path(self.folder.name)
        for name in ("server.db", "backup.db"):  # a branch begins its day with a backup
            shutil.copy(template.folder / "server.db", root / name)
        self.branch = Branch(root, history=dict(template.history))
        self.tablets = []
        for name in NAMES:
            state = "joined" if name in joined else "new"
            shutil.copytree(template.folder / f"{name} {state}", root / name)
            self.tablets.append(Tablet(name, root / name, identities[name], self.branch))

    @classmethod
    def like(cls, other: "World") -> "World":
        """Return one that begins as another has ended, which was `put_down`."""
        world = cls.__new__(cls)
        world.folder = scratch_folder()
        root = Path(world.folder.name)
        shutil.copytree(other.folder.name, root, dirs_exist_ok=True)
        world.branch = Branch(root, other.branch.now, dict(other.branch.history))
        world.tablets = [
            Tablet(each.name, root / each.name, each.identity, world.branch)
            for each in other.tablets
        ]
        return world

    def join(self, name: str, number: str) -> Tablet:
        """Give one more employee a tablet."""
        folder, identity = Path(self.folder.name) / name, _enrolled(self.branch, number)
        tablet = Tablet.new(name, folder, identity, self.branch)
        self.tablets.append(tablet)
        return tablet

    def put_down(self) -> None:
        """Stop the server and every app; their files stay."""
        for tablet in self.tablets:
            tablet.store.close()
        self.branch.database.close()

    def close(self) -> None:
        self.put_down()
        self.folder.cleanup()


def position(cursor: str | None) -> Mapping[str, Any]:
    """Read a cursor without its seal."""
    if cursor is None:
        return {"generation": "", "seq": 0, "scopes": {}, "joining": {}}
    return dict(from_json(base64.urlsafe_b64decode(cursor)[16:]))
