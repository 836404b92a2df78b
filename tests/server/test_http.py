"""The HTTP edge: what it lets in, what it refuses and in which words, and what it serves."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import zstandard

from shared.errors import CATALOGUE
from shared.ids import Millis, uuid7
from shared.sync.protocol import MAX_BODY, write
from sync_server.demo.seed import seed
from sync_server.http import Services, make_app
from sync_server.store import identity
from sync_server.store.database import Database, open_sqlite

NOW = 1_795_500_000_000
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = open_sqlite(tmp_path_factory.mktemp("bank") / "fieldbook.db")
    seed(database, TODAY, NOW, lambda _: None)
    yield database
    database.close()


@dataclass
class Edge:
    """The real ASGI application, asked without a socket."""

    database: Database
    client: httpx.AsyncClient
    services: Services

    def code(self, employee_no: str) -> str:
        with self.database.writing() as connection:
            return identity.new_code(connection, employee_no, self.services.clock(), 600_000)

    async def enrolled(self, employee_no: str) -> dict[str, str]:
        answer = await self.client.post("/v1/enrol", json={"code": self.code(employee_no)})
        return {"authorization": f"Bearer {answer.json()['token']}"}

    def system(self) -> dict[str, str]:
        with self.database.writing() as connection:
            token = identity.new_system_token(connection, "core", NOW)
        return {"authorization": f"Bearer {token}"}


@pytest.fixture
def edge(bank: Database, tmp_path: Path) -> Edge:
    (tmp_path / "index.html").write_text("<p>app</p>")
    (tmp_path / "main.js").write_text("plain")
    (tmp_path / "main.js.gz").write_bytes(b"packed")
    (tmp_path / "worker.mjs").write_text("export {}")
    services = Services(bank, lambda: NOW)
    transport = httpx.ASGITransport(make_app(services, tmp_path), raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
    return Edge(bank, client, services)


def request(**changes: Any) -> dict[str, Any]:
    device = {"pending": 0, "oldest_pending_at": None, "sent_at": NOW}
    return {"proto": 1, "schema": 1, "device": device, "cursor": None, "txns": []} | changes


def visit_op(customer: str, employee: str, **changes: Any) -> dict[str, Any]:
    id = new_id()
    document = {
        "id": id,
        "customer_id": customer,
        "employee_id": employee,
        "channel": "visit",
        "purpose": "deposit",
        "outcome": "done",
        "occurred_at": NOW,
    }
    return {
        "op_id": new_id(),
        "device_seq": 1,
        "kind": "insert",
        "entity": "interaction",
        "id": id,
        "occurred_at": NOW,
        "version": 0,
        "doc": document | changes,
    }


_made = iter(range(1, 10_000))


def new_id() -> str:
    return uuid7(Millis(NOW), next(_made).to_bytes(10))


def run(work: Any) -> Any:
    import asyncio

    return asyncio.run(work)


def test_a_malformed_exchange_names_the_field_and_applies_nothing(edge: Edge) -> None:
    async def work() -> httpx.Response:
        headers = await edge.enrolled("AM001")
        op = visit_op(new_id(), new_id()) | {"op_id": "not an id"}
        body = request(txns=[{"txn": new_id(), "ops": [op]}])
        return await edge.client.post("/v1/sync", json=body, headers=headers)

    answer = run(work())

    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed"
    assert answer.json()["fields"]["path"] == "txns/0/ops/0/op_id"


def test_a_refusal_is_a_sentence_in_both_languages(edge: Edge) -> None:
    answer = run(edge.client.post("/v1/sync", json=request()))

    assert answer.status_code == 401
    assert answer.json()["zh"] == CATALOGUE["sign_in"].zh
    assert answer.json()["en"] == CATALOGUE["sign_in"].en


@pytest.mark.parametrize("path", ["/v1/sync", "/v1/digest"])
def test_of_a_stranger_no_body_is_read(edge: Edge, path: str) -> None:
    headers = {"authorization": "Bearer of nobody"}

    answer = run(edge.client.post(path, content=b"[" * 100_000, headers=headers))

    assert answer.json()["code"] == "sign_in"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_body_that_unpacks_without_end_is_cut_off(edge: Edge, encoding: str) -> None:
    flat = b" " * (MAX_BODY * 20)
    packer = zlib.compressobj(wbits=31)
    bomb = (
        packer.compress(flat) + packer.flush()
        if encoding == "gzip"
        else zstandard.ZstdCompressor().compress(flat)
    )

    async def work() -> httpx.Response:
        headers = await edge.enrolled("AM001") | {"content-encoding": encoding}
        return await edge.client.post("/v1/sync", content=bomb, headers=headers)

    answer = run(work())

    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


@pytest.mark.parametrize(
    ("encoding", "body", "code"),
    [
        ("gzip", b"not gzip", "malformed"),
        ("zstd", b"not zstd", "malformed"),
        ("lzma", b"anything", "unsupported_encoding"),
        ("", b"x" * (MAX_BODY + 1), "too_large"),
        ("", b"[" * 100_000, "malformed"),
        ("", b"\xff\xfe", "malformed"),
        ("", b"", "malformed"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    edge: Edge, encoding: str, body: bytes, code: str
) -> None:
    async def work() -> httpx.Response:
        headers = await edge.enrolled("AM001") | {"content-encoding": encoding}
        return await edge.client.post("/v1/sync", content=body, headers=headers)

    answer = run(work())

    assert answer.json()["code"] == code
    assert answer.status_code == CATALOGUE[code].status


def test_a_device_that_goes_away_while_it_sends_is_no_error(edge: Edge) -> None:
    """Links break in the midst of a request all day long: no traceback for the operator."""
    heard: list[Any] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    said: list[Any] = []

    async def work() -> None:
        headers = [(b"authorization", (await edge.enrolled("AM001"))["authorization"].encode())]
        scope = {"type": "http", "method": "POST", "path": "/v1/sync", "query_string": b""}

        async def receive() -> Any:
            return heard.pop(0)

        async def send(message: Any) -> None:
            said.append(message)

        await make_app(edge.services)({**scope, "headers": headers}, receive, send)

    run(work())

    assert (heard, said[0]["status"]) == ([], 400)


def test_a_revoked_device_is_told_so(edge: Edge) -> None:
    async def work() -> httpx.Response:
        enrolled = await edge.client.post("/v1/enrol", json={"code": edge.code("AM002")})
        with edge.database.writing() as connection:
            identity.revoke(connection, enrolled.json()["device_id"])
        headers = {"authorization": f"Bearer {enrolled.json()['token']}"}
        return await edge.client.post("/v1/sync", json=request(), headers=headers)

    answer = run(work())

    assert answer.status_code == 403
    assert answer.json()["code"] == "device_revoked"


def test_a_request_of_another_kind_is_refused_in_a_sentence(edge: Edge) -> None:
    answer = run(edge.client.delete("/v1/sync"))

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_a_bug_of_the_server_is_said_in_a_sentence(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> httpx.Response:
        headers = await edge.enrolled("AM001")

        def fail(*_: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("sync_server.exchange.has_news", fail)
        return await edge.client.post("/v1/sync", json=request(), headers=headers)

    answer = run(work())

    assert (answer.status_code, answer.json()["code"]) == (500, "server_failed")


def test_an_enrolment_code_works_once(edge: Edge) -> None:
    async def work() -> tuple[httpx.Response, httpx.Response]:
        code = edge.code("AM003")
        first = await edge.client.post("/v1/enrol", json={"code": code.lower()})
        return first, await edge.client.post("/v1/enrol", json={"code": code})

    first, second = run(work())

    assert first.status_code == 200
    assert first.json()["employee"]["employee_no"] == "AM003"
    assert second.json()["code"] == "bad_code"


def test_an_enrolment_code_expires(edge: Edge) -> None:
    code = edge.code("AM003")
    edge.services.clock = lambda: NOW + 600_001

    answer = run(edge.client.post("/v1/enrol", json={"code": code}))

    assert answer.json()["code"] == "bad_code"


def test_guessing_codes_is_slowed_down(edge: Edge) -> None:
    async def work() -> list[httpx.Response]:
        guesses = [{"code": f"AAAA-AAAA-AAAA-{n:04}"} for n in range(12)]
        return [await edge.client.post("/v1/enrol", json=guess) for guess in guesses]

    codes = [answer.json()["code"] for answer in run(work())]

    assert codes == ["bad_code"] * 10 + ["slow_down"] * 2


def test_a_branch_behind_one_address_enrols_all_its_devices(edge: Edge) -> None:
    async def work() -> list[int]:
        codes = [{"code": edge.code("AM003")} for _ in range(12)]
        return [(await edge.client.post("/v1/enrol", json=code)).status_code for code in codes]

    assert run(work()) == [200] * 12


@pytest.mark.parametrize("path", ["/v1/customers/{id}", "/v1/customers/{id}/timeline"])
@pytest.mark.parametrize("employee_no", ["AM001", "SV001", "AU001", "OP001"])
def test_a_devices_token_does_not_open_the_record_for_other_systems(
    edge: Edge, path: str, employee_no: str
) -> None:
    async def work() -> httpx.Response:
        headers = await edge.enrolled(employee_no)
        return await edge.client.get(path.format(id=any_customer(edge)), headers=headers)

    assert run(work()).status_code == 401


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/sync"), ("GET", "/v1/live")])
def test_a_systems_token_does_not_open_a_devices_routes(edge: Edge, method: str, path: str) -> None:
    answer = run(edge.client.request(method, path, json=request(), headers=edge.system()))

    assert answer.status_code == 401


def any_customer(edge: Edge) -> str:
    with edge.database.reading() as connection:
        return str(connection.exec_driver_sql("SELECT min(id) FROM customer").scalar())


def busiest_customer(edge: Edge) -> str:
    with edge.database.reading() as connection:
        return str(
            connection.exec_driver_sql(
                "SELECT customer_id FROM interaction GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
            ).scalar()
        )


def test_another_system_reads_a_customer_with_numbers_masked(edge: Edge) -> None:
    id = any_customer(edge)

    answer = run(edge.client.get(f"/v1/customers/{id}", headers=edge.system())).json()

    assert answer["id"] == id
    assert answer["owner_name"]
    assert answer["identifiers"]
    assert set(answer["identifiers"][0]) == {"kind", "last_four", "source"}


def test_another_system_reads_the_whole_timeline_in_pages(edge: Edge) -> None:
    id, headers = busiest_customer(edge), edge.system()
    path = f"/v1/customers/{id}/timeline"

    async def pages() -> list[dict[str, Any]]:
        items, after = [], ""
        while True:
            query = f"?limit=2&after={after}" if after else "?limit=2"
            page = (await edge.client.get(path + query, headers=headers)).json()
            items += page["items"]
            if page["next"] is None:
                return items
            after = page["next"]

    items = run(pages())
    whole = run(edge.client.get(path + "?limit=200", headers=headers)).json()["items"]

    assert len(whole) > 2
    assert items == whole
    assert [item["at"] for item in whole] == sorted((i["at"] for i in whole), reverse=True)
    assert {"id", "kind", "at", "by"} <= set(whole[0])


@pytest.mark.parametrize("path", ["/v1/customers/%00", "/v1/customers/{id}/timeline?after=%00"])
def test_an_id_with_a_nul_is_of_nothing(edge: Edge, path: str) -> None:
    answer = run(edge.client.get(path.format(id=any_customer(edge)), headers=edge.system()))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "٣"])
def test_a_page_size_that_makes_no_sense_is_refused(edge: Edge, limit: str) -> None:
    path = f"/v1/customers/{any_customer(edge)}/timeline"

    answer = run(edge.client.get(path, params={"limit": limit}, headers=edge.system()))

    assert answer.json()["code"] == "malformed"


def test_a_customer_that_is_not_there_is_said_to_be_not_there(edge: Edge) -> None:
    answer = run(edge.client.get(f"/v1/customers/{new_id()}", headers=edge.system()))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_visit_for_a_customer_of_someone_else_is_rejected_alone(edge: Edge) -> None:
    async def work() -> list[str]:
        enrolled = await edge.client.post("/v1/enrol", json={"code": edge.code("AM004")})
        me = enrolled.json()["employee"]["id"]
        mine, theirs = customer_of(edge, me, same=True), customer_of(edge, me, same=False)
        txns = [{"txn": new_id(), "ops": [visit_op(customer, me)]} for customer in (theirs, mine)]
        answer = await edge.client.post(
            "/v1/sync",
            content=write(request(txns=txns)),
            headers={"authorization": f"Bearer {enrolled.json()['token']}"},
        )
        lines = [httpx.Response(200, content=line).json() for line in answer.content.splitlines()]
        [verdicts] = [line["verdicts"] for line in lines if line["line"] == "verdicts"]
        return [verdict.get("code", verdict["status"]) for verdict in verdicts]

    assert run(work()) == ["not_yours", "applied"]


def customer_of(edge: Edge, employee: str, *, same: bool) -> str:
    operator = "=" if same else "<>"
    with edge.database.reading() as connection:
        sql = f"SELECT id FROM customer WHERE owner_id {operator} ? LIMIT 1"
        return str(connection.exec_driver_sql(sql, (employee,)).scalar())


def test_the_server_says_that_it_is_well(edge: Edge) -> None:
    answer = run(edge.client.get("/healthz"))

    assert answer.json()["status"] == "ok"
    assert answer.json()["seq"] > 0


def test_the_app_is_served_compressed_with_the_types_that_modules_insist_on(edge: Edge) -> None:
    async def work() -> list[httpx.Response]:
        paths = ("/app/worker.mjs", "/app/")
        answers = [await edge.client.get(path) for path in paths]
        raw = {"accept-encoding": "identity"}
        return [*answers, await edge.client.get("/app/main.js", headers=raw)]

    module, page, plain = run(work())

    assert module.headers["content-type"].startswith("text/javascript")
    assert page.text == "<p>app</p>"
    assert plain.text == "plain"
    assert {each.headers["cache-control"] for each in (module, page, plain)} == {"no-cache"}


def test_over_plain_http_from_elsewhere_the_app_explains_itself(edge: Edge) -> None:
    answer = run(edge.client.get("/app/", headers={"host": "10.1.2.3:8710"}))

    assert answer.status_code == 403
    assert "fieldbook admin tls" in answer.text


def test_what_is_not_there_is_a_refusal_too(edge: Edge) -> None:
    answer = run(edge.client.get("/v2/anything"))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
