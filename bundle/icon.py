"""Draws the PNG icons from `icon.svg` with Chromium, since installed apps want bitmaps.

The results are committed; this is run again only when the drawing changes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ACCENT = "#0B5D6B"
SIZES = (  # (file, pixels, share of the width the drawing fills, background)
    ("icon-192.png", 192, 1.0, "transparent"),
    ("icon-512.png", 512, 1.0, "transparent"),
    ("icon-maskable-512.png", 512, 0.8, ACCENT),  # launchers cut a circle of 80 %
)


def draw(folder: Path) -> list[Path]:
    """Write every size beside `icon.svg`."""
    drawing = (folder / "icon.svg").read_text()
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        written = [draw_one(page, drawing, folder, *size) for size in SIZES]
        browser.close()
    return written


def draw_one(
    page: Page, drawing: str, folder: Path, name: str, size: int, share: float, background: str
) -> Path:
    """One PNG of `size` pixels."""
    margin = size * (1 - share) / 2
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f"<style>html,body{{margin:0;background:{background}}}"
        f"svg{{display:block;width:{size * share}px;margin:{margin}px}}</style>{drawing}"
    )
    page.screenshot(path=folder / name, omit_background=background == "transparent")
    return folder / name
