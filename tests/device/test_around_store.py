"""What the device's own store says of alerts, accounts and relations."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.records import RecordState
from shared.domain import Employee
from shared.errors import Refusal
from shared.ids import Millis
from shared.registry import Document
from shared.sync.change import Insert, Transition
from shared.testing.around import a_relation, an_account, an_alert
from shared.testing.builders import NOW, a_customer, an_interaction

KEY = b"k" * 32
ME = Employee("e1", "AM001", "林晓岚", "account_manager", "u1")
OTHER = Employee("e2", "AM002", "赵国强", "account_manager", "u1")
HOUR = 3_600_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DeviceStore]:
    made = DeviceStore(
        open_engine(str(tmp_path / "mirror.db"), KEY),
        open_engine(str(tmp_path / "outbox.db"), KEY),
        lambda: Millis(NOW),
        secrets.token_bytes,
    )
    made.enrol("d1", "token", "https://branch.test", ME)
    bring(
        made, 1, ("employee", asdict(ME)), ("employee", asdict(OTHER)),
        ("customer", a_customer("e1", id="c1")),
        ("customer", a_customer("e1", id="c2", name="刘晓燕")),
        ("customer", a_customer("e2", id="c3", name="赵伟")),
    )  # fmt: skip
    yield made
    made.close()


def bring(store: DeviceStore, seq: int, *documents: tuple[str, Document]) -> None:
    """A page of the server's arrives."""
    first = seq == 1
    store.apply_page(
        {
            "line": "page", "after": None if first else str(seq - 1), "cursor": str(seq),
            "seq": seq, "begin": ["s"] if first else [], "complete": ["s"] if first else [],
            "gone": [],
            "rows": [
                {
                    "entity": entity, "id": str(document["id"]), "scope": "s", "op": "put",
                    "version": 1, "doc": document,
                }
                for entity, document in documents
            ],
        }
    )  # fmt: skip


def alert(id: str, customer: str = "c1", **fields: object) -> tuple[str, Document]:
    return "alert", an_alert(customer, id=id, **fields)


def handled(id: str, at: int) -> tuple[str, Document]:
    document = an_alert("c1", id=id, raised_at=at, day="2026-10-01")
    return "alert", {**document, "status": "handled", "employee_id": "e2", "handled_at": at + 1}


def test_the_most_severe_comes_first_and_of_those_the_next_due(store: DeviceStore) -> None:
    bring(
        store, 2, alert("normal", severity="normal"), alert("late", raised_at=NOW + HOUR),
        alert("soon"), alert("high", severity="high"), handled("done", NOW),
    )  # fmt: skip

    assert [item.alert.id for item in store.own_alerts(10)] == ["soon", "late", "high", "normal"]


def test_what_is_about_a_colleagues_customer_is_not_in_the_users_own_list(
    store: DeviceStore,
) -> None:
    bring(store, 2, alert("theirs", "c3"), alert("mine"))

    assert [item.alert.id for item in store.own_alerts(10)] == ["mine"]
    assert [item.alert.id for item in store.alerts_of("c3")] == ["theirs"]


def test_a_customers_alerts_tell_what_is_to_do_before_what_was_done(store: DeviceStore) -> None:
    bring(store, 2, handled("old", NOW - 9 * HOUR), handled("new", NOW - 5 * HOUR), alert("open"))

    found = store.alerts_of("c1")

    assert [item.alert.id for item in found] == ["open", "new", "old"]
    assert found[1].by_name == "赵国强"


def test_an_alert_brings_what_it_rests_on(store: DeviceStore) -> None:
    contact = an_interaction("c1", "e1", id="i1", satisfaction=2)
    bring(
        store, 2, ("account", an_account("c1", id="ac1")), ("interaction", contact),
        alert("one", kind="maturity", evidence="ac1"),
        alert("two", kind="satisfaction", evidence="i1"), alert("three", evidence="柜面报告"),
    )  # fmt: skip
    found = {item.alert.id: item for item in store.alerts_of("c1")}

    assert found["one"].account is not None
    assert found["one"].account.last_four == "8821"
    assert found["two"].contact is not None
    assert found["two"].contact.satisfaction == 2
    assert (found["three"].account, found["three"].contact) == (None, None)


def test_both_steps_of_an_alert_are_kept_as_one_and_shown_at_once(store: DeviceStore) -> None:
    bring(store, 2, alert("one"))
    by = {"employee_id": "e1"}
    store.commit(
        Transition(
            "alert", "one", "status", "open", "checked",
            {**by, "checked_at": NOW, "answers": "no,no,no"},
        ),
        Transition(
            "alert", "one", "status", "checked", "handled",
            {**by, "handled_at": NOW, "cause": "housing", "action": "talked"},
        ),
    )  # fmt: skip

    item = store.alert("one")

    assert item is not None
    assert item.state is RecordState.LOCAL
    assert (item.alert.status, item.alert.answers, item.alert.cause) == (
        "handled", "no,no,no", "housing",
    )  # fmt: skip
    assert store.own_alerts(10) == []


def test_the_cause_of_a_flow_is_not_kept_before_the_questions(store: DeviceStore) -> None:
    bring(store, 2, alert("one"))
    said = {"employee_id": "e1", "handled_at": NOW, "cause": "housing", "action": "talked"}

    with pytest.raises(Refusal) as refusal:
        store.commit(Transition("alert", "one", "status", "open", "handled", said))

    assert refusal.value.code == "protect_first"
    assert store.pending(10) == []


def test_open_accounts_come_largest_first(store: DeviceStore) -> None:
    small = an_account("c1", id="small", balance=1)
    bring(
        store, 2, ("account", small), ("account", an_account("c1", id="large")),
        ("account", an_account("c1", id="closed", closed_on="2026-01-01")),
        ("account", an_account("c2", id="another's")),
    )  # fmt: skip

    assert [each.id for each in store.accounts_of("c1")] == ["large", "small"]


def test_a_relation_is_seen_from_both_ends(store: DeviceStore) -> None:
    tie = a_relation("c1", "e2", id="r1", other_id="c2", other_name=None)
    bring(store, 2, ("relation", tie))

    [here], [there] = store.relations_of("c1"), store.relations_of("c2")

    assert (here.other_id, here.other_name, here.is_theirs) == ("c2", "刘晓燕", False)
    assert (there.other_id, there.other_name, there.is_theirs) == ("c1", "单晓敏", True)
    assert not here.is_own


def test_what_is_verified_comes_before_claims_and_what_ended_last(store: DeviceStore) -> None:
    kept = [
        ("relation", {**a_relation("c1", "e1", id=status), "status": status})
        for status in ("ended", "claimed", "verified")
    ]
    bring(store, 2, *kept)

    found = [item.relation.status for item in store.relations_of("c1")]

    assert found == ["verified", "claimed", "ended"]


def test_a_relation_to_oneself_or_to_nobody_is_not_kept(store: DeviceStore) -> None:
    for wrong in ({"other_id": "c1"}, {"other_name": None}):
        with pytest.raises(Refusal) as refusal:
            store.commit(Insert("relation", a_relation("c1", "e1", **wrong)))

        assert refusal.value.code == "relation_wrong"


def test_a_list_of_alerts_is_cut_and_says_how_many_there_are(store: DeviceStore) -> None:
    bring(store, 2, *(alert(f"a{n}") for n in range(5)), handled("done", NOW), alert("b", "c3"))

    assert len(store.own_alerts(2)) == 2
    assert store.alerts_waiting() == 5
