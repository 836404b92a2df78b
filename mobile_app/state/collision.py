"""Collision: what the device can say of an organisation before somebody calls on it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mobile_app.store.face_records import Known
from shared.collision import names_of
from shared.identity import is_longer_than_a_persons

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk


@dataclass(frozen=True)
class Collision:
    """Whose an organisation is, as far as it can be told here."""

    known: Known
    own_id: str = ""
    """The user's own customer of this name or code."""
    own_name: str = ""
    is_organisation: bool = False
    """Whether the name is surely no person's, so that "no" is worth saying."""


def collision(desk: "Desk", name: str, code: str = "") -> Collision | None:
    """Say whose an organisation is; None while nothing was typed that could be looked for.

    The user's own customers are known exactly, and are looked for first.
    """
    texts = names_of(name, code)
    if not texts:
        return None
    own = desk.read(desk.store.own_organisations)
    own_id, own_name = next((own[text] for text in texts if text in own), ("", ""))
    known = desk.read(desk.store.perhaps_known, name, code)
    return Collision(known, own_id, own_name, bool(code) or is_longer_than_a_persons(name))
