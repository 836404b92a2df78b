"""Quintiles: five equal parts of the customers, what each brings and costs, and the two lines."""

from fractions import Fraction
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, footnote, notice, scroll, stacked
from mobile_app.parts.buttons import secondary
from mobile_app.parts.guard import part
from mobile_app.parts.marks import marked_bar
from mobile_app.parts.pay import drawn
from mobile_app.parts.text import body, caption, lead, muted
from mobile_app.state.business import Business, Kinds
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from mobile_app.state.said import sentence
from shared.commission.exact import yuan
from shared.domain.quintiles import BOTTOM, FIFTHS, TOP, Fifth
from shared.money import Fen

COLUMNS: Final = (
    "customers", "contribution", "mean", "revenue", "revenue_share", "serving", "loss", "cost",
    "cost_share", "ratio",
)  # fmt: skip
"""The columns of the table that is saved, after the name of the fifth."""


@part
def quintiles_page(here: Here, found: Business, _pulse: Pulse) -> ft.Control:
    """The five fifths, the best first."""
    words, kinds = here.words, found.quintiles()
    if not kinds.fifths:
        few = words("quintile.few", n=kinds.n, least=FIFTHS)
        return empty(words("quintile.none"), few)
    head = words("quintile.head", n=kinds.n, when=words.age(kinds.computed_at))
    message = found.messages.get("quintiles")
    told = [notice(sentence(words, message))] if message else []
    return scroll(
        [
            ft.Container(muted(head), padding=theme.L),
            *(_fifth(words, kinds, each) for each in kinds.fifths),
            ft.Container(
                stacked([ft.Row([_export(words, found, kinds)]), *told], theme.S),
                padding=theme.L,
            ),
            footnote(words("quintile.note")),
        ]
    )


def _fifth(words: Words, kinds: Kinds, one: Fifth) -> ft.Control:
    """One fifth: the sums, its part of revenue and cost, and how it stands to its line."""
    scale = max(
        (
            share
            for each in kinds.fifths
            for share in (each.revenue_share, each.cost_share)
            if share
        ),
        default=Fraction(1),
    )
    lines: list[ft.Control] = [
        lead(words.dotted(name_of(words, one), words("n_people", n=one.n))),
        body(
            words(
                "quintile.sums",
                contribution=words.exact(one.contribution),
                mean=words.exact(one.mean),
            )
        ),
        _share(words, "quintile.revenue", one.revenue, one.revenue_share, scale),
        _share(words, "quintile.cost", one.cost, one.cost_share, scale),
        caption(
            words("quintile.parts", serving=words.exact(one.serving), loss=words.exact(one.loss))
        ),
        *_against_line(words, one),
    ]
    return ft.Container(card(stacked(lines, theme.S)), key=str(one.place))


def name_of(words: Words, one: Fifth) -> str:
    """What a fifth is called."""
    return words(f"quintile.{one.place}")


def _share(
    words: Words, key: str, amount: int, share: Fraction | None, scale: Fraction
) -> ft.Control:
    said = words.dotted(words.exact(amount), words.percent(share))
    return drawn(words(key), float(max(Fraction(0), (share or Fraction(0)) / scale)), said)


def _against_line(words: Words, one: Fifth) -> list[ft.Control]:
    """The ratio of the first and of the last fifth against the lines of the field."""
    said = (
        words("quintile.no_cost")
        if one.ratio is None
        else words("quintile.ratio", ratio=words.decimal(one.ratio))
    )
    if one.reading is None or one.ratio is None:
        return [body(said)]
    is_top = one.place == 1
    reading = words(f"quintile.{'top' if is_top else 'bottom'}.{one.reading}")
    is_well = one.reading == "above" if is_top else one.reading != "below"
    colour = theme.GREEN if is_well else theme.AMBER
    whole = 2 * TOP if is_top else Fraction(1)
    marks = [float(each / whole) for each in ((TOP,) if is_top else BOTTOM)]
    share = float(min(Fraction(1), max(Fraction(0), one.ratio / whole)))
    return [body(said), marked_bar(share, marks, colour), body(reading, colour)]


def _export(words: Words, found: Business, kinds: Kinds) -> ft.Control:
    head = (words("quintile"), *(words(f"quintile.column.{name}") for name in COLUMNS))
    rows = [(name_of(words, each), *cells(each)) for each in kinds.fifths]
    return secondary(
        words("business.export"), found.export, "quintiles", head, rows,
        icon=ft.Icons.TABLE_CHART_OUTLINED,
    )  # fmt: skip


def cells(one: Fifth) -> tuple[str, ...]:
    """Write a fifth as the columns of the table: numbers, amounts in yuan, shares in percent."""
    amounts = {
        name: yuan(Fen(getattr(one, name)))
        for name in ("contribution", "mean", "revenue", "serving", "loss", "cost")
    }
    shares = {
        "revenue_share": _percent(one.revenue_share),
        "cost_share": _percent(one.cost_share),
        "ratio": "" if one.ratio is None else f"{float(one.ratio):.2f}",
    }
    known = {"customers": str(one.n), **amounts, **shares}
    return tuple(known[name] for name in COLUMNS)


def _percent(share: Fraction | None) -> str:
    return "" if share is None else f"{float(share * 100):.1f}"
