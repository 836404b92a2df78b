"""Statement file: one month of commission as a table or as pages, made on the device, offline."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mobile_app.i18n import Words, local_day
from mobile_app.pdf import HEIGHT, WIDTH, Page, cut, document
from mobile_app.state.performance import FIGURES, Month
from mobile_app.tracing import traced
from shared.commission.exact import grouped, yuan
from shared.commission.statement import Statement as Row
from shared.domain import Employee
from shared.money import Fen

_MARGIN: Final = 48
_LINE: Final = 18
_COLUMNS: Final = (_MARGIN, 112, 300)
"""Where kind, what, and how begin; the amount ends at the right margin."""
_RIGHT: Final = WIDTH - _MARGIN
_SIZE: Final = 9


@dataclass(frozen=True)
class Line:
    """One entry as a statement lists it."""

    kind: str
    product: str
    customer: str
    rule: str
    formula: str
    amount: int


@dataclass(frozen=True)
class Sheet:
    """A month's statement, ready to be written: who, when, its figures, its entries."""

    words: Words
    me: Employee
    month: Month
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """What the statement is called."""
        return self.words("sheet.title", month=self.words.month(self.month.period))

    @property
    def name(self) -> str:
        """What its file is called, without its ending."""
        return f"{self.words('sheet.file')}-{self.month.period}-{self.me.employee_no}"

    @property
    def figures(self) -> list[tuple[str, int]]:
        """The reckoning, from what was carried in to what is paid and carried on."""
        row, words = self.month.confirmed, self.words
        sums = [(words(f"pay.{name}"), row.sums.get(kind, 0)) for name, kind in FIGURES.items()]
        return [
            (words("pay.opening_carry"), int(row.opening_carry)),
            *sums,
            (words("pay.payable"), int(row.payable)),
            (words(_carried(row)), int(row.closing_carry)),
        ]

    @property
    def standing(self) -> str:
        """How final it is, and when it was made."""
        words = self.words
        day = words.full_day(local_day(words.now()))
        return words("sheet.standing", status=words(f"period.{self.month.status}"), day=day)


def _carried(row: Row) -> str:
    return "pay.receivable" if row.is_receivable else "pay.closing_carry"


def sheet_of(words: Words, me: Employee, month: Month) -> Sheet:
    """Gather what a statement says, from what the bank has confirmed."""
    lines = []
    for entry in month.entries["confirmed"]:
        line = month.line_of(entry.sale)
        product = month.products.get(entry.rule)
        lines.append(
            Line(
                words(f"entry.{entry.type}"),
                product.name if product else "",
                line.share.customer_label if line else "",
                words("trace.rule.version", rule=entry.rule, n=entry.version),
                traced(words, entry, product).formula,
                entry.amount,
            )
        )
    return Sheet(words, me, month, tuple(lines))


def as_csv(sheet: Sheet) -> bytes:
    """Write a statement as CSV in UTF-8; it begins with a byte order mark, by which Excel knows."""
    out, words = io.StringIO(newline=""), sheet.words
    rows = csv.writer(out)
    rows.writerow([sheet.title, sheet.me.name, sheet.me.employee_no, sheet.standing])
    rows.writerow([])
    heads = ("kind", "product", "customer", "rule", "formula", "amount")
    rows.writerow([words(f"sheet.{head}") for head in heads])
    for one in sheet.lines:
        texts = (one.kind, one.product, one.customer, one.rule, one.formula)
        rows.writerow([*map(_plain, texts), yuan(Fen(one.amount))])
    rows.writerow([])
    for label, amount in sheet.figures:
        rows.writerow([label, "", "", "", "", yuan(Fen(amount))])
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def as_pdf(sheet: Sheet) -> bytes:
    """Write a statement as PDF: the figures first, then every entry with its formula."""
    page, y = _first_page(sheet)
    pages = [page]
    for one in sheet.lines:
        if y > HEIGHT - 2 * _MARGIN:
            page, y = Page(), float(_MARGIN + _LINE)
            pages.append(page)
            y = _heads(sheet, page, y)
        _entry(page, y, one)
        y += _LINE
    for number, each in enumerate(pages, 1):
        foot = sheet.words("sheet.page", n=number, of=len(pages))
        each.text_to(_RIGHT, HEIGHT - _MARGIN / 2, foot, 8, 0.4)
    return document(pages, sheet.title)


def _first_page(sheet: Sheet) -> tuple[Page, float]:
    page, y = Page(), float(_MARGIN + 12)
    page.text(_MARGIN, y, sheet.title, 18)
    y += 22
    page.text(_MARGIN, y, f"{sheet.me.name}  {sheet.me.employee_no}", 10)
    page.text_to(_RIGHT, y, sheet.standing, _SIZE, 0.35)
    y += 12
    page.rule(_MARGIN, _RIGHT, y)
    for label, amount in sheet.figures:
        y += _LINE
        page.text(_MARGIN, y, label, 10)
        page.text_to(_RIGHT, y, grouped(Fen(amount)), 10)
    y += 10
    page.rule(_MARGIN, _RIGHT, y)
    return page, _heads(sheet, page, y + _LINE + 4)


def _heads(sheet: Sheet, page: Page, y: float) -> float:
    heads: Sequence[str] = ("kind", "product", "formula")
    for x, head in zip(_COLUMNS, heads, strict=True):
        page.text(x, y, sheet.words(f"sheet.{head}"), _SIZE, 0.35)
    page.text_to(_RIGHT, y, sheet.words("sheet.amount"), _SIZE, 0.35)
    page.rule(_MARGIN, _RIGHT, y + 6)
    return y + _LINE + 4


def _entry(page: Page, y: float, one: Line) -> None:
    kind, what, how = _COLUMNS
    about = " ".join(filter(None, (one.product, one.customer))) or one.rule
    page.text(kind, y, cut(one.kind, _SIZE, what - kind - 6), _SIZE)
    page.text(what, y, cut(about, _SIZE, how - what - 6), _SIZE)
    page.text(how, y, cut(one.formula, _SIZE, _RIGHT - how - 62), _SIZE, 0.35)
    page.text_to(_RIGHT, y, grouped(Fen(one.amount)), _SIZE)
