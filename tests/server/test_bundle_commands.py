"""Sync bundles as files between real processes: a device, the command line and a running server."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from fieldbook.__main__ import main
from fieldbook.branch import PIN, Branch, run
from fieldbook.smoke import listening
from mobile_app.device import Device, wall_clock
from mobile_app.platform.storage import ProfileFiles
from shared.sync.change import Patch
from sync_server.demo.seed import seed
from sync_server.store.database import open_postgresql


@pytest.fixture(autouse=True)
def pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDBOOK_PIN", PIN)


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    """A branch with its server running."""
    made = Branch(tmp_path_factory.mktemp("branch"))
    made.seed()
    with made.serving():
        yield made


@pytest.fixture
def phone(branch: Branch, tmp_path: Path) -> Path:
    return enrolled(branch, tmp_path / "phone")


def enrolled(branch: Branch, store: Path) -> Path:
    """Enrol a device of the command line and bring it up to date; return its files."""
    code = done("admin", "enrol-code", "AM001", *branch.where)["code"]
    device(store, "enrol", "--server", branch.url, "--code", code)
    device(store, "sync")
    return store


def done(*words: str) -> Any:
    """Run a command in this process, which saves a second of imports; return its answer."""
    with redirect_stdout(StringIO()) as printed:
        status = main([*words, "--json"])
    assert status == 0
    return json.loads(printed.getvalue())


def device(phone: Path, *words: str) -> Any:
    return done("device", *words, "--store", str(phone))


def imported(branch: Branch, bundle: Path) -> Any:
    return done("admin", "import-bundle", str(bundle), *branch.where)


def log_visit(phone: Path) -> tuple[str, str]:
    """Log a visit; return its customer and its id."""
    [customer] = device(phone, "customers", "--limit", "1")
    visit = ("visit", "--customer", customer["id"], "--purpose", "card", "--outcome", "done")
    return customer["id"], device(phone, *visit)["id"]


def refused(*words: str) -> str:
    """Run a command that must be refused; return its sentence."""
    with redirect_stdout(StringIO()) as printed, redirect_stderr(StringIO()) as said:
        status = main(words)
    assert (status, printed.getvalue()) == (1, "")
    return said.getvalue().strip()


def in_record(branch: Branch, customer: str) -> list[str]:
    token = done("admin", "system-token", "core", *branch.where)["token"]
    items = branch.get(f"/v1/customers/{customer}/timeline", token)["items"]
    return [item["id"] for item in items]


def test_a_visit_is_carried_there_and_its_verdict_back(
    branch: Branch, phone: Path, tmp_path: Path
) -> None:
    customer, visit = log_visit(phone)
    bundle, answer = tmp_path / "stick.bundle", tmp_path / "stick.answer"

    where = ("--store", str(phone), "--json")
    made = run("device", "export", str(bundle), *where)
    told = branch.admin("import-bundle", str(bundle), "--answer", str(answer))
    settled = run("device", "import-answer", str(answer), *where)
    delivered = device(phone, "status")
    synced = device(phone, "sync")

    assert made["bytes"] == bundle.stat().st_size
    assert (told["employee_no"], told["verdicts"], told["refused"]) == ("AM001", {"applied": 1}, [])
    assert settled == {"delivered": 1, "refused": 0, "pending": 0}
    assert (delivered["pending"], delivered["delivered"]) == (0, 1)
    assert synced["pushed"] == 0
    assert device(phone, "status")["delivered"] == 0
    assert in_record(branch, customer).count(visit) == 1


def test_what_was_carried_is_sent_online_later_and_counts_once(
    branch: Branch, phone: Path, tmp_path: Path
) -> None:
    customer, visit = log_visit(phone)
    bundle = tmp_path / "stick.bundle"
    device(phone, "export", str(bundle))
    imported(branch, bundle)

    synced = device(phone, "sync")
    again = imported(branch, bundle)

    assert (synced["pushed"], synced["quarantined"]) == (1, 0)
    assert again["verdicts"] == {"duplicate": 1}
    assert in_record(branch, customer).count(visit) == 1


def test_a_running_server_wakes_who_is_concerned_by_an_import(
    branch: Branch, phone: Path, tmp_path: Path
) -> None:
    customer, visit = log_visit(phone)
    bundle = tmp_path / "stick.bundle"
    device(phone, "export", str(bundle))

    async def work() -> None:
        chief, seen = await branch.device("SV001"), asyncio.Event()
        await listening(chief)

        def look() -> None:
            if chief.store.timeline(customer, 1)[0].interaction.id == visit:
                seen.set()

        chief.store.on_change(look)
        await asyncio.to_thread(branch.admin, "import-bundle", str(bundle))
        async with asyncio.timeout(20):
            await seen.wait()
        await chief.close()

    asyncio.run(work())


def test_a_refused_record_is_named_in_a_sentence_and_the_rest_is_taken(
    branch: Branch, phone: Path, tmp_path: Path
) -> None:
    customer, visit = log_visit(phone)
    asyncio.run(rename(phone, customer))
    bundle = tmp_path / "stick.bundle"
    device(phone, "export", str(bundle))

    printed = run("admin", "import-bundle", str(bundle), *branch.where)

    assert "2 operations: applied 1, rejected 1." in printed
    assert f"customer {customer}: name changes only with approval;" in printed
    assert "(guarded_field)" in printed
    assert visit in in_record(branch, customer)


async def rename(phone: Path, customer: str) -> None:
    """Try what no device may do."""
    opened = Device(ProfileFiles(phone))
    await opened.unlock(PIN)
    opened.store.commit(Patch("customer", customer, {"name": ("", "改名")}))
    await opened.close()


def test_an_empty_outbox_is_a_sentence_and_no_file(phone: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "stick.bundle"

    said = refused("device", "export", "--store", str(phone), str(bundle))

    assert said.endswith("No file was made. (nothing_unsent)")
    assert list(tmp_path.glob("stick*")) == []


def test_a_file_that_is_no_bundle_is_a_sentence(branch: Branch, tmp_path: Path) -> None:
    other = tmp_path / "客户名单.xlsx"
    other.write_bytes(b"PK\x03\x04" * 1_000)

    assert "(not_a_bundle)" in refused("admin", "import-bundle", str(other), *branch.where)
    missing = refused("admin", "import-bundle", str(tmp_path / "none"), *branch.where)
    assert "cannot be read" in missing


def test_a_revoked_devices_bundle_is_left_to_the_supervisor(
    branch: Branch, phone: Path, tmp_path: Path
) -> None:
    customer, visit = log_visit(phone)
    bundle = tmp_path / "stick.bundle"
    device(phone, "export", str(bundle))
    made_by = bundle.read_bytes().split()[2].decode()
    done("admin", "revoke", made_by, *branch.where)

    said = refused("admin", "import-bundle", str(bundle), *branch.where)

    assert "the supervisor must take it over. (bundle_revoked)" in said
    assert visit not in in_record(branch, customer)


def test_a_stick_that_is_full_or_gone_is_a_sentence(phone: Path, tmp_path: Path) -> None:
    log_visit(phone)

    said = refused("device", "export", "--store", str(phone), str(tmp_path / "gone" / "bundle"))

    assert said.endswith("cannot be written: No such file or directory. No file was made.")


def test_a_bundle_of_another_server_is_not_known_here(
    branch: Branch, phone: Path, tmp_path: Path
) -> None:
    log_visit(phone)
    bundle = tmp_path / "stick.bundle"
    device(phone, "export", str(bundle))
    other = Branch(tmp_path / "other")
    other.seed()

    said = refused("admin", "import-bundle", str(bundle), *other.where)

    assert "(bundle_unknown_device)" in said


def test_a_bundle_is_imported_into_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    database = open_postgresql(postgresql_url)
    seed(database, date(2026, 11, 24), wall_clock(), lambda _: None)
    database.close()
    on_postgresql = Branch(tmp_path, postgresql_url)
    with on_postgresql.serving():
        phone = enrolled(on_postgresql, tmp_path / "phone")
        customer, visit = log_visit(phone)
        bundle = tmp_path / "stick.bundle"
        device(phone, "export", str(bundle))

        told = [imported(on_postgresql, bundle)["verdicts"] for _ in range(2)]
        synced = device(phone, "sync")

        assert told == [{"applied": 1}, {"duplicate": 1}]
        assert synced["pending"] == 0
        assert in_record(on_postgresql, customer).count(visit) == 1
