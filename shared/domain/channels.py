"""Channels in groups, as people look back on what there was with a customer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from shared.domain.interaction import Channel

Group = Literal["met", "phone", "written", "branch"]
GROUPS: Final[Mapping[Group, tuple[Channel, ...]]] = MappingProxyType(
    {
        "met": ("visit",),
        "phone": ("call", "call_centre"),
        "written": ("wechat", "sms", "online", "mail"),
        "branch": ("counter", "self_service"),
    }
)
"""Every channel is in one group: face to face, by voice, from afar, and at the bank's own place."""
ALONE: Final[frozenset[Channel]] = frozenset({"online", "self_service", "mail", "sms"})
"""Channels through which a customer is met by nobody of the bank, unless an employee says so."""
