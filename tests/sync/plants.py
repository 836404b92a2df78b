"""Known bugs of sync engines, each planted in our own code by replacing one function.

A bug that the machine does not find is a guarantee that nobody holds; see `test_planted_bugs` and
`make mutants`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete as delete_rows
from sqlalchemy import select

from mobile_app.store import mirror as mirrors
from mobile_app.store import outbox as outboxes
from mobile_app.store import shared_rows
from mobile_app.store.bridge import writing
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.mirror_rows import values_of
from shared.sync import arbiter, outcome, session, verify
from shared.sync.protocol import PageLine, Verdict
from shared.sync.ruling import Row
from sync_server.store import digests, feed, ground, ingest
from sync_server.store.schema import applied_op, change_log, set_aside_op
from sync_server.store.unit_of_work import UnitOfWork

Plant = Callable[[pytest.MonkeyPatch], None]
PLANTS: dict[str, Plant] = {}


def plant(bug: Plant) -> Plant:
    PLANTS[bug.__name__] = bug
    return bug


@plant
def the_server_forgets_which_operations_it_has_had(patch: pytest.MonkeyPatch) -> None:
    remember = ingest._remember

    def remember_the_last(unit: Any, txns: Any, ruling: Any, caller: Any) -> None:
        ids = [op["op_id"] for op, _, _ in ruling.applied]
        for table in (applied_op, set_aside_op):
            unit.connection.execute(delete_rows(table).where(table.c.op_id.in_(ids)))
        remember(unit, txns, ruling, caller)

    def see_nothing(connection: Any, _: Any) -> Mapping[str, Any]:
        connection.exec_driver_sql("DROP INDEX IF EXISTS ux_change_log_op_id")
        return {}

    for module in (ingest, ground):
        patch.setattr(module, "seen", see_nothing)
    patch.setattr(ingest, "_remember", remember_the_last)


@plant
def a_page_is_cut_inside_a_transaction(patch: pytest.MonkeyPatch) -> None:
    fetch = feed.Feed._fetch

    def cut(self: feed.Feed, upto: int) -> Any:
        return fetch(self, upto)[:1]

    patch.setattr(feed.Feed, "_fetch", cut)


@plant
def the_cursor_is_saved_before_the_page_is_applied(patch: pytest.MonkeyPatch) -> None:
    apply = mirrors.Mirror.apply

    def save_first(self: Any, page: PageLine, *rest: Any) -> bool:
        with writing(self.engine) as driver:
            position = {"cursor": page["cursor"], "seq": str(page["seq"])}
            mirrors._write_meta(driver, position)
        if page["after"] != self._meta.get("cursor"):
            return False
        applied: bool = apply(self, page, *rest)
        return applied

    patch.setattr(mirrors.Mirror, "apply", save_first)


@plant
def the_overlay_is_dropped_at_the_verdict(patch: pytest.MonkeyPatch) -> None:
    def after(verdict: Verdict, seq: int) -> str:
        return "quarantined" if verdict["status"] == "rejected" else "done"

    patch.setattr(outboxes, "_after", after)


@plant
def a_lost_scope_is_not_purged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mirrors._Applying, "_purge", lambda *_: None)


@plant
def a_customer_who_leaves_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mirrors._Applying, "_remove", lambda *_: None)


@plant
def a_purge_takes_unsent_work_along(patch: pytest.MonkeyPatch) -> None:
    apply = DeviceStore.apply_page

    def purge_all(self: DeviceStore, page: PageLine) -> bool:
        if page["gone"]:
            with self._outbox._engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM outbox WHERE state != 'done'")
        return apply(self, page)

    patch.setattr(DeviceStore, "apply_page", purge_all)


@plant
def a_poisoned_record_blocks_the_rest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(session, "_is_of_the_batch", lambda _: False)


@plant
def the_last_write_wins_on_a_guarded_field(patch: pytest.MonkeyPatch) -> None:
    def overwrite(self: Any, entity: Any, op: Any, row: Any, wanted: Mapping[str, Any]) -> Any:
        document = {**row.document, **{name: new for name, (_, new) in wanted.items()}}
        self._put(entity, op["id"], Row(document, row.version, row.scope), op["op_id"], ())
        return outcome.Settled("applied", row.version + 1, ())

    patch.setattr(arbiter._Judging, "_patch", overwrite)


@plant
def a_page_is_applied_wherever_the_device_stands(patch: pytest.MonkeyPatch) -> None:
    apply = mirrors.Mirror.apply

    def unguarded(self: Any, page: PageLine, *rest: Any) -> bool:
        applied: bool = apply(self, {**page, "after": self._meta.get("cursor")}, *rest)
        return applied

    patch.setattr(mirrors.Mirror, "apply", unguarded)


@plant
def half_of_a_refused_transaction_is_written(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(arbiter._Judging, "_undo", lambda *_: None)
    patch.setattr(arbiter, "dependant", lambda outcome: outcome)


@plant
def what_changes_during_a_walk_is_skipped(patch: pytest.MonkeyPatch) -> None:
    changes = feed.Feed._changes

    def only_new(self: feed.Feed) -> Iterator[bytes]:
        if self.cursor.scopes:
            self.cursor = replace(self.cursor, seq=max(self.cursor.seq, self.upto - 1))
        yield from changes(self)

    patch.setattr(feed.Feed, "_changes", only_new)


@plant
def a_verdict_is_given_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    settle = outboxes.Outbox.append

    def believe(self: Any, txns: Any, now: int) -> None:
        settle(self, txns, now)
        with self._engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE outbox SET state = 'acked', ack_seq = 1000000 WHERE txn = ?",
                [(txn,) for txn, _ in txns],
            )

    patch.setattr(outboxes.Outbox, "append", believe)


@plant
def a_refused_record_is_thrown_away(patch: pytest.MonkeyPatch) -> None:
    record = outboxes.Outbox.record

    def throw_away(self: Any, verdicts: Sequence[Verdict], seq: int) -> None:
        record(self, verdicts, seq)
        with self._engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM outbox WHERE state = 'quarantined'")

    patch.setattr(outboxes.Outbox, "record", throw_away)


@plant
def the_app_forgets_its_overlay_when_it_starts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DeviceStore, "_recover", lambda _: None)


@plant
def a_restored_server_is_taken_for_the_old_one(patch: pytest.MonkeyPatch) -> None:
    def greet(self: DeviceStore, head: Any) -> None:
        self._outbox.write_meta("generation", head["generation"])

    patch.setattr(DeviceStore, "meet", greet)


@plant
def a_value_that_loses_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(arbiter._Judging, "_keep_loser", lambda *_: None)


@plant
def a_refused_transaction_leaves_no_issue(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(arbiter._Judging, "_file", lambda *_: None)


@plant
def people_approve_what_they_asked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(arbiter, "may_step", lambda *_: None)


@plant
def a_revoked_device_keeps_what_it_holds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DeviceStore, "forget_record", lambda _: None)


@plant
def a_refusal_is_taken_for_a_delivery(patch: pytest.MonkeyPatch) -> None:
    def after(verdict: Verdict, seq: int) -> str:
        return "done" if verdict["seq"] is not None and verdict["seq"] <= seq else "acked"

    patch.setattr(outboxes, "_after", after)


@plant
def what_was_not_walked_is_not_swept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mirrors._Applying, "_sweep", lambda *_: None)


@plant
def what_is_a_customers_stays_behind_when_they_move(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(UnitOfWork, "_rehome_children", lambda *_: None)


@plant
def a_page_hides_the_users_own_work(patch: pytest.MonkeyPatch) -> None:
    def put(self: Any, name: str, rows: Sequence[Any]) -> set[Any]:
        self._write(
            name,
            [
                (*values_of(name, row["doc"]), row["version"], row["scope"], self.epoch)
                for row in rows
            ],
        )
        return set()

    patch.setattr(mirrors._Applying, "_put", put)


@plant
def a_scope_given_again_is_taken_for_the_one_held(patch: pytest.MonkeyPatch) -> None:
    lost = feed.Feed._lost

    def only_absent(self: feed.Feed) -> Iterator[bytes]:
        held = {**self.cursor.scopes, **self.cursor.joining}
        self.granted = {scope: held.get(scope, seq) for scope, seq in self.granted.items()}
        yield from lost(self)

    patch.setattr(feed.Feed, "_lost", only_absent)


@plant
def everyone_is_sent_everything(patch: pytest.MonkeyPatch) -> None:
    def fetch(self: feed.Feed, upto: int) -> Any:
        statement = (
            select(*feed._CHANGES)
            .where(change_log.c.seq > self.cursor.seq, change_log.c.seq <= upto)
            .order_by(change_log.c.seq, change_log.c.ord)
        )
        return self.connection.execute(statement).all()

    patch.setattr(feed.Feed, "_fetch", fetch)


@plant
def nobody_is_told_that_a_purge_was_done(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mirrors.Mirror, "_write_receipts", lambda *_: None)


@plant
def accepted_work_stays_in_its_authors_inbox(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DeviceStore, "_close_issues", lambda _: None)


@plant
def the_digest_takes_own_work_for_the_record(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shared_rows, "_bases", lambda *_: {})


@plant
def the_digest_does_not_look_at_the_values(patch: pytest.MonkeyPatch) -> None:
    def shallow(*_: Any) -> Callable[[Sequence[Any]], int]:
        return lambda row: hash((row[0], row[1])) % 2**64

    patch.setattr(verify, "digester", shallow)
    patch.setattr(digests, "digester", shallow)


@plant
def a_repair_takes_own_work_along(patch: pytest.MonkeyPatch) -> None:
    repair = mirrors.Mirror.repair

    def overwrite(self: Any, cursor: Any, rows: Any, unsettled: Any) -> bool:
        nothing = outboxes.Unsettled(unsettled._engine, unsettled._seq, among=())
        return repair(self, cursor, rows, nothing)

    patch.setattr(mirrors.Mirror, "repair", overwrite)


@plant
def a_repair_leaves_what_is_too_much(patch: pytest.MonkeyPatch) -> None:
    repair = mirrors.Mirror.repair

    def put(self: Any, cursor: Any, rows: Sequence[Any], unsettled: Any) -> bool:
        return repair(self, cursor, [row for row in rows if row["op"] == "put"], unsettled)

    patch.setattr(mirrors.Mirror, "repair", put)
