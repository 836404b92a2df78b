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
    assert pinned("server") & {"fastapi", "flet", "flet-web", "argon2-cffi"} == set()
    assert {"starlette", "uvicorn", "sqlalchemy", "pydantic"} <= pinned("server")


def test_what_a_server_installs_has_the_versions_that_were_tested() -> None:
    def versions(group: str) -> set[str]:
        text = (REQUIREMENTS / f"{group}.txt").read_text()
        return set(re.findall(r"^[a-z0-9][a-z0-9._-]*==[^ ]+", text, re.MULTILINE))

    assert versions("server") <= versions("dev")


@pytest.mark.parametrize("group", ["server", "demo", "dev"])
def test_fastapi_is_installed_nowhere(group: str) -> None:
    assert "fastapi" not in pinned(group)


def test_every_pin_has_its_hashes_and_names_no_index() -> None:
    for path in REQUIREMENTS.glob("*.txt"):
        text = path.read_text()
        assert "--hash=sha256:" in text
        assert "index-url" not in text
        assert "://" not in text


def loaded(module: str, among: set[str]) -> list[str]:
    """Import a module in a fresh interpreter; return which of these came with it."""
    program = f"import sys, {module}; print(*sorted({among} & set(sys.modules)))"
    asked = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return asked.stdout.split()


def test_a_running_server_has_loaded_neither_flet_nor_the_app_nor_the_cipher() -> None:
    assert loaded("fieldbook.server", {"flet", "fastapi", "mobile_app", "apsw"}) == []


def test_importing_a_bundle_loads_the_cipher_and_nothing_of_the_app() -> None:
    assert loaded("fieldbook.bundle", {"flet", "httpx", "mobile_app", "apsw"}) == ["apsw"]


def test_a_server_and_a_device_have_the_same_cipher() -> None:
    pins = {
        re.findall(r"^apsw-sqlite3mc==\S+", (REQUIREMENTS / f"{group}.txt").read_text(), re.M)[0]
        for group in ("server", "demo", "dev", "web")
    }

    assert len(pins) == 1


_EACH_FIRST = """
import pkgutil, sys, sync_server
names = [each.name for each in pkgutil.walk_packages(sync_server.__path__, "sync_server.")]
for name in names:
    for loaded in [each for each in sys.modules if each.startswith("sync_server")]:
        del sys.modules[loaded]
    __import__(name)
print(len(names))
"""


def test_every_module_of_the_server_can_be_the_first_to_be_imported() -> None:
    """A ring of imports works or not by who comes first, and commands begin in different places."""
    done = subprocess.run(
        [sys.executable, "-c", _EACH_FIRST], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert int(done.stdout) > 30
