"""Duplicates: a pair as a row of the inbox, and its two records beside or below each other."""

from collections.abc import Sequence
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words, local_day
from mobile_app.parts.blocks import card, row, stacked
from mobile_app.parts.hidden import hidden_value
from mobile_app.parts.marks import marked_bar, signed, sync_mark
from mobile_app.parts.text import body, caption, muted, number, strong
from mobile_app.state.duplicates import (
    FULL,
    LINES,
    Compared,
    Match,
    compared,
    is_refused,
    is_underway,
)
from mobile_app.state.here import Here
from mobile_app.state.rows import DuplicateItem, Paired
from mobile_app.values import field_name, value_text
from shared.domain.actors import is_job
from shared.domain.duplicate import AGAINST, SWEEPER

_COLOURS: Final[dict[str, ft.ColorValue]] = {
    "open": theme.AMBER,
    "merged": theme.GREEN,
    "distinct": theme.MUTED,
    "split": theme.MUTED,
}
_SIGNS: Final[dict[Match, tuple[str, ft.IconData, ft.ColorValue]]] = {
    "same": ("duplicate.same", ft.Icons.DRAG_HANDLE, theme.GREEN),
    "differs": ("duplicate.differs", ft.Icons.CALL_SPLIT, theme.AMBER),
    "one": ("duplicate.alone", ft.Icons.REMOVE, theme.MUTED),
}
_GROUNDS: Final[dict[str, tuple[ft.IconData, ft.ColorValue]]] = {
    "for": (ft.Icons.ADD, theme.GREEN),
    "against": (ft.Icons.REMOVE, theme.AMBER),
    "note": (ft.Icons.INFO_OUTLINE, theme.MUTED),
}
_BESIDE: Final = frozenset({"owners_differ"})
"""What is to be known, and speaks neither for nor against."""
_OF_PAIR: Final = frozenset(
    {"number", "legal_representative", "owner", "deposits", "last_contact", "since"}
)
"""What has a name of its own here: it is no field of the customer's, or has too long a name."""


def duplicate_row(here: Here, item: DuplicateItem, *, chosen: bool = False) -> ft.Control:
    """A pair in the inbox: whom it is about and why, or what was decided; a tap opens it."""
    words, duplicate = here.words, item.duplicate
    return row(
        names(words, item),
        _why(words, item),
        _right(words, item),
        here.places.pair,
        duplicate.id,
        key=duplicate.id,
        chosen=chosen,
    )


def _why(words: Words, item: DuplicateItem) -> str:
    duplicate = item.duplicate
    if duplicate.status != "open":
        by = "" if is_by_system(item) else decider(words, item)
        return words.dotted(by, _reason(words, item))
    if not item.is_open:
        return words("duplicate.moved" if item.moved else "duplicate.half")
    said = [words.code("duplicate_reason", each) for each in reasons(item)]
    return words.listed([*said[:1], *(each[:1].lower() + each[1:] for each in said[1:])])


def _right(words: Words, item: DuplicateItem) -> list[ft.Control]:
    duplicate = item.duplicate
    if item.is_open:
        return [number(words("duplicate.points", n=duplicate.score))]
    standing = _standing(item)
    status = caption(words(f"duplicate_status.{standing}"), _colour(item), 1)
    when = duplicate.decided_at or duplicate.found_at
    mark = [sync_mark(words, item.state)] if is_underway(item) or is_refused(item) else []
    return [caption(words.moment(when), lines=1), status, *mark]


def names(words: Words, item: DuplicateItem) -> str:
    """Whom a pair is about."""
    known = [each.customer.name for each in (item.one, item.other) if each]
    if len(set(known)) == 1:
        return words("duplicate.one_name", name=known[0])
    return words.listed(known) or words("entity.duplicate")


def reasons(item: DuplicateItem) -> list[str]:
    """The codes of what was compared, the weightiest first."""
    return item.duplicate.reasons.split()


def is_by_system(item: DuplicateItem) -> bool:
    """Whether no employee took the last step, but a job or whoever works at the server."""
    return is_job(item.duplicate.decided_by or "")


def _reason(words: Words, item: DuplicateItem) -> str:
    """What was seen that decided it; of what was merged by itself in the reader's language."""
    duplicate = item.duplicate
    if duplicate.decided_by == SWEEPER:
        return words("duplicate.by_itself")
    return duplicate.reason or ""


def decider(words: Words, item: DuplicateItem) -> str:
    """Who took the last step: a name, or the system."""
    if is_by_system(item):
        return words("duplicate.job")
    return item.by_name or words("someone")


def verdict(words: Words, item: DuplicateItem) -> ft.Control:
    """How far a pair is: its state, who decided it and why, and what that means."""
    duplicate = item.duplicate
    standing = _standing(item)
    state = strong(words(f"duplicate_status.{standing}"), _colour(item))
    if duplicate.status == "open":
        day = words.day(local_day(duplicate.found_at))
        lines: list[ft.Control] = [_ends(state, caption(words("duplicate.found", day=day)))]
        if not item.is_open:
            lines.append(body(words("duplicate.moved" if item.moved else "duplicate.half")))
        return card(stacked([*lines, *_points(words, duplicate.score)], theme.S))
    by = words.dotted(decider(words, item), words.moment(duplicate.decided_at))
    step = f"underway.{duplicate.status}" if is_underway(item) else duplicate.status
    step = "further" if item.moved and step == "merged" else step
    step = "refused" if is_refused(item) else step
    lines = [
        _ends(state, sync_mark(words, item.state)),
        muted(by),
        body(words("duplicate.why", text=_reason(words, item) or words("none"))),
        body(words(f"duplicate.{step}")),
        *_points(words, duplicate.score),
    ]
    return card(stacked(lines, theme.S))


def _standing(item: DuplicateItem) -> str:
    """How far a pair is; a step that was refused has not taken it anywhere."""
    return "open" if is_refused(item) else item.duplicate.status


def _colour(item: DuplicateItem) -> ft.ColorValue:
    """Green is for what is in the record, and a step on its way is not."""
    return theme.MUTED if is_underway(item) else _COLOURS[_standing(item)]


def _ends(left: ft.Control, right: ft.Control) -> ft.Control:
    return ft.Row([ft.Container(left, expand=True), right], spacing=theme.S)


def _points(words: Words, score: int) -> list[ft.Control]:
    """The points, drawn against the two lines that matter."""
    looked, sure = LINES
    said = words("duplicate.points.means", n=score, looked=looked, sure=sure)
    marks = [line / FULL for line in LINES]
    share = max(0.0, min(1.0, score / FULL))
    return [marked_bar(share, marks, theme.ACCENT), caption(said)]


def grounds(words: Words, item: DuplicateItem) -> list[tuple[str, ft.Control]]:
    """What speaks for one customer, and what against it, each under its heading."""
    sides: dict[str, list[ft.Control]] = {}
    for code in reasons(item):
        side = "against" if code in AGAINST else "note" if code in _BESIDE else "for"
        line = _ground(words, code, *_GROUNDS[side])
        sides.setdefault(f"duplicate.{side}", []).append(line)
    order = (f"duplicate.{side}" for side in _GROUNDS)
    return [(words(key), card(stacked(sides[key], theme.S))) for key in order if key in sides]


def _ground(words: Words, code: str, icon: ft.IconData, colour: ft.ColorValue) -> ft.Control:
    return ft.Row(
        [
            ft.Icon(icon, color=colour, size=theme.ICON_SMALL),
            ft.Container(body(words.code("duplicate_reason", code)), expand=True),
        ],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


# The two records


def both_records(here: Here, one: Paired, other: Paired) -> ft.Control:
    """Two records field by field: beside each other where there is room, else below."""
    found, words = compared(one, other), here.words
    if not here.look.roomy:
        return card(stacked([_below(here, each) for each in found], theme.M))
    sides = [caption(words("duplicate.goes_on")), caption(words("duplicate.ends"))]
    head = _beside(muted(""), *sides, ft.Container(width=theme.SIGN_WIDTH))
    return card(stacked([head, *(_line(here, each) for each in found)], theme.M))


def _line(here: Here, each: Compared) -> ft.Control:
    sign = ft.Container(_sign(here.words, each.match), width=theme.SIGN_WIDTH)
    label = muted(_label(here.words, each))
    return _beside(label, _shown(here, each, each.one), _shown(here, each, each.other), sign)


def _beside(label: ft.Control, *values: ft.Control) -> ft.Control:
    """A label, values of one width each, and the sign at the end."""
    *told, sign = values
    return ft.Row(
        [
            ft.Container(label, width=theme.LABEL_WIDTH),
            *(ft.Container(each, expand=True) for each in told),
            sign,
        ],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _below(here: Here, each: Compared) -> ft.Control:
    words = here.words
    sign = _sign(words, each.match)
    head = _ends(muted(_label(words, each)), sign)
    if each.match == "same":
        return _beside(muted(_label(words, each)), _shown(here, each, each.one), sign)
    sides = [
        _whose(here, each, each.one, "duplicate.goes_on"),
        _whose(here, each, each.other, "duplicate.ends"),
    ]
    return stacked([head, *sides], theme.XS)


def _whose(here: Here, each: Compared, value: object, key: str) -> ft.Control:
    return ft.Row(
        [
            ft.Container(caption(here.words(key)), width=theme.LABEL_WIDTH),
            ft.Container(_shown(here, each, value), expand=True),
        ],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _sign(words: Words, match: Match) -> ft.Control:
    """A sign and a word, so that colour is never the only mark."""
    if match not in _SIGNS:
        return ft.Container()
    key, icon, colour = _SIGNS[match]
    return signed(icon, words(key), colour)


def _label(words: Words, each: Compared) -> str:
    if each.field in _OF_PAIR:
        return words(f"duplicate.{each.field}")
    return field_name(words, "customer", each.field, each.kind)


def _shown(here: Here, each: Compared, value: object) -> ft.Control:
    words = here.words
    if value is None:
        return muted(words("none"))
    if each.field == "number" and isinstance(value, tuple):
        return _numbers(here, value)
    ink = strong if each.match == "differs" else body
    return ink(_text(words, each.field, value), lines=4)


def _text(words: Words, field: str, value: object) -> str:
    if field == "deposits" and isinstance(value, int):
        return words.exact(value)
    if field in ("last_contact", "since") and isinstance(value, int):
        return words.full_day(local_day(value))
    return str(value) if field == "owner" else value_text(words, "customer", field, value)


def _numbers(here: Here, found: Sequence[tuple[str, str]]) -> ft.Control:
    """Identity numbers, each masked until it is held."""
    words = here.words
    shown = [
        hidden_value(
            here,
            f"{words.code('identifier', kind)} **** {value[-4:]}",
            f"{words.code('identifier', kind)} {value}",
        )
        for kind, value in found
    ]
    return stacked([*shown], theme.XS)
