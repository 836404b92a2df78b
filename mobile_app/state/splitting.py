"""Splitting: who has what of a contested sale or prospect, in per cent that sum to the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Protocol, Self

import flet as ft

from shared.commission.exact import WHOLE_BP, split_fen
from shared.commission.facts import Share
from shared.domain.sale import shares_text
from shared.ids import EmployeeId
from shared.money import Fen


class Contested(Protocol):
    """What is to be split: a sale, or a prospect."""

    @property
    def id(self) -> str:
        """Of what is decided."""

    @property
    def names(self) -> Mapping[str, str]:
        """Of everyone who is named in it, by employee."""


@dataclass(eq=False)
class SplitForm(ft.Observable):
    """The parts as they are typed, by employee."""

    contest: Contested
    parts: Mapping[str, str]

    @classmethod
    def of(cls, contest: Contested) -> Self:
        """A form in which nobody has anything yet."""
        return cls(contest, dict.fromkeys(contest.names, ""))

    def write(self, employee: str, text: str) -> None:
        """Take over what one has."""
        self.parts = {**self.parts, employee: text}

    def give_all(self, employee: str) -> None:
        """Give one the whole."""
        self.parts = {each: "100" if each == employee else "" for each in self.parts}

    def give_equal(self) -> None:
        """Give everyone the same, to the hundredth of a per cent."""
        even = [WHOLE_BP // len(self.parts)] * len(self.parts)
        parts = split_fen(Fen(WHOLE_BP), [*even[:-1], WHOLE_BP - sum(even[:-1])])
        self.parts = {each: _percent(bp) for each, bp in zip(self.parts, parts, strict=True)}

    @property
    def left_bp(self) -> int | None:
        """What is still to be given; None where a part is no number."""
        given = [_basis_points(text) for text in self.parts.values()]
        return None if None in given else WHOLE_BP - sum(each or 0 for each in given)

    @property
    def left_text(self) -> str:
        """What is still to be given, in per cent."""
        return _percent(self.left_bp or 0)

    @property
    def is_whole(self) -> bool:
        """Whether the parts sum to exactly 100 %."""
        return self.left_bp == 0

    @property
    def shares(self) -> str:
        """The shares as a decision says them; those with nothing are left out."""
        given = {each: _basis_points(text) or 0 for each, text in self.parts.items()}
        return shares_text([Share(EmployeeId(each), bp) for each, bp in given.items() if bp])


def _basis_points(text: str) -> int | None:
    cleaned = text.strip(" %")
    try:
        points = Decimal(cleaned) * 100 if cleaned else Decimal(0)
    except InvalidOperation:
        return None
    if not points.is_finite() or points != int(points) or not 0 <= points <= WHOLE_BP:
        return None
    return int(points)


def _percent(bp: int) -> str:
    return f"{(Decimal(bp) / 100).normalize():f}"
