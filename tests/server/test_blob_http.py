"""The edge of the blob routes: what is sent and served there, and that no browser would run it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.blob import MAX_PART, MAX_SIZE, PART
from shared.errors import CATALOGUE
from shared.registry import Document
from shared.testing.builders import NOW, an_attachment, insert, txn
from sync_server.http import Services, make_app
from sync_server.store import identity
from sync_server.store.access import accesses
from sync_server.store.database import open_sqlite
from tests.server.blob_bank import PHOTO, BlobBank, name_of, spans

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.cookie)</script></svg>'


@dataclass
class Edge:
    """The real ASGI application, asked without a socket."""

    bank: BlobBank
    client: httpx.AsyncClient

    def headers(self, employee: Document) -> dict[str, str]:
        known = self.bank.device(employee)
        return {"authorization": f"Bearer {self.bank.tokens[known.device_id]}"}

    def system(self) -> dict[str, str]:
        with self.bank.database.writing() as connection:
            token = identity.new_system_token(connection, "core", NOW)
        return {"authorization": f"Bearer {token}"}

    def ask(self, method: str, blob: bytes, headers: dict[str, str], **more: Any) -> Any:
        path = f"/v1/blob/{more.pop('name', name_of(blob))}"
        return run(lambda: self.client.request(method, path, headers=headers, **more))

    def put(self, content: bytes, headers: dict[str, str], **more: Any) -> list[Any]:
        """Send a whole content in parts."""
        answers = []
        for span in spans(len(content)):
            part = content[span.start : span.end]
            sent = headers | {"content-range": str(span)}
            answers.append(self.ask("PUT", content, sent, content=part, **more))
        return answers


def run(work: Callable[[], Coroutine[Any, Any, httpx.Response]]) -> httpx.Response:
    return asyncio.run(work())


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    database = open_sqlite(tmp_path / "fieldbook.db")
    transport = httpx.ASGITransport(make_app(Services(database, lambda: NOW)))
    yield Edge(BlobBank(database), httpx.AsyncClient(transport=transport, base_url="http://test"))
    database.close()


def test_a_content_is_sent_in_parts_and_served_whole_and_in_parts(edge: Edge) -> None:
    edge.bank.record(edge.bank.lin, PHOTO, edge.bank.customer)
    lin, boss = edge.headers(edge.bank.lin), edge.headers(edge.bank.boss)

    sent = [answer.json() for answer in edge.put(PHOTO, lin)]
    head = edge.ask("HEAD", PHOTO, lin)
    whole = edge.ask("GET", PHOTO, boss)
    part = edge.ask("GET", PHOTO, boss | {"range": "bytes=10-19"})
    end = edge.ask("GET", PHOTO, edge.system() | {"range": "bytes=-5"})

    assert [each["have"] for each in sent] == [span.end for span in spans(len(PHOTO))]
    assert head.headers["upload-offset"] == str(len(PHOTO))
    assert (whole.status_code, whole.content) == (200, PHOTO)
    assert whole.headers["content-length"] == str(len(PHOTO))
    assert (part.status_code, part.content) == (206, PHOTO[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(PHOTO)}"
    assert end.content == PHOTO[-5:]


def test_a_browser_never_runs_what_someone_drew(edge: Edge) -> None:
    lin = edge.headers(edge.bank.lin)
    drawn = an_attachment(
        str(edge.bank.customer["id"]), str(edge.bank.lin["id"]), SVG,
        kind="signature", media_type="image/svg+xml",
    )  # fmt: skip
    edge.bank.store.bring("attachment", drawn)
    edge.put(SVG, lin)

    answer = edge.ask("GET", SVG, lin)

    assert answer.content == SVG
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize("method", ["HEAD", "PUT", "GET"])
def test_nobody_without_a_token_is_answered(edge: Edge, method: str) -> None:
    headers = {"content-range": "bytes 0-0/1"}

    answers = [
        edge.ask(method, PHOTO, headers, content=b"x"),
        edge.ask(method, PHOTO, headers | {"authorization": "Bearer wrong"}, content=b"x"),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert {answer.headers["refusal"] for answer in answers} == {"sign_in"}


@pytest.mark.parametrize("method", ["HEAD", "PUT", "GET"])
def test_a_revoked_device_is_told_so(edge: Edge, method: str) -> None:
    known = edge.bank.device(edge.bank.lin)
    with edge.bank.database.writing() as connection:
        identity.revoke(connection, known.device_id)
    headers = {"authorization": f"Bearer {edge.bank.tokens[known.device_id]}"}

    answer = edge.ask(method, PHOTO, headers | {"content-range": "bytes 0-0/1"}, content=b"x")

    assert answer.headers["refusal"] == "device_revoked"


def test_what_another_system_reads_is_noted_with_whose_it_is(edge: Edge) -> None:
    edge.bank.record(edge.bank.lin, PHOTO, edge.bank.customer)
    edge.put(PHOTO, edge.headers(edge.bank.lin))

    edge.ask("GET", PHOTO, edge.headers(edge.bank.boss))
    edge.ask("GET", PHOTO, edge.system())

    with edge.bank.database.reading() as connection:
        [read] = accesses(connection, None, 10)
    assert (read["system"], read["what"]) == ("core", "attachment")
    assert (read["customer_id"], read["extent"]) == (edge.bank.customer["id"], name_of(PHOTO))


@pytest.mark.parametrize("method", ["HEAD", "PUT"])
def test_another_system_reads_and_does_not_write(edge: Edge, method: str) -> None:
    headers = edge.system() | {"content-range": "bytes 0-0/1"}

    assert edge.ask(method, b"x", headers, content=b"x").status_code == 401


@pytest.mark.parametrize(
    ("headers", "content", "code"),
    [
        ({}, b"x", "malformed"),
        ({"content-range": "bytes 0-0/1"}, b"", "malformed"),
        ({"content-range": "bytes 0-1/2"}, b"x", "malformed"),
        ({"content-range": "bytes 0-0/0"}, b"x", "attachment_size"),
        ({"content-range": f"bytes 0-0/{21 * 1024**2}"}, b"x", "attachment_size"),
        ({"content-range": f"bytes 0-{MAX_PART}/{MAX_SIZE}"}, b"x" * (MAX_PART + 1), "too_large"),
        ({"content-range": "bytes 1-1/2"}, b"x", "blob_range"),
        ({"content-range": "bytes 0-0/1"}, b"y", "blob_mismatch"),
        (
            {"content-range": "bytes 0-0/1", "content-encoding": "gzip"},
            b"x",
            "unsupported_encoding",
        ),
    ],
)
def test_a_part_that_cannot_be_is_refused_in_its_own_words(
    edge: Edge, headers: dict[str, str], content: bytes, code: str
) -> None:
    sent = edge.headers(edge.bank.lin) | headers

    answer = edge.ask("PUT", b"x", sent, content=content)

    assert (answer.status_code, answer.json()["code"]) == (CATALOGUE[code].status, code)
    assert edge.bank.parts() == 0


@pytest.mark.parametrize("name", ["x", "0" * 63, "A" * 64, "..%2f..%2fetc"])
@pytest.mark.parametrize("method", ["HEAD", "PUT", "GET"])
def test_a_name_that_is_no_digest_is_of_nothing(edge: Edge, method: str, name: str) -> None:
    answer = edge.ask(method, b"", edge.headers(edge.bank.lin), name=name)

    assert answer.status_code == 404


def test_a_range_outside_is_refused(edge: Edge) -> None:
    edge.bank.record(edge.bank.lin, PHOTO, edge.bank.customer)
    lin = edge.headers(edge.bank.lin)
    edge.put(PHOTO, lin)

    answer = edge.ask("GET", PHOTO, lin | {"range": f"bytes={len(PHOTO)}-"})

    assert (answer.status_code, answer.json()["code"]) == (416, "blob_range")


def test_what_is_not_ones_own_is_not_even_known_to_be_there(edge: Edge) -> None:
    edge.bank.record(edge.bank.lin, PHOTO, edge.bank.customer)
    edge.put(PHOTO, edge.headers(edge.bank.lin))
    zhou = edge.headers(edge.bank.zhou)

    there, not_there = edge.ask("GET", PHOTO, zhou), edge.ask("GET", PHOTO[::-1], zhou)

    assert (there.status_code, there.json()) == (not_there.status_code, not_there.json())
    assert there.json()["code"] == "not_found"


def test_an_unknown_media_type_is_refused_with_its_record_and_its_content_is_nobodys(
    edge: Edge,
) -> None:
    page = an_attachment(str(edge.bank.customer["id"]), str(edge.bank.lin["id"]), b"<html>")
    op = insert("attachment", page | {"media_type": "text/html"})
    lin = edge.headers(edge.bank.lin)
    device = {"pending": 1, "oldest_pending_at": None, "sent_at": NOW}
    body = {"proto": 1, "schema": 1, "device": device, "cursor": None, "txns": [txn(op)]}

    verdicts = run(lambda: edge.client.post("/v1/sync", json=body, headers=lin)).text
    edge.put(b"<html>", lin)
    answer = edge.ask("GET", b"<html>", lin)

    assert '"rejected"' in verdicts
    assert '"invalid"' in verdicts
    assert answer.json()["code"] == "not_found"


def test_a_part_of_the_usual_size_fits_into_one_request() -> None:
    assert PART <= MAX_PART
