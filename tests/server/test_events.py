"""Events for other systems: every change once and in order, by right, and no cursor of before."""

import asyncio
from dataclasses import asdict
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import Task
from shared.errors import Refusal
from shared.registry import REGISTRY, Document
from shared.testing.around import an_alert
from shared.testing.builders import NOW, a_customer, an_interaction
from sync_server.exchange import Poke
from sync_server.handlers.events import LONGEST_WAIT_S, MEDIA_TYPE, MOST
from sync_server.outward import TOLD
from sync_server.store import events
from sync_server.store.access import accesses
from sync_server.store.backup import new_generation
from sync_server.store.database import Database
from sync_server.store.events import START, TYPES, Place, seal_place, unseal_place
from sync_server.store.feed import Cursor, seal
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.account_bank import account
from tests.server.reading_bank import ReadingBank

KEY = bytes(range(32))


@pytest.fixture
def bank(database: Database) -> ReadingBank:
    return ReadingBank(database)


def everything(bank: ReadingBank, signed: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    """Follow the events from a place, the beginning if none is named, until none are left."""
    found: list[dict[str, Any]] = []
    while True:
        answer = bank.get("/v1/events", signed, **query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
        if query.get("cursor") == answer.headers["cursor"]:
            return found
        found += answer.json()
        query["cursor"] = answer.headers["cursor"]


def position(event: dict[str, Any]) -> tuple[int, ...]:
    return tuple(map(int, event["id"].split("-")))


# What comes


def test_a_change_is_a_cloud_event(bank: ReadingBank) -> None:
    signed = bank.signed("events", "personal")
    event = everything(bank, signed, types="fieldbook.customer.changed")[-1]

    assert event["specversion"] == "1.0"
    assert event["source"] == f"urn:fieldbook:{bank.database.generation}"
    assert (event["type"], event["subject"]) == ("fieldbook.customer.changed", bank.id)
    assert event["time"].endswith("Z")
    assert event["datacontenttype"] == "application/json"
    assert event["data"] == bank.customer_now()


@pytest.mark.parametrize("limit", [1, 2, 7, MOST])
def test_pages_of_any_size_bring_every_change_once_and_in_order(
    bank: ReadingBank, limit: int
) -> None:
    bank.accounts(account("6001", **bank.hers), account("6002", **bank.hers))
    signed = bank.signed("events")

    found = everything(bank, signed, limit=limit)

    with bank.database.reading() as connection:
        told = connection.exec_driver_sql(
            "SELECT seq, ord, entity FROM change_log WHERE op = 'put' ORDER BY seq, ord"
        ).all()
    wanted = [(row.seq, row.ord) for row in told if row.entity in TOLD]
    assert [position(each) for each in found] == wanted
    assert len({event["type"] for event in found}) > 3


def test_a_reader_of_a_rare_type_gets_further_a_part_at_a_time(
    bank: ReadingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    for order in range(5):
        bank.customer_named(f"客户{order}")
    bank.accounts(account("6001", **bank.hers))
    monkeypatch.setattr(events, "SCANNED", 3)
    signed = bank.signed("events")

    first = bank.get("/v1/events", signed, types="fieldbook.account.changed")
    found = everything(bank, signed, types="fieldbook.account.changed")

    assert first.json() == []
    assert [event["type"] for event in found] == ["fieldbook.account.changed"]


def test_a_deletion_is_told_without_a_document(bank: ReadingBank) -> None:
    row = bank.store.rows("identifier")
    [(id, found)] = row.items()
    with bank.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("job:test"), NOW)
        unit.remove(REGISTRY["identifier"], id, found.scope, found.version + 1)
        unit.finish()

    last = everything(bank, bank.signed("events"))[-1]

    assert (last["type"], last["subject"]) == ("fieldbook.identifier.deleted", id)
    assert "data" not in last


def test_a_customer_who_moves_is_one_change_and_no_deletion(bank: ReadingBank) -> None:
    wang = bank.joins("AM002", "2026-01-05")
    bank.store.bring("customer", bank.customer_now() | {"owner_id": wang["id"]})

    mine = [each for each in everything(bank, bank.signed("events")) if each["subject"] == bank.id]

    assert {each["type"] for each in mine} == {"fieldbook.customer.changed"}
    assert mine[-1]["data"]["owner_id"] == wang["id"]


# Who may see what


def test_events_are_masked_by_right_as_the_record_is(bank: ReadingBank) -> None:
    visit = an_interaction(bank.id, str(bank.lin["id"]), note="想换房")
    bank.store.bring("interaction", visit)

    def last(entity: str, signed: dict[str, str]) -> dict[str, Any]:
        found = everything(bank, signed, types=f"fieldbook.{entity}.changed")[-1]["data"]
        assert isinstance(found, dict)
        return found

    masked, whole = bank.signed("events", name="a"), bank.signed("events", "personal", name="b")
    numbers = bank.signed("events", "numbers", name="c")
    assert last("interaction", masked)["note"] is None
    assert last("interaction", whole)["note"] == "想换房"
    assert last("identifier", whole)["value"] == f"…{bank.id_card[-4:]}"
    assert last("identifier", numbers)["value"] == bank.id_card


def test_what_was_written_of_a_customer_is_in_events_only_by_right(bank: ReadingBank) -> None:
    task = Task("t1", bank.id, "call", "问女儿买房", "2026-11-20", reason="买房差 80 万")
    bank.store.bring("task", asdict(task))
    bank.store.bring("alert", an_alert(bank.id, kind="birthday", evidence="77"))
    written: Document = {"contact_note": "老伴刚去世", "need_amount": 80_000_000}
    bank.store.bring("customer", bank.customer_now() | written)

    def told(signed: dict[str, str]) -> list[Any]:
        last = {each["type"].split(".")[1]: each["data"] for each in everything(bank, signed)}
        fields = {
            "task": ("title", "reason"),
            "alert": ("evidence",),
            "customer": ("contact_note", "need_amount"),
        }
        return [last[entity][name] for entity, names in fields.items() for name in names]

    assert told(bank.signed("events", name="a")) == [None] * 5
    assert told(bank.signed("events", "personal", name="b")) == [
        task.title,
        task.reason,
        "77",
        *written.values(),
    ]


@pytest.mark.parametrize("rights", [(), ("personal", "numbers")], ids=["masked", "whole"])
def test_what_came_of_the_anti_fraud_questions_is_told_to_nobody(
    bank: ReadingBank, rights: Any
) -> None:
    found = {
        "answers": "yes,no,unknown",
        "cause": "fraud_suspected",
        "action": "reported",
        "note": "说是公安局让转的",
    }
    alert = an_alert(bank.id, status="handled", **found)
    bank.store.bring("alert", alert)

    [event] = everything(bank, bank.signed("events", *rights), types="fieldbook.alert.changed")

    assert event["data"].keys() == alert.keys() - found.keys()
    assert event["data"]["status"] == "handled"


def test_what_is_not_told_is_in_no_event(bank: ReadingBank) -> None:
    bank.sells("C-9")  # with its share, statement and verdict

    types = {event["type"] for event in everything(bank, bank.signed("events"))}

    assert "fieldbook.sale.changed" in types
    assert types <= TYPES.keys()


def test_how_a_sale_is_shared_is_told_to_nobody(bank: ReadingBank) -> None:
    bank.sells("C-9")
    told = bank.signed("events", "personal", "numbers")

    [*_, event] = everything(bank, told, types="fieldbook.sale.changed")

    assert event["data"].keys() == REGISTRY["sale"].fields.keys() - {"shares"}


def test_without_the_right_there_are_no_events(bank: ReadingBank) -> None:
    answer = bank.get("/v1/events", bank.signed("record"))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_granted")


def test_what_was_read_of_everyone_is_noted_by_its_extent(bank: ReadingBank) -> None:
    signed = bank.signed("events")
    answer = bank.get("/v1/events", signed, limit=2)
    bank.get("/v1/events", signed, cursor=bank.get("/v1/events", signed).headers["cursor"])

    with bank.database.reading() as connection:
        noted = [row for row in accesses(connection, None, 10) if row["what"] == "events"]
    first, second = (each["id"].replace("-", ".") for each in answer.json())
    assert f"{first}-{second}" in {row["extent"] for row in noted}
    assert len(noted) == 2


# Cursors


@pytest.mark.parametrize("place", [START, Place(7, 3)])
def test_a_cursor_leads_back_to_its_place(place: Place) -> None:
    assert unseal_place(seal_place(place, KEY, "g"), KEY, "g") == place


@given(st.text())
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        unseal_place(text, KEY, "g")
    assert refusal.value.code == "malformed"


def test_a_cursor_of_a_device_or_of_another_key_is_refused() -> None:
    for text in (seal(Cursor("g", 7, {}, {}), KEY), seal_place(START, bytes(32), "g")):
        with pytest.raises(Refusal) as refusal:
            unseal_place(text, KEY, "g")
        assert refusal.value.code == "malformed"


def test_after_a_restore_a_cursor_of_before_is_told_so(
    bank: ReadingBank, database: Database
) -> None:
    signed = bank.signed("events")
    cursor = bank.get("/v1/events", signed).headers["cursor"]
    with database.writing() as connection:
        database.generation = new_generation(connection)

    answer = bank.get("/v1/events", signed, cursor=cursor)

    assert (answer.status_code, answer.json()["code"]) == (410, "events_restored")
    assert everything(bank, signed)[0]["source"] == f"urn:fieldbook:{database.generation}"


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "x"},
        {"limit": "0"},
        {"limit": MOST + 1},
        {"wait": LONGEST_WAIT_S + 1},
        {"wait": "-1"},
        {"types": "fieldbook.customer.changed,fieldbook.statement.changed"},
    ],
)
def test_what_makes_no_sense_is_refused(bank: ReadingBank, query: dict[str, Any]) -> None:
    answer = bank.get("/v1/events", bank.signed("events"), **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert answer.json()["fields"]["path"] == next(iter(query))


# Waiting


def test_who_waits_is_answered_by_the_commit_that_comes(bank: ReadingBank) -> None:
    signed = bank.signed("events")
    cursor = bank.get("/v1/events", signed, limit=MOST).headers["cursor"]
    live = bank.services.live

    async def work() -> httpx.Response:
        query = {"cursor": cursor, "wait": str(LONGEST_WAIT_S)}
        asked = asyncio.create_task(bank.client.get("/v1/events", params=query, headers=signed))
        while not live.listeners:
            await asyncio.sleep(0)
        bank.store.bring("customer", a_customer(str(bank.lin["id"]), name="新客户"))
        live.poke(Poke(1, frozenset(), None))
        return await asked

    assert [each["type"] for each in asyncio.run(work()).json()] == ["fieldbook.customer.changed"]
    assert not live.listeners


def test_who_waits_when_the_server_stops_is_answered_at_once(bank: ReadingBank) -> None:
    signed = bank.signed("events")
    cursor = bank.get("/v1/events", signed, limit=MOST).headers["cursor"]
    live = bank.services.live

    async def work() -> httpx.Response:
        query = {"cursor": cursor, "wait": str(LONGEST_WAIT_S)}
        asked = asyncio.create_task(bank.client.get("/v1/events", params=query, headers=signed))
        while not live.listeners:
            await asyncio.sleep(0)
        live.close()
        return await asked

    answer = asyncio.run(work())

    assert (answer.json(), answer.headers["cursor"]) == ([], cursor)
