"""Files that the user keeps or brings: chosen in the system's own dialog, through Flet's client."""

import flet as ft

from mobile_app.platform.here import IN_BROWSER


async def save_file(name: str, content: bytes) -> bool:
    """Let the user save a file; False where they thought better of it.

    A browser puts it among the downloads and does not say more.
    """
    path = await ft.FilePicker().save_file(file_name=name, src_bytes=content)
    return IN_BROWSER or path is not None


async def pick_file() -> bytes | None:
    """Let the user choose a file; return what is in it, or None where they chose none."""
    found = await ft.FilePicker().pick_files(with_data=True)
    return found[0].bytes if found else None
