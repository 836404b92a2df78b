"""Field form: new values for some fields of one record, put in by hand and read by their type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import flet as ft

from mobile_app.state.said import Message, Said
from mobile_app.values import Unreadable, choices, read_typed, typed


@dataclass(eq=False)
class FieldForm(ft.Observable):
    """What was put in so far. Coded fields hold their code, others the text as it is typed."""

    entity: str
    fields: tuple[str, ...]
    chosen: Mapping[str, str] = field(default_factory=dict)
    problem: Message | None = None
    _typed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, entity: str, values: Mapping[str, Any]) -> Self:
        """A form that begins with these values."""
        texts = {name: typed(name, value) for name, value in values.items()}
        coded = {name: text for name, text in texts.items() if choices(entity, name)}
        return cls(entity, tuple(values), coded, _typed=texts)

    def text(self, name: str) -> str:
        """What stands in one field."""
        return self.chosen[name] if name in self.chosen else self._typed.get(name, "")

    def choose(self, name: str, code: str) -> None:
        """Choose one code of a coded field."""
        self.chosen, self.problem = {**self.chosen, name: code}, None

    def write(self, name: str, text: str) -> None:
        """Take over a text as it is typed; not observed, so typing re-renders nothing."""
        self._typed[name] = text

    def values(self) -> dict[str, Any] | None:
        """Return the values by field; None where `problem` now says why they can't be read."""
        try:
            return {name: read_typed(name, self.text(name)) for name in self.fields}
        except Unreadable as unreadable:
            self.problem = Said(str(unreadable))
            return None
