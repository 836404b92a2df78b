"""Real server processes and real devices: on PostgreSQL, over TLS, revoked, on a taken port."""

import asyncio
import select
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Coroutine
from contextlib import closing
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

import pytest

from fieldbook.branch import PIN, Branch, free_port, run, with_pin
from fieldbook.smoke import listening, seen_after
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from mobile_app.platform.storage import ProfileFiles
from mobile_app.store.records import RecordState
from shared.errors import Refusal
from shared.sync.protocol import IDLE_S
from sync_server.demo.seed import seed
from sync_server.store.database import open_postgresql

_T = TypeVar("_T")


def done(work: Coroutine[Any, Any, _T]) -> _T:
    async def bounded() -> _T:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(bounded())


@pytest.fixture(scope="module")
def on_postgresql(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Branch:
    database = open_postgresql(postgresql_url)
    seed(database, date(2026, 11, 24), wall_clock(), lambda _: None)
    database.close()
    return Branch(tmp_path_factory.mktemp("postgresql"), postgresql_url)


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path)
    made.seed()
    return made


def test_a_visit_reaches_the_supervisor_through_postgresql(on_postgresql: Branch) -> None:
    async def work() -> tuple[RecordState, bool]:
        manager, chief = [await on_postgresql.device(who) for who in ("AM001", "SV001")]
        customer = manager.store.customers("", 1)[0].id
        [visit] = new_visit(
            manager.store, wall_clock(), customer_id=customer, purpose="card", outcome="done"
        )
        manager.store.commit(visit)
        await manager.runner.sync_once()
        await chief.runner.sync_once()
        seen = [item.interaction.id for item in chief.store.timeline(customer)]
        state = manager.store.state("interaction", visit.id)
        await manager.close()
        await chief.close()
        return state, visit.id in seen

    with on_postgresql.serving():
        assert done(work()) == (RecordState.IN_RECORD, True)


def test_a_save_at_one_server_wakes_a_device_at_another(on_postgresql: Branch) -> None:
    other = Branch(on_postgresql.folder, on_postgresql.database)

    async def work() -> None:
        here, there = await on_postgresql.device("AM002"), await other.device("AM002")
        for device in (here, there):
            await listening(device)
        await seen_after(here, there, here.store.customers("", 1)[0].id)
        for device in (here, there):
            await device.close()

    with on_postgresql.serving(), other.serving():
        done(work())


def test_a_revoked_device_hands_its_work_in_keeps_it_and_is_emptied(branch: Branch) -> None:
    async def work() -> tuple[str, str, list[str], list[str], int]:
        device = await branch.device("AM001")
        customer = device.store.customers("", 1)[0].id
        [visit] = new_visit(
            device.store, wall_clock(), customer_id=customer, purpose="card", outcome="done"
        )
        device.store.commit(visit)
        branch.admin("revoke", device.store.identity.device_id)
        with pytest.raises(Refusal) as refused:
            await device.runner.sync_once()
        kept = [item.record_id for item in device.store.outbox()]
        handed_in = [op["id"] for issue in branch.admin("issues") for op in issue["ops"]]
        left = device.store.overview().customers
        status = device.runner.status
        await device.close()
        return refused.value.code, status, kept, handed_in, left

    with branch.serving():
        code, status, kept, handed_in, left = done(work())

    assert (code, status) == ("device_revoked", "revoked")
    assert handed_in == kept
    assert left == 0


def test_a_server_killed_after_an_acknowledgement_has_the_record(branch: Branch) -> None:
    async def save() -> tuple[str, str]:
        device = await branch.device("AM001")
        customer = device.store.customers("", 1)[0].id
        [visit] = new_visit(
            device.store, wall_clock(), customer_id=customer, purpose="card", outcome="done"
        )
        device.store.commit(visit)
        await device.runner.sync_once()
        branch.kill()
        await device.close()
        return visit.id, customer

    with branch.serving():
        visit, customer = done(save())
    with branch.serving():
        token = branch.admin("system-token", "core")["token"]
        items = branch.get(f"/v1/customers/{customer}/timeline", token)["items"]

    assert [item["id"] for item in items].count(visit) == 1


def test_a_tablet_trusts_the_branchs_own_certificate(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = branch.folder / "tls"
    run("admin", "tls", "--out", str(tls), "127.0.0.1", "localhost")
    port = free_port()
    command = [sys.executable, "-m", "fieldbook", "server", *branch.where, "--port", str(port)]
    command += ["--tls-cert", str(tls / "server.crt"), "--tls-key", str(tls / "server.key")]
    monkeypatch.setenv("FIELDBOOK_CA", str(tls / "ca.crt"))

    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            until_up(f"https://127.0.0.1:{port}", tls / "ca.crt")
            where = ("--store", str(branch.folder / "tablet"), "--json")
            url, code = f"https://127.0.0.1:{port}", branch.code("AM001")
            answer = run("device", "enrol", "--server", url, "--code", code, *where)
            moved = run("device", "sync", *where)
            compared = run("device", "verify", *where)
        finally:
            server.terminate()

    assert answer["employee_no"] == "AM001"
    assert moved["pulled"] > 0
    assert compared == {"outcome": "agreed", "repaired": 0}


def until_up(url: str, authority: Path) -> None:
    context = ssl.create_default_context(cafile=authority)
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            urlopen(f"{url}/healthz", context=context, timeout=1).close()  # noqa: S310
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail("the server did not come up")


def test_a_connection_outlives_the_time_after_which_devices_let_go_of_it(branch: Branch) -> None:
    with (
        branch.serving(),
        closing(HTTPConnection("127.0.0.1", branch.port, timeout=30)) as connection,
    ):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        open_line = connection.sock
        assert select.select([open_line], [], [], IDLE_S + 1)[0] == []  # nobody has closed it

        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        assert connection.sock is open_line


def test_a_taken_port_is_one_clear_sentence(branch: Branch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "fieldbook", "server", *branch.where, "--port", port]

        answer = subprocess.run(command, capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert answer.stderr == (
        f"Port {port} is taken by another program. Stop it, or choose another: --port N.\n"
    )


def test_a_wrong_pin_is_counted_and_said(branch: Branch) -> None:
    with branch.serving():
        where = ("--store", str(branch.folder / "phone"))
        code = branch.code("AM001")
        run("device", "enrol", "--server", branch.url, "--code", code, *where)
    command = [sys.executable, "-m", "fieldbook", "device", "status", *where]

    answer = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=with_pin() | {"FIELDBOOK_PIN": "735194"},
    )

    assert answer.returncode == 1
    assert "PIN" in answer.stderr
    assert run("device", "status", *where, "--json")["pending"] == 0


def test_a_second_process_is_refused_the_profile(branch: Branch) -> None:
    async def work() -> str:
        with branch.serving():
            device = await branch.device("AM001")
        folder = next(branch.folder.glob("AM001-*"))
        command = [sys.executable, "-m", "fieldbook", "device", "status", "--store", str(folder)]
        second = await asyncio.create_subprocess_exec(
            *command, stderr=asyncio.subprocess.PIPE, env=with_pin()
        )
        _, said = await second.communicate()
        await device.close()
        return said.decode()

    assert "open" in done(work())


def test_a_device_enrols_again_with_a_new_code_and_keeps_its_unsent_work(branch: Branch) -> None:
    async def work() -> tuple[int, int]:
        folder = branch.folder / "phone"
        device = Device(ProfileFiles(folder))
        await device.enrol(branch.url, branch.code("AM001"), PIN)
        await device.runner.sync_once()
        customer = device.store.customers("", 1)[0].id
        made = new_visit(
            device.store, wall_clock(), customer_id=customer, purpose="card", outcome="done"
        )
        device.store.commit(*made)
        branch.admin("revoke", device.store.identity.device_id)
        await device.close()
        again = Device(ProfileFiles(folder))
        await again.enrol(branch.url, branch.code("AM001"), PIN)
        report = await again.runner.sync_once()
        left = again.store.overview().pending
        await again.close()
        return report.pushed, left

    with branch.serving():
        assert done(work()) == (1, 0)
