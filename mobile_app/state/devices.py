"""Devices: the team's devices as a supervisor reads them, those that need someone first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.findings import DeviceReport, Finding, device_findings

GRAVEST_FIRST: Final = ("left", "revoked", "unsent", "held", "silent", "clock")


@dataclass(frozen=True)
class DeviceItem:
    """One device, and what someone should do about it."""

    device: DeviceReport
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Devices:
    """All of them in the order to look at them."""

    items: list[DeviceItem]

    @property
    def pending(self) -> int:
        """What is still only on devices, as they last said."""
        return sum(item.device.pending for item in self.items)

    @property
    def needing(self) -> list[DeviceItem]:
        """Those that need someone."""
        return [item for item in self.items if item.findings]

    @property
    def well(self) -> list[DeviceItem]:
        """The others."""
        return [item for item in self.items if not item.findings]


def devices_of(reports: Iterable[DeviceReport], now: int) -> Devices:
    """Put devices in order: the gravest, then the longest unsent, then as they come."""
    items = [DeviceItem(one, tuple(device_findings(one, now))) for one in reports]
    return Devices(sorted(items, key=lambda item: _rank(item, now)))


def _rank(item: DeviceItem, now: int) -> tuple[int, int]:
    codes = [GRAVEST_FIRST.index(finding.code) for finding in item.findings]
    oldest = item.device.oldest_pending_at if item.device.pending else None
    return min(codes, default=len(GRAVEST_FIRST)), oldest or now
