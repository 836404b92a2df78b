"""Writes `requirements/web.txt`, so that the browser runs the versions this environment runs.

One file pins everything the bundle takes from a registry, each with the digest of its one wheel.
Dependencies are listed here rather than resolved: argon2-cffi-bindings asks for cffi, which has
no browser wheel and isn't needed (its library is reached through ctypes), flet-web asks for a
server that is never run, and httpx asks for a transport that can't work without sockets.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

PYTHON_VERSION = "3.14"
BROWSER_WHEELS = (
    "--platform=pyemscripten_2026_0_wasm32",
    "--platform=any",
    f"--python-version={PYTHON_VERSION}",
    "--only-binary=:all:",
    "--no-deps",
)
PACKAGES = (
    "annotated-types",
    "apsw-sqlite3mc",
    "argon2-cffi-bindings",
    "flet",
    "flet-web",
    "httpx",
    "idna",
    "msgpack",
    "pydantic",
    "pydantic-core",
    "repath",
    "six",
    "sqlalchemy",
    "typing-extensions",
    "typing-inspection",
)
HEADER = """\
# What the web app takes from the package registry: the Flet client with Pyodide (flet-web) and the
# packages that run in the browser. Made by `python -m bundle pins`, with the versions of the
# environment it runs in; don't edit. Installed with --no-deps: bundle/pins.py says why.
"""


def pip(*arguments: str) -> None:
    """Run pip; only errors are shown."""
    command = [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check", "-qq"]
    subprocess.run(command, check=True)


def wanted(name: str) -> str:
    """`name` at the version that is installed here; flet-web goes with flet; else the newest."""
    try:
        return f"{name}=={metadata.version('flet' if name == 'flet-web' else name)}"
    except metadata.PackageNotFoundError:
        return name


def pin(package: Mapping[str, Any]) -> str:
    """One requirement line with its digest, from an entry of pip's report."""
    name = package["metadata"]["name"].lower().replace("_", "-")
    version = package["metadata"]["version"]
    digest = package["download_info"]["archive_info"]["hashes"]["sha256"]
    return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"


def write_pins(path: Path) -> None:
    """Ask pip which wheels it would take and write them to `path`."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ("--dry-run", "--ignore-installed", f"--target={folder}", f"--report={report}")
        pip("install", *options, *BROWSER_WHEELS, *map(wanted, PACKAGES))
        found = json.loads(report.read_text())["install"]
    path.write_text(HEADER + "".join(sorted(map(pin, found))))
