"""The transport against real sockets: what is no answer of this protocol counts as unreachable."""

import asyncio

import httpx
import pytest

from mobile_app.platform.http import HttpTransport
from shared.errors import Refusal, Unreachable
from tests.faults.wire import answer, read_message

PORTAL = b"<!doctype html><p>sign in to this network"


async def told(said: bytes, path: str = "exchange") -> Exception | None:
    """Ask somebody who says this; return what the transport raises."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_message(reader)
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        transport = HttpTransport(url, httpx.AsyncClient(verify=False))  # noqa: S501
        try:
            if path == "enrol":
                await transport.enrol("code", "token")
            else:
                async for _ in transport.exchange("token", b"{}"):
                    pass
        except (Refusal, Unreachable) as error:
            return error
        finally:
            await transport.close()
    return None


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry_after": "37"}, 37),
        (
            {
                "date": "Tue, 24 Nov 2026 08:00:00 GMT",
                "retry_after": "Tue, 24 Nov 2026 08:01:30 GMT",
            },
            90,
        ),
        ({"retry_after": "Tue, 24 Nov 2026 08:01:30 GMT"}, 0),
        (
            {
                "date": "Tue, 24 Nov 2026 08:00:00 GMT",
                "retry_after": "Tue, 24 Nov 2026 07:00:00 GMT",
            },
            0,
        ),
        ({"retry_after": "-5"}, 0),
        ({"retry_after": "soon"}, 0),
        ({"retry_after": "²"}, 0),
        ({}, 0),
    ],
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "502 Bad Gateway", "503 Unavailable"])
def test_a_proxy_that_asks_for_patience_is_heard(
    status: str, headers: dict[str, str], wait_s: float
) -> None:
    error = asyncio.run(told(answer(status, PORTAL, **headers)))

    assert isinstance(error, Unreachable)
    assert error.wait_s == wait_s


def test_a_refusal_that_asks_for_patience_is_heard() -> None:
    body = b'{"code": "unavailable", "fields": {"reason": "busy"}}'

    error = asyncio.run(told(answer("503 Service Unavailable", body, retry_after="5")))

    assert isinstance(error, Refusal)
    assert (error.code, error.wait_s) == ("unavailable", 5)


@pytest.mark.parametrize(
    "body",
    [PORTAL, b"", b"[]", b"null", b'{"code": 7}', b'{"code": "unavailable", "fields": 7}'],
)
def test_an_error_that_is_not_the_servers_is_no_refusal(body: bytes) -> None:
    assert isinstance(asyncio.run(told(answer("503 Unavailable", body))), Unreachable)


@pytest.mark.parametrize("body", [PORTAL, b"", b"[]", b'{"device_id": "x"}'])
def test_an_enrolment_that_something_else_answers_has_not_reached_the_server(body: bytes) -> None:
    said = answer("200 OK", body, content_type="application/json")

    assert isinstance(asyncio.run(told(said, "enrol")), Unreachable)
