"""What the web app takes in a real Chromium: its store over OPFS, and a start with no network."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Playwright, sync_playwright

from bench import device as bench_device
from bench import store
from bench.report import Report, percentile
from bundle.build import ROOT, Plan, build
from fieldbook.branch import PIN, Branch
from tests.browser import opfs_site
from tests.browser.harness import FLAGS, device
from tests.conftest import find_chromium

STARTS: Final = 5
_STEPS: Final = ("worker", "pyodide", "unpacked", "main", "python", "open", "usable")
_MARKS: Final = (
    "performance.getEntriesByType('mark').filter((one) => one.name.startsWith('fieldbook-'))"
    ".map((one) => [one.name.slice(10), one.startTime])"
)


def measure(report: Report) -> None:
    """Measure in Chromium; say so and go on where there is none."""
    chromium = find_chromium()
    if chromium is None:
        report.section("In Chromium: not measured, there is none on this machine")
        return
    webapp = ROOT / "build" / "webapp"
    build(Plan(app=ROOT, out=webapp), print)
    with sync_playwright() as playwright:
        _measure_store(report, playwright, chromium, webapp)
        _measure_start(report, playwright, chromium, webapp)


def _measure_store(report: Report, playwright: Playwright, chromium: Path, webapp: Path) -> None:
    report.section(f"In Chromium over OPFS: {store.CUSTOMERS:,} customers, encrypted (p50)")
    with _page(playwright, chromium, webapp) as page:
        source = Path(bench_device.__file__).read_text()
        found = page.evaluate("(given) => call('measure', ...given)", [source, store.CUSTOMERS])
    store.add(report, found, search_ms=30, save_ms=20)


@contextmanager
def _page(playwright: Playwright, chromium: Path, webapp: Path) -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder, opfs_site.served(webapp) as address:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium, args=[*FLAGS]
        )
        page = context.pages[0]
        page.set_default_timeout(180_000)
        page.goto(address)
        page.wait_for_function("() => window.call")
        yield page
        context.close()


def _measure_start(report: Report, playwright: Playwright, chromium: Path, webapp: Path) -> None:
    report.section("The web app, warm, network off: from the address to the first usable screen")
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as name:
        branch, memory = Branch(Path(name)), Path(name) / "tablet"
        branch.seed()
        with branch.serving(webapp), device(playwright, chromium, memory) as tablet:
            tablet.screen.open(f"{branch.url}/app/?profile=am001&code={branch.code('AM001')}")
            tablet.screen.type("设一个 6 位数字 PIN", PIN)
            tablet.screen.type("再输一次 PIN", PIN)
            tablet.screen.tap("登记", exact=True)
            tablet.screen.tap("开始今天")
            tablet.screen.offline_copy_is_complete()
        starts = [_start(playwright, chromium, memory, branch.url) for _ in range(STARTS)]
    middle = percentile([start["usable"] for start in starts], 0.5) / 1000
    report.at_most(f"the PIN can be typed, median of {STARTS}", middle, 6, "s")
    before = 0.0
    for step in _STEPS:
        at = percentile([start[step] for start in starts], 0.5) / 1000
        report.add(f"  of it until {step}", f"{at:.2f} s", f"+{at - before:.2f} s")
        before = at


def _start(playwright: Playwright, chromium: Path, memory: Path, url: str) -> dict[str, float]:
    with device(playwright, chromium, memory) as tablet:
        tablet.disconnect()
        page = tablet.screen.open(f"{url}/app/?profile=am001").page
        page.get_by_role("textbox", name="PIN").first.wait_for()
        usable = page.evaluate("performance.now()")
        return {**dict(page.evaluate(_MARKS)), "usable": usable}
