"""Writes the files that know the whole version: page, start script, manifest, service worker."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import quote

from bundle import archive
from bundle.client import WEB

BASE = "/app/"
WORKER = "flutter_service_worker.js"  # Flutter's name on purpose, see the file itself
NOT_KEPT = ("licences/", "assets/NOTICES", "bundle.json", WORKER)
ARCHIVES = ["packages.tar.gz", "app.tar.gz"]
MANIFEST = {
    "id": BASE,
    "name": "外勤簿 · Fieldbook",
    "short_name": "外勤簿",
    "description": "银行客户经理的外勤簿,断网照常可用。",
    "lang": "zh-CN",
    "start_url": BASE,
    "scope": BASE,
    "display": "standalone",
    "background_color": "#FAFAF7",
    "theme_color": "#FAFAF7",
    "icons": [
        {"src": "icons/icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "icons/icon-512.png", "sizes": "512x512", "type": "image/png"},
        {
            "src": "icons/icon-maskable-512.png",
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ],
}


def fill(name: str, **values: object) -> str:
    """The template `name` of `web/` with {{keys}} replaced."""
    text = (WEB / name).read_text()
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", str(value))
    return text


def js(value: object) -> str:
    """`value` as a JavaScript literal."""
    return json.dumps(value, ensure_ascii=False)


def integrity(path: Path) -> str:
    """The digest of a file as browsers write it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def served_files(out: Path) -> dict[str, Path]:
    """Every file a browser may ask for by name, without the compressed copies of others."""
    names = archive.tree(out)
    copies = {f"{name}.gz" for name in names}
    return {name: path for name, path in names.items() if name not in copies}


def kept_files(out: Path) -> dict[str, str]:
    """Every file that the device keeps for the network being off, with its digest."""
    files = served_files(out)
    return {name: integrity(path) for name, path in files.items() if not name.startswith(NOT_KEPT)}


def first_load(out: Path) -> int:
    """Bytes that Chromium reads before the first screen, for the progress bar."""
    unread = ("canvaskit/canvaskit.", "assets/packages/record", "fonts/", "icons/", *NOT_KEPT)
    files = served_files(out)
    return sum(path.stat().st_size for name, path in files.items() if not name.startswith(unread))


def write_page(out: Path) -> None:
    """Write index.html, start.js and manifest.json: they name no version."""
    build = {"base": BASE, "firstLoad": first_load(out), "python": ARCHIVES}
    icon = quote((out / "icons" / "icon.svg").read_text())
    (out / "index.html").write_text(fill("index.html", base=BASE, icon=icon))
    (out / "start.js").write_text(fill("start.js", build=js(build)))
    (out / "manifest.json").write_text(js(MANIFEST))


def write_worker(out: Path) -> str:
    """Write the service worker over everything that is in `out` by now; returns the version."""
    files = kept_files(out)
    version = hashlib.sha256(js(files).encode()).hexdigest()[:16]
    text = fill(WORKER, base=js(BASE), files=js(files), version=js(version))
    (out / WORKER).write_text(text)
    return version
