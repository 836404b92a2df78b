"""Channels: the sign of each, the same wherever a contact is shown or begun."""

from typing import Final

import flet as ft

from mobile_app import theme

ICONS: Final[dict[str, ft.IconData]] = {
    "visit": ft.Icons.DIRECTIONS_WALK,
    "call": ft.Icons.CALL_OUTLINED,
    "wechat": ft.Icons.CHAT_BUBBLE_OUTLINE,
    "sms": ft.Icons.SMS_OUTLINED,
    "counter": ft.Icons.STOREFRONT_OUTLINED,
    "online": ft.Icons.SMARTPHONE,
    "self_service": ft.Icons.LOCAL_ATM,
    "call_centre": ft.Icons.HEADSET_MIC_OUTLINED,
    "mail": ft.Icons.MAIL_OUTLINE,
}


def channel_sign(channel: str) -> ft.Control:
    """The sign of a channel, whose name stands beside it; one that a newer server knows has the
    sign of any exchange."""
    return ft.Icon(
        ICONS.get(channel, ft.Icons.SWAP_HORIZ),
        color=theme.ACCENT,
        size=theme.ICON,
    )
