"""Webhooks as an operator meets them: commands, a server that is killed, and TLS."""

import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fieldbook.branch import Branch, run
from fieldbook.stop import Stop
from fieldbook.up import wait_until_up
from sync_server.store.database import open_sqlite
from sync_server.tls import make_branch_tls
from tests.server.account_bank import AccountBank
from tests.server.receiver import Receiver, receiving


@pytest.fixture
def bank(branch: Branch) -> Iterator[AccountBank]:
    database = open_sqlite(branch.data / "fieldbook.db")
    yield AccountBank(database)
    database.close()


def test_a_server_that_is_killed_sends_what_it_had_not_sent(
    branch: Branch, bank: AccountBank
) -> None:
    with receiving() as receiver:
        types = ("--type", "fieldbook.customer.changed")
        added = run("webhook", "add", "crm", receiver.url, *types, *branch.where, "--json")
        named = [bank.customer_named(f"客户{order}") for order in range(350)]
        some = threading.Event()
        receiver.on_delivery = some.set

        _serve_until(branch, some)
        everything = threading.Event()

        def look() -> None:
            if named[-1] in _subjects(receiver):
                everything.set()

        receiver.on_delivery = look
        if named[-1] not in _subjects(receiver):
            _serve_until(branch, everything)

    assert set(_subjects(receiver)) == set(named)
    firsts = list(dict.fromkeys(_subjects(receiver)))
    assert firsts == named
    assert receiver.is_signed_by(added["secret"])


def _subjects(receiver: Receiver) -> list[str]:
    return [event["subject"] for event in receiver.taken]


def _serve_until(branch: Branch, seen: threading.Event) -> None:
    """Run a server that may send here, and kill it as a power cut would when something came."""
    command = [sys.executable, "-m", "fieldbook", "server", *branch.where]
    command += ["--port", str(branch.port), "--webhook-to", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_until_up(branch.url)
            assert seen.wait(90)
        finally:
            server.kill()


def test_a_test_event_is_signed_and_its_certificate_must_fit(
    branch: Branch, bank: AccountBank, tmp_path: Path
) -> None:
    files = make_branch_tls(tmp_path / "tls", ["127.0.0.1"], datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)
    with receiving(context) as receiver:
        url = receiver.url.replace("http:", "https:")
        secret = run("webhook", "add", "crm", url, *branch.where, "--json")["secret"]

        run("webhook", "test", "crm", "--ca", str(files.ca_cert), *branch.where)
        with pytest.raises(Stop, match="did not accept it"):
            run("webhook", "test", "crm", *branch.where)

    assert [event["type"] for event in receiver.taken] == ["fieldbook.webhook.test"]
    assert receiver.is_signed_by(secret)


def test_a_hook_is_listed_without_its_secret_and_removed(branch: Branch, bank: AccountBank) -> None:
    add = ("add", "crm", "https://crm.example/", "--type", "fieldbook.customer.changed")
    secret = run("webhook", *add, "--may", "personal", *branch.where, "--json")["secret"]
    [listed] = run("webhook", "list", *branch.where, "--json")
    run("webhook", "remove", "crm", *branch.where)

    assert (listed["name"], listed["status"]) == ("crm", "active")
    assert listed["rights"] == "events\npersonal"
    assert secret not in json.dumps(listed)
    assert run("webhook", "list", *branch.where, "--json") == []


def test_an_address_that_is_not_safe_and_an_unknown_type_are_refused(
    branch: Branch, bank: AccountBank
) -> None:
    with pytest.raises(Stop, match="no address to send to"):
        run("webhook", "add", "crm", "http://crm.example/", *branch.where)
    add = ("add", "crm", "https://crm.example/", "--type", "fieldbook.statement.changed")
    with pytest.raises(Stop, match="malformed"):
        run("webhook", *add, *branch.where)
