"""Standing: a customer's state and why it is so, with every churn point. Never for the customer."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, section, stacked
from mobile_app.parts.marks import bar
from mobile_app.parts.text import body, caption, muted, number, strong
from mobile_app.state.standing import Standing
from mobile_app.words import TABLE
from shared.domain import CustomerState
from shared.domain.churn_risk import AT_RISK, Point

_COLOURS: Final[dict[str, ft.ColorValue]] = {
    "at_risk": theme.AMBER,
    "dormant": theme.AMBER,
    "lost": theme.SEAL,
    "growing": theme.GREEN,
    "won_back": theme.GREEN,
}
_FORMER: Final = 3
"""States of before that are told."""


def standing_card(words: Words, found: Standing) -> ft.Control:
    """The section of a customer's state."""
    state = found.state
    lines: list[ft.Control] = [
        strong(words.code("state", state.state), _COLOURS.get(state.state, theme.INK)),
    ]
    # The points of today say it already.
    if (state.cause, state.evidence) != ("churn_points", str(found.total)):
        lines.append(body(why(words, state)))
    if found.points:
        lines += [*_risk(words, found), *reasons(words, found.points)]
    formers = [
        words("state.former", state=words.code("state", each.state), day=words.day(each.since))
        for each in found.states[1 : _FORMER + 1]
    ]
    if formers:
        lines.append(muted(words("state.before", states=words.listed(formers))))
    lines.append(caption(words("worth.inside")))
    since = words("state.since", day=words.day(state.since))
    return stacked([section(words("states"), caption(since)), card(stacked(lines, theme.S))], 0)


def why(words: Words, state: CustomerState) -> str:
    """Say what moved a customer into a state, with its figure."""
    key, figure = f"state_cause.{state.cause}", state.evidence
    if key not in TABLE or not figure:
        return words(f"{key}.plain") if f"{key}.plain" in TABLE else words("none")
    if f"{key}.{state.before}" in TABLE:
        key = f"{key}.{state.before}"
    if state.cause in ("active_again", "returned"):
        figure = words.amount(int(figure))
    elif state.cause in ("account_opened", "all_closed"):
        figure = words.full_day(figure)
    return words(key, figure=figure, day=words.day(state.since))


def _risk(words: Words, found: Standing) -> list[ft.Control]:
    said = words("churn.points", points=found.total, line=AT_RISK)
    return [muted(said), bar(found.share, None)]


def reasons(words: Words, points: tuple[Point, ...]) -> list[ft.Control]:
    """Every reason with its figure and what it gives."""
    return [
        ft.Row(
            [
                ft.Container(body(reason(words, each)), expand=True),
                number(words("churn.given", points=each.points)),
            ],
            spacing=theme.S,
        )
        for each in points
    ]


def reason(words: Words, point: Point) -> str:
    """Say one reason: 三个月里资产少了 30 % 以上."""
    return words(f"churn.{point.reason}", n=point.figure)
