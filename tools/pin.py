"""Write requirements/*.txt from pyproject.toml: every version exact, every file by its hash.

One resolution serves Python 3.11 to 3.14 on Linux, macOS and Windows, and the smaller groups are
held to the versions of the largest, so that what the tests ran is what a branch installs. The
files name no index: whoever installs uses the one their machine is set to.
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESOLVER = ROOT / "build" / "pin"
HEADER = "# Written by `make pin` from pyproject.toml; change that, not this.\n"
GROUPS = {
    "dev": ["--all-extras", "--group", "dev"],
    "demo": ["--extra", "server", "--extra", "device"],
    "server": ["--extra", "server"],
}
"""Largest first: the others are constrained by it."""


def main() -> None:
    """Resolve every group anew."""
    uv = resolver()
    for group, choice in GROUPS.items():
        print(f"Resolving requirements/{group}.txt", flush=True)
        held = [] if group == "dev" else ["--constraints", "requirements/dev.txt"]
        write(group, run([uv, "pip", "compile", "pyproject.toml", *choice, *held, *options()]))


def options() -> list[str]:
    listed = "--universal --generate-hashes --no-header --no-emit-index-url --quiet --no-config"
    return [*listed.split(), "--python-version", "3.11"]


def resolver() -> str:
    """Return the path of uv, in an environment of its own that nothing else needs."""
    scripts = RESOLVER / ("Scripts" if sys.platform == "win32" else "bin")
    if not (scripts / "python").exists():
        venv.create(RESOLVER, with_pip=True)
    run([str(scripts / "python"), "-m", "pip", "install", "--quiet", "--upgrade", "uv"])
    return str(scripts / "uv")


def run(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


def write(group: str, pins: str) -> None:
    (ROOT / "requirements" / f"{group}.txt").write_text(HEADER + pins, encoding="utf-8")


if __name__ == "__main__":
    main()
