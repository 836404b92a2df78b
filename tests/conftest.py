"""What every test may ask for: a Chromium, a fresh PostgreSQL, and how hard hypothesis tries.

A machine without Chromium runs everything else and says so at the end; CI sets
FIELDBOOK_REQUIRE_BROWSER=1, and there its absence is a failure. PostgreSQL comes from a wheel, so
it is never skipped.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgresql import empty_database, postgresql_running

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
NO_BROWSER = "no Chromium on this machine: install chromium, or name one in FIELDBOOK_CHROMIUM"
MARKED_BY_FIXTURE = {"chromium": "browser", "postgresql_url": "postgresql"}
SLOW_MACHINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

# No deadlines: on two shared cores a slow example says nothing about the code.
settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=SLOW_MACHINE)
# CI judges a change, so it tries the same examples every time; the nightly run looks for new ones.
settings.register_profile(
    "ci", settings.get_profile("dev"), max_examples=200, print_blob=True, derandomize=True
)
settings.register_profile(
    "nightly", settings.get_profile("ci"), max_examples=20_000, derandomize=False
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they ask for, so that `-m 'not postgresql'` never misses one."""
    for item in items:
        for fixture, mark in MARKED_BY_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not run; a quiet run would hide it behind an `s`."""
    skipped = terminalreporter.stats.get("skipped", [])
    without = [report.nodeid for report in skipped if NO_BROWSER in str(report.longrepr)]
    if without:
        files = ", ".join(sorted({nodeid.partition("::")[0] for nodeid in without}))
        terminalreporter.write_line(f"Not run, {NO_BROWSER}: {len(without)} tests of {files}")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The Chromium to drive; without one the test is skipped, or fails where CI requires it."""
    found = find_chromium()
    if found is not None:
        return found
    if os.environ.get("FIELDBOOK_REQUIRE_BROWSER") == "1":
        pytest.fail(NO_BROWSER, pytrace=False)
    pytest.skip(NO_BROWSER)


def find_chromium() -> Path | None:
    """Return the browser named by FIELDBOOK_CHROMIUM, else the first one on this machine."""
    named = os.environ.get("FIELDBOOK_CHROMIUM")
    candidates = [named] if named else [*map(shutil.which, BROWSERS), *MAC_BROWSERS]
    return next((Path(path) for path in candidates if path and Path(path).is_file()), None)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of this test run, on a socket and in a folder of its own."""
    with postgresql_running() as url:
        yield url


@pytest.fixture(scope="module")
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty database, fresh for each test module: postgresql://..."""
    with empty_database(postgresql_server) as url:
        yield url
