"""Performance: what this month pays and why, to the fen, as soon as a sale is written down."""

from collections.abc import Awaitable, Callable
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, footnote, more, notice, row, scroll, section
from mobile_app.parts.buttons import icon_button, secondary
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import act, part
from mobile_app.parts.marks import ring, unread
from mobile_app.parts.pay import (
    dispute_card,
    drawn,
    figure_line,
    ink,
    objection,
    product_name,
    sale_row,
)
from mobile_app.parts.text import body, caption, figure, muted, number, strong
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.paging import PAGE
from mobile_app.state.performance import FIGURES, About, Aim, Basis, Month, Performance
from mobile_app.state.said import sentence
from mobile_app.statement_file import Sheet, as_csv, as_pdf, sheet_of

_ROOMY: Final = 1.3
"""Up to this text scale a ring stands beside an amount."""


def performance_pane(here: Here, chosen: str | None = None) -> ft.Control:
    """The user's month of commission."""
    desk = here.desk
    content = _performance(here, desk, desk.performance, desk.pulse, chosen)
    return pane(here.words("pay.title"), [content], here=here)


@part
def _performance(
    here: Here, desk: Desk, mine: Performance, _pulse: Pulse, chosen: str | None
) -> ft.Control:
    pages, turn = ft.use_state(1)
    words, month = here.words, mine.month()
    top = [_switch(words, mine, month)]
    if month.is_empty:
        when = words.month(month.period)
        hint = words("pay.empty.hint")
        none = empty(
            words("pay.empty", month=when), hint, words("pay.empty.do"), here.places.show,
            "customers",
        )  # fmt: skip
        return scroll([*top, none, *_disputes(here, mine), _business(here)])
    controls = [
        *top,
        _head(here, month),
        *_debt(words, month),
        *_aims(words, month),
        *_troubled(here, month, chosen),
        *_sales(here, month, chosen, pages, turn),
        *_reckoning(here, mine, month, chosen),
        *_by_year(words, month),
        *_agreement(words, desk, month),
        *_disputes(here, mine),
        *_files(here, mine, month),
        _business(here),
    ]
    return scroll(controls)


def _switch(words: Words, mine: Performance, month: Month) -> ft.Control:
    later = icon_button(ft.Icons.CHEVRON_RIGHT, words("pay.later"), mine.step, 1)
    later.visible = not mine.is_latest
    return ft.Container(
        ft.Row(
            [
                icon_button(ft.Icons.CHEVRON_LEFT, words("pay.earlier"), mine.step, -1),
                strong(words.month(month.period)),
                later,
                ft.Container(expand=True),
                muted(words(f"period.{month.status}"), 1),
            ],
            spacing=theme.XS,
        ),
        padding=ft.Padding.only(left=theme.XS, right=theme.L),
    )


def _head(here: Here, month: Month) -> ft.Control:
    """What the month pays, the biggest thing on the screen, with the ring of the main target."""
    words = here.words
    basis: Basis = "confirmed" if month.is_closed else "estimate"
    label = words("pay.payable" if month.is_closed else "pay.estimate")
    amount = month.row(basis).payable
    whole = figure(words.exact(amount))
    whole.max_lines = 2
    told: list[ft.Control] = [muted(label), whole, caption(_basis(words, month))]
    big = ft.Semantics(
        button=True,
        content=ft.Container(
            ft.Column(told, spacing=0, tight=True),
            on_click=act(here.places.figure, f"{basis}.payable"),
            ink=True,
        ),
        expand=True,
    )
    line: list[ft.Control] = [big]
    # Large text leaves no room beside the amount, nor within the ring; its bar stands below.
    if month.aims and here.look.scale <= _ROOMY:
        line.append(_ring(words, month.aims[0]))
    top = ft.Row(line, spacing=theme.L, vertical_alignment=ft.CrossAxisAlignment.START)
    return card(ft.Column([top, _tiles(here, month)], spacing=theme.L, tight=True))


def _basis(words: Words, month: Month) -> str:
    if month.is_closed:
        return words("pay.closed")
    if month.rule_since is None:
        return words("pay.estimate.no_rule")
    return words("pay.estimate.rule", day=words.full_day(month.rule_since))


def _ring(words: Words, aim: Aim) -> ft.Control:
    name = product_name(words, aim.product, aim.code)
    label = words("aim.ring", what=name, n=aim.percent)
    return ft.Column(
        [ring(aim.share, f"{aim.percent} %", label), unread(caption(name, lines=1))],
        spacing=theme.XS,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )


def _tiles(here: Here, month: Month) -> ft.Control:
    """Beside the estimate: what is confirmed, held back, taken back, and payable so far."""
    row = month.confirmed
    found = (
        ("pay.confirmed", month.booked(), "confirmed.booked"),
        ("pay.deferred", row.sums.get("DEFER", 0), "confirmed.deferred"),
        ("pay.clawed", row.sums.get("CLAWBACK", 0), "confirmed.clawed"),
        ("pay.payable", int(row.payable), "confirmed.payable"),
    )
    tiles = [_tile(here, here.words(key), amount, slug) for key, amount, slug in found]
    return ft.Row(tiles, wrap=True, spacing=theme.L, run_spacing=theme.S)


def _tile(here: Here, label: str, amount: int, slug: str) -> ft.Control:
    exact = here.words.exact(amount)
    return ft.Semantics(
        button=True,
        content=ft.Container(
            ft.Column(
                [caption(label), number(exact, ink(slug.rpartition(".")[2], amount))],
                spacing=0,
                tight=True,
            ),
            on_click=act(here.places.figure, slug),
            ink=True,
            padding=ft.Padding.symmetric(vertical=theme.XS),
        ),
    )


def _debt(words: Words, month: Month) -> list[ft.Control]:
    row = month.row("confirmed" if month.is_closed else "estimate")
    if row.closing_carry >= 0:
        return []
    said = body(words("pay.debt", amount=words.exact(-row.closing_carry)), theme.SEAL)
    return [ft.Container(said, padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S))]


def _aims(words: Words, month: Month) -> list[ft.Control]:
    """The targets as bars; the main one is the ring, and its numbers stand here, too."""
    if not month.aims:
        return []
    bars: list[ft.Control] = [
        drawn(product_name(words, aim.product, aim.code), aim.share, _reached(words, aim))
        for aim in month.aims
    ]
    return [section(words("aim.title")), card(ft.Column(bars, spacing=theme.M, tight=True))]


def _reached(words: Words, aim: Aim) -> str:
    unit = aim.product.unit if aim.product and aim.is_counted else ""
    done, target, hoped = (
        _measured(words, aim, n) for n in (aim.confirmed, aim.target, aim.estimated)
    )
    said = words("aim.reached", done=done, target=words.pieces(target, unit))
    return words.dotted(said, "" if hoped == done else words("aim.hoped", n=hoped))


def _measured(words: Words, aim: Aim, amount: object) -> str:
    number_of = float(amount)  # type: ignore[arg-type]
    if aim.is_counted:
        return f"{number_of:,.2f}".rstrip("0").rstrip(".")
    return words.amount(round(number_of * 100))


def _troubled(here: Here, month: Month, chosen: str | None) -> list[ft.Control]:
    """Sales that are held or cannot be computed: they come before those that go well."""
    if not month.troubled:
        return []
    words = here.words
    head = section(words("pay.troubled"), caption(words("n_items", n=len(month.troubled))))
    return [head, *(sale_row(here, one, chosen) for one in month.troubled)]


def _sales(
    here: Here, month: Month, chosen: str | None, pages: int, turn: object
) -> list[ft.Control]:
    words = here.words
    well = [one for one in month.sales if one not in month.troubled]
    rows: list[ft.Control] = [sale_row(here, one, chosen) for one in well[: pages * PAGE]]
    if len(well) > pages * PAGE:
        rows.append(more(words("more"), turn, pages + 1))  # type: ignore[arg-type]
    if not rows:
        rows.append(footnote(words("pay.nothing")))
    return [section(words("pay.sales"), caption(words("n_items", n=len(month.sales)))), *rows]


def _reckoning(here: Here, mine: Performance, month: Month, chosen: str | None) -> list[ft.Control]:
    """The confirmed statement from what was earned to what is payable, and the files of it."""
    words, row = here.words, month.confirmed
    lines = [
        figure_line(here, words(f"pay.{name}"), amount, f"confirmed.{name}", chosen)
        for name, amount in (
            ("opening_carry", int(row.opening_carry)),
            *((name, row.sums.get(kind, 0)) for name, kind in FIGURES.items()),
        )
        if amount
    ]
    lines.append(figure_line(here, words("pay.payable"), row.payable, "confirmed.payable", chosen))
    if row.closing_carry:
        key = "pay.receivable" if row.is_receivable else "pay.closing_carry"
        lines.append(figure_line(here, words(key), row.closing_carry, "confirmed.closing_carry"))
    about = About(month.period, "payable", row.payable)
    head = words.dotted(words("pay.reckoning"), words("pay.confirmed"))
    return [section(head), *lines, objection(here, mine, about, words("pay.payable"))]


def _by_year(words: Words, month: Month) -> list[ft.Control]:
    if not month.deferred:
        return []
    most = max(amount for _, amount in month.deferred)
    bars: list[ft.Control] = [
        drawn(words("pay.year", year=year), amount / most, words.exact(amount))
        for year, amount in month.deferred
    ]
    return [
        section(words("pay.by_year")),
        card(ft.Column(bars, spacing=theme.M, tight=True)),
        footnote(words("pay.by_year.hint")),
    ]


def _agreement(words: Words, desk: Desk, month: Month) -> list[ft.Control]:
    """Whether the branch has come to the same, and how old either side's facts are."""
    found = month.agreement
    there = found.statement.payable if found.statement else 0
    said = words(
        f"agree.{found.kind}", here=words.exact(found.payable_here), there=words.exact(there)
    )
    lines: list[ft.Control] = [notice(said) if found.kind == "differs" else body(said)]
    if month.uncounted:
        lines.append(body(words("agree.uncounted", n=month.uncounted)))
    if found.statement:
        when = words.age(found.statement.computed_at)
        lines.append(caption(words("agree.computed", when=when)))
    lines.append(caption(words("as_of", when=words.age(desk.overview().last_sync_at))))
    return [section(words("agree.title")), card(ft.Column(lines, spacing=theme.S, tight=True))]


def _disputes(here: Here, mine: Performance) -> list[ft.Control]:
    found = mine.disputes()
    if not found:
        return []
    return [
        section(here.words("dispute.title")),
        *(dispute_card(here, mine, one) for one in found),
    ]


@part
def _saved(words: Words, mine: Performance) -> ft.Control:
    """What came of the last file; read here alone."""
    if mine.message is None:
        return ft.Container(visible=False)
    return notice(sentence(words, mine.message))


def _business(here: Here) -> ft.Control:
    """The way to what the user's customers bring and cost, which pays nobody by itself."""
    words = here.words
    further = ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED, size=theme.ICON)
    way = here.places.business
    return row(words("business.own"), words("business.way"), [further], way, key="business")


def _files(here: Here, mine: Performance, month: Month) -> list[ft.Control]:
    """The statement to keep or to print."""
    words = here.words

    def keep(ending: str, write: Callable[[Sheet], bytes]) -> Awaitable[None]:
        sheet = sheet_of(words, here.desk.store.me, month)
        return mine.keep(f"{sheet.name}.{ending}", write(sheet))

    ways = [
        secondary(words("pay.csv"), keep, "csv", as_csv, icon=ft.Icons.TABLE_CHART_OUTLINED),
        secondary(words("pay.pdf"), keep, "pdf", as_pdf, icon=ft.Icons.PICTURE_AS_PDF_OUTLINED),
    ]
    lines: list[ft.Control] = [
        ft.Row(ways, wrap=True, spacing=theme.S, run_spacing=theme.S),
        _saved(words, mine),
    ]
    return [section(words("pay.files")), card(ft.Column(lines, spacing=theme.S, tight=True))]
