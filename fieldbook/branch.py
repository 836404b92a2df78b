"""A branch in a folder, as real processes: for the smoke run, the bench and the tests."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

from fieldbook.stop import Stop
from fieldbook.up import wait_until_up
from mobile_app.device import Device
from mobile_app.platform.storage import ProfileFiles

PIN: Final = "480263"


@dataclass(slots=True)
class Branch:
    """One demo bank in a folder; its server runs within `serving`."""

    folder: Path
    database: str | None = None
    """PostgreSQL in place of a file in the folder."""
    port: int = field(default_factory=lambda: free_port())
    server: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def where(self) -> tuple[str, str]:
        """What commands are told of the database."""
        return ("--database", self.database) if self.database else ("--data", str(self.data))

    @property
    def data(self) -> Path:
        """The server's folder."""
        return self.folder / "server"

    def seed(self, *options: str) -> None:
        """Write the demo bank."""
        run("demo", "--data", str(self.data), "--seed-only", *options)

    @contextmanager
    def serving(self, webapp: Path | None = None, drop: Path | None = None) -> Iterator[None]:
        """Run the server as a process of its own until the block ends; stop it cleanly."""
        command = [sys.executable, "-m", "fieldbook", "server", *self.where]
        command += ["--port", str(self.port)] + (["--webapp", str(webapp)] if webapp else [])
        command += ["--drop", str(drop)] if drop else []
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as self.server:
            try:
                wait_until_up(self.url)
                yield
            finally:
                self._stop()

    def get(self, path: str, token: str = "") -> Any:
        """Ask the server as another system would; return its JSON."""
        asked = Request(self.url + path, headers={"authorization": f"Bearer {token}"})  # noqa: S310
        with urlopen(asked, timeout=5) as answer:  # noqa: S310 - the address is our own
            return json.load(answer)

    def _stop(self) -> None:
        assert self.server is not None  # noqa: S101 - only called while serving
        self.server.send_signal(signal.SIGTERM)
        if self.server.wait(15) not in (0, -signal.SIGTERM, -signal.SIGKILL):
            raise Stop(f"The server did not stop cleanly: status {self.server.returncode}.")

    def kill(self) -> None:
        """Kill the server as a power cut would."""
        assert self.server is not None  # noqa: S101 - only called while serving
        self.server.kill()
        self.server.wait()

    def admin(self, *words: str) -> Any:
        """Run an admin command and return its answer."""
        return run("admin", *words, *self.where, "--json")

    def code(self, employee_no: str) -> str:
        """Make a one-time code for an employee's device."""
        return str(self.admin("enrol-code", employee_no)["code"])

    async def device(self, employee_no: str) -> Device:
        """Enrol a device in this process and bring it up to date."""
        device = Device(ProfileFiles(self.folder / f"{employee_no}-{secrets.token_hex(3)}"))
        await device.enrol(self.url, self.code(employee_no), PIN)
        await device.runner.sync_once()
        return device


def run(*words: str) -> Any:
    """Run a `fieldbook` command as a process; return its JSON answer, or its text."""
    command = [sys.executable, "-m", "fieldbook", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=with_pin())
    if done.returncode != 0:
        raise Stop(f"`fieldbook {' '.join(words[:2])}` failed: {done.stderr.strip()}")
    return json.loads(done.stdout) if "--json" in words else done.stdout


def with_pin() -> dict[str, str]:
    """Return this process's environment with the PIN that the devices here have."""
    return {**os.environ, "FIELDBOOK_PIN": PIN}


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
