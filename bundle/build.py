"""Builds the web app step by step and skips what hasn't changed.

Two stamps: the parts (packages, client, fonts, all compressed) depend on the pins, the assets and
this package; the bundle depends on those and on the app's sources. So a change of the app's
sources packs one small archive anew and writes the page and the service worker around it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bundle import archive, bytecode, client, packages, page

ROOT = Path(__file__).parent.parent
OWN = Path(__file__).parent
APP_PARTS = ("main.py", "mobile_app", "shared", "assets/fonts/coverage.json")
STAMP = "bundle.json"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """Where things are: the app's root, the pins, the assets, the work folder and the result."""

    app: Path
    out: Path
    requirements: Path = ROOT / "requirements" / "web.txt"
    assets: Path = ROOT / "assets"
    work: Path = ROOT / "build" / "web-parts"


def digest(paths: Iterable[Path], *words: str) -> str:
    """One digest over names and contents of files (folders: all below), and over `words`."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        files = archive.tree(path) if path.is_dir() else {path.name: path}
        for name, file in files.items():
            total.update(f"{name}\0{file.stat().st_size}\0".encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def stamped(folder: Path) -> str:
    """The digest that `folder` was made from, or nothing."""
    stamp = folder / STAMP
    return str(json.loads(stamp.read_text())["inputs"]) if stamp.exists() else ""


def stamp(folder: Path, inputs: str, **more: str) -> None:
    """Remember what `folder` was made from; written last, so that a broken build counts as none."""
    (folder / STAMP).write_text(json.dumps({"inputs": inputs, **more}) + "\n")


def parts_inputs(plan: Plan) -> str:
    """What packages and client are made from."""
    return digest([plan.requirements, plan.assets, OWN], bytecode.compiler())


def app_files(plan: Plan) -> dict[str, Path]:
    """The app's own files by their name in the archive."""
    return archive.sources(plan.app, APP_PARTS)


def all_inputs(plan: Plan) -> str:
    """What the whole bundle is made from."""
    files = app_files(plan)
    return digest(files.values(), parts_inputs(plan), *files)


def build(plan: Plan, tell: Tell) -> str:
    """Make the bundle in `plan.out` unless it is there already; returns its version."""
    inputs = all_inputs(plan)
    if stamped(plan.out) == inputs:
        tell("Nothing has changed.")
        return str(json.loads((plan.out / STAMP).read_text())["version"])
    make_parts(plan, tell)
    fresh = plan.work / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    version = assemble(plan, fresh, tell)
    stamp(fresh, inputs, version=version)
    put_in_place(fresh, plan.out)
    tell(f"Version {version} is in {plan.out}.")
    return version


def make_parts(plan: Plan, tell: Tell) -> None:
    """Fetch the packages and the client and lay both out in `parts`, when the pins changed."""
    inputs = parts_inputs(plan)
    parts, raw = plan.work / "parts", plan.work / "raw"
    if stamped(parts) == inputs:
        return
    shutil.rmtree(parts, ignore_errors=True)
    tell("Fetching the client and the browser's packages (about 25 MB)...")
    packages.install(plan.requirements, raw)
    tell("Laying out the client...")
    client.lay_out(raw / "client", plan.assets, parts)
    shutil.copytree(raw / "licences", parts / "licences")
    tell("Compiling the packages...")
    tell(bytecode.compile_folder(raw / "packages", parts / "pyodide"))
    files = archive.tree(raw / "packages", "__packages__/")
    size = archive.pack(files, parts / "packages.tar.gz")
    tell(f"Packed the packages: {size / 1e6:.1f} MB.")
    archive.compress_beside(parts)
    stamp(parts, inputs)


def assemble(plan: Plan, fresh: Path, tell: Tell) -> str:
    """Put the parts, the app and the page together in `fresh`; returns the version."""
    shutil.copytree(plan.work / "parts", fresh)
    size = archive.pack(app_files(plan), fresh / "app.tar.gz")
    tell(f"Packed the app: {size / 1e3:.0f} kB.")
    page.write_page(fresh)
    return page.write_worker(fresh)


def put_in_place(fresh: Path, out: Path) -> None:
    """Swap the finished bundle in; a server that is running sees the old or the new one."""
    out.parent.mkdir(parents=True, exist_ok=True)
    retired = fresh.with_name("retired")
    shutil.rmtree(retired, ignore_errors=True)
    if out.exists():
        shutil.move(out, retired)
    shutil.move(fresh, out)
    shutil.rmtree(retired, ignore_errors=True)
