"""Waiting until a server that was just started answers."""

import time
from typing import Final
from urllib.request import urlopen

from fieldbook.stop import Stop

_UP_WITHIN_S: Final = 30.0


def wait_until_up(url: str) -> None:
    """Return when the server there answers; raise Stop when it does not come up."""
    ends = time.monotonic() + _UP_WITHIN_S
    while time.monotonic() < ends:
        try:
            with urlopen(f"{url}/healthz", timeout=5):  # noqa: S310 - the address is our own
                return
        except OSError:
            time.sleep(0.05)
    raise Stop(f"The server did not come up within {_UP_WITHIN_S:.0f} s.")
