"""The messages: a wrong body is refused whole, with the path of the field that is wrong."""

from typing import Any

import pytest
from pydantic_core import from_json, to_json

from shared.errors import Refusal
from shared.sync.protocol import MAX_CURSOR, MAX_OPS, read_line, read_request, write
from shared.testing.builders import a_request, a_task, insert, new_id, txn


def body() -> Any:
    """A sound body, as JSON."""
    return from_json(to_json(a_request([txn(insert("task", a_task(new_id())))], cursor="c")))


def complaint(request: Any) -> str:
    with pytest.raises(Refusal) as refused:
        read_request(to_json(request))
    assert refused.value.code == "malformed"
    return refused.value.fields["path"]


def test_a_sound_body_is_read_as_it_was_written() -> None:
    request = body()

    assert read_request(write(request)) == request


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("proto", "1"),
        ("schema", None),
        ("device", []),
        ("device/pending", -1),
        ("device/sent_at", 2**53),
        ("cursor", 7),
        ("txns", {}),
        ("txns/0/txn", "not-a-uuid"),
        ("txns/0/ops", []),
        ("txns/0/ops/0/op_id", new_id().upper()),
        ("txns/0/ops/0/device_seq", 1.5),
        ("txns/0/ops/0/kind", "Insert"),
        ("txns/0/ops/0/entity", "task; DROP TABLE task"),
        ("txns/0/ops/0/version", True),
        ("txns/0/ops/0/doc", "text"),
        ("txns/0/ops/0/set", {"title": ["only one"]}),
        ("txns/0/ops/0/depends", ["x"]),
    ],
)
def test_a_wrong_field_is_named_by_its_path(path: str, value: Any) -> None:
    request = body()
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place = request
    for step in way:
        place = place[step]
    place[last] = value

    assert complaint(request).startswith(path)


@pytest.mark.parametrize("way", [[], ["device"], ["txns", 0], ["txns", 0, "ops", 0]])
def test_the_envelope_has_no_room_for_unknown_keys(way: list[Any]) -> None:
    request = body()
    place = request
    for step in way:
        place = place[step]
    place["colour"] = "red"

    assert complaint(request).endswith("colour")


def test_a_document_has_room_for_what_a_later_version_writes() -> None:
    request = body()
    request["txns"][0]["ops"][0]["doc"]["colour"] = {"deep": ["er"]}

    assert read_request(to_json(request)) == request


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"', b"{}"])
def test_what_is_no_exchange_is_malformed(raw: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_request(raw)

    assert refused.value.code == "malformed"


def test_more_operations_than_one_transaction_should_hold_are_too_many() -> None:
    request = a_request([txn(insert("task", {"id": new_id()})) for _ in range(MAX_OPS)])
    assert len(read_request(write(request))["txns"]) == MAX_OPS
    request["txns"][0]["ops"] *= 2

    with pytest.raises(Refusal) as refused:
        read_request(write(request))

    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("note", "sound"),
    [("a\0b", False), ("\\\0", False), (r"C:\u0000", True), (r"\\u0000", True)],
)
def test_a_nul_is_refused_but_not_the_text_that_looks_like_one(note: str, sound: bool) -> None:
    request = body()
    request["txns"][0]["ops"][0]["doc"]["title"] = note

    if sound:
        assert read_request(to_json(request)) == request
    else:
        assert complaint(request) == "body"


def test_a_cursor_of_thousands_of_scopes_is_taken() -> None:
    assert read_request(write(a_request(cursor="c" * MAX_CURSOR)))["cursor"] is not None


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"line": "page"}', b'{"line": "song"}'])
def test_what_is_no_line_of_an_answer_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        read_line(raw)
