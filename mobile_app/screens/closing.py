"""Closing: a month of the team, what to look at first, its statements, and the two who close it."""

from collections.abc import Callable
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, fact, footnote, notice, row, scroll, section
from mobile_app.parts.buttons import primary, quiet, secondary
from mobile_app.parts.guard import part
from mobile_app.parts.marks import bar
from mobile_app.parts.plan_marks import entry_line
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body, caption, figure, muted, number, strong, title
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from mobile_app.state.plans import Plans
from mobile_app.state.rows import MonthSheet, TeamRow
from mobile_app.state.said import sentence
from mobile_app.team_csv import COLUMNS

_SHOWN: Final = COLUMNS[1:]
"""The columns of the table; what a month opened with is on a person's own page."""


@part
def month_page(here: Here, _pulse: Pulse, plans: Plans, period: str) -> ft.Control:
    """One month of the team."""
    returning, give_back = ft.use_state(False)
    words, sheet = here.words, plans.month(period)
    if sheet is None:
        return empty(words("plans.gone"), words("plans.gone.hint"))
    listed = _table(here, sheet) if here.look.roomy else _rows(here, sheet)
    return scroll(
        [
            _head(words, sheet),
            *([_padded(notice(sentence(words, plans.message)))] if plans.message else []),
            *_progress(words, sheet),
            *_look_at(words, plans, sheet),
            _padded(_verbs(here, plans, sheet, returning, give_back)),
            section(words("close.statements"), _export(here, plans, sheet)),
            *listed,
            footnote(words("close.note.closed" if _is_over(sheet) else "close.note")),
        ]
    )


def _padded(content: ft.Control) -> ft.Control:
    return ft.Container(content, padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S))


def _head(words: Words, sheet: MonthSheet) -> ft.Control:
    month = sheet.period
    payable = sum(each.statement.payable for each in sheet.rows)
    status = words(f"period_status.{month.status}")
    return ft.Container(
        ft.Column(
            [
                title(words.dotted(words.month(month.period), status)),
                figure(words.exact(payable)),
                muted(words("close.payable", n=len(sheet.rows))),
            ],
            spacing=theme.XS,
            tight=True,
        ),
        padding=theme.L,
    )


def _progress(words: Words, sheet: MonthSheet) -> list[ft.Control]:
    """While the server posts the month nothing can be done but wait."""
    if sheet.period.status != "closing":
        return []
    busy = ft.ProgressBar(bar_height=theme.BAR, semantics_label=words("close.closing"))
    return [_padded(ft.Column([body(words("close.closing")), busy], spacing=theme.S, tight=True))]


def _is_over(sheet: MonthSheet) -> bool:
    return sheet.period.status in ("closing", "closed")


def _look_at(words: Words, plans: Plans, sheet: MonthSheet) -> list[ft.Control]:
    """What to see to before the close; afterwards there is nothing left to do about it here."""
    if _is_over(sheet):
        return []
    counts = plans.to_look_at(sheet)
    lines = [_count(words, name, count) for name, count in counts.items()]
    shown = card(ft.Column(lines, spacing=theme.S, tight=True), warn=any(counts.values()))
    return [section(words("close.first")), shown]


def _count(words: Words, name: str, count: int) -> ft.Control:
    """How many of one thing there are, and what that means for the close."""
    told: list[ft.Control] = [body(words(f"close.{name}"))]
    if count:
        told.append(caption(words(f"close.{name}.means")))
    return ft.Row(
        [
            ft.Icon(
                ft.Icons.PRIORITY_HIGH if count else ft.Icons.CHECK,
                color=theme.AMBER if count else theme.GREEN,
                size=theme.ICON_SMALL,
            ),
            ft.Column(told, spacing=0, tight=True, expand=True),
            number(str(count), theme.AMBER if count else theme.INK),
        ],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _verbs(
    here: Here,
    plans: Plans,
    sheet: MonthSheet,
    returning: bool,
    give_back: Callable[[bool], object],
) -> ft.Control:
    words, status = here.words, sheet.period.status
    if returning:
        return reason(
            words, "close.back", words("close.back"),
            lambda said: plans.send_back(sheet, said), lambda: give_back(False), sheet.period.id,
        )  # fmt: skip
    if status == "open":
        note = [muted(words("close.was_back", text=sheet.period.note))] if sheet.period.note else []
        return ft.Column(
            [*note, ft.Row([primary(words("close.review"), plans.review, sheet)])],
            spacing=theme.S,
            tight=True,
        )
    if status == "review":
        maker = words("close.maker", name=sheet.maker_name or words("someone"))
        why = words("close.four_eyes") if sheet.is_own else words("close.final")
        return ft.Column(
            [
                muted(maker),
                muted(why),
                ft.Row(
                    [
                        primary(words("close.do"), plans.close, sheet),
                        quiet(words("close.back"), give_back, True, color=theme.SEAL),
                    ],
                    wrap=True,
                    spacing=theme.S,
                ),
            ],
            spacing=theme.S,
            tight=True,
        )
    by = words(
        "close.by",
        maker=sheet.maker_name or words("someone"),
        checker=sheet.checker_name or words("someone"),
    )
    when = words.moment(sheet.period.closed_at) if status == "closed" else ""
    return muted(words.dotted(by, when))


def _export(here: Here, plans: Plans, sheet: MonthSheet) -> ft.Control:
    words = here.words
    head = (words("close.name"), *(words(f"column.statement.{name}") for name in COLUMNS))
    return secondary(words("close.export"), plans.export, sheet, head)


def _share(sheet: MonthSheet, one: TeamRow) -> float:
    largest = max((each.statement.payable for each in sheet.rows), default=0)
    return one.statement.payable / largest if largest else 0.0


def _rows(here: Here, sheet: MonthSheet) -> list[ft.Control]:
    """Where a table does not fit: who and how much, the columns on each one's own page."""
    words = here.words
    return [
        row(
            each.name,
            words("close.row", earned=words.exact(each.statement.earned), n=each.statement.sales),
            [
                number(words.exact(each.statement.payable)),
                bar(_share(sheet, each)),
            ],
            here.places.within,
            "person",
            each.statement.employee_id,
            sheet.period.period,
            key=each.statement.id,
        )
        for each in sheet.rows
    ]  # fmt: skip


def _table(here: Here, sheet: MonthSheet) -> list[ft.Control]:
    words = here.words
    columns = [ft.DataColumn(label=strong(words("close.name"))), *(
        ft.DataColumn(label=strong(words(f"column.statement.{name}")), numeric=True)
        for name in _SHOWN
    ), ft.DataColumn(label=caption(words("close.drawn")))]  # fmt: skip
    sums = [number(words.exact(_sum(sheet, name))) for name in _SHOWN]
    total = ft.DataRow(
        cells=[
            ft.DataCell(strong(words("close.sum"))),
            *map(ft.DataCell, sums),
            ft.DataCell(body("")),
        ]
    )
    table = ft.DataTable(
        columns=columns,
        rows=[*(_line(here, sheet, each) for each in sheet.rows), total],
        column_spacing=theme.M,
        horizontal_margin=theme.L,
    )
    return [ft.Row([table], scroll=ft.ScrollMode.AUTO)]


def _line(here: Here, sheet: MonthSheet, each: TeamRow) -> ft.DataRow:
    words = here.words
    name = quiet(
        each.name, here.places.within, "person", each.statement.employee_id,
        sheet.period.period,
    )  # fmt: skip
    drawn = bar(_share(sheet, each))
    amounts = [_amount(words, getattr(each.statement, column)) for column in _SHOWN]
    return ft.DataRow(cells=[ft.DataCell(name), *map(ft.DataCell, amounts), ft.DataCell(drawn)])


def _amount(words: Words, fen: int) -> ft.Control:
    return number(words.exact(fen) if fen else words("none"))


def _sum(sheet: MonthSheet, column: str) -> int:
    return sum(getattr(each.statement, column) for each in sheet.rows)


@part
def person_page(here: Here, _pulse: Pulse, plans: Plans, of: str) -> ft.Control:
    """One employee's statement with its entries."""
    employee, _, period = of.rpartition(".")
    words, sheet = here.words, plans.person(employee, period)
    if sheet is None:
        return empty(words("plans.gone"), words("plans.gone.hint"))
    statement = sheet.row.statement
    lines = [
        ft.Row(
            [
                ft.Container(muted(words(f"column.statement.{name}")), expand=True),
                number(words.exact(getattr(statement, name))),
            ]
        )
        for name in COLUMNS
    ]
    entries = [entry_line(words, sheet, each, key=str(n)) for n, each in enumerate(sheet.entries)]
    return scroll(
        [
            ft.Container(
                ft.Column(
                    [
                        title(words.dotted(sheet.row.name, words.month(period))),
                        figure(words.exact(statement.payable)),
                        muted(words("column.statement.payable")),
                    ],
                    spacing=theme.XS,
                    tight=True,
                ),
                padding=theme.L,
            ),
            card(ft.Column([*lines], spacing=theme.XS, tight=True)),
            *([notice(words("close.receivable"))] if statement.receivable else []),
            section(words("close.entries")),
            *(entries or [footnote(words("close.no_entries"))]),
            _padded(fact(words("close.sales"), str(statement.sales))),
        ]
    )
