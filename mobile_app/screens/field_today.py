"""Field today: what every manager did, and what is known to be missing, for the supervisor."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, footnote, row, scroll
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.marks import bar
from mobile_app.parts.text import caption, figure, muted, number
from mobile_app.state.desk import Desk, Field, Pulse, total
from mobile_app.state.here import Here
from mobile_app.state.responses import SPANS
from mobile_app.state.rows import FieldRow


def field_pane(here: Here) -> ft.Control:
    """Today's field."""
    desk = here.desk
    return pane(here.words("field.title"), [_field(here, desk, desk.pulse)], here=here)


@part
def _field(here: Here, desk: Desk, _pulse: Pulse) -> ft.Control:
    words, field = here.words, desk.field_today()
    if not field.rows:
        return empty(
            words("field.empty"),
            words("field.empty.hint"),
            words("sync.now"),
            desk.sync.sync_now,
        )
    # Where there is room the feed stands beside.
    ways = (
        [_business(here), _responses(here, desk), _devices(here, desk)]
        if here.look.wide
        else [
            _feed(here, desk, field),
            _business(here),
            _responses(here, desk),
            _devices(here, desk),
        ]
    )
    rows = [_row(words, field, one) for one in field.rows]
    return scroll([_sum(words, field), *ways, *rows, footnote(words("field.note"))])


def _feed(here: Here, desk: Desk, field: Field) -> ft.Control:
    """The way to the team's contacts, and how many nobody has said a word on."""
    words, waiting = here.words, desk.unreviewed()
    done = words("feed.all_reviewed") if field.contacts else words("feed.none_today")
    return _way(
        words("feed.title"),
        words("feed.waiting", n=waiting) if waiting else done,
        here.places.feed,
        ft.Icon(ft.Icons.RATE_REVIEW_OUTLINED, color=theme.MUTED, size=theme.ICON),
        "feed",
    )


def _business(here: Here) -> ft.Control:
    """The way to the figures of the team."""
    words = here.words
    icon = ft.Icon(ft.Icons.INSIGHTS_OUTLINED, color=theme.MUTED, size=theme.ICON)
    return _way(
        words("business.title"), words("business.way"), here.places.business, icon, "business"
    )


def _responses(here: Here, desk: Desk) -> ft.Control:
    """The way to how soon alerts are handled, and how many are late in the last month."""
    words = here.words
    late = sum(each.total.late for each in desk.responses(SPANS[0]))
    colour = theme.AMBER if late else theme.MUTED
    return _way(
        words("responses.title"),
        words("responses.some_late", n=late) if late else words("responses.none_late"),
        here.places.responses,
        ft.Icon(ft.Icons.NOTIFICATIONS_NONE, color=colour, size=theme.ICON),
        "responses",
    )


def _devices(here: Here, desk: Desk) -> ft.Control:
    """The way to the devices, and whether it is worth going."""
    words, found = here.words, desk.devices()
    needing = len(found.needing)
    said = words("devices.needs", n=needing) if needing else words("devices.all_well")
    return _way(
        words("devices.title"),
        said if found.items else words("devices.empty"),
        here.places.devices,
        ft.Icon(ft.Icons.DEVICES, color=theme.AMBER if needing else theme.MUTED, size=theme.ICON),
        "devices",
    )


def _way(
    head: str, why: str, verb: Callable[[], None], leading: ft.Control, key: str
) -> ft.Control:
    further = ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED, size=theme.ICON)
    return row(head, why, [further], verb, leading=leading, key=key)


def _sum(words: Words, field: Field) -> ft.Control:
    missing = words("field.pending", n=field.pending) if field.pending else words("field.complete")
    colour = theme.AMBER if field.pending else theme.GREEN
    return ft.Container(
        ft.Row(
            [
                figure(str(field.contacts)),
                ft.Column(
                    [muted(words("field.contacts")), caption(missing, colour)],
                    spacing=0,
                    tight=True,
                    expand=True,
                ),
                caption(words.long_day()),
            ],
            spacing=theme.M,
        ),
        padding=theme.L,
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


def _row(words: Words, field: Field, one: FieldRow) -> ft.Control:
    facts = words.dotted(
        words("field.visits", n=one.visits),
        words("field.calls", n=one.calls),
        words("field.others", n=one.others) if one.others else "",
        words("field.met", n=one.customers_met),
    )
    counted = number(str(total(one)))
    counted.semantics_label = words("field.counted", n=total(one))
    drawn = ft.Row(
        [
            bar(field.share(one)),
            ft.Container(counted, width=theme.FIGURE_WIDTH),
        ],
        spacing=theme.S,
        tight=True,
    )
    return row(one.name, facts, [drawn, _missing(words, one)], key=one.employee_id)


def _missing(words: Words, one: FieldRow) -> ft.Control:
    if one.pending_on_devices:
        return caption(words("field.on_device", n=one.pending_on_devices), theme.AMBER, 1)
    if one.last_at:
        return caption(words("field.last", when=words.moment(one.last_at)), lines=1)
    if one.device_seen_at:
        return caption(words("field.seen", when=words.age(one.device_seen_at)), lines=1)
    return caption(words("field.not_seen"), lines=1)
