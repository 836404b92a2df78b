"""Installs the browser's packages into a folder and throws away what a browser never opens.

Each kilobyte is downloaded by every device of a branch and written to memory at each start.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from bundle.pins import BROWSER_WHEELS, pip

UNUSED = (  # relative to the folder of packages; patterns of pathlib's glob
    "**/__pycache__",
    "**/*.pyi",
    "**/py.typed",
    "**/tests",
    "bin",
    "apsw/__main__.py",
    "apsw/fts_test_strings",
    "apsw/shell.py",
    "apsw/speedtest.py",
    "apsw/sqlite_extra*",
    "apsw/trace.py",
    "flet/cli.py",
    "flet/fastapi",
    "flet/pytest_plugin.py",
    "flet/testing",
    "flet_web",
    "httpx/_main.py",
    "idna/cli.py",
    "pydantic/mypy.py",
    "pydantic/v1",
    "sqlalchemy/dialects/mssql",
    "sqlalchemy/dialects/mysql",
    "sqlalchemy/dialects/oracle",
    "sqlalchemy/dialects/postgresql",
    "sqlalchemy/ext/mypy",
    "sqlalchemy/testing",
)


def install(requirements: Path, into: Path) -> None:
    """Make `into` anew: `packages`, Flet's web `client`, and the packages' `licences`."""
    shutil.rmtree(into, ignore_errors=True)
    packages = into / "packages"
    options = (f"--target={packages}", "--no-compile", "--require-hashes", f"-r{requirements}")
    pip("install", *BROWSER_WHEELS, *options)
    shutil.move(packages / "flet_web" / "web", into / "client")
    keep_licences(packages, into / "licences")
    remove(packages, UNUSED)


def keep_licences(packages: Path, licences: Path) -> None:
    """Move each package's licence texts aside: they are served, not unpacked at every start."""
    for record in sorted(packages.glob("*.dist-info")):
        name = record.name.split("-")[0].lower()
        for text in sorted(record.rglob("*")):
            if text.is_file() and text.stem.upper() in {"LICENSE", "LICENCE", "COPYING", "NOTICE"}:
                target = licences / name / text.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(text, target)
        shutil.rmtree(record)


def remove(folder: Path, patterns: tuple[str, ...]) -> None:
    """Delete every file and folder that matches one of `patterns`."""
    for pattern in patterns:
        for path in list(folder.glob(pattern)):
            delete(path)


def delete(path: Path) -> None:
    """Delete a file or a whole folder; already gone with its parent is fine."""
    forget: Callable[[Path], object] = shutil.rmtree if path.is_dir() else Path.unlink
    if path.exists():
        forget(path)
