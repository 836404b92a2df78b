"""How fast the device answers its user, natively and in Chromium over OPFS."""

import secrets
import tempfile
from pathlib import Path
from typing import Final

from bench import device
from bench.report import Report
from mobile_app.store.bridge import open_engine

CUSTOMERS: Final = 5_000
SEARCH_MS, SAVE_MS = 10, 10
ESTIMATE_MS: Final = 20
PAGE_MS: Final = 20


def measure(report: Report) -> None:
    """Measure search among 5,000 customers and the saving of a visit on this machine."""
    report.section(f"On the device: {CUSTOMERS:,} customers, encrypted, durable (p50)")
    with tempfile.TemporaryDirectory() as folder:
        mirror, outbox = (
            open_engine(str(Path(folder) / name), secrets.token_bytes(32))
            for name in ("mirror.db", "outbox.db")
        )
        add(report, device.figures(mirror, outbox, CUSTOMERS), SEARCH_MS, SAVE_MS, PAGE_MS)


def add(
    report: Report,
    figures: dict[str, float],
    search_ms: float,
    save_ms: float,
    page_ms: float | None = None,
) -> None:
    """Add a device's figures beside their limits, where there are any."""
    for name, value in figures.items():
        if name.startswith("search"):
            report.at_most(name, value, search_ms, "ms")
        elif "saved" in name:
            report.at_most(name, value, save_ms, "ms")
        elif "page" in name and page_ms is not None:
            report.at_most(name, value, page_ms, "ms")
        elif "estimated" in name:
            report.at_most(name, value, ESTIMATE_MS, "ms")
        else:
            report.add(name, f"{value:.2f} ms")
