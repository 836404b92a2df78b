"""The overlay: what a user did stands on top of the shared row, whatever that becomes."""

from shared.sync.overlay import replay
from shared.testing.builders import a_task, delete, insert, patch, transition

TASK = a_task("customer")
ID = str(TASK["id"])


def test_a_row_without_own_work_is_the_shared_row() -> None:
    assert replay(TASK, []) == TASK


def test_a_new_record_is_there_at_once_with_its_later_edits() -> None:
    ops = [insert("task", TASK), transition("task", ID, "status", "open", "done")]

    assert replay(None, ops) == {**TASK, "status": "done"}


def test_a_new_record_that_the_server_has_by_now_shows_the_servers_row() -> None:
    shared = {**TASK, "title": "由服务器改过"}

    assert replay(shared, [insert("task", TASK)]) == shared


def test_a_deleted_record_is_gone_at_once() -> None:
    assert replay(TASK, [delete("task", ID)]) is None


def test_an_edit_of_a_row_that_is_not_there_shows_nothing() -> None:
    assert replay(None, [patch("task", ID, title=("a", "b"))]) is None


def test_an_edit_stands_on_whatever_the_shared_row_has_become() -> None:
    shared = {**TASK, "due": "2026-12-01"}

    shown = replay(shared, [patch("task", ID, title=("回访", "上门"))])

    assert shown == {**shared, "title": "上门"}
