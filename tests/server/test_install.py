"""What a branch machine installs: a light server, nothing of the app and nothing of FastAPI."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"


def pinned(group: str) -> set[str]:
    text = (REQUIREMENTS / f"{group}.txt").read_text()
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE))


def test_a_server_installs_nothing_of_the_app_and_nothing_of_fastapi() -> None:
    assert pinned("server") & {"fastapi", "flet", "flet-web", "apsw-sqlite3mc"} == set()
    assert {"starlette", "uvicorn", "sqlalchemy", "pydantic"} <= pinned("server")


@pytest.mark.parametrize("group", ["server", "demo", "dev"])
def test_fastapi_is_installed_nowhere(group: str) -> None:
    assert "fastapi" not in pinned(group)


def test_every_pin_has_its_hashes_and_names_no_index() -> None:
    for path in REQUIREMENTS.glob("*.txt"):
        text = path.read_text()
        assert "--hash=sha256:" in text
        assert "index-url" not in text
        assert "://" not in text


def test_a_running_server_has_loaded_neither_flet_nor_the_app() -> None:
    program = (
        "import sys, fieldbook.server;"
        "print(sorted({'flet', 'fastapi', 'mobile_app', 'apsw'} & set(sys.modules)))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert asked.stdout.strip() == "[]"
