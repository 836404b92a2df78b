"""The device's conversation: what it does with each answer, and that it ends."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from shared.errors import Refusal, refused
from shared.sync.protocol import (
    FIRST_SCHEMA,
    MAX_OPS,
    SCHEMA,
    DeviceStatus,
    HeadLine,
    Line,
    PageLine,
    Receipt,
    Txn,
    Verdict,
)
from shared.sync.session import NEXT, Post, ProtocolError, Report, converse
from shared.testing.builders import a_task, insert, new_id, txn


class MemoryDevice:
    """A `LocalStore` of lists."""

    def __init__(self, waiting: Sequence[Txn] = ()) -> None:
        self.waiting = list(waiting)
        self.set_aside: list[tuple[Txn, str]] = []
        self.verdicts: list[Verdict] = []
        self.generations: list[str] = []
        self.at: str | None = None
        self.purged: list[Receipt] = []
        self.met_schema: int | None = SCHEMA

    def status(self) -> DeviceStatus:
        return {"pending": len(self.waiting), "oldest_pending_at": None, "sent_at": 0}

    def cursor(self) -> str | None:
        return self.at

    def pending(self, most: int, after: int = 0) -> Sequence[Txn]:
        behind = [each for each in self.waiting if each["ops"][-1]["device_seq"] > after]
        return behind[:most]

    def record_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        self.verdicts += verdicts
        answered = {verdict["op_id"] for verdict in verdicts}
        self.waiting = [each for each in self.waiting if each["ops"][0]["op_id"] not in answered]

    def server_schema(self) -> int | None:
        return self.met_schema

    def meet(self, head: HeadLine) -> None:
        self.generations.append(head["generation"])
        self.met_schema = head.get("schema", FIRST_SCHEMA)

    def apply_page(self, page: PageLine) -> bool:
        if page["after"] != self.at:
            return False
        self.at = page["cursor"]
        return True

    def quarantine(self, txn: Txn, refusal: Refusal) -> None:
        self.set_aside.append((txn, refusal.code))
        self.waiting.remove(txn)

    def receipts(self) -> Sequence[Receipt]:
        return self.purged

    def receipted(self, ids: Sequence[str]) -> None:
        self.purged = [receipt for receipt in self.purged if receipt["id"] not in ids]


Server = Callable[[dict[str, Any]], list[Line]]
HEAD: HeadLine = {"line": "head", "generation": "g", "upto": 0, "now": 0, "schema": SCHEMA}


def end(*, more: bool = False, **parts: Any) -> Any:
    return {"line": "end", "more": more, "backoff_ms": 0, **parts}


def page(after: str | None, cursor: str) -> PageLine:
    return {
        "line": "page",
        "after": after,
        "cursor": cursor,
        "seq": 1,
        "begin": [],
        "complete": [],
        "gone": [],
        "rows": [],
    }


def accepting(request: dict[str, Any]) -> list[Line]:
    """A server that takes everything."""
    ops = [op for each in request["txns"] for op in each["ops"]]
    said: list[Verdict] = [{"op_id": op["op_id"], "status": "applied", "seq": 1} for op in ops]
    return [HEAD, {"line": "verdicts", "verdicts": said}, end()]


def conversation(device: MemoryDevice, server: Server, bodies: list[Any] | None = None) -> Report:
    going = converse(device)
    wish = next(going)
    lines: list[Line] = []
    try:
        while True:
            if isinstance(wish, Post):
                body = from_json(wish.body)
                if bodies is not None:
                    bodies.append(body)
                try:
                    lines = server(body)
                except Refusal as refusal:
                    wish = going.throw(refusal)
                    continue
            else:
                assert wish is NEXT
            wish = going.send(lines.pop(0))
    except StopIteration as stop:
        report: Report = stop.value
        return report


def work(count: int) -> list[Txn]:
    made = [txn(insert("task", a_task("customer"))) for _ in range(count)]
    for place, each in enumerate(made, 1):
        each["ops"][0]["device_seq"] = place
    return made


def test_everything_that_waits_is_sent_and_the_report_says_so() -> None:
    device = MemoryDevice(work(3))

    report = conversation(device, accepting)

    assert (report.pushed, report.rounds, device.waiting) == (3, 1, [])
    assert device.generations == ["g"]


def test_what_was_saved_meanwhile_goes_out_in_the_next_round() -> None:
    device = MemoryDevice(work(1))
    late = work(1)

    def save_late(request: dict[str, Any]) -> list[Line]:
        device.waiting += late
        late.clear()
        return accepting(request)

    assert conversation(device, save_late).rounds == 2
    assert device.waiting == []


def test_the_device_comes_back_while_there_is_more() -> None:
    answers: list[list[Line]] = [
        [HEAD, page(None, "a"), end(more=True)],
        [HEAD, page("a", "b"), end()],
    ]
    device = MemoryDevice()
    bodies: list[Any] = []

    conversation(device, lambda _: answers.pop(0), bodies)

    assert [body["cursor"] for body in bodies] == [None, "a"]
    assert device.at == "b"


def test_refused_operations_are_counted() -> None:
    def refusing(request: dict[str, Any]) -> list[Line]:
        lines = accepting(request)
        lines[1]["verdicts"][0]["status"] = "rejected"  # type: ignore[typeddict-item]
        return lines

    assert conversation(MemoryDevice(work(2)), refusing).rejected == 1


def test_an_operation_without_a_verdict_is_a_broken_answer() -> None:
    with pytest.raises(ProtocolError):
        conversation(MemoryDevice(work(1)), lambda _: [HEAD, end()])


@pytest.mark.parametrize("lines", [[end()], [page(None, "a"), end()], [end(), HEAD]])
def test_an_answer_without_its_head_is_broken(lines: list[Line]) -> None:
    """Else its last line alone would pass for 'nothing new', and what is new waits for the poll."""
    with pytest.raises(ProtocolError):
        conversation(MemoryDevice(), lambda _: list(lines))


def test_a_page_that_does_not_follow_is_a_broken_answer() -> None:
    with pytest.raises(ProtocolError):
        conversation(MemoryDevice(), lambda _: [HEAD, page("elsewhere", "b"), end()])


def test_a_server_that_wants_a_newer_app_is_heard() -> None:
    report = conversation(MemoryDevice(), lambda _: [HEAD, end(code="upgrade")])

    assert report.code == "upgrade"


def a_correction() -> Txn:
    return {**work(1)[0], "replaces": new_id()}


def a_receipt() -> Receipt:
    return {"id": new_id(), "purged": "portfolio:E1", "rows": 3, "at": 0}


def of_the_first_release(request: dict[str, Any]) -> list[Line]:
    """A server that takes everything it can read, and does not say its schema."""
    newer = "receipts" in request or any("replaces" in each for each in request["txns"])
    if newer:
        raise refused("malformed", path="receipts", problem="Extra inputs are not permitted")
    lines = accepting(request)
    lines[0] = {"line": "head", "generation": "g", "upto": 0, "now": 0}
    return lines


@pytest.mark.parametrize("known", [None, FIRST_SCHEMA])
def test_a_server_of_the_first_release_is_sent_only_what_it_can_read(known: int | None) -> None:
    device = MemoryDevice([*work(2), a_correction(), *work(1)])
    device.purged, device.met_schema = [a_receipt()], known

    report = conversation(device, of_the_first_release)

    assert (report.pushed, device.waiting, device.set_aside) == (4, [], [])
    assert len(device.purged) == 1


def test_until_the_server_is_known_nothing_is_sent_that_has_no_older_form() -> None:
    device, bodies = MemoryDevice([*work(1), a_correction()]), list[Any]()
    device.purged, device.met_schema = [a_receipt()], None

    conversation(device, accepting, bodies)

    assert [len(body["txns"]) for body in bodies] == [1, 1]
    assert ["receipts" in body for body in bodies] == [False, True]
    assert "replaces" in bodies[1]["txns"][0]


@pytest.mark.parametrize("code", ["sign_in", "device_revoked", "unavailable"])
def test_a_refusal_of_the_whole_exchange_ends_it_and_keeps_the_work(code: str) -> None:
    device = MemoryDevice(work(2))

    def refuse(_: dict[str, Any]) -> list[Line]:
        raise refused(code)

    with pytest.raises(Refusal):
        conversation(device, refuse)

    assert (len(device.waiting), device.set_aside) == (2, [])


def test_a_malformed_exchange_without_work_is_not_tried_again() -> None:
    def refuse(_: dict[str, Any]) -> list[Line]:
        raise refused("malformed")

    with pytest.raises(Refusal):
        conversation(MemoryDevice(), refuse)


@pytest.mark.parametrize("path", ["proto", "cursor", "device/pending", "receipts/0/id"])
def test_what_is_wrong_with_the_device_itself_sets_no_record_aside(path: str) -> None:
    device = MemoryDevice(work(3))

    def refuse(_: dict[str, Any]) -> list[Line]:
        raise refused("malformed", path=path, problem="not as it should be")

    with pytest.raises(Refusal):
        conversation(device, refuse)

    assert (len(device.waiting), device.set_aside) == (3, [])


@pytest.mark.parametrize("place", range(5))
def test_a_record_over_which_the_server_fails_holds_none_up(place: int) -> None:
    device = MemoryDevice(work(5))
    bad = device.waiting[place]

    def failing(request: dict[str, Any]) -> list[Line]:
        if bad in request["txns"]:
            raise refused("server_failed")
        return accepting(request)

    if place == 4:  # nothing behind it tells whether it is the record
        with pytest.raises(Refusal):
            conversation(device, failing)
        assert (device.waiting, device.set_aside) == ([bad], [])
    else:
        conversation(device, failing)
        assert (device.waiting, device.set_aside) == ([], [(bad, "server_failed")])


def test_a_server_that_fails_over_everything_sets_nothing_aside() -> None:
    device = MemoryDevice(work(5))

    def failing(_: dict[str, Any]) -> list[Line]:
        raise refused("server_failed")

    with pytest.raises(Refusal):
        conversation(device, failing)

    assert (len(device.waiting), device.set_aside) == (5, [])


@given(st.integers(1, 300), st.data())
def test_only_what_the_server_cannot_read_is_set_aside(count: int, data: st.DataObject) -> None:
    transactions = work(count)
    bad = {each["txn"] for each in data.draw(st.lists(st.sampled_from(transactions), max_size=4))}
    device = MemoryDevice(transactions)

    def unreadable(request: dict[str, Any]) -> list[Line]:
        if any(each["txn"] in bad for each in request["txns"]):
            raise refused("malformed", path="txns", problem="of another version")
        return accepting(request)

    conversation(device, unreadable)

    assert {each["txn"] for each, _ in device.set_aside} == bad
    assert len(device.verdicts) == count - len(bad)


def test_a_spoiled_transaction_does_not_make_every_later_one_travel_alone() -> None:
    transactions = work(2 * MAX_OPS)
    bad = transactions[0]["txn"]
    rounds = 0

    def unreadable(request: dict[str, Any]) -> list[Line]:
        nonlocal rounds
        rounds += 1
        if request["txns"][0]["txn"] == bad:
            raise refused("malformed", path="txns", problem="of another version")
        return accepting(request)

    conversation(MemoryDevice(transactions), unreadable)

    assert rounds < 30
