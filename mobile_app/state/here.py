"""Here: what every component can reach without being handed it.

It is a plain object in a context, so that reaching it subscribes to nothing; a component re-renders
for the observables that it is handed, and for no others.
"""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from mobile_app.config import Entry
from mobile_app.i18n import Words
from mobile_app.state.desk import Desk
from mobile_app.state.gate import Gate
from mobile_app.state.look import Look
from mobile_app.state.places import Places


@dataclass(frozen=True)
class Here:
    """The session's state."""

    entry: Entry
    look: Look
    gate: Gate
    push: Callable[[str], None]
    path: Callable[[], str]

    @property
    def words(self) -> Words:
        """The words of the language being read."""
        return self.look.words

    @property
    def desk(self) -> Desk:
        """The open desk; only screens behind the gate ask for it."""
        if self.gate.desk is None:
            raise LookupError("the device is locked")
        return self.gate.desk

    @property
    def places(self) -> Places:
        """The places of this user's role."""
        return Places(self.push, self.path, self.desk.store.me.role)


HERE: ft.ContextProvider[Here | None] = ft.create_context(None)


def here() -> Here:
    """Return the session's state; to be called while a component renders."""
    found = ft.use_context(HERE)
    if found is None:
        raise LookupError("rendered outside the app")
    return found
