"""Make `.venv` and install one requirements group into it; run by any Python with no packages.

A fresh machine has Python and make and nothing else, so this file imports the standard library
only, and reads on Pythons too old for the project: they get one sentence, not a traceback.

    python3 tools/environment.py demo|dev|server [--into FOLDER]

A stamp per group holds a digest of what it was made from; while that is current, this does
nothing. The project itself is put on the path by a .pth file and a `fieldbook` command: no build,
no network.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
MEGABYTES = {"server": 300, "demo": 600, "dev": 1500}
"""Free space each group asks for: about twice what it takes, for pip keeps the downloads too."""
COVERED_BY = {"server": ("server",), "demo": ("demo", "dev"), "dev": ("dev",)}
"""Groups that contain a group: after `make test`, `make demo` installs nothing."""
LINES_KEPT = 15
LAUNCHER = """\
#!{python}
import sys

from fieldbook.__main__ import main

sys.exit(main())
"""


class Trouble(Exception):
    """The environment can't be made, in one sentence for the person who ran make."""


def main() -> int:
    """Make the asked environment current; 0, or 1 after one sentence on stderr."""
    parser = argparse.ArgumentParser(description="Make the project's virtual environment.")
    parser.add_argument("group", choices=sorted(MEGABYTES))
    parser.add_argument("--into", type=Path, default=ROOT / ".venv", metavar="FOLDER")
    asked = parser.parse_args()
    try:
        ensure(asked.group, asked.into.resolve())
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; run the same command to go on.", file=sys.stderr)
        return 130
    return 0


def ensure(group: str, venv: Path) -> None:
    """Do whatever is missing for `group` to be installed in the folder `venv`."""
    check_version()
    works = runs(python_of(venv))
    if works and is_current(group, venv):
        return
    check_space(group, venv)
    if not works:
        create(venv)
    install(group, venv)
    link(venv)
    stamp(group, venv).write_text(digest(group), encoding="utf-8")


def check_version() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        raise Trouble(
            f"Fieldbook needs Python 3.11 or newer and this is {found} ({sys.executable}); "
            "install a newer one, or name it: make PYTHON=/path/to/python3"
        )


def check_space(group: str, venv: Path) -> None:
    needed = MEGABYTES[group]
    for folder in (venv.parent, Path(tempfile.gettempdir())):
        free = shutil.disk_usage(folder).free // 1_000_000
        if free < needed:
            raise Trouble(
                f"The {group} environment needs about {needed} MB of disk and {folder} has {free} "
                "MB free; make room and run the same command again."
            )


def create(venv: Path) -> None:
    say(f"Making {venv.name} with Python {sys.version.split()[0]}")
    made = quietly([sys.executable, "-m", "venv", "--clear", str(venv)])
    if made.returncode:
        lacks = "ensurepip" in made.stdout or "No module named venv" in made.stdout
        raise Trouble(
            "This Python comes without venv; on Debian or Ubuntu: apt-get install python3-venv"
            if lacks
            else f"The virtual environment could not be made:\n{made.stdout.strip()}"
        )


def install(group: str, venv: Path) -> None:
    """Install the pinned group; every file is checked against its hash."""
    requirements = ROOT / "requirements" / f"{group}.txt"
    say(f"Installing requirements/{group}.txt")
    command = [str(python_of(venv)), "-m", "pip", "install", "--require-hashes", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", str(requirements)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as pip:
        assert pip.stdout is not None  # noqa: S101 - it is a pipe; mypy can't know
        last = show_progress(pip.stdout, count_pins(requirements))
    if pip.returncode:
        raise Trouble("pip could not install the packages:\n" + "".join(last))


def show_progress(lines: Iterator[str], total: int) -> list[str]:
    """Turn pip's many lines into a few, and return its last ones in case it fails."""
    last: list[str] = []
    done = 0
    for line in lines:
        last = [*last[1 - LINES_KEPT :], line]
        found = re.match(
            r"(Collecting|Ignoring|Requirement already satisfied:) ([\w.\[\]-]+)", line
        )
        if found:
            done += 1
            say_step(done, total, found[2])
        elif line.startswith("Installing collected packages"):
            say(f"  {total} of {total} fetched; unpacking them")
    return last


def say_step(done: int, total: int, name: str) -> None:
    """A live line on a terminal; a line per ten packages in a log."""
    if sys.stdout.isatty():
        print(f"\r\033[K  {min(done, total)} of {total} {name}", end="", flush=True)
    elif done % 10 == 0:
        say(f"  {min(done, total)} of {total} {name}")


def say(text: str) -> None:
    print("\r\033[K" + text if sys.stdout.isatty() else text, flush=True)


def link(venv: Path) -> None:
    """Put the project on the environment's path, with its `fieldbook` command."""
    python = python_of(venv)
    asked = quietly([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    (Path(asked.stdout.strip()) / "fieldbook.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    if os.name == "nt":
        batch = f'@"{python}" -m fieldbook %*\n'
        (python.parent / "fieldbook.cmd").write_text(batch, encoding="utf-8")
        return
    launcher = python.parent / "fieldbook"
    launcher.write_text(LAUNCHER.format(python=python), encoding="utf-8")
    launcher.chmod(0o755)


def is_current(group: str, venv: Path) -> bool:
    """Whether `group`, or a group that contains it, was installed from today's files."""
    return any(
        stamp(cover, venv).is_file()
        and stamp(cover, venv).read_text(encoding="utf-8") == digest(cover)
        for cover in COVERED_BY[group]
    )


def digest(group: str) -> str:
    """What an installation follows from: the pins, the project's declaration, where it lies."""
    seen = hashlib.sha256(str(ROOT).encode())
    for path in (ROOT / "requirements" / f"{group}.txt", ROOT / "pyproject.toml", Path(__file__)):
        seen.update(path.read_bytes())
    return seen.hexdigest()


def stamp(group: str, venv: Path) -> Path:
    return venv / f"installed-{group}"


def python_of(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def runs(python: Path) -> bool:
    """Whether this Python starts and is new enough; one whose base was removed does not."""
    program = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    return python.exists() and quietly([str(python), "-c", program]).returncode == 0


def count_pins(requirements: Path) -> int:
    return len(re.findall(r"^\S+==", requirements.read_text(encoding="utf-8"), re.MULTILINE))


def quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
