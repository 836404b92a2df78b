"""The skew machine: a branch in which server and tablets are upgraded at any moment, with work
waiting, answers cut and customers moving; whatever anyone said must be in the record in the end."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shared.sync.change import Insert, Patch, Transition
from shared.testing.builders import an_interaction, id_number
from tests.sync.world import CUSTOMERS, LIN, STRANGER, ZHOU, position
from tests.versions.releases import Release, later, present
from tests.versions.skew import Skewed, deferred, shown
from tests.versions.tape import keepsake

HISTORIES: Final = {"dev": 20, "ci": 80, "nightly": 2_000}
"""By profile."""
FOUND_WITHIN: Final = 40
"""Histories in which each planted bug gives itself away."""
ROUNDS: Final = 3
tablets = st.integers(0, 2)
some = st.integers(0, 3)
Said = dict[tuple[str, str, str], Any]
"""(entity, id, field) to the value that its author gave it."""


class Skew(RuleBasedStateMachine):
    """A branch between two releases."""

    @initialize(apps=st.tuples(st.booleans(), st.booleans(), st.booleans()))
    def begin(self, apps: tuple[bool, ...]) -> None:
        self.skewed = Skewed(present(), present())
        for place in (place for place, is_later in enumerate(apps) if is_later):
            self.skewed.upgrade_tablet(place, later())
        self.said: list[Said] = [{}, {}, {}]
        self.customer: dict[str, str] = {}
        self.notes: set[str] = set()
        self.count = 0

    def teardown(self) -> None:
        if not hasattr(self, "skewed"):
            return
        try:
            self.everyone_is_upgraded_and_syncs()
        finally:
            self.skewed.close()

    # What users do

    @rule(place=tablets, pick=some, sends=st.booleans())
    def save_a_visit(self, place: int, pick: int, sends: bool) -> None:
        tablet, customer = self.tablet(place), CUSTOMERS[pick]
        if shown(tablet, "customer", customer) is None:
            return
        employee = tablet.identity.employee.id
        visit = an_interaction(customer, employee, id=self.new_id())
        self.customer[str(visit["id"])] = customer
        if self.is_later(place):
            visit["weather"] = self.new_word()
            self.said[place]["interaction", str(visit["id"]), "weather"] = visit["weather"]
        self.save(place, sends, Insert("interaction", visit))

    @rule(place=tablets, pick=some, sends=st.booleans(), with_a_visit=st.booleans())
    def give_a_keepsake(self, place: int, pick: int, sends: bool, with_a_visit: bool) -> None:
        tablet, customer = self.tablet(place), CUSTOMERS[pick]
        if not self.is_later(place) or shown(tablet, "customer", customer) is None:
            return
        employee = tablet.identity.employee.id
        gift = keepsake(self.new_id(), customer, employee, title=self.new_word())
        visit = an_interaction(customer, employee, id=self.new_id())
        self.customer[str(gift["id"])] = customer
        self.said[place]["keepsake", str(gift["id"]), "title"] = gift["title"]
        visits = [Insert("interaction", visit)] if with_a_visit else []
        self.save(place, sends, *visits, Insert("keepsake", gift))

    def save(self, place: int, sends: bool, *changes: Any) -> None:
        """Save, and have it sent at once if there is a link."""
        self.tablet(place).save(*changes)
        if sends:
            self.tablet(place).sync()

    @rule(place=tablets)
    def rename_a_keepsake(self, place: int) -> None:
        tablet = self.tablet(place)
        for entity, id, field in self.said[place]:
            present = shown(tablet, entity, id) if entity == "keepsake" else None
            if present is not None:
                word = self.new_word()
                tablet.save(Patch(entity, id, {field: (present[field], word)}))
                self.said[place][entity, id, field] = word
                return

    @rule(place=tablets, pick=some, sends=st.booleans())
    def note_where_to_park(self, place: int, pick: int, sends: bool) -> None:
        tablet, id = self.tablet(place), CUSTOMERS[pick]
        customer = shown(tablet, "customer", id)
        if customer is not None:
            field = "parking_note" if self.is_later(place) else "contact_note"
            word = self.new_word()
            self.notes.add(word)
            note = {field: (customer[field], word)}
            self.save(place, sends, Patch("customer", id, note | {"occupation": (None, word)}))

    @rule(place=tablets, pick=some)
    def close_a_task(self, place: int, pick: int) -> None:
        tablet, id = self.tablet(place), id_number(9_200 + pick)
        task = shown(tablet, "task", id)
        if task is not None and task["status"] == "open":
            tablet.save(Transition("task", id, "status", "open", "done"))

    # What the bank does

    @rule(pick=some, owner=st.sampled_from([LIN, ZHOU, STRANGER]))
    def move_a_customer(self, pick: int, owner: str) -> None:
        self.skewed.change("customer", CUSTOMERS[pick], owner_id=owner)

    @precondition(lambda self: self.skewed.server is later())
    @rule(pick=some)
    def the_bank_says_what_only_the_later_release_knows(self, pick: int) -> None:
        owner = str(self.skewed.rows()["customer", CUSTOMERS[pick]].document["owner_id"])
        self.skewed.change("customer", CUSTOMERS[pick], parking_note=self.new_word())
        self.skewed.bring("keepsake", keepsake(self.new_id(), CUSTOMERS[pick], owner))

    @rule(minutes=st.integers(1, 600))
    def let_time_pass(self, minutes: int) -> None:
        self.skewed.now += minutes * 60_000

    # How releases meet

    @rule(chance=some)
    def upgrade_the_server(self, chance: int) -> None:
        if chance == 0:  # or hardly anything would ever meet the older one
            self.skewed.upgrade_server(later())

    @rule(place=tablets, chance=some)
    def upgrade_a_tablet(self, place: int, chance: int) -> None:
        if chance == 0:
            self.skewed.upgrade_tablet(place, later())

    @rule(place=tablets)
    def start_the_app_again(self, place: int) -> None:
        self.tablet(place).reopen()

    @rule(place=tablets)
    def sync_and_compare(self, place: int) -> None:
        assert self.tablet(place).sync() is not None
        assert self.skewed.compare(place) == "agreed"

    @rule(place=tablets, lines=st.integers(0, 5))
    def sync_and_the_answer_is_cut(self, place: int, lines: int) -> None:
        self.tablet(place).sync(deliver=lines)

    # What must hold

    @invariant()
    def what_one_said_is_shown(self) -> None:
        if not hasattr(self, "skewed"):
            return
        for place, said in enumerate(self.said):
            tablet = self.tablet(place)
            refused = {op["id"] for work in tablet.store.refused_work() for op in work.ops}
            if position(tablet.store.cursor())["joining"]:
                continue
            for (entity, id, field), value in said.items():
                row, home = shown(tablet, entity, id), shown(tablet, "customer", self.customer[id])
                if home is not None and id not in refused:
                    assert row is not None, f"{entity} {id} is not shown"
                    assert row[field] == value, f"{entity} {id}: {row[field]}, not {value}"

    def everyone_is_upgraded_and_syncs(self) -> None:
        self.skewed.upgrade_server(later())
        for place in range(3):
            self.skewed.upgrade_tablet(place, later())
        for _ in range(ROUNDS):
            for place in range(3):
                assert self.tablet(place).sync() is not None
        for place in range(3):
            assert self.skewed.compare(place) == "agreed"
            tablet = self.tablet(place)
            overview = tablet.store.overview()
            assert (overview.pending, overview.delivered, overview.kept_aside) == (0, 0, 0)
            assert deferred(tablet) == set()
        self.what_one_said_is_shown()
        self.nothing_said_is_lost()

    def nothing_said_is_lost(self) -> None:
        """It is in the record, was there, lost to another value in sight of all, or was refused."""
        assert self.skewed.sql("SELECT op_id FROM set_aside_op") == []
        written = "\n".join(
            bytes(doc).decode() for (doc,) in self.skewed.sql("SELECT doc FROM change_log") if doc
        )
        for said in self.said:
            for key, value in said.items():
                assert str(value) in written, f"{key}: {value} is nowhere"
        for word in self.notes:
            assert word in written, f"{word} is nowhere"

    def tablet(self, place: int) -> Any:
        return self.skewed.tablets[place]

    def is_later(self, place: int) -> bool:
        return self.skewed.releases[place] is later()

    def new_word(self) -> str:
        self.count += 1
        return f"word {self.count:04}"

    def new_id(self) -> str:
        self.count += 1
        return id_number(20_000 + self.count)


def play(histories: int, *phases: Phase) -> None:
    run_state_machine_as_test(
        Skew,
        settings=settings(
            max_examples=histories,
            stateful_step_count=25,
            phases=phases or tuple(Phase),
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=True,
            deadline=None,
        ),
    )


def test_old_and_new_lose_nothing_whatever_is_upgraded_when() -> None:
    play(HISTORIES[settings.get_current_profile_name()])


def nothing(*_: Any) -> list[Any]:
    return []


def never(*_: Any) -> bool:
    return False


def the_app_leaves_deferred_what_it_understands(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(parts(later())["Mirror"], "take_up", nothing)


def the_app_counts_deferred_work_as_delivered(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(parts(later())["Outbox"].record.__globals__, "is_deferred", never)


def the_app_drops_what_was_left_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(parts(later())["Outbox"], "_rests", nothing)


def the_app_does_not_ask_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(parts(later())["Outbox"], "ask_again", nothing)


def the_server_leaves_aside_what_it_understands(patch: pytest.MonkeyPatch) -> None:
    bring_up = later().databases.bring_up
    patch.setitem(bring_up.__globals__, "take_up", nothing)


def parts(release: Release) -> dict[str, Any]:
    """What a release's device store is made of, by name."""
    names: dict[str, Any] = release.world.DeviceStore.__init__.__globals__
    return names


@pytest.mark.parametrize(
    "bug",
    [
        the_app_leaves_deferred_what_it_understands,
        the_app_counts_deferred_work_as_delivered,
        the_app_drops_what_was_left_open,
        the_app_does_not_ask_again,
        the_server_leaves_aside_what_it_understands,
    ],
)
def test_the_machine_finds_a_planted_bug(
    bug: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bug(monkeypatch)

    with pytest.raises(AssertionError):
        play(FOUND_WITHIN, Phase.generate)
