"""Touches: who else of the bank was in touch with a customer lately, told before one calls."""

from collections.abc import Iterable
from typing import Final

from shared.domain.interaction import Interaction

RECENT_MS: Final = 30 * 86_400_000
"""How long a colleague's contact is worth a look before one calls."""


def touches(contacts: Iterable[Interaction], me: str, now: int) -> list[Interaction]:
    """Return what colleagues had to do with a customer in the 30 days before `now`, latest first.

    Of a contact that was put right only the correction counts. What a customer did without anybody
    of the bank, at a machine or on the telephone, is nobody's touch.
    """
    found = list(contacts)
    put_right = {each.supersedes for each in found}
    recent = [
        each
        for each in found
        if each.employee_id != me
        and (each.employee_id or each.agent)
        and each.id not in put_right
        and each.occurred_at >= now - RECENT_MS
    ]
    return sorted(recent, key=lambda each: (each.occurred_at, each.id), reverse=True)
