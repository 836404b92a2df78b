"""Pay detail: what a figure is made of, and how an entry came about, in plain words."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, footnote, scroll, section
from mobile_app.parts.buttons import quiet
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.pay import (
    entry_rows,
    figure_line,
    ink,
    objection,
    sale_head,
    sale_row,
    slice_bars,
    step_lines,
)
from mobile_app.parts.text import body, caption, figure, muted, strong
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from mobile_app.state.performance import (
    BOOKED,
    FIGURES,
    About,
    Basis,
    Month,
    Performance,
    about_entry,
)
from mobile_app.tracing import Traced, traced
from shared.commission.entries import Entry


def figure_wanted(here: Here) -> ft.Control:
    """The detail side while nothing is chosen."""
    return empty(here.words("pay.choose"), here.words("pay.choose.hint"))


def figure_pane(here: Here, slug: str) -> ft.Control:
    """One figure and its entries."""
    desk = here.desk
    return pane(
        _title(here.words, slug),
        [_figure(here, desk.performance, desk.pulse, slug)],
        here=here,
        back=not here.look.wide,
        badged=False,
    )


def entry_pane(here: Here, key: str) -> ft.Control:
    """One entry and its trace."""
    desk = here.desk
    return pane(
        here.words("trace.steps"),
        [_entry(here, desk.performance, desk.pulse, key)],
        here=here,
        back=True,
        badged=False,
    )


def _title(words: Words, slug: str) -> str:
    basis, _, name = slug.partition(".")
    if basis == "sale":
        return words("pay.sale")
    if (basis, name) == ("estimate", "payable"):
        return words("pay.estimate")
    return words(f"pay.{_NAMES.get(name, 'payable')}")


_CARRIES: Final = ("opening_carry", "closing_carry")
_NAMES: Final = {"booked": "confirmed", "opening_carry": "opening_carry"} | {
    name: name for name in FIGURES
}


@part
def _figure(here: Here, mine: Performance, _pulse: Pulse, slug: str) -> ft.Control:
    words, month = here.words, mine.month()
    head, _, name = slug.partition(".")
    if head == "sale":
        return _sale(here, mine, month, name)
    basis: Basis = "estimate" if head == "estimate" else "confirmed"
    entries = _entries(month, basis, name)
    amount = _amount(month, basis, name)
    about = About(month.period, name, amount)
    top = card(
        ft.Column(
            [figure(words.exact(amount), ink(name, amount)), muted(words.month(month.period))],
            spacing=0,
            tight=True,
        )
    )
    controls: list[ft.Control] = [top]
    if name == "payable":
        controls += _columns(here, month, basis)
    controls.append(section(words("pay.made_of"), caption(words("n_items", n=len(entries)))))
    controls += entry_rows(here, month, entries, basis, slug)
    if not entries:
        controls.append(footnote(words("pay.made_of.none")))
    controls.append(objection(here, mine, about, _title(words, slug)))
    return scroll(controls)


def _columns(here: Here, month: Month, basis: Basis) -> list[ft.Control]:
    """The reckoning from what was earned to what is payable."""
    words, row = here.words, month.row(basis)
    found = {"opening_carry": int(row.opening_carry)}
    found |= {name: row.sums.get(kind, 0) for name, kind in FIGURES.items()}
    lines = [
        figure_line(here, words(f"pay.{name}"), amount, f"{basis}.{name}")
        for name, amount in found.items()
        if amount
    ]
    if row.closing_carry:
        said = words.exact(row.closing_carry)
        lines.append(
            ft.Container(
                body(words.dotted(words("pay.closing_carry"), said), theme.SEAL), padding=theme.L
            )
        )
    return [section(words("pay.reckoning")), *lines]


def _entries(month: Month, basis: Basis, name: str) -> list[Entry]:
    entries = month.entries[basis]
    if name == "booked":
        return [one for one in entries if one.type in BOOKED]
    kind = FIGURES.get(name)
    return [one for one in entries if kind in (None, one.type) and name not in _CARRIES]


def _amount(month: Month, basis: Basis, name: str) -> int:
    row = month.row(basis)
    if name in FIGURES:
        return row.sums.get(FIGURES[name], 0)
    if name == "booked":
        return month.booked()
    return int(getattr(row, name if name in _CARRIES else "payable"))


def _sale(here: Here, mine: Performance, month: Month, sale_id: str) -> ft.Control:
    """One sale: where it stands, what to do, and what it pays on either basis."""
    words, line = here.words, month.line_of(sale_id)
    if line is None:
        return empty(words("pay.gone"), words("pay.gone.hint"))
    slug, controls = f"sale.{sale_id}", [sale_row(here, line, None)]
    if line.why:
        controls.append(card(body(words(f"reason.{line.why}")), line.place in ("held", "problem")))
    for basis in ("confirmed", "estimate"):
        found = [one for one in month.entries[basis] if one.sale == sale_id]
        if found and not (basis == "estimate" and _same(month, sale_id)):
            controls += entry_rows(here, month, found, basis, slug)
    about = About(month.period, "sale", line.pays or 0, sale_id)
    controls.append(objection(here, mine, about, sale_head(words, line)))
    return scroll(controls)


def _same(month: Month, sale_id: str) -> bool:
    """Whether a sale pays the same on either basis."""
    confirmed, hoped = (
        [(one.type, one.amount) for one in month.entries[basis] if one.sale == sale_id]
        for basis in ("confirmed", "estimate")
    )
    return confirmed == hoped


@part
def _entry(here: Here, mine: Performance, _pulse: Pulse, key: str) -> ft.Control:
    words, month, entry = here.words, mine.month(), mine.entry(key)
    if entry is None:
        return empty(words("pay.gone"), words("pay.gone.hint"))
    given = entry.trace.as_json()["inputs"]
    line = month.line_of(entry.sale)
    product = month.products.get(entry.rule)
    told = traced(words, entry, product)
    what = words(f"entry.{entry.type}")
    of = sale_head(words, line) if line else product.name if product else ""
    about = words.dotted(what, of)
    top = ft.Column(
        [
            muted(about),
            figure(words.exact(entry.amount), ink(entry.type, entry.amount)),
            strong(told.formula, lines=6),
        ],
        spacing=theme.XS,
        tight=True,
    )
    controls: list[ft.Control] = [card(top), *_steps(words, told), *_slices(words, told)]
    controls += _rule(words, mine, entry, given.get("since"))
    if entry.type in ("ADJUST", "CLAWBACK") and entry.ref:
        controls.append(_origin(here, mine, entry.ref))
    controls.append(objection(here, mine, about_entry(entry), what))
    return scroll(controls)


def _origin(here: Here, mine: Performance, period: str) -> ft.Control:
    """The way to the month that an entry goes back to."""

    def look() -> None:
        mine.show(period)
        here.places.show("performance")

    return ft.Row([quiet(here.words("pay.to_month", month=here.words.month(period)), look)])


def _steps(words: Words, told: Traced) -> list[ft.Control]:
    lines = step_lines(told)
    return [section(words("trace.steps")), card(ft.Column(lines, spacing=theme.S, tight=True))]


def _slices(words: Words, told: Traced) -> list[ft.Control]:
    if not told.slices:
        return []
    bars = slice_bars(words, told)
    return [section(words("trace.tiers")), card(ft.Column(bars, spacing=theme.M, tight=True))]


def _rule(words: Words, mine: Performance, entry: Entry, since: str | None) -> list[ft.Control]:
    lines: list[ft.Control] = [
        body(words("trace.rule.version", rule=entry.rule, n=entry.version)),
    ]
    if since:
        lines.append(muted(words("trace.rule.since", day=words.full_day(since))))
    if why := mine.reason_of(entry.rule, entry.version):
        lines.append(muted(words("trace.rule.why", text=why)))
    return [section(words("trace.rule")), card(ft.Column(lines, spacing=theme.XS, tight=True))]
