"""The exchange: whatever is sent is refused whole or answered, and nothing is half applied."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json, to_json
from sqlalchemy import text

from shared.errors import Refusal
from shared.sync.protocol import Line, Txn, read_line, write
from shared.testing.builders import (
    NOW,
    a_customer,
    a_request,
    a_task,
    a_unit,
    an_employee,
    an_interaction,
    delete,
    insert,
    new_id,
    patch,
    transition,
    txn,
)
from shared.testing.replica import Replica
from sync_server.exchange import hold
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.identity import enrol, new_code, revoke
from sync_server.store.inbox import open_issues
from sync_server.store.retiring import revoke_device
from sync_server.store.scopes import refresh_scopes
from tests.server.sql_store import SqlStore, empty


class Bank:
    """A branch with one account manager, one device and one customer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.store = SqlStore(database)
        unit = a_unit("branch", None)
        self.lin = an_employee(str(unit["id"]))
        self.customer = a_customer(str(self.lin["id"]))
        self.store.bring("org_unit", unit)
        self.store.bring("employee", self.lin)
        self.store.bring("customer", self.customer)
        with database.writing() as connection:
            refresh_scopes(connection)
            code = new_code(connection, str(self.lin["employee_no"]), NOW, 1)
            enrolled = enrol(connection, code, NOW)
        self.token, self.device_id = enrolled.token, enrolled.device_id

    def visit(self) -> Txn:
        """A visit with its next step."""
        customer = str(self.customer["id"])
        return txn(
            insert("interaction", an_interaction(customer, str(self.lin["id"]))),
            insert("task", a_task(customer)),
        )

    def ask(self, request: Any, now: int = NOW) -> list[Line]:
        """Hold an exchange and return its answer's lines."""
        body = request if isinstance(request, bytes) else write(request)
        return [read_line(line) for line in hold(self.database, self.token, body, now).lines]

    def counts(self) -> tuple[int, ...]:
        """How many rows there are of everything that an exchange may write."""
        tables = (
            *("interaction", "task", "change_log", "applied_op", "set_aside_op"),
            *("conflict", "issue", "receipt", "field_history"),
        )
        with self.database.reading() as connection:
            return tuple(
                int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
                for table in tables
            )


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    database = open_sqlite(tmp_path / "server.db")
    yield Bank(database)
    database.close()


def statuses(lines: list[Line]) -> list[str]:
    return [
        each["status"] for line in lines if line["line"] == "verdicts" for each in line["verdicts"]
    ]


def test_an_answer_is_head_verdicts_pages_and_an_end(bank: Bank) -> None:
    lines = bank.ask(a_request([bank.visit()]))

    kinds = [line["line"] for line in lines]
    assert kinds[:2] == ["head", "verdicts"]
    assert kinds[2:-1] == ["page"] * (len(kinds) - 3)
    assert kinds[-1] == "end"


def test_a_device_with_nothing_new_is_told_so_in_two_lines(bank: Bank) -> None:
    lines = bank.ask(a_request())
    cursor = next(line["cursor"] for line in reversed(lines) if line["line"] == "page")

    assert [line["line"] for line in bank.ask(a_request(cursor=cursor))] == ["head", "end"]


def test_an_app_too_old_to_pull_still_delivers(bank: Bank) -> None:
    lines = bank.ask(a_request([bank.visit()], schema=0))

    assert statuses(lines) == ["applied", "applied"]
    assert lines[-1] == {"line": "end", "more": False, "backoff_ms": 0, "code": "upgrade"}


def test_another_protocol_is_refused_whole(bank: Bank) -> None:
    before = bank.counts()

    with pytest.raises(Refusal) as refused:
        bank.ask(a_request([bank.visit()], proto=2))

    assert refused.value.fields["path"] == "proto"
    assert bank.counts() == before


def test_an_unknown_token_and_a_revoked_device_are_told_so(bank: Bank) -> None:
    with pytest.raises(Refusal) as refused:
        hold(bank.database, "no token", write(a_request()), NOW)
    assert refused.value.code == "sign_in"
    with bank.database.writing() as connection:
        revoke(connection, bank.device_id)

    with pytest.raises(Refusal) as refused:
        bank.ask(a_request())

    assert refused.value.code == "device_revoked"


def test_what_still_waits_on_a_device_is_known_to_its_supervisor(bank: Bank) -> None:
    request = a_request([bank.visit()])
    request["device"] = {"pending": 5, "oldest_pending_at": NOW - 9, "sent_at": NOW + 60_000}

    bank.ask(request)

    state = bank.store.rows("device_state")[bank.device_id].document
    assert (state["pending"], state["oldest_pending_at"], state["seen_at"]) == (3, NOW - 9, NOW)
    assert (state["skew_ms"], state["revoked"]) == (60_000, False)


def test_a_supervisor_sees_that_a_device_was_revoked_before_it_calls_again(bank: Bank) -> None:
    bank.ask(a_request([bank.visit()]))
    before = bank.store.rows("device_state")[bank.device_id].document

    with bank.database.writing() as connection:
        revoke_device(connection, bank.device_id, NOW + 1)

    after = bank.store.rows("device_state")[bank.device_id].document
    assert after == {**before, "revoked": True}


def test_a_device_that_was_never_heard_of_is_revoked_without_a_trace(bank: Bank) -> None:
    with bank.database.writing() as connection:
        revoke_device(connection, bank.device_id, NOW)

    assert bank.store.rows("device_state") == {}


def test_what_was_refused_or_only_partly_understood_is_kept_whole(bank: Bank) -> None:
    visit = bank.visit()
    visit["ops"][0]["doc"]["mood"] = "good"
    lost = txn(insert("task", a_task(new_id())))

    bank.ask(a_request([visit, lost]))

    with bank.database.reading() as connection:
        kept = connection.execute(text("SELECT op_id, body FROM set_aside_op")).all()
    assert [(op_id, from_json(body)) for op_id, body in kept] == [
        (visit["ops"][0]["op_id"], visit["ops"][0])
    ]
    [issue] = bank.store.rows("issue").values()
    assert from_json(str(issue.document["ops"])) == lost["ops"]


def test_the_backlog_of_a_revoked_device_becomes_issues(bank: Bank) -> None:
    backlog = bank.visit()
    with bank.database.writing() as connection:
        revoke(connection, bank.device_id)

    lines = bank.ask(a_request([backlog]))

    assert statuses(lines) == ["rejected", "rejected"]
    assert [line["line"] for line in lines] == ["head", "verdicts", "end"]
    assert lines[-1] == {"line": "end", "more": False, "backoff_ms": 0, "code": "revoked"}
    [issue] = bank.store.rows("issue").values()
    assert (issue.document["code"], issue.document["status"]) == ("device_revoked", "open")
    assert from_json(str(issue.document["ops"])) == backlog["ops"]
    assert bank.store.rows("interaction") == {}


def test_a_revoked_device_may_still_say_what_is_off_it(bank: Bank) -> None:
    receipt = {"id": new_id(), "purged": "global", "rows": 4, "at": NOW}
    with bank.database.writing() as connection:
        revoke(connection, bank.device_id)

    lines = bank.ask(a_request(receipts=[receipt]))

    assert [line["line"] for line in lines] == ["head", "end"]
    assert [line.get("receipts") for line in lines] == [[receipt["id"]], None]
    assert [line.get("code") for line in lines] == [None, "revoked"]
    with bank.database.reading() as connection:
        kept = connection.execute(text("SELECT id, device_id, purged FROM receipt")).all()
    assert kept == [(receipt["id"], bank.device_id, "global")]


def test_what_a_device_had_delivered_before_it_was_revoked_stays_delivered(bank: Bank) -> None:
    visit = bank.visit()
    bank.ask(a_request([visit]))
    with bank.database.writing() as connection:
        revoke(connection, bank.device_id)

    lines = bank.ask(a_request([visit]))

    assert statuses(lines) == ["duplicate", "duplicate"]
    assert bank.store.rows("issue") == {}


def test_a_receipt_is_written_down_once_and_acknowledged(bank: Bank) -> None:
    told: Any = {"id": new_id(), "purged": "portfolio:zhou", "rows": 3, "at": NOW}

    heads = [bank.ask(a_request(receipts=[told]))[0] for _ in range(2)]

    assert [head["receipts"] for head in heads if head["line"] == "head"] == [[told["id"]]] * 2
    with bank.database.reading() as connection:
        kept = connection.execute(text("SELECT device_id, purged, rows FROM receipt")).all()
    assert kept == [(bank.device_id, "portfolio:zhou", 3)]


def test_both_values_of_a_clash_are_kept(bank: Bank) -> None:
    op = patch("customer", str(bank.customer["id"]), stage=("design", "marketing"))

    bank.ask(a_request([txn(op)]))

    with bank.database.reading() as connection:
        [row] = connection.execute(text("SELECT before, lost, won FROM conflict")).all()
    assert tuple(row) == ('"design"', '"discovery"', '"marketing"')


def test_a_large_answer_is_given_in_parts(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_server.exchange.ANSWER_BYTES", 0)
    cursor, rounds, more = None, 0, True

    while more:
        lines = bank.ask(a_request(cursor=cursor))
        cursor = next(line["cursor"] for line in lines if line["line"] == "page")
        more = lines[-1]["line"] == "end" and lines[-1]["more"]
        rounds += 1

    assert rounds > 3
    assert [line["line"] for line in bank.ask(a_request(cursor=cursor))] == ["head", "end"]


def test_a_first_page_larger_than_an_answer_does_not_come_for_ever(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.exchange.ANSWER_BYTES", 0)
    bank.store.bring("task", a_task(str(bank.customer["id"]), due="2026-11-18"))
    replica = Replica()

    for _ in range(100):
        lines = bank.ask(a_request(cursor=replica.cursor))
        replica.take(line for line in lines if line["line"] == "page")
        if lines[-1] == {"line": "end", "more": False, "backoff_ms": 0}:
            break

    assert replica.seq == bank.store.head()


def test_what_is_committed_while_an_answer_is_read_comes_whole_and_once(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page is read from a snapshot of its own, and the record moves on between them."""
    monkeypatch.setattr("sync_server.exchange.SNAPSHOT_BYTES", 0)
    me = str(bank.lin["id"])
    mine = [a_customer(me) for _ in range(6)]
    bank.store.bring("customer", *mine)
    bank.store.bring("task", *(a_task(str(each["id"]), due="2026-11-18") for each in mine))
    replica, changes = Replica(), iter(mine)

    for line in map(read_line, hold(bank.database, bank.token, write(a_request()), NOW).lines):
        if line["line"] == "page":
            replica.take([line])
            if change := next(changes, None):
                bank.store.bring("customer", {**change, "address": "云汀市"})
                bank.store.bring("task", a_task(str(change["id"])))
        ended = line

    assert ended == {"line": "end", "more": False, "backoff_ms": 0}
    assert replica.seq == bank.store.head()
    for entity in ("customer", "task"):
        assert replica.of(entity) == bank.store.rows(entity)


# Whatever is sent

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.sampled_from(["", "0", "open", "done", "customer", "task", "\0"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, each in inside:
        yield (*way, key)
        yield from _places(each, (*way, key))


def _mutate(request: Any, data: st.DataObject) -> None:
    *way, last = data.draw(st.sampled_from(list(_places(request))))
    place = request
    for step in way:
        place = place[step]
    how = data.draw(st.sampled_from(["replace", "remove", "repeat", "rename"]))
    if how == "replace" or isinstance(last, int):
        place[last] = data.draw(json_values)
    elif how == "remove":
        del place[last]
    elif how == "repeat":
        place[last] = [place[last], place[last]]
    else:
        place[data.draw(st.text(max_size=8))] = place.pop(last)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fuzzed(request: pytest.FixtureRequest) -> Iterator[Bank]:
    with TemporaryDirectory() as folder:
        if request.param == "sqlite":
            database = open_sqlite(Path(folder) / "server.db")
        else:
            database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
        yield Bank(database)
        database.close()


def _sound(bank: Bank) -> Any:
    customer = str(bank.customer["id"])
    first, second = a_task(customer), a_task(customer)
    return from_json(
        to_json(
            a_request(
                [
                    bank.visit(),
                    txn(insert("task", first), insert("task", second)),
                    txn(transition("task", str(first["id"]), "status", "open", "done")),
                    txn(patch("customer", customer, contact_note=(None, "午后在"))),
                    txn(delete("task", str(second["id"]))),
                ]
            )
        )
    )


@given(st.data())
def test_a_mutated_exchange_is_refused_or_answered_and_never_half_applied(
    fuzzed: Bank, data: st.DataObject
) -> None:
    request = _sound(fuzzed)
    for _ in range(data.draw(st.integers(1, 3))):
        _mutate(request, data)
    before = fuzzed.counts()

    lines = _answer(fuzzed, request)

    if isinstance(lines, Refusal):
        assert lines.code in ("malformed", "too_large")
        assert fuzzed.counts() == before
        return
    assert lines[-1]["line"] == "end"
    assert len(statuses(lines)) == sum(len(each["ops"]) for each in request["txns"])
    for fates in _fates(request, statuses(lines)):
        assert fates in ({True}, {False})


def _answer(bank: Bank, request: Any) -> list[Line] | Refusal:
    try:
        return bank.ask(to_json(request))
    except Refusal as refusal:
        return refusal


def _fates(request: Any, said: list[str]) -> Iterator[set[bool]]:
    """For each transaction, which of its operations were refused: all or none."""
    place = 0
    for each in request["txns"]:
        size = len(each["ops"])
        yield {status == "rejected" for status in said[place : place + size]}
        place += size


@given(st.binary(max_size=300))
def test_noise_is_refused(fuzzed: Bank, noise: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        fuzzed.ask(noise)

    assert refused.value.code == "malformed"


@pytest.mark.parametrize(
    ("due", "now"),
    [("2026-11-18", NOW), ("2026-11-19", NOW + 6 * 3_600_000)],
    ids=["in the evening", "after midnight in Beijing"],
)
def test_a_first_sync_begins_with_todays_customers_whole(bank: Bank, due: str, now: int) -> None:
    lin = str(bank.lin["id"])
    others = [a_customer(lin) for _ in range(1_500)]
    bank.store.bring("customer", *others)
    today = others[-1]
    visit = an_interaction(str(today["id"]), lin)
    bank.store.bring("interaction", visit)
    bank.store.bring("task", a_task(str(today["id"]), due=due))
    bank.store.bring("task", a_task(str(others[3]["id"]), due="2027-01-01"))

    pages = [line for line in bank.ask(a_request(), now) if line["line"] == "page"]

    portfolio = f"portfolio:{lin}"
    first = next(page for page in pages if portfolio in page["begin"])
    assert {row["entity"] for row in first["rows"]} == {"customer", "interaction", "task"}
    assert {row["id"] for row in first["rows"]} >= {today["id"], visit["id"]}
    assert len(first["rows"]) == 3
    held = {row["id"] for page in pages for row in page["rows"] if row["entity"] == "customer"}
    assert held == {each["id"] for each in (bank.customer, *others)}


def test_the_servers_inbox_says_whose_work_waits_and_why(bank: Bank) -> None:
    lost = txn(insert("task", a_task(new_id())))
    bank.ask(a_request([lost]))

    with bank.database.reading() as connection:
        [issue] = open_issues(connection, "en")

    assert (issue["id"], issue["employee_no"]) == (lost["txn"], bank.lin["employee_no"])
    assert "no such customer" in issue["why"]
    assert issue["ops"] == lost["ops"]
