"""The machine: hypothesis plays the field, the network and bad luck against the real stores.

Every rule is one thing that happens in a branch; `checks` says what must hold after each of them
and once the faults have ended.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mobile_app.store.bundle import export_bundle, take_answer
from mobile_app.store.records import RecordState
from shared.domain import Interaction, Review, Task
from shared.errors import Refusal
from shared.registry import Document
from shared.sync.change import Add, Delete, Insert, Patch, Remove, Transition
from shared.testing.builders import a_task, insert
from sync_server.bundles import answer, import_bundle
from tests.sync import checks, rot
from tests.sync.world import (
    CUSTOMERS,
    DAY_MS,
    FAR,
    LIN,
    NAMES,
    NEAR,
    PLACES,
    STRANGER,
    ZHOU,
    Crash,
    Tablet,
    World,
)

some = st.integers(0, 11)
"""Picks one of what there is."""
tablets = st.integers(0, 2)
NEXT = {"open": "done", "done": "open", "dropped": "open"}


class Field(RuleBasedStateMachine):
    """A branch's day."""

    @initialize(new=st.sets(st.sampled_from(NAMES)))
    def open_the_branch(self, new: set[str]) -> None:
        """Begin with some tablets filled and some never synced."""
        self.world = World(joined=set(NAMES) - new)

    def teardown(self) -> None:
        world = getattr(self, "world", None)
        if world is None:
            return
        try:
            checks.after_the_faults(world)
        finally:
            world.close()

    @invariant()
    def hold_against_the_guarantees(self) -> None:
        if hasattr(self, "world"):
            checks.after_every_step(self.world)

    def tablet(self, place: int) -> Tablet:
        return self.world.tablets[place]

    # What users do

    @rule(place=tablets, pick=some)
    def save_a_visit_and_its_next_step(self, place: int, pick: int) -> None:
        tablet = self.tablet(place)
        if customer := _pick(_shown(tablet, "customer"), pick):
            tablet.save(*_visit(tablet, str(customer["id"])))

    @rule(place=tablets, pick=some)
    def save_a_visit_and_lose_power(self, place: int, pick: int) -> None:
        tablet = self.tablet(place)
        if customer := _pick(_shown(tablet, "customer"), pick):
            with tablet.dying_at("saved in the outbox, not shown in the mirror"):
                _until_crash(lambda: tablet.save(*_visit(tablet, str(customer["id"]))))
            tablet.reopen()

    @rule(place=tablets, pick=some, note=st.sampled_from(["午后在", "上午在", None]))
    def change_the_contact_note(self, place: int, pick: int, note: str | None) -> None:
        tablet = self.tablet(place)
        if customer := _pick(_shown(tablet, "customer"), pick):
            change = {"contact_note": (customer["contact_note"], note)}
            tablet.save(Patch("customer", str(customer["id"]), change))

    @rule(place=tablets, pick=some)
    def save_a_visit_and_rename_the_customer(self, place: int, pick: int) -> None:
        """One transaction of which a part is refused: nothing of it may be written."""
        tablet = self.tablet(place)
        if customer := _pick(_shown(tablet, "customer"), pick):
            id = str(customer["id"])
            tablet.save(*_visit(tablet, id), Patch("customer", id, {"name": (id, "错")}))

    @rule(place=tablets, pick=some)
    def take_a_step_of_a_task(self, place: int, pick: int) -> None:
        tablet = self.tablet(place)
        if task := _pick(_shown(tablet, "task"), pick):
            before = str(task["status"])
            tablet.save(Transition("task", str(task["id"]), "status", before, NEXT[before]))

    @rule(place=tablets, pick=some)
    def delete_a_task(self, place: int, pick: int) -> None:
        tablet = self.tablet(place)
        if task := _pick(_shown(tablet, "task"), pick):
            tablet.save(Delete("task", str(task["id"])))

    @rule(pick=some)
    def review_a_visit(self, pick: int) -> None:
        boss = self.tablet(2)
        if visit := _pick(_shown(boss, "interaction"), pick):
            boss.save(Insert.of("review", _review(boss, visit)))

    @rule(place=tablets, again=st.booleans())
    def settle_what_was_refused(self, place: int, again: bool) -> None:
        store = self.tablet(place).store
        for item in store.outbox():
            if item.state is RecordState.ISSUE:
                store.resend(item.op_id) if again else store.discard(item.op_id, "不再需要")
                return

    @rule(place=tablets, pick=some)
    def take_a_refused_edit_further(self, place: int, pick: int) -> None:
        """Ask for what one may not change; save anew what was deleted meanwhile."""
        store = self.tablet(place).store
        for item in store.outbox():
            if item.refusal is not None and item.refusal.code == "gone":
                _unless_refused(lambda op_id=item.op_id: store.restore_as_new(op_id, "另存"))
                return
            if item.refusal is not None and item.refusal.code == "guarded_field":
                store.ask_instead(item.op_id, "证件已核对")
                return

    @rule(place=tablets, pick=some, side=st.sampled_from(["won", "lost"]))
    def settle_a_conflict(self, place: int, pick: int, side: str) -> None:
        store = self.tablet(place).store
        if cards := store.conflicts():
            store.settle_conflict(cards[pick % len(cards)].conflict, side)

    @rule(place=tablets, pick=some, name=st.sampled_from(["林小满", "林晓满"]))
    def ask_for_another_name(self, place: int, pick: int, name: str) -> None:
        tablet = self.tablet(place)
        if customer := _pick(_shown(tablet, "customer"), pick):
            id, old = str(customer["id"]), customer["name"]
            tablet.store.request_change(id, "name", old, name, "证件已核对")

    @rule(place=tablets, pick=some, status=st.sampled_from(["approved", "declined", "withdrawn"]))
    def decide_on_a_request(self, place: int, pick: int, status: str) -> None:
        store = self.tablet(place).store
        if cards := store.requests():
            store.decide_request(cards[pick % len(cards)].request, status, None)

    @rule(pick=some, status=st.sampled_from(["accepted", "discarded"]))
    def decide_on_a_colleagues_refused_work(self, pick: int, status: str) -> None:
        store = self.tablet(2).store
        if cards := store.team_issues():
            store.decide_issue(cards[pick % len(cards)].issue.id, status, "核过")

    @rule(place=tablets, pick=some, word=st.sampled_from("茶画球"), adds=st.booleans())
    def add_or_remove_an_interest(self, place: int, pick: int, word: str, adds: bool) -> None:
        tablet = self.tablet(place)
        if customer := _pick(_shown(tablet, "customer"), pick):
            change = (Add if adds else Remove)("customer", str(customer["id"]), "interests", word)
            tablet.save(change)

    @rule(place=tablets, pick=some)
    def correct_a_visit(self, place: int, pick: int) -> None:
        tablet = self.tablet(place)
        if visit := _pick(_shown(tablet, "interaction"), pick):
            word = {**visit, "id": tablet.store.new_id(), "supersedes": visit["id"]}
            tablet.save(Insert("interaction", {**word, "outcome": "declined"}))

    @rule(place=tablets)
    def an_earlier_version_of_the_app_left_a_broken_record(self, place: int) -> None:
        tablet = self.tablet(place)
        task = a_task(CUSTOMERS[0], id=tablet.store.new_id())
        op: Any = {
            **insert("task", task),
            "op_id": tablet.store.new_id(),
            "of_another_version": True,
        }
        tablet.store._outbox.append([(tablet.store.new_id(), [op])], tablet.clock())
        tablet.reopen()

    # What the bank does

    @rule(pick=some, owner=st.sampled_from([LIN, ZHOU, STRANGER]))
    def move_a_customer(self, pick: int, owner: str) -> None:
        self.world.branch.change("customer", CUSTOMERS[pick % 4], owner_id=owner)

    @rule(unit=st.sampled_from([NEAR, FAR]))
    def move_a_colleague_to_another_unit(self, unit: str) -> None:
        self.world.branch.change("employee", ZHOU, org_unit_id=unit)

    @rule(here=st.booleans())
    def a_colleague_leaves_the_bank_or_returns(self, here: bool) -> None:
        self.world.branch.change("employee", ZHOU, active=here)

    @rule(minutes=st.integers(1, 600))
    def let_time_pass(self, minutes: int) -> None:
        self.world.branch.now += minutes * 60_000

    @rule(place=tablets, days=st.integers(-7, 7))
    def a_tablets_clock_goes_wrong(self, place: int, days: int) -> None:
        self.tablet(place).skew = days * DAY_MS

    # How tablets and the server meet

    @rule(place=tablets)
    def sync(self, place: int) -> None:
        assert self.tablet(place).sync() is not None

    @rule(place=tablets, lines=st.integers(0, 12))
    def sync_and_the_answer_is_cut(self, place: int, lines: int) -> None:
        self.tablet(place).sync(deliver=lines)

    @rule(place=tablets)
    def sync_and_only_the_verdicts_arrive(self, place: int) -> None:
        tablet = self.tablet(place)
        sent = _pending(tablet)
        if tablet.sync_verdicts_only() and checks.read(tablet).is_current(self.world.branch):
            for key in sent - _pending(tablet):
                assert tablet.store.state(*key) is not RecordState.IN_RECORD

    @rule(place=tablets, moment=st.sampled_from(["before commit", "after commit"]))
    def sync_and_the_server_dies(self, place: int, moment: str) -> None:
        self.tablet(place).sync(crash=moment)
        self.world.branch.restart()

    @rule(place=tablets, where=st.sampled_from(sorted(PLACES)))
    def sync_and_the_tablet_dies(self, place: int, where: str) -> None:
        tablet = self.tablet(place)
        with tablet.dying_at(where):
            _until_crash(tablet.sync)
        tablet.reopen()

    @rule(place=tablets)
    def export_a_bundle(self, place: int) -> None:
        tablet = self.tablet(place)
        if _pending(tablet):
            tablet.bundles.append(export_bundle(tablet.store).content)

    @rule(place=tablets, pick=some)
    def import_a_bundle(self, place: int, pick: int) -> None:
        """Any that was ever exported, also one whose work has come another way since."""
        tablet, branch = self.tablet(place), self.world.branch
        if not tablet.bundles:
            return
        content = tablet.bundles[pick % len(tablet.bundles)]
        if not branch.welcomes(tablet):
            with pytest.raises(Refusal, match="bundle_revoked"):
                import_bundle(branch.database, content, branch.now)
            return
        made = import_bundle(branch.database, content, branch.now)
        branch.remember()
        id = tablet.store.new_id()
        tablet.answers.append(answer(branch.database, made, id, branch.now))

    @rule(place=tablets, pick=some)
    def read_an_answer(self, place: int, pick: int) -> None:
        tablet = self.tablet(place)
        if tablet.answers:
            content = tablet.answers[pick % len(tablet.answers)]
            with suppress(Refusal):  # the server has been restored meanwhile
                take_answer(tablet.store, content)

    @rule(place=tablets)
    def earlier_answers_arrive_again(self, place: int) -> None:
        self.tablet(place).hear_again()

    @rule(place=tablets)
    def start_the_app_again(self, place: int) -> None:
        self.tablet(place).reopen()

    # What happens to a tablet's disk

    @rule(place=tablets, pick=some, way=some)
    def a_row_of_the_mirror_rots(self, place: int, pick: int, way: int) -> None:
        tablet, ways = self.tablet(place), sorted(rot.WAYS)
        keys = sorted(key for key in checks.read(tablet).shared if key[0] in rot.STAINED)
        if keys:
            rot.rot(tablet, keys[pick * 7 % len(keys)], ways[way % len(ways)])

    @rule(place=tablets, pick=some)
    def a_row_that_left_stays_in_the_mirror(self, place: int, pick: int) -> None:
        tablet = self.tablet(place)
        device, rows = checks.read(tablet), self.world.branch.rows()
        scopes = sorted(device.cursor["scopes"])
        keys = sorted(key for key, row in rows.items() if row.scope not in scopes)
        keys = [key for key in keys if key not in device.shared and key not in device.shown]
        if scopes and keys:
            key = keys[pick % len(keys)]
            rot.keep(tablet, key, rows[key], scopes[-1])

    @rule(place=tablets, synced=st.booleans())
    def verify(self, place: int, synced: bool) -> None:
        tablet = self.tablet(place)
        if synced:
            tablet.sync()
        checks.verified(tablet, "agreed", *(() if synced else ("stale",)))

    @rule()
    def back_up_the_server(self) -> None:
        self.world.branch.back_up()

    @rule()
    def restore_the_server(self) -> None:
        self.world.branch.restore()


def _shown(tablet: Tablet, entity: str) -> list[Document]:
    rows = checks.read(tablet).shown
    return [row.document for (name, _), row in sorted(rows.items()) if name == entity]


def _pick(documents: Sequence[Document], pick: int) -> Document | None:
    return documents[pick % len(documents)] if documents else None


def _pending(tablet: Tablet) -> set[tuple[str, str]]:
    device = checks.read(tablet)
    return {(op.entity, op.id) for op in device.ops if op.state == "pending"}


def _visit(tablet: Tablet, customer: str) -> tuple[Insert, Insert]:
    visit = Interaction(
        id=tablet.store.new_id(),
        customer_id=customer,
        employee_id=tablet.identity.employee.id,
        channel="visit",
        purpose="loan",
        outcome="follow_up",
        occurred_at=tablet.clock(),
    )
    task = Task(
        id=tablet.store.new_id(),
        customer_id=customer,
        kind="call",
        title="回访",
        due="2026-11-25",
        interaction_id=visit.id,
    )
    return Insert.of("interaction", visit), Insert.of("task", task)


def _review(tablet: Tablet, visit: Document) -> Review:
    return Review(
        id=tablet.store.new_id(),
        interaction_id=str(visit["id"]),
        customer_id=str(visit["customer_id"]),
        employee_id=tablet.identity.employee.id,
        kind="praise",
        occurred_at=tablet.clock(),
    )


def _unless_refused(act: Any) -> None:
    with suppress(Refusal):
        act()


def _until_crash(act: Any) -> None:
    try:
        act()
    except Crash:
        return
