"""Duplicate: two customers who are perhaps one, compared, and decided with a reason.

Everything that is needed to judge stands on one page; the two verbs stay in view at its foot.
"""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, fact, scroll, section, stacked
from mobile_app.parts.buttons import quiet, secondary
from mobile_app.parts.cards import customer_link
from mobile_app.parts.duplicates import both_records, grounds, names, verdict
from mobile_app.parts.frame import kept_in_view, pane
from mobile_app.parts.guard import part
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.duplicates import is_refused
from mobile_app.state.here import Here
from mobile_app.state.rows import DuplicateItem, Paired
from mobile_app.values import field_name


def duplicate_pane(here: Here, duplicate_id: str) -> ft.Control:
    """One pair, with what to decide at the foot."""
    desk = here.desk
    return pane(
        here.words("entity.duplicate"),
        [
            _page(here, desk, duplicate_id, desk.pulse),
            # By its key, so that a reason begun on one pair never stands on the next.
            _deciding(here, desk, duplicate_id, desk.pulse, key=duplicate_id),
        ],
        here=here,
        back=not here.look.wide,
        badged=False,
    )


@part
def _page(here: Here, desk: Desk, duplicate_id: str, _pulse: Pulse) -> ft.Control:
    words, item = here.words, desk.duplicates.pair(duplicate_id)
    if item is None:
        return empty(words("duplicate.gone"), words("duplicate.gone.hint"))
    controls = [section(names(words, item)), verdict(words, item)]
    controls += _records(here, item)
    for head, told in grounds(words, item):
        controls += [section(head), told]
    if item.is_open and item.one and item.other:
        controls += _what_a_merge_does(words, item.one, item.other)
    return scroll(controls)


def _records(here: Here, item: DuplicateItem) -> list[ft.Control]:
    words = here.words
    if item.one and item.other:
        sides = {"one": item.one, "other": item.other}
        links: list[ft.Control] = [
            quiet(words(f"duplicate.look.{side}"), here.places.customer, each.customer.id)
            for side, each in sides.items()
        ]
        return [
            section(words("duplicate.records")),
            both_records(here, item.one, item.other),
            _links(links),
        ]
    return [control for each in (item.one, item.other) if each for control in _only(here, each)]


def _only(here: Here, paired: Paired) -> list[ft.Control]:
    """The one of the two that this device holds."""
    words, customer = here.words, paired.customer
    lines = [
        fact(field_name(words, "customer", "name", customer.kind), customer.name),
        fact(words("duplicate.owner"), paired.owner_name or words("none")),
    ]
    return [
        section(words("duplicate.record")),
        card(stacked([*lines], theme.S)),
        _links(customer_link(here, customer.id, customer.name)),
    ]


def _links(links: list[ft.Control]) -> ft.Control:
    padding = ft.Padding.symmetric(horizontal=theme.S)
    return ft.Container(ft.Row(links, wrap=True, spacing=theme.S), padding=padding)


def _what_a_merge_does(words: Words, one: Paired, other: Paired) -> list[ft.Control]:
    owner = one.owner_name or words("someone")
    lines = [body(words("duplicate.will.go_on", owner=owner))]
    if one.customer.owner_id != other.customer.owner_id:
        former = other.owner_name or words("someone")
        lines.append(body(words("duplicate.will.owner", name=former)))
    lines.append(body(words("duplicate.will.back")))
    return [section(words("duplicate.will")), card(stacked([*lines], theme.S))]


@part
def _deciding(
    here: Here,
    desk: Desk,
    duplicate_id: str,
    _pulse: Pulse,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    asking, ask = ft.use_state("")
    words, item = here.words, desk.duplicates.pair(duplicate_id)
    steps = _steps(item)
    if item is None or not steps:
        return ft.Container()
    if asking not in steps:
        return kept_in_view(_buttons(words, steps, ask))
    verbs = {
        "merged": desk.duplicates.merge,
        "distinct": desk.duplicates.keep_apart,
        "split": desk.duplicates.split,
    }
    return kept_in_view(
        reason(
            words,
            f"duplicate.{asking}",
            words(f"duplicate.{asking}.do"),
            lambda said: verbs[asking](item, said),
            lambda: ask(""),
            duplicate_id,
        )
    )


def _steps(item: DuplicateItem | None) -> tuple[str, ...]:
    """What can be decided of a pair here and now."""
    if item is None:
        return ()
    if item.is_open:
        return ("merged", "distinct")
    can_split = item.duplicate.status == "merged" and not item.moved and not is_refused(item)
    return ("split",) if can_split else ()


def _buttons(words: Words, steps: tuple[str, ...], ask: Callable[[str], object]) -> ft.Control:
    return ft.Row(
        [secondary(words(f"duplicate.{step}.do"), ask, step) for step in steps],
        wrap=True,
        spacing=theme.S,
        run_spacing=theme.S,
    )
