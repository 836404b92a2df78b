"""Lays out the Flet web client with our page, font and icons in place of its own.

Flet's client is used unchanged but for three addresses of other hosts in its compiled code: the
Content-Security-Policy of the page forbids them anyway, and a device in a branch must not even
try (Rive, a script for animations nobody uses here, is asked for at every start).
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from bundle import FAMILY
from bundle.packages import remove

WEB = Path(__file__).parent / "web"
UNUSED = (
    "assets/fonts/roboto.woff2",
    "assets/packages/flutter_map",
    "assets/packages/flutter_math_fork",
    "assets/packages/media_kit",
    "canvaskit/**/*.symbols",
    "canvaskit/experimental_webparagraph",
    "canvaskit/skwasm*",
    "canvaskit/wimp*",
    "favicon.png",
    "flutter.js*",
    "icons/*",
    "main.dart.mjs",
    "main.dart.wasm",
    "pyodide/*.d.ts",
    "pyodide/*.whl",
    "pyodide/package.json",
    "pyodide/pyodide.js",
    "pyodide/python*cli*",
    "pyodide/python",
    "pyodide/python.*",
    "python.js",
    "version.json",
)
FOREIGN = (  # (address in main.dart.js, what it becomes)
    ("https://cdn.jsdelivr.net/npm/@rive-app/", "data:,"),
    ("https://www.gstatic.com/flutter-canvaskit/", "data:,"),
    ("https://fonts.gstatic.com/s/", "data:,"),
)
WORKER_SETTINGS = re.compile(r"\s*serviceWorkerSettings: \{.*?\},", re.DOTALL)


class ClientChanged(Exception):
    """A newer Flet client doesn't look as expected: read it before trusting the bundle."""


def lay_out(client: Path, assets: Path, out: Path) -> None:
    """Copy the client from `client` to `out` and put `assets` and our worker in their places."""
    shutil.copytree(client, out)
    remove(out, UNUSED)
    cut_foreign_addresses(out / "main.dart.js")
    cut_worker_settings(out / "flutter_bootstrap.js")
    forget_pyodide_packages(out / "pyodide" / "pyodide-lock.json")
    place_fonts(assets / "fonts", out)
    shutil.copytree(assets / "icons", out / "icons", dirs_exist_ok=True)
    shutil.copyfile(WEB / "python-worker.js", out / "python-worker.js")


def cut_foreign_addresses(program: Path) -> None:
    """Take the hosts out of the compiled client."""
    text = program.read_text()
    for address, instead in FOREIGN:
        if address not in text:
            raise ClientChanged(f"{program.name} no longer names {address}")
        text = text.replace(address, instead)
    program.write_text(text)


def cut_worker_settings(bootstrap: Path) -> None:
    """Keep Flutter's loader from registering a service worker of its own."""
    text, count = WORKER_SETTINGS.subn("", bootstrap.read_text())
    if count != 1:
        raise ClientChanged(f"{bootstrap.name} has {count} blocks of service worker settings")
    bootstrap.write_text(text)


def forget_pyodide_packages(lock: Path) -> None:
    """Pyodide reads its list of 300 packages at each start; none of them is on the device."""
    content = json.loads(lock.read_text())
    lock.write_text(json.dumps({**content, "packages": {}}))


def place_fonts(fonts: Path, out: Path) -> None:
    """Copy our fonts and list in Flutter's manifest those that must be there for the first frame.

    The others lie where the app's assets lie on every platform, so that `page.fonts` finds them
    under one name. Roboto is what Flutter takes when a style names no family, and downloads when
    it is missing.
    """
    for font in sorted(fonts.glob("*.woff2")):
        first = font.name.startswith(f"{FAMILY}-")
        folder = out / "assets" / "fonts" if first else out / "fonts"
        folder.mkdir(exist_ok=True)
        shutil.copyfile(font, folder / font.name)
    manifest = out / "assets" / "FontManifest.json"
    kept = [one for one in json.loads(manifest.read_text()) if "math" not in one["family"]]
    manifest.write_text(json.dumps([*kept, family(FAMILY), family("Roboto")]))


def family(name: str) -> dict[str, object]:
    """The manifest's entry that gives our common set under `name`."""
    regular, bold = (f"fonts/{FAMILY}-{weight}.woff2" for weight in ("Regular", "Bold"))
    return {"family": name, "fonts": [{"asset": regular}, {"asset": bold, "weight": 700}]}
