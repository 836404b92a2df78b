"""What the browser's tests share: one Playwright, and the web app built once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from bundle.build import ROOT, Plan, build


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The driver of a module's browsers; it holds an event loop, which later tests need free."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def webapp() -> Path:
    """The real bundle, built from the sources as they are."""
    plan = Plan(app=ROOT, out=ROOT / "build" / "webapp")
    build(plan, print)
    return plan.out
