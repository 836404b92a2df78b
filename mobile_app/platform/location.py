"""Location: one fix, at the start of a visit, through the receiver that the Flet client carries.

The prebuilt client has a Geolocator service on every platform (in the browser it asks
navigator.geolocation from the window, where Python's worker cannot), so the Python half of it is
declared here and no further package is needed. Nothing is followed: the service is made for one
question, and every way of not getting an answer is a reason, never an exception.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import flet as ft

from shared.domain.interaction import NoFixReason

TIMEOUT_S: Final = 12.0
_GRANTED: Final = ("always", "whileInUse", "while_in_use")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fix:
    """Where the device is: WGS 84 degrees, radius of accuracy in metres, moment in ms."""

    latitude: float
    longitude: float
    accuracy_m: float
    at: int


@dataclass(frozen=True, slots=True)
class NoFix:
    """Why there is no fix."""

    reason: NoFixReason


@ft.control("Geolocator")  # type: ignore[arg-type]
class Geolocator(ft.Service):
    """The Python half of the client's geolocation service."""

    async def permission(self) -> str:
        """Ask the user, once, whether this app may know where the device is."""
        return str(await self._invoke_method("request_permission"))

    async def position(self) -> Mapping[str, Any]:
        """Ask the receiver for the present position."""
        found = await self._invoke_method(
            "get_current_position", {"configuration": None}, timeout=TIMEOUT_S
        )
        return found if isinstance(found, Mapping) else {}


async def take_fix(now: int) -> Fix | NoFix:
    """Take one location fix at the moment `now` (ms), or say why there is none."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _ask(Geolocator(), now)
    except TimeoutError:
        return NoFix("timed_out")
    except RuntimeError as problem:
        # The client reports a refusal, a missing receiver and a lost signal all as one error.
        _log.info("no location fix: %s", problem)
        return NoFix("denied" if "den" in str(problem).lower() else "unsupported")


async def _ask(service: Geolocator, now: int) -> Fix | NoFix:
    if await service.permission() not in _GRANTED:
        return NoFix("denied")
    found = await service.position()
    if found.get("latitude") is None or found.get("longitude") is None:
        return NoFix("indoors")
    return Fix(
        float(found["latitude"]),
        float(found["longitude"]),
        abs(float(found.get("accuracy") or 0)),
        now,
    )
