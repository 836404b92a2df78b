"""Sources: that a record was made of two, and who says its fields. Never for the customer."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words, local_day
from mobile_app.parts.blocks import card, fact, notice, stacked
from mobile_app.parts.buttons import quiet
from mobile_app.parts.guard import part
from mobile_app.parts.marks import origin_mark
from mobile_app.parts.text import body, caption
from mobile_app.state.desk import Desk
from mobile_app.state.duplicates import Sourced, is_refused, is_underway
from mobile_app.state.here import Here
from mobile_app.state.rows import Customer, DuplicateItem
from mobile_app.values import field_name


def merged_from(here: Here, desk: Desk, customer: Customer) -> list[ft.Control]:
    """That other records were merged into this one; who decides on it can look at the merge."""
    merges = [each for each in desk.duplicates.merges_of(customer) if not is_refused(each)]
    if not merges:
        return []
    words = here.words
    lines: list[ft.Control] = [body(_told(words, merges))]
    if here.places.decides:
        lines.append(
            ft.Row([quiet(words("merged.look"), here.places.pair, merges[0].duplicate.id)])
        )
    return [card(stacked(lines, theme.XS))]


def _told(words: Words, merges: list[DuplicateItem]) -> str:
    done = [each for each in merges if not is_underway(each)]
    if not done:
        return words("merged.soon")
    at = done[0].duplicate.decided_at
    day = words.day(local_day(at)) if at is not None else ""
    if len(done) == 1:
        return words("merged.of_two", day=day)
    return words("merged.of_many", n=len(done) + 1, day=day)


@part
def sources(here: Here, desk: Desk, customer: Customer) -> ft.Control:
    """Who says each field of a customer, and since when; shown on a tap."""
    opened, set_opened = ft.use_state(False)
    words, found = here.words, desk.duplicates.sources(customer)
    if not found:
        return ft.Container()
    key = "sources.hide" if opened else "sources.show"
    lines: list[ft.Control] = [caption(words("sources"))]
    if opened:
        lines += [_line(words, customer, each) for each in found]
        lines.append(caption(words("sources.hint")))
    lines.append(ft.Row([quiet(words(key), set_opened, not opened)], wrap=True))
    return card(stacked(lines, theme.S))


def _line(words: Words, customer: Customer, each: Sourced) -> ft.Control:
    origin = each.origin
    as_of = origin.as_of
    day = words("sources.undated") if as_of is None else words.full_day(local_day(as_of))
    label = field_name(words, "customer", each.field, customer.kind)
    return fact(label, day, marks=origin_mark(words, origin))


def opened_by_old_id(words: Words) -> ft.Control:
    """Why this page is not the one that was asked for."""
    return ft.Container(
        notice(words("merged.opened")),
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.XS),
    )
