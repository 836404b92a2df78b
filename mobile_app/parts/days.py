"""Days: the days that people name, and a calendar for the others."""

from collections.abc import Callable
from datetime import date, datetime

import flet as ft

from mobile_app.i18n import Words
from mobile_app.parts.buttons import chip, chips
from mobile_app.parts.guard import part


@part
def day_chips(
    words: Words,
    days: list[tuple[str, str]],
    chosen: str,
    first: date,
    choose: Callable[[str, str], object],
    choose_date: Callable[[date | datetime | None], object],
) -> ft.Control:
    """Choose a day: `days` are preset ones by code, `choose_date` takes one of the calendar."""
    picking, pick = ft.use_state(False)

    def picked(event: ft.Event[ft.DatePicker]) -> None:
        choose_date(event.control.value)
        pick(False)

    calendar = ft.DatePicker(
        first_date=first,
        locale=ft.Locale(words.language),
        confirm_text=words("ok"),
        cancel_text=words("cancel"),
        help_text=words("visit.pick"),
        on_change=picked,
        on_dismiss=lambda: pick(False),
    )
    ft.use_dialog(calendar if picking else None)
    named = [
        chip(
            words.once(words(f"due.{code}"), words.day(day)),
            chosen == code,
            choose,
            code,
            day,
            key=f"due:{code}",
        )
        for code, day in days
    ]
    other = chip(words("visit.pick"), chosen == "other", pick, True, key="due:other")
    return chips([*named, other])
