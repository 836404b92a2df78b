"""The bundle in a real browser, with a small app: it starts, it needs nobody, it survives."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from bundle.build import ROOT, Plan, build
from tests.browser.harness import Device, device, static_site

SAMPLE = Path(__file__).parent / "sample"


@pytest.fixture(scope="module")
def bundle() -> Path:
    plan = Plan(app=SAMPLE, out=ROOT / "build" / "webapp-sample")
    build(plan, print)
    return plan.out


@pytest.fixture
def tablet(playwright: Playwright, chromium: Path, tmp_path: Path) -> Iterator[Device]:
    with device(playwright, chromium, tmp_path / "tablet") as started:
        yield started


@pytest.fixture(scope="module")
def open_tablet(
    bundle: Path,
    playwright: Playwright,
    chromium: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Device]:
    """One tablet with the app open, for what leaves no traces: a first start takes its time."""
    folder = tmp_path_factory.mktemp("open")
    with static_site(bundle) as address, device(playwright, chromium, folder) as started:
        started.screen.open(address)
        report("first start", started)
        yield started


def report(what: str, tablet: Device) -> None:
    """Say when each step of the start was done, in ms after the page was asked for (pytest -s)."""
    script = "performance.getEntriesByType('mark').map((m) => [m.name, Math.round(m.startTime)])"
    steps = {
        name.removeprefix("fieldbook-"): at for name, at in tablet.screen.page.evaluate(script)
    }
    sys.stdout.write(f"{what}, ms: {steps}\n")


def test_every_compiled_package_works_in_the_browser(open_tablet: Device) -> None:
    open_tablet.screen.sees("SELECT [1, 2] chacha20")


def test_a_tap_and_chinese_typing_reach_python(open_tablet: Device) -> None:
    open_tablet.screen.tap("加一")
    open_tablet.screen.type("客户姓名", "王䶮")

    open_tablet.screen.sees("共 1 次,你好王䶮")


def test_back_leads_from_a_customer_to_where_one_was(open_tablet: Device) -> None:
    open_tablet.screen.tap("客户", exact=True)
    open_tablet.screen.sees("第 7 位客户")
    open_tablet.screen.page.go_back()

    open_tablet.screen.sees("你好")


def test_a_character_without_a_glyph_is_asked_for_once(open_tablet: Device) -> None:
    for text in ("😀", "😀😀", "😀😀😀"):
        open_tablet.screen.type("客户姓名", text)
        open_tablet.screen.sees(f"你好{text}")

    fallback = [url for url in open_tablet.requests if "FieldbookNone" in url]
    assert fallback
    assert len(fallback) == len(set(fallback))


def test_the_app_asks_no_other_host_for_anything(open_tablet: Device) -> None:
    open_tablet.screen.type("客户姓名", "𰻝")
    open_tablet.screen.offline_copy_is_complete()

    own = open_tablet.screen.page.evaluate("location.origin") + "/app/"
    assert [url for url in open_tablet.requests if not url.startswith(own)] == []


def test_the_app_starts_with_network_and_server_gone(bundle: Path, tablet: Device) -> None:
    with static_site(bundle) as address:
        tablet.screen.open(address).offline_copy_is_complete()
    tablet.disconnect()
    screen = tablet.screen.restart()
    screen.tap("加一")

    screen.sees("共 1 次")
    report("later start", tablet)


def test_a_new_version_is_whole_before_it_takes_over_at_the_next_start(
    bundle: Path, tablet: Device, tmp_path: Path
) -> None:
    app, out = tmp_path / "app", tmp_path / "webapp"
    shutil.copytree(SAMPLE, app)
    build(Plan(app=app, out=out), print)
    with static_site(out) as address:
        tablet.screen.open(address).offline_copy_is_complete()
        main = app / "main.py"
        main.write_text(main.read_text().replace("外勤簿样本", "新的样本"))
        build(Plan(app=app, out=out), print)
        screen = tablet.screen.restart()
        screen.sees("外勤簿样本")
        screen.page.evaluate(NEW_VERSION_IS_WHOLE)
    tablet.disconnect()
    screen.restart()

    screen.sees("新的样本")


NEW_VERSION_IS_WHOLE = """async () => {
    const registration = await navigator.serviceWorker.ready;
    while (!registration.waiting) await new Promise((done) => {
        if (registration.installing) registration.installing.onstatechange = done;
        else registration.onupdatefound = done;
    });
}"""
