"""The description of the server's HTTP: complete in both directions, and true of real answers."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from shared.domain import Attachment, Relation
from shared.errors import CATALOGUE
from shared.testing.builders import NOW, a_request, an_interaction, new_id
from sync_server.handlers.openapi import document
from sync_server.handlers.operations import OPERATIONS, Operation
from sync_server.http import make_app
from sync_server.store.assessing import assess_daily
from sync_server.store.database import open_sqlite
from sync_server.store.identity import new_code
from sync_server.store.scopes import refresh_scopes
from tests.server.account_bank import PHONE, account
from tests.server.json_schema import Schemas
from tests.server.reading_bank import ReadingBank, run
from tests.server.receiver import receiving

SAID = document()
SCHEMAS = Schemas(SAID["components"]["schemas"])


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[ReadingBank]:
    database = open_sqlite(tmp_path / "server.db")
    made = ReadingBank(database)
    made.accounts(account("6001", rate="1.55", matures_on="2026-12-01", **made.hers))
    made.store.bring("interaction", an_interaction(made.id, str(made.lin["id"]), note="想换房"))
    tie = Relation(new_id(), made.id, "spouse", str(made.lin["id"]), NOW, other_name="单小明")
    made.store.bring("relation", asdict(tie))
    assess_daily(database, NOW)
    yield made
    database.close()


def fits(answer: httpx.Response, id: str) -> list[str]:
    """Say what of an answer its operation's description does not allow."""
    [each] = [each for each in OPERATIONS if each.id == id]
    responses = SAID["paths"][each.path][each.method.lower()]["responses"]
    described = responses.get(str(answer.status_code), responses["default"])
    missing = [name for name in described.get("headers", {}) if name not in answer.headers]
    content = described.get("content")
    if content is None:
        return missing + ([] if answer.content == b"" else ["a body"])
    media = answer.headers["content-type"].partition(";")[0]
    schema = content[media].get("schema", {})
    bodies = [answer]
    if media == "application/x-ndjson":
        bodies = [httpx.Response(200, content=line) for line in answer.content.splitlines()]
    if media == "application/octet-stream":
        return missing
    return missing + [said for one in bodies for said in SCHEMAS.complaints(schema, one.json())]


# Complete


def test_every_route_is_described_and_every_description_has_its_route(bank: ReadingBank) -> None:
    routes = {
        (method, each.path)
        for each in make_app(bank.services).routes
        if isinstance(each, Route)
        for method in each.methods or ()
        # Starlette answers HEAD wherever it answers GET.
        if method != "HEAD" or not {"GET"} & (each.methods or set())
    }

    assert routes == {(each.method, each.path) for each in OPERATIONS}


def test_each_operation_has_a_name_of_its_own_and_its_paths_parameters() -> None:
    assert len({each.id for each in OPERATIONS}) == len(OPERATIONS)
    for each in OPERATIONS:
        in_path = {one.name for one in each.parameters if one.place == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", each.path))


def test_every_reference_leads_to_a_schema() -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
            for each in value.values():
                yield from references(each)
        elif isinstance(value, list):
            for each in value:
                yield from references(each)

    found = set(references(SAID))
    assert len(found) > 20
    assert {each.rpartition("/")[2] for each in found} <= SCHEMAS.named.keys()


def test_the_description_is_served_as_it_is_written(bank: ReadingBank) -> None:
    answer = bank.get("/v1/openapi.json", {})

    assert answer.json() == SAID
    assert answer.json()["openapi"] == "3.1.0"


def test_what_is_told_to_nobody_is_not_described() -> None:
    described = SCHEMAS.named["alert"]["properties"].keys()

    assert "status" in described
    assert not described & {"answers", "cause", "action", "note"}


# True


@pytest.mark.parametrize("rights", [(), ("personal", "numbers")], ids=["masked", "whole"])
def test_what_other_systems_read_is_as_described(bank: ReadingBank, rights: Any) -> None:
    signed = bank.signed("record", "events", *rights)
    path = f"/v1/customers/{bank.id}"
    customer = bank.get(path, signed)
    answers = {
        "customer": [
            customer,
            bank.get(path, signed | {"if-none-match": customer.headers["etag"]}),
        ],
        "timeline": [bank.get(f"{path}/timeline", signed)],
        "lookup": [bank.look_up(signed, "phone", PHONE)],
        "events": [bank.get("/v1/events", signed, limit=1_000)],
    }

    assert customer.json()["value"] is not None
    assert [fits(each, id) for id, some in answers.items() for each in some] == [[]] * 5


@pytest.mark.parametrize("rights", [(), ("personal", "numbers")], ids=["masked", "whole"])
def test_the_data_of_an_event_is_a_row_as_described(bank: ReadingBank, rights: Any) -> None:
    found = bank.get("/v1/events", bank.signed("events", *rights), limit=1_000).json()

    seen = {each["type"].split(".")[1]: each["data"] for each in found}
    assert {"customer", "identifier", "account", "interaction", "relation"} <= seen.keys()
    for entity, data in seen.items():
        assert list(SCHEMAS.complaints({"$ref": entity}, data)) == []


def test_what_comes_of_a_file_is_as_described(bank: ReadingBank) -> None:
    signed, content = (
        bank.signed("import"),
        "source,number,day,inflow,outflow\ncore,1,x,0.00,0.00\n",
    )

    answer = run(bank.client.post("/v1/import/flows", content=content, headers=signed))

    assert answer.json()["refused"] == 1
    assert fits(answer, "bring") == []


def test_what_comes_of_refused_rows_is_as_described(bank: ReadingBank) -> None:
    signed = bank.signed("import")
    content = "source,number,day,inflow,outflow\ncore,1,x,0.00,0.00\n"
    run(bank.client.post("/v1/import/flows", content=content, headers=signed))

    read = bank.get("/v1/refused-rows", signed)
    tried = run(bank.client.post("/v1/refused-rows/replay", headers=signed))

    assert (len(read.json()["rows"]), len(tried.json()["files"])) == (1, 1)
    assert fits(read, "refused_rows") == []
    assert fits(tried, "replay") == []


def test_what_a_device_is_told_is_as_described(bank: ReadingBank) -> None:
    async def work() -> dict[str, httpx.Response]:
        client = bank.client
        with bank.database.writing() as connection:
            refresh_scopes(connection)
            code = new_code(connection, "AM001", NOW, 600_000)
        enrolled = await client.post("/v1/enrol", json={"code": code})
        signed = {"authorization": f"Bearer {enrolled.json()['token']}"}
        name = sha256(b"photo").hexdigest()
        photo = Attachment(
            new_id(), bank.id, str(bank.lin["id"]), "photo", "image/jpeg", 5, name, NOW
        )
        bank.store.bring("attachment", asdict(photo))
        sync = await client.post("/v1/sync", json=a_request(), headers=signed)
        digest = {"proto": 1, "ask": "parts", "cursor": None, "fields": {}, "parts": []}
        part = {"content-range": "bytes 0-4/5", **signed}
        blob = f"/v1/blob/{name}"
        return {
            "enrol": enrolled,
            "sync": sync,
            "digest": await client.post("/v1/digest", json=digest, headers=signed),
            "ask_blob": await client.head(blob, headers=signed),
            "put_blob": await client.put(blob, content=b"photo", headers=part),
            "healthz": await client.get("/healthz"),
        }

    answers = asyncio.run(work())
    assert {id: (each.status_code, fits(each, id)) for id, each in answers.items()} == {
        id: (200, []) for id in answers
    }


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.who != "anyone"], ids=lambda each: each.id
)
def test_who_is_not_signed_in_is_refused_as_described(
    bank: ReadingBank, operation: Operation
) -> None:
    path = operation.path.format(id=bank.id, kind="flows", sha256="0" * 64)
    wanted = run(bank.client.request(operation.method, path, content=b"{}"))
    if operation.id == "lookup":  # what is asked is read first
        wanted = run(
            bank.client.post(path, json={"kind": "phone", "value": PHONE}, headers={"x": "y"})
        )

    assert wanted.status_code == CATALOGUE["sign_in"].status
    assert (
        str(wanted.status_code)
        in SAID["paths"][operation.path][operation.method.lower()]["responses"]
    )
    assert operation.method == "HEAD" or fits(wanted, operation.id) == []


def test_a_delivery_is_as_described(bank: ReadingBank) -> None:
    from tests.server.test_webhooks import HookedBank

    described = SAID["webhooks"]["events"]["post"]
    with receiving() as receiver:
        bank.database.close()
        database = open_sqlite(Path(str(bank.database.engine.url.database)).with_name("other.db"))
        hooked = HookedBank(database, receiver)
        hooked.hook()
        hooked.customer_named("客户")
        hooked.send_until(hooked.is_quiet)
        database.close()

    schema = described["requestBody"]["content"]["application/cloudevents-batch+json"]["schema"]
    assert list(SCHEMAS.complaints(schema, receiver.taken)) == []
    for parameter in described["parameters"]:
        value: Any = receiver.tries[0][parameter["name"]]
        value = int(value) if parameter["schema"]["type"] == "integer" else value
        assert list(SCHEMAS.complaints(parameter["schema"], value)) == []


# The measure itself


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, "1"),
        ({"type": "integer"}, True),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"b": 1}),
        ({"required": ["a"]}, {}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1),
        ({"items": {"enum": ["x"]}}, ["x", "y"]),
        ({"type": "string", "pattern": "^a$"}, "b"),
        ({"minimum": 2}, 1),
        ({"prefixItems": [{"type": "string"}]}, [1]),
        ({"additionalProperties": {"type": "string"}}, {"a": 1}),
        ({"$ref": "#/components/schemas/Refused"}, {"code": "x"}),
    ],
)
def test_what_does_not_fit_a_schema_is_noticed(schema: dict[str, Any], value: Any) -> None:
    assert list(SCHEMAS.complaints(schema, value))
