"""A branch is its own authority: its tablets trust its server, and nobody else's."""

import asyncio
import socket
import ssl
import stat
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sync_server import tls
from sync_server.tls import TlsFiles, UnusableAuthority, make_branch_tls

TODAY = datetime.now(UTC).replace(microsecond=0)
"""The TLS library compares with the machine's own clock, which no test can set."""
HERE = ("localhost", "127.0.0.1")


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("你好")


async def while_serving(files: TlsFiles, ask: Callable[[int], Awaitable[str]]) -> str:
    """Serve over TLS on a free port, and return what `ask` gets with that port."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=[Route("/", hello)]),
        ssl_certfile=files.cert,
        ssl_keyfile=files.key,
        log_level="critical",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        return await ask(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
        listening.close()


def answer(files: TlsFiles, *, trusting: TlsFiles, host: str = "127.0.0.1") -> str:
    """What a client that trusts one authority only gets from a server it takes for `host`."""

    async def ask(port: int) -> str:
        trust = ssl.create_default_context(cafile=trusting.ca_cert)
        url, expected = f"https://127.0.0.1:{port}/", {"sni_hostname": host}
        async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
            return (await client.get(url, extensions=expected)).text

    return asyncio.run(while_serving(files, ask))


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.mark.parametrize("host", HERE)
def test_a_device_that_trusts_the_branch_reaches_its_server(tmp_path: Path, host: str) -> None:
    files = make_branch_tls(tmp_path, HERE, TODAY)

    assert answer(files, trusting=files, host=host) == "你好"


def test_a_device_that_trusts_another_branch_refuses(tmp_path: Path) -> None:
    ours = make_branch_tls(tmp_path / "ours", HERE, TODAY)
    theirs = make_branch_tls(tmp_path / "theirs", HERE, TODAY)

    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        answer(ours, trusting=theirs)


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    files = make_branch_tls(tmp_path, ["branch.local"], TODAY)

    with pytest.raises(httpx.ConnectError, match="IP address mismatch"):
        answer(files, trusting=files)


def test_a_device_that_trusted_before_a_renewal_still_does(tmp_path: Path) -> None:
    before = make_branch_tls(tmp_path, ["branch.local"], TODAY - timedelta(days=300))
    authority = before.ca_cert.read_bytes()
    after = make_branch_tls(tmp_path, [*HERE, "branch.local"], TODAY)

    assert after.ca_cert.read_bytes() == authority
    assert after.fingerprint_sha256 == before.fingerprint_sha256
    assert answer(after, trusting=before) == "你好"


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    make_branch_tls(tmp_path, HERE, TODAY)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.key")}
    assert modes == {"ca.key": 0o600, "server.key": 0o600}


def test_the_authority_signs_servers_and_no_other_authority(tmp_path: Path) -> None:
    files = make_branch_tls(tmp_path, HERE, TODAY)

    authority, server = read(files.ca_cert), read(files.cert)
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (basic.ca, basic.path_length) == (True, 0)
    assert not server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    server.verify_directly_issued_by(authority)


def test_a_server_certificate_lives_no_longer_than_browsers_accept(tmp_path: Path) -> None:
    server = read(make_branch_tls(tmp_path, HERE, TODAY).cert)

    assert server.not_valid_after_utc - server.not_valid_before_utc == timedelta(days=397)


def test_a_server_certificate_never_outlives_its_authority(tmp_path: Path) -> None:
    make_branch_tls(tmp_path, HERE, TODAY)
    late = make_branch_tls(tmp_path, HERE, TODAY + timedelta(days=3_600))

    assert read(late.cert).not_valid_after_utc == read(late.ca_cert).not_valid_after_utc


def test_an_authority_that_has_ended_says_so(tmp_path: Path) -> None:
    make_branch_tls(tmp_path, HERE, TODAY)

    with pytest.raises(UnusableAuthority, match="ended on"):
        make_branch_tls(tmp_path, HERE, TODAY + timedelta(days=3_654))


@pytest.mark.parametrize("host", ["bank.example", "203.0.113.9"])
def test_an_authority_vouches_for_no_public_host_it_was_not_made_for(
    tmp_path: Path, host: str
) -> None:
    make_branch_tls(tmp_path, HERE, TODAY)

    with pytest.raises(UnusableAuthority, match=host):
        make_branch_tls(tmp_path, [host], TODAY)


def test_a_stolen_authority_cannot_stand_in_for_a_public_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = make_branch_tls(tmp_path, HERE, TODAY)
    monkeypatch.setattr(tls, "_check_able", lambda *_: None)  # a thief would skip our check
    forged = make_branch_tls(tmp_path, ["bank.example"], TODAY)

    with pytest.raises(httpx.ConnectError, match="permitted subtree violation"):
        answer(forged, trusting=trusted, host="bank.example")


@pytest.mark.parametrize("host", ["fieldbook.bank.example", "203.0.113.9", "10.1.2.3", "fd00::7"])
def test_an_authority_vouches_for_the_hosts_it_was_made_for(tmp_path: Path, host: str) -> None:
    make_branch_tls(tmp_path, [host], TODAY)
    again = make_branch_tls(tmp_path, [host], TODAY)

    names = read(again.cert).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [str(name.value) for name in names.value] == [host]


@pytest.mark.parametrize("lost", ["ca.crt", "ca.key"])
def test_half_an_authority_is_never_replaced_by_a_new_one(tmp_path: Path, lost: str) -> None:
    make_branch_tls(tmp_path, HERE, TODAY)
    (tmp_path / lost).unlink()

    with pytest.raises(UnusableAuthority, match=lost):
        make_branch_tls(tmp_path, HERE, TODAY)
    assert not (tmp_path / lost).exists()
