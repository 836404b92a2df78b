"""What must hold of a world after every step, and once its faults have ended."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Engine, text

from mobile_app.store.bridge import reading
from mobile_app.store.records import RecordState
from shared.registry import REGISTRY, Document
from shared.sync.overlay import replay
from shared.sync.ruling import Key, Row
from tests.sync.world import CUSTOMERS, Branch, Tablet, World, position, read_rows

ROUNDS = 3


class Device:
    """What stands in a tablet's files, read past its own queries."""

    def __init__(self, tablet: Tablet) -> None:
        mirror, work = tablet.store._engines
        with reading(mirror) as connection:
            self.shown: dict[Key, Row] = {}
            for name in REGISTRY:
                self.shown |= read_rows(connection, name)
            bases = connection.exec_driver_sql("SELECT * FROM row_base").all()
        with reading(work) as connection:
            self.ops = connection.exec_driver_sql("SELECT * FROM outbox ORDER BY device_seq").all()
        self.shared = dict(self.shown)
        for base in bases:
            self.shared.pop((base.entity, base.id), None)
            if base.doc is not None:
                document = from_json(base.doc)
                self.shared[base.entity, base.id] = Row(document, base.version, base.scope_id)
        self.cursor = position(tablet.store.cursor())
        self.seq = tablet.store._mirror.seq()
        self.generation = tablet.store._outbox.read_meta("generation")

    def is_current(self, branch: Branch) -> bool:
        """Whether it has met the server as it is since its last restore."""
        mine = branch.database.generation
        return self.generation == mine and self.cursor["generation"] in ("", mine)

    def unsettled(self) -> Mapping[Key, list[Any]]:
        """The bodies of operations whose effect it has not read back, by row."""
        found: dict[Key, list[Any]] = {}
        for op in self.ops:
            whole = self.cursor["seq"] if op.state == "done" else self.seq
            known = op.state in ("acked", "done") and op.ack_seq <= whole
            if op.state != "discarded" and not known:
                found.setdefault((op.entity, op.id), []).append(from_json(op.body))
        return found


_last_read: dict[str, tuple[Any, Device]] = {}


def read(tablet: Tablet) -> Device:
    """Read a tablet's files, unless nothing was written to them since."""
    written = (tablet.store, *map(_changes, tablet.store._engines))
    known = _last_read.get(tablet.name)
    if known is None or known[0] != written:
        known = _last_read[tablet.name] = written, Device(tablet)
    return known[1]


def _changes(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())


def after_every_step(world: World) -> None:
    """Hold the world against the guarantees."""
    guarded_fields_stand(world.branch)
    statuses, effects = world.branch.verdicts(), world.branch.effects()
    for tablet in world.tablets:
        device = read(tablet)
        nothing_out_of_scope(tablet, device, world.branch)
        if device.is_current(world.branch):
            shared_rows_are_those_of_one_moment(tablet, device, world.branch)
            every_verdict_is_the_servers(device, statuses, effects)
            own_work_is_visible(tablet, device)
        transactions_are_whole(device, statuses)


def guarded_fields_stand(branch: Branch) -> None:
    """A name is what the bank said, or what two people agreed on."""
    rows = branch.rows()
    agreed = {
        (row.document["customer_id"], from_json(str(row.document["new"])))
        for (name, _), row in rows.items()
        if name == "change_request" and row.document["status"] == "approved"
    }
    for place, id in enumerate(CUSTOMERS):
        name = rows["customer", id].document["name"]
        assert name == f"客户{place}" or (id, name) in agreed


def nothing_out_of_scope(tablet: Tablet, device: Device, branch: Branch) -> None:
    """It holds the scopes of its cursor; after a restore those of before until they are walked."""
    cursor = device.cursor
    held = {*cursor["scopes"], *cursor["joining"], *cursor.get("former", ())}
    if branch.restores:
        held |= branch.scopes(tablet.identity.employee.id) | tablet.formerly
    tablet.formerly = held if not device.is_current(branch) else set()
    assert {row.scope for row in device.shared.values()} <= held


def shared_rows_are_those_of_one_moment(tablet: Tablet, device: Device, branch: Branch) -> None:
    """The mirror without overlays is the record at the cursor's seq: no half transaction."""
    cursor = device.cursor
    if cursor["seq"] == 0:  # it holds no scope yet
        return
    then = branch.history[cursor["generation"], cursor["seq"]]
    here, wanted = _within(device.shared, cursor["scopes"]), _within(then, cursor["scopes"])
    for key in tablet.rotten:
        here.pop(key, None)
        wanted.pop(key, None)
    if device.seq == 0:  # Being walked: a row that changed meanwhile is still to come.
        now = branch.rows()
        wanted = {key: row for key, row in wanted.items() if key in here or now.get(key) == row}
    assert here == wanted


def _within(rows: Mapping[Key, Row], scopes: Any) -> dict[Key, Row]:
    return {key: row for key, row in rows.items() if row.scope in scopes}


def every_verdict_is_the_servers(
    device: Device, statuses: Mapping[str, str], effects: Collection[str]
) -> None:
    for op in device.ops:
        status = statuses.get(op.op_id)
        if op.state in ("acked", "done"):
            assert status not in (None, "rejected"), f"{op.state} but {status} at the server"
        elif op.state in ("quarantined", "discarded"):
            assert status in (None, "rejected", "accepted"), f"{op.state} but {status}"
            assert op.op_id not in effects, f"{op.state}, and yet in the record"


def own_work_is_visible(tablet: Tablet, device: Device) -> None:
    for key, ops in device.unsettled().items():
        if _rests_on_rot(tablet, key, ops):
            continue
        shared, shown = device.shared.get(key), device.shown.get(key)
        wanted = replay(shared.document if shared else None, ops)
        if wanted is not None and not _has_home(device, key, wanted):
            wanted = None
        if shared is None and wanted is not None and _on_its_way(device, wanted):
            continue
        assert (shown.document if shown else None) == wanted, (
            f"{key} is not shown as its user left it"
        )


def _rests_on_rot(tablet: Tablet, key: Key, ops: Sequence[Any]) -> bool:
    customer = str(ops[0].get("doc", {}).get("customer_id"))
    return key in tablet.rotten or ("customer", customer) in tablet.rotten


def _on_its_way(device: Device, document: Document) -> bool:
    """A customer whose scope is just being walked: the user's work follows with the row."""
    home = device.shown.get(("customer", str(document.get("customer_id"))))
    return home is not None and home.scope in device.cursor["joining"]


def _has_home(device: Device, key: Key, document: Document) -> bool:
    if not REGISTRY[key[0]].of_customer:
        return key in device.shared
    return key in device.shared or ("customer", document["customer_id"]) in device.shown


def transactions_are_whole(device: Device, statuses: Mapping[str, str]) -> None:
    for _, ops in groupby(device.ops, key=lambda op: op.txn):
        fates = {_fate(statuses.get(op.op_id)) for op in ops}
        assert len(fates) == 1, f"a transaction was split: {fates}"


def _fate(status: str | None) -> str:
    return {None: "unknown", "rejected": "rejected"}.get(status, "settled")


def after_the_faults(world: World) -> None:
    """Let everybody sync undisturbed, and hold the world against what must be true in the end."""
    for _ in range(ROUNDS):
        for tablet in world.tablets:
            tablet.sync()
    for tablet in world.tablets:
        verified(tablet, "agreed")
    after_every_step(world)
    each_operation_counted_once(world.branch)
    every_refusal_has_its_issue(world.branch)
    every_loser_is_shown(world.branch)
    two_people_approve(world.branch)
    everything_follows_its_customer(world.branch)
    for tablet in world.tablets:
        device = read(tablet)
        queues_are_empty(device)
        mirror_is_the_record(tablet, device, world.branch)
        nothing_saved_is_lost(tablet, device, world.branch)
        every_purge_is_receipted(tablet, world.branch)
        settled_issues_wait_for_nobody(device, world.branch)


def verified(tablet: Tablet, *outcomes: str) -> None:
    """Compare a tablet with the server: it finds a difference only where something has rotted."""
    if not tablet.branch.welcomes(tablet):
        return  # it holds nothing to compare, and is not answered
    rotten = bool(tablet.rotten)
    found = tablet.verify()
    assert found.outcome in outcomes or (rotten and found.outcome == "repaired"), found


def queues_are_empty(device: Device) -> None:
    assert [op.state for op in device.ops if op.state in ("pending", "acked")] == []


def mirror_is_the_record(tablet: Tablet, device: Device, branch: Branch) -> None:
    mine = branch.scopes(tablet.identity.employee.id)
    assert device.cursor["joining"] == {}
    assert device.shared == _within(branch.rows(), mine)
    left = device.shown.keys() ^ device.shared.keys()
    assert left <= device.unsettled().keys(), "an overlay outlived its operations"
    for key, row in device.shared.items():
        if key not in device.unsettled():
            assert device.shown[key].document == row.document
            assert tablet.store.state(*key) is RecordState.IN_RECORD


def nothing_saved_is_lost(tablet: Tablet, device: Device, branch: Branch) -> None:
    """Every record made here is in the record, was deleted there, or waits for its user."""
    kept = {(op.entity, op.id) for op in device.ops if op.state in ("quarantined", "discarded")}
    with branch.database.reading() as connection:
        logged = connection.execute(text("SELECT DISTINCT entity, id FROM change_log")).all()
    assert tablet.made <= kept | {(entity, id) for entity, id in logged}


def each_operation_counted_once(branch: Branch) -> None:
    with branch.database.reading() as connection:
        twice = connection.execute(
            text(
                "SELECT op_id FROM change_log WHERE op_id IS NOT NULL "
                "GROUP BY op_id HAVING count(*) > 1"
            )
        ).all()
    assert twice == []


def every_refusal_has_its_issue(branch: Branch) -> None:
    kept = _column(branch, "SELECT json_extract(value, '$.op_id') FROM issue, json_each(issue.ops)")
    refused = {id for id, status in branch.verdicts().items() if status == "rejected"}
    assert refused <= kept | branch.refused_decisions


def every_loser_is_shown(branch: Branch) -> None:
    clashes = {id for id, status in branch.verdicts().items() if status == "conflict"}
    shown = [key for key in branch.rows() if key[0] == "conflict"]
    assert len(shown) >= len(clashes)


def two_people_approve(branch: Branch) -> None:
    alone = _column(
        branch,
        "SELECT r.id FROM change_request r JOIN change_log l ON l.id = r.id "
        "WHERE r.status IN ('approved', 'declined') AND l.version > 1 "
        "AND l.actor = r.employee_id AND l.op = 'put'",
    )
    assert alone == set()


def everything_follows_its_customer(branch: Branch) -> None:
    rows = branch.rows()
    for (name, id), row in rows.items():
        if REGISTRY[name].of_customer:
            home = rows["customer", str(row.document["customer_id"])].scope
            assert row.scope == home, f"{name} {id} stayed behind"


def every_purge_is_receipted(tablet: Tablet, branch: Branch) -> None:
    assert tablet.store.receipts() == [] or not branch.welcomes(tablet)
    if not branch.restores:
        told = _column(branch, "SELECT device_id || ' ' || purged FROM receipt")
        assert {f"{tablet.identity.device_id} {scope}" for scope in tablet.purged} <= told


def settled_issues_wait_for_nobody(device: Device, branch: Branch) -> None:
    status = {
        id: row.document["status"] for (name, id), row in device.shared.items() if name == "issue"
    }
    for op in device.ops:
        assert op.state != "quarantined" or status.get(op.txn, "open") == "open"


def _column(branch: Branch, sql: str) -> set[Any]:
    with branch.database.reading() as connection:
        return set(connection.execute(text(sql)).scalars())
