"""What a customer is worth, on their page: the sum, the tier and why, and how it comes about."""

from fractions import Fraction
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, section
from mobile_app.parts.buttons import quiet
from mobile_app.parts.guard import part
from mobile_app.parts.pay import drawn
from mobile_app.parts.text import body, caption, figure, muted
from mobile_app.state.worth import Line, Worth
from shared.commission.exact import percent

_OF: Final = {"minutes": "channel", "contacts": "channel", "fee": "fee"}
"""The codes of what a line is of, where it is not a kind of account."""


@part
def worth_card(words: Words, found: Worth) -> ft.Control:
    """The section of a customer's value; a tap shows every line of it."""
    opened, set_opened = ft.use_state(False)
    value = found.value
    controls: list[ft.Control] = [
        muted(words("worth.contribution")),
        figure(words.exact(value.contribution)),
        body(_sums(words, found)),
        *_unrated(words, found),
        *_standing(words, found),
        caption(_reasons(words, found)),
    ]
    if opened:
        controls += [_drawn(words, found, line) for line in found.lines]
    key = "worth.hide" if opened else "worth.show"
    if found.lines:
        controls.append(ft.Row([quiet(words(key), set_opened, not opened)]))
    worked_out = words("worth.at", when=words.age(value.computed_at))
    until = value.fees_until
    fees = words("worth.fees_until", day=words.day(until)) if until else ""
    controls.append(caption(words.dotted(worked_out, fees, words("worth.inside"))))
    tier = words.dotted(words.code("tier", value.tier), words("worth.score", points=value.score))
    return ft.Column(
        [
            section(words("worth"), caption(tier)),
            card(ft.Column(controls, spacing=theme.S, tight=True)),
        ],
        spacing=0,
        tight=True,
    )


def _sums(words: Words, found: Worth) -> str:
    value = found.value
    losses = f"{words('worth.loss')} {words.exact(value.loss)}" if value.loss else ""
    ratio = words("worth.ratio", ratio=value.ratio) if value.ratio else ""
    return words.dotted(
        f"{words('worth.revenue')} {words.exact(value.revenue)}",
        f"{words('worth.cost')} {words.exact(value.cost)}",
        losses,
        ratio,
    )


def _unrated(words: Words, found: Worth) -> list[ft.Control]:
    count = found.unrated
    return [caption(words("worth.unrated", n=count))] if count else []


def _standing(words: Words, found: Worth) -> list[ft.Control]:
    below = found.value.below
    if found.is_watched:
        return [body(words("worth.watched", n=below, left=found.months_left), theme.AMBER)]
    return [body(words("worth.below", n=below), theme.AMBER)] if below else []


def _reasons(words: Words, found: Worth) -> str:
    given = [
        f"{words.code('reason', name)} {words('worth.score', points=points)}"
        for name, points in found.reasons
    ]
    return words.dotted(words("worth.why"), words.listed(given)) if given else ""


def _drawn(words: Words, found: Worth, line: Line) -> ft.Control:
    if line.part == "unrated":
        # Nought would be a figure, and there is none.
        return body(line_text(words, line))
    return drawn(line_text(words, line), abs(line.amount) / found.largest, words.exact(line.amount))


def line_text(words: Words, line: Line) -> str:
    """Say how a line comes about: 定期利差：¥820,000.00 x 0.55 %."""
    by_money = line.part in ("spread", "loss", "fee", "unrated")
    return words(
        f"line.{line.part}",
        of=words.code(_OF.get(line.part, "account_kind"), line.of),
        base=words.exact(line.base) if by_money else line.base,
        rate=percent(Fraction(line.rate)) if by_money else words.exact(int(line.rate)),
    )
