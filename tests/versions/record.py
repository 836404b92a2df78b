"""Record what this release writes and says, so that later releases can be held against it.

Run once for a release, from its tag: `python -m tests.versions.record`. It plays a short day in
the miniature branch of the sync tests and keeps what lies on the disks at the end of it: one
tablet's two files and the server's database. Then it keeps the evening's exchanges byte by byte.
Ids, tokens and keys follow from seeds: two recordings say the same, down to the wire's bytes.
"""

import shutil
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from shared.ids import Millis
from shared.sync.change import Delete, Insert, Patch, Transition
from shared.sync.protocol import Txn, write
from shared.testing import builders
from shared.testing.builders import a_request, a_task, an_interaction, id_number
from sync_server import exchange
from sync_server.store import database as databases
from sync_server.store import identity
from sync_server.store.database import Database, open_sqlite
from sync_server.store.schema import metadata
from tests.sync.world import DAY_MS, LIN, ZHOU, Branch, Tablet, World
from tests.versions.tape import KEEPSAKES, MINE, OTHER, STRANGERS, ZHOUS, Tape, keepsake

HERE: Final = Path(__file__).parent


def main() -> None:
    """Record this release."""
    folder = HERE / _version()
    if folder.exists():
        raise SystemExit(f"{folder} is there already: what a release wrote is recorded once.")
    tape = Tape()
    with _reproducible(), patch.object(exchange, "hold", tape.hold):
        world = World(joined=("lin", "zhou"))
        _day(world, tape)
        _keep_files(world, folder)
        tape.exchanges.clear()
        _evening(world, tape)
        world.close()
    tape.keep(folder / "wire")
    names = [f"* `{each['name']}`: {each['what'].partition(': ')[2]}" for each in tape.listed()]
    (folder / "README.md").write_text(_README.format(version=_version()) + "\n".join(names) + "\n")


_README: Final = """\
# What {version} wrote and said

Written by `python -m tests.versions.record` at the release; never by hand, never again. The keys
and tokens here open nothing but these files.

* `device/mirror.db`, `device/outbox.db`: the tablet of E1 at the end of a day, its write-ahead logs
  empty. Encrypted as on every tablet; the key of both is the three letters `lin`, filled up with
  spaces to 32 bytes. The outbox has operations of every state, a draft and settings; the mirror has
  overlays with their bases, and rows of a later version, deferred.
* `server/server.db`: the server's database of the same moment, in SQLite: the people, the log, the
  verdicts, conflicts, tombstones, devices (one revoked), grants, and what a later app sent, set
  aside. `server/server.sql` is the same as statements for PostgreSQL, one to a line.
* `wire/`: the exchanges of the evening that followed, in order, each as the request's bytes and the
  answer's lines (without HTTP's own compression). `exchanges.json` has the token and the server's
  time of each.

"""


def _version() -> str:
    project = tomllib.loads((HERE.parent.parent / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])


@contextmanager
def _reproducible() -> Iterator[None]:
    """Let every secret and every id follow from a seed."""
    random = Random("fieldbook")
    secrets = SimpleNamespace(
        token_bytes=random.randbytes,
        token_hex=lambda size: random.randbytes(size).hex(),
        token_urlsafe=lambda size: f"a-published-test-token-{random.randbytes(size // 4).hex()}",
        choice=random.choice,
    )
    with ExitStack() as stack:
        for module in (databases, identity):
            stack.enter_context(patch.object(module, "secrets", secrets))
        yield


# The day


def _day(world: World, tape: Tape) -> None:
    lin, zhou, _ = world.tablets
    _settled_work(lin, world.branch)
    _refused_work(lin)
    world.branch.now += 60_000
    _from_a_later_app(zhou)
    world.branch.now += 60_000
    lin.save(Patch("customer", MINE, {"phone": (None, "13800001234")}))
    world.branch.change("customer", MINE, occupation="教师")
    world.branch.change("customer", OTHER, occupation="医生")
    world.branch.bring("interaction", an_interaction(MINE, LIN, id=id_number(9_401)))
    tape.later = True
    with _sending(lin, lambda _: []):
        lin.sync()
    tape.later = False
    lin.save(*_visit(lin, OTHER))
    with _sending(lin, lambda txns: txns[-1:]):
        lin.sync(deliver=2)  # the head and the verdicts: delivered, not in the record
    _waiting_work(lin)
    _people_and_codes(world.branch)


def _settled_work(lin: Tablet, branch: Branch) -> None:
    visit, task = _visit(lin, MINE)
    lin.save(visit, task)
    lin.save(*_visit(lin, OTHER))
    lin.sync()
    branch.now += 60_000
    lin.save(Delete("task", task.id))
    lin.save(Transition("task", id_number(9_200), "status", "open", "done"))
    branch.change("customer", OTHER, contact_note="上午在", occupation="会计")
    lin.save(Patch("customer", OTHER, {"contact_note": (None, "午后在")}))
    lin.save(Patch("customer", OTHER, {"industry": (None, "餐饮")}))
    lin.sync()


def _refused_work(lin: Tablet) -> None:
    for name in ("改错的名字", "放弃的名字"):
        lin.save(Patch("customer", OTHER, {"name": ("客户1", name)}))
    lin.sync()
    lin.store.discard(lin.store.outbox()[0].op_id, "不再需要")


def _from_a_later_app(zhou: Tablet) -> None:
    """A colleague's newer app sends what this server cannot know yet."""
    visit = an_interaction(ZHOUS, ZHOU, id=id_number(9_402))
    kept = keepsake(KEEPSAKES[2], ZHOUS, ZHOU)
    txns = [
        builders.txn(builders.insert("keepsake", kept)),
        builders.txn(builders.patch("keepsake", KEEPSAKES[2], title=("剪纸", "年画"))),
        builders.txn(builders.insert("keepsake", keepsake(KEEPSAKES[3], STRANGERS, ZHOU))),
        builders.txn(
            builders.patch(
                "customer", ZHOUS, occupation=(None, "船员"), parking_note=(None, "东门可停车")
            )
        ),
        builders.txn(builders.patch("customer", ZHOUS, parking_note=("东门可停车", "西门可停车"))),
        builders.txn(builders.insert("interaction", {**visit, "weather": "snow"})),
        builders.txn(
            builders.insert("interaction", an_interaction(ZHOUS, ZHOU, id=id_number(9_403))),
            builders.insert("keepsake", keepsake(KEEPSAKES[4], ZHOUS, ZHOU)),
        ),
        builders.txn({**builders.patch("customer", ZHOUS, stage=(None, None)), "kind": "stamp"}),
    ]
    for number, op in enumerate((op for each in txns for op in each["ops"]), 1):
        op["device_seq"] = number
    request = write(a_request(txns, schema=99))
    assert list(zhou.branch.hold(zhou.identity.token, request))


def _waiting_work(lin: Tablet) -> None:
    visit, task = _visit(lin, MINE)
    lin.save(visit, task)
    lin.save(Patch("task", task.id, {"title": ("回访", "带资料回访")}))
    lin.save(Transition("task", id_number(9_201), "status", "open", "done"))
    lin.save(Patch("customer", OTHER, {"need": (None, "housing"), "need_amount": (None, 9_000)}))
    lin.save(Insert("task", a_task(MINE, id=lin.store.new_id(), title="送年历")))
    lin.save(Delete("task", id_number(9_200)))
    lin.store.save_draft(f"visit:{MINE}", {"purpose": "loan", "note": "没写完的"})
    lin.store.set_setting("language", "zh")
    lin.store.set_setting("scale", "1.3")


def _people_and_codes(branch: Branch) -> None:
    with branch.database.writing() as connection:
        code = identity.new_code(connection, "E4", branch.now, DAY_MS)
        lost = identity.enrol(connection, code, Millis(branch.now))
        identity.revoke(connection, lost.device_id)
        identity.new_code(connection, "E1", branch.now, DAY_MS)
        identity.new_system_token(connection, "core", branch.now)


# The evening


def _evening(world: World, tape: Tape) -> None:
    lin, zhou, boss = world.tablets
    world.branch.now += 3_600_000
    lin.sync()
    tape.name("everything that waited: the tablet's whole outbox, and what is new")
    boss.sync()
    tape.name("first sync: a supervisor's new tablet reads all of its scopes")
    zhou.sync()
    tape.name("later sync: a tablet with a cursor and nothing to send")
    for change, what in _one_of_each_kind(lin):
        lin.save(change)
        lin.sync()
        tape.name(what)


def _one_of_each_kind(lin: Tablet) -> Sequence[tuple[Any, str]]:
    task = a_task(MINE, id=lin.store.new_id())
    id = str(task["id"])
    return (
        (Insert("task", task), "push insert: a new task"),
        (Patch("task", id, {"title": ("回访", "上门")}), "push patch: a new title"),
        (
            Transition("task", id, "status", "open", "dropped"),
            "push transition: the task is dropped",
        ),
        (Delete("task", id), "push delete: the task is deleted"),
        (
            Patch("customer", MINE, {"name": ("客户0", "错")}),
            "push refused: a guarded field, which is refused",
        ),
    )


def _visit(lin: Tablet, customer: str) -> tuple[Insert, Insert]:
    visit = an_interaction(customer, LIN, id=lin.store.new_id(), note="谈了贷款")
    task = a_task(customer, id=lin.store.new_id(), interaction_id=visit["id"])
    return Insert("interaction", visit), Insert("task", task)


@contextmanager
def _sending(tablet: Tablet, chosen: Any) -> Iterator[None]:
    """Have only some of what waits sent."""
    pending = tablet.store.pending

    def some(most: int) -> Sequence[Txn]:
        found: Sequence[Txn] = chosen(pending(1_000))
        return found

    with patch.object(tablet.store, "pending", some):
        yield


# What lies on the disks


def _keep_files(world: World, folder: Path) -> None:
    """Close everything, which empties the write-ahead logs, copy, and open again."""
    lin = world.tablets[0]
    lin.store.close()
    world.branch.database.close()
    (folder / "device").mkdir(parents=True)
    (folder / "server").mkdir()
    for source, target in (
        (lin.folder / "mirror.db", folder / "device"),
        (lin.folder / "outbox.db", folder / "device"),
        (world.branch.folder / "server.db", folder / "server"),
    ):
        assert not source.with_name(f"{source.name}-wal").exists()
        shutil.copy(source, target)
    world.branch.database = open_sqlite(world.branch.folder / "server.db")
    (folder / "server" / "server.sql").write_text(_as_sql(world.branch.database), "utf-8")
    lin.open()


def _as_sql(database: Database) -> str:
    """Write the database as statements for PostgreSQL, one to a line."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    lines: list[str] = []
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            made: list[ExecutableDDLElement] = [CreateTable(table)]
            made += [CreateIndex(index) for index in sorted(table.indexes, key=str)]
            lines += [" ".join(str(each.compile(dialect=dialect)).split()) + ";" for each in made]
            rows = connection.execute(select(table)).mappings()
            lines += [_insertion(table, dict(row)) for row in rows]
    return "\n".join(lines) + "\n"


def _insertion(table: Table, row: dict[str, Any]) -> str:
    values = ", ".join(map(_literal, row.values()))
    return f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({values});"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value).replace("'", "''")
    assert "\n" not in text
    return f"'{text}'"


if __name__ == "__main__":
    main()
