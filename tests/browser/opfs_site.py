"""Serves the OPFS harness with Pyodide and the project's own modules to a real browser.

Only what the store needs, so that a failure here is the store's, not the app's.
"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HARNESS = Path(__file__).with_name("opfs_harness")
WHEELS = ROOT / "build" / "opfs-wheels"
PACKAGES = ("apsw-sqlite3mc", "argon2-cffi-bindings", "sqlalchemy", "typing-extensions")
OURS = ("mobile_app/__init__.py", "mobile_app/store", "mobile_app/platform")
BROWSER = (
    "--platform=pyemscripten_2026_0_wasm32",
    "--platform=any",
    "--python-version=3.14",
    "--only-binary=:all:",
)


def wheels() -> list[Path]:
    """The browser's packages, downloaded once into the build directory."""
    if len(list(WHEELS.glob("*.whl"))) < len(PACKAGES):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *BROWSER]
        subprocess.run([*command, "-d", str(WHEELS), *PACKAGES], check=True)
    return sorted(WHEELS.glob("*.whl"))


def app_archive() -> bytes:
    """Packages, our modules and the harness in one zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for wheel in wheels():
            copy_wheel(wheel, archive)
        for path in our_files():
            archive.write(path, path.relative_to(ROOT))
        archive.write(HARNESS / "harness.py", "harness.py")
    return buffer.getvalue()


def copy_wheel(wheel: Path, archive: zipfile.ZipFile) -> None:
    with zipfile.ZipFile(wheel) as content:
        for name in content.namelist():
            archive.writestr(name, content.read(name))


def our_files() -> list[Path]:
    paths = [ROOT / part for part in OURS]
    return [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]


def pyodide() -> Path:
    """Where the flet-web wheel keeps Pyodide."""
    spec = find_spec("flet_web")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "web" / "pyodide"


class Site(SimpleHTTPRequestHandler):
    """The harness at /, Pyodide at /pyodide/, the archive at /app.zip."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, archive: bytes, *arguments: object, **options: object) -> None:
        self.archive = archive
        super().__init__(*arguments, directory=str(HARNESS), **options)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        if path.startswith("/pyodide/"):
            return str(pyodide() / path.removeprefix("/pyodide/"))
        return super().translate_path(path)

    def do_GET(self) -> None:
        if self.path != "/app.zip":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.archive)))
        self.end_headers()
        self.wfile.write(self.archive)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The address of the harness while the block runs; localhost, so a secure context."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, app_archive()))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
