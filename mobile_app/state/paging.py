"""Paging: a list is shown in steps, each on request."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
PAGE = 30
"""Rows that a list shows at first and adds on request. A row costs about a millisecond to build
and compare, and three in the browser, on every keystroke of a search."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """The first rows of a list, and whether there are more."""

    rows: list[T]
    more: bool


def page_of(found: list[T], pages: int) -> Page[T]:
    """Cut what was read, one row more than is shown, to what is shown."""
    return Page(found[: pages * PAGE], len(found) > pages * PAGE)
