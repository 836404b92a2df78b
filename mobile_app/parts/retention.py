"""Retention: who stayed in a month or quarter, by state and tier, and what spoke for the others."""

from collections.abc import Sequence
from typing import cast, get_args

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, footnote, scroll, section, stacked
from mobile_app.parts.buttons import segments
from mobile_app.parts.guard import part
from mobile_app.parts.pay import drawn
from mobile_app.parts.pillars import people
from mobile_app.parts.text import body, caption, figure, muted, number
from mobile_app.state.business import Business, Stay
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from shared.domain.retention import Kept, Retention, Time


@part
def retention_page(here: Here, found: Business, _pulse: Pulse) -> ft.Control:
    """The share of customers with assets who stayed, and who did not."""
    time, choose = ft.use_state("this_month")
    left_pages, turn_left = ft.use_state(1)
    back_pages, turn_back = ft.use_state(1)
    words, stay = here.words, found.stay(cast(Time, time))
    times = [(each, words(f"business.{each}")) for each in get_args(Time)]
    choice = ft.Container(segments(times, time, choose), padding=theme.L)
    kept = stay.found
    if kept is None:
        none = empty(words("retention.none"), words("retention.none.hint"))
        return scroll([choice, none])
    left, back = found.named(kept.left), found.named(kept.won_back)
    return scroll(
        [
            choice,
            _head(words, kept),
            section(words("retention.by_state")),
            _parts(words, "state", kept.by_state),
            section(words("retention.by_tier")),
            _parts(words, "tier", kept.by_tier),
            section(words("retention.left"), caption(words("n_people", n=len(left)))),
            *_reasons(words, stay, kept),
            *people(here, found, left, (left_pages, turn_left)),
            section(words("retention.won_back"), caption(words("n_people", n=len(back)))),
            *people(here, found, back, (back_pages, turn_back)),
            footnote(words("retention.note")),
        ]
    )


def _head(words: Words, kept: Retention) -> ft.Control:
    total = kept.total
    days = words(
        "retention.days", since=words.full_day(kept.since), until=words.full_day(kept.until)
    )
    return card(
        stacked(
            [
                muted(words("retention.share")),
                figure(words.percent(total.share)),
                body(words("retention.of", n=total.stayed, of=total.begun)),
                caption(days),
            ],
            theme.XS,
        )
    )


def _parts(words: Words, family: str, parts: Sequence[Kept]) -> ft.Control:
    if not parts:
        return footnote(words("retention.nobody"))
    bars: list[ft.Control] = [
        drawn(
            words.code(family, each.of),
            float(each.share or 0),
            words.dotted(
                words.percent(each.share),
                words("retention.part", n=each.stayed, of=each.begun),
            ),
        )
        for each in parts
    ]
    return card(stacked(bars, theme.M))


def _reasons(words: Words, stay: Stay, kept: Retention) -> list[ft.Control]:
    """What was held against those who left, when they were last assessed."""
    if not kept.left:
        return []
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Container(body(words(f"churn_reason.{reason}")), expand=True),
                number(words("n_people", n=count)),
            ],
            spacing=theme.S,
        )
        for reason, count in stay.reasons
    ]
    said = words("retention.reasons" if lines else "retention.no_reasons", n=len(kept.left))
    return [card(stacked([muted(said), *lines], theme.S))]
