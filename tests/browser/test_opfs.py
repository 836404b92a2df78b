"""The encrypted store in a real browser: durable, unreadable on disk, one tab at a time."""

from __future__ import annotations

import contextlib
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Playwright

from sync_server.bundles import import_bundle
from tests.browser import opfs_site
from tests.browser.harness import FLAGS
from tests.sync.world import CUSTOMERS, World

CANARY = "CANARY金丝雀330106199001011234"
ROWS = 5000
Start = Callable[[], Any]
VECTOR = "64a0e4726934be25ced738acada796cae74e810f5f56821be8e2d31d59d08cae"


@pytest.fixture(scope="module")
def address(webapp: Path) -> Iterator[str]:
    with opfs_site.served(webapp) as address:
        yield address


@pytest.fixture
def start(playwright: Playwright, chromium: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts a browser on the same directory each time.

    Not a fresh context of one browser: that is a private window, whose files are in memory.
    """
    contexts = []

    def start() -> Any:
        launch = playwright.chromium.launch_persistent_context
        contexts.append(launch(tmp_path, executable_path=chromium, args=[*FLAGS]))
        contexts[-1].set_default_timeout(120_000)
        return contexts[-1]

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def page(playwright: Playwright, chromium: Path, address: str) -> Iterator[Any]:
    """One page for tests that leave nothing behind."""
    browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    yield waited(page)
    browser.close()


def tab(context: Any, address: str) -> Any:
    page = context.new_page()
    page.goto(address)
    return waited(page)


def reloaded(page: Any) -> Any:
    page.reload()
    return waited(page)


def waited(page: Any) -> Any:
    page.wait_for_function("window.call !== undefined")
    return page


def crash(context: Any, page: Any) -> None:
    """End the browser at once, as when the system kills it."""
    with contextlib.suppress(Error):
        context.new_cdp_session(page).send("Browser.crash")


def on_disk(directory: Path) -> bytes:
    """Everything the browser keeps: OPFS, IndexedDB, caches, logs."""
    return b"".join(file.read_bytes() for file in directory.rglob("*") if file.is_file())


def call(page: Any, name: str, *arguments: object) -> Any:
    return page.evaluate("([name, args]) => window.call(name, ...args)", [name, list(arguments)])


def test_rows_survive_a_reload_and_a_new_opening(start: Start, address: str) -> None:
    page = tab(start(), address)
    first = call(page, "begin", "manager", CANARY, ROWS)
    after = call(reloaded(page), "again", "manager", "%:4999")
    call(page, "end", "manager")
    once_more = call(page, "again", "manager", "%:4999")
    print(f"\n5,000 rows of 18 columns: {first} {after}")  # noqa: T201 - figures, with -s

    assert (after["rows"], after["matches"], after["sound"]) == (ROWS, 1, "ok")
    assert once_more["rows"] == ROWS


@pytest.mark.parametrize(("path", "arrived"), [("/silent", ""), ("/stalling", '{"line":"ping"}\n')])
def test_a_server_that_falls_silent_is_given_up(page: Any, path: str, arrived: str) -> None:
    """The browser itself would wait for minutes, and sync with it."""
    assert call(page, "waits", path) == ["ReadTimeout", arrived]


def test_nothing_the_browser_keeps_on_disk_is_readable(
    start: Start, address: str, tmp_path: Path
) -> None:
    context = start()
    page = tab(context, address)
    call(page, "begin", "manager", CANARY, ROWS)
    while_open = on_disk(tmp_path)
    call(page, "end", "manager")
    sizes = page.evaluate("window.sizes()")
    context.close()
    closed = on_disk(tmp_path)

    assert sizes["fieldbook-manager/mirror.db"] > 1_000_000
    assert len(closed) > sizes["fieldbook-manager/mirror.db"]
    for content in (while_open, closed):
        assert CANARY.encode() not in content
        assert b"CREATE TABLE customer" not in content


def test_a_second_tab_is_refused_in_words_until_the_first_is_closed(
    start: Start, address: str
) -> None:
    context = start()
    first = tab(context, address)
    call(first, "begin", "manager", CANARY, 10)
    second = tab(context, address)

    assert "另一个标签页" in call(second, "second", "manager")
    assert call(second, "second", "colleague") == "opened"
    first.close()
    assert call(second, "again", "manager", "%")["rows"] == 10


def test_a_page_that_dies_in_a_transaction_leaves_the_state_before_it(
    start: Start, address: str
) -> None:
    page = tab(start(), address)
    call(page, "begin", "manager", CANARY, ROWS)
    call(page, "leave_open", "manager", "undone")
    written = page.evaluate("window.sizes()")["fieldbook-manager/mirror.db-wal"]
    after = call(reloaded(page), "again", "manager", CANARY + "%")

    assert written > 1_000_000
    assert (after["rows"], after["matches"], after["sound"]) == (ROWS, ROWS, "ok")


def test_what_was_committed_survives_a_killed_browser(start: Start, address: str) -> None:
    context = start()
    page = tab(context, address)
    call(page, "begin", "manager", CANARY, ROWS)
    crash(context, page)
    after = call(tab(start(), address), "again", "manager", "%:4999")

    assert (after["rows"], after["matches"], after["sound"]) == (ROWS, 1, "ok")


def test_a_full_disk_is_said_to_be_full_and_the_rest_is_kept(start: Start, address: str) -> None:
    context = start()
    page = tab(context, address)
    call(page, "begin", "manager", CANARY, 10)
    limit_quota(context, page, address.rstrip("/"), 8_000_000)
    filled = call(page, "fill", "manager")
    limit_quota(context, page, address.rstrip("/"), 1_000_000_000)
    after = call(reloaded(page), "again", "manager", "%")

    assert filled["said"] == "full"
    assert (after["rows"], after["sound"]) == (filled["rows"], "ok")


def limit_quota(context: Any, page: Any, origin: str, size: int) -> None:
    quota = {"origin": origin, "quotaSize": size}
    context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_file_reads_as_it_was_written(page: Any, seed: int) -> None:
    assert call(page, "shadow", seed) == "none"


def test_a_server_takes_in_what_was_exported_in_the_browser(page: Any) -> None:
    world = World(joined=())
    identity = json.dumps(asdict(world.tablets[0].identity))

    made = call(page, "exported", "courier", identity, CUSTOMERS[0], CANARY)
    bundle = b64decode(made["bundle"])
    print(f"\n1,200 visits exported: {made['export_ms']:.0f} ms, {len(bundle):,} bytes")  # noqa: T201

    imported = import_bundle(world.branch.database, bundle, world.branch.now)
    verdicts = [verdict["status"] for each in imported.verdicts for verdict in each]
    world.close()
    assert verdicts == ["applied"] * made["pending"]
    assert [len(each) for each in imported.verdicts] == [1_000, 200]
    assert CANARY.encode() not in bundle


def test_argon2id_gives_the_same_in_the_browser(page: Any) -> None:
    usual = call(page, "stretch", 64 * 1024, 3)
    print(f"\nArgon2id, 64 MiB, 3 passes: {usual['s']:.2f} s")  # noqa: T201 - a figure, with -s

    assert call(page, "stretch", 64, 3)["hex"] == VECTOR
