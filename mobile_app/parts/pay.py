"""Pay: the rows and cards that the screens of commission share."""

from collections.abc import Callable, Iterable
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, row
from mobile_app.parts.buttons import quiet
from mobile_app.parts.guard import act, part
from mobile_app.parts.marks import bar, sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body, caption, lead, muted, number
from mobile_app.state.here import Here
from mobile_app.state.performance import About, Basis, Month, Performance, SaleLine, entry_key
from mobile_app.state.rows import DisputeCard
from mobile_app.tracing import Traced
from shared.commission.entries import Entry
from shared.domain import Product

_OWED: Final = frozenset({"CLAWBACK", "clawed", "opening_carry", "closing_carry", "sale"})
_STATUS: Final = {
    "open": theme.AMBER,
    "upheld": theme.GREEN,
    "declined": theme.SEAL,
    "withdrawn": theme.MUTED,
}
PLACES: Final = {
    "confirmed": theme.GREEN,
    "estimated": theme.MUTED,
    "waiting": theme.MUTED,
    "held": theme.AMBER,
    "problem": theme.AMBER,
    "cancelled": theme.MUTED,
}


def product_name(words: Words, product: Product | None, code: str) -> str:
    """What people call a product; one that is not in the catalogue here by its code."""
    return product.name if product else words("pay.unknown_product", code=code)


def ink(figure: str, amount: int) -> ft.ColorValue:
    """The ink of a figure: seal red for money that is owed, not for what is only held back."""
    return theme.SEAL if amount < 0 and figure in _OWED else theme.INK


def sale_head(words: Words, line: SaleLine) -> str:
    """What a sale is called: its product and the customer's masked name."""
    name = product_name(words, line.product, line.share.product_code)
    return words.dotted(name, line.share.customer_label)


def sale_row(here: Here, line: SaleLine, chosen: str | None) -> ft.Control:
    """One sale and what it pays; a tap opens what that is made of."""
    words, slug = here.words, f"sale.{line.share.sale_id}"
    pays = (
        caption("—")
        if line.pays is None
        else number(words.exact(line.pays), ink("sale", line.pays))
    )
    measure = (
        words.pieces(str(line.share.qty or 0), line.product.unit if line.product else "")
        if line.share.amount is None
        else words.exact(line.share.amount)
    )
    why = words(f"reason.{line.why}") if line.why else ""
    return row(
        sale_head(words, line),
        words.dotted(words.moment(line.share.occurred_at), measure, why),
        [pays, caption(words(f"place.{line.place}"), PLACES[line.place], 1)],
        here.places.figure,
        slug,
        key=line.share.sale_id,
        chosen=slug == chosen,
    )


def entry_rows(
    here: Here, month: Month, entries: Iterable[Entry], basis: Basis, figure: str
) -> list[ft.Control]:
    """Entries, each of which opens its trace."""
    return [_entry_row(here, month, one, basis, figure) for one in entries]


def _entry_row(here: Here, month: Month, entry: Entry, basis: Basis, figure: str) -> ft.Control:
    words, key = here.words, entry_key(basis, entry)
    line, product = month.line_of(entry.sale), month.products.get(entry.rule)
    about = sale_head(words, line) if line else product.name if product else entry.rule
    return row(
        words(f"entry.{entry.type}"),
        words.dotted(about, words(f"place.{_BASES[basis]}")),
        [number(words.exact(entry.amount), ink(entry.type, entry.amount))],
        here.places.entry,
        figure,
        key,
        key=key,
    )


_BASES: Final = {"estimate": "estimated", "confirmed": "confirmed"}


def figure_line(
    here: Here, label: str, amount: int, slug: str, chosen: str | None = None
) -> ft.Control:
    """A figure of the reckoning on one line; a tap opens what it is made of."""
    exact = here.words.exact(amount)
    line = ft.Row(
        [
            ft.Container(muted(label, 2), expand=True),
            number(exact, ink(slug.rpartition(".")[2], amount)),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.EDGE, size=theme.ICON),
        ],
        spacing=theme.S,
    )
    box = ft.Container(
        line,
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.M),
        on_click=act(here.places.figure, slug),
        ink=True,
        bgcolor=theme.SUNK if slug == chosen else None,
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )
    return ft.Semantics(button=True, selected=slug == chosen, content=box)


def step_lines(told: Traced) -> list[ft.Control]:
    """How an entry came about, step by step."""
    return [
        ft.Row(
            [caption(f"{place}"), ft.Container(body(step), expand=True)],
            spacing=theme.S,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
        for place, step in enumerate(told.steps, 1)
    ]


def slice_bars(words: Words, told: Traced) -> list[ft.Control]:
    """What fell into each tier; nothing for an entry without any."""
    most = max((one.amount for one in told.slices), default=0) or 1
    return [drawn(one.label, one.amount / most, words.exact(one.amount)) for one in told.slices]


def drawn(label: str, share: float, amount: str) -> ft.Control:
    """A number that is compared: its name, a bar, and the number, which is never cut."""
    whole = number(amount)
    whole.max_lines = None
    return ft.Column(
        [
            ft.Row(
                [muted(label), whole],
                wrap=True,
                spacing=theme.S,
                run_spacing=0,
                alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
            ),
            bar(share, None),
        ],
        spacing=theme.XS,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@part
def objection(here: Here, mine: Performance, about: About, what: str) -> ft.Control:
    """Object to a figure, one tap away; or the objection that waits already."""
    asking, ask = ft.use_state(False)
    words, waiting = here.words, mine.open_dispute(about)
    if waiting is not None:
        return dispute_card(here, mine, waiting)
    if not asking:
        said = words("dispute.of", what=what)
        return ft.Container(
            ft.Row([quiet(words("dispute.do"), ask, True, said=said)]),
            padding=ft.Padding.symmetric(horizontal=theme.S),
        )

    def send(claim: str) -> None:
        mine.object(about, claim)
        ask(False)

    of = f"{about.figure}:{about.sale_id}:{about.rule}"
    form = reason(words, "dispute", words("dispute.send"), send, lambda: ask(False), of)
    due = caption(words("dispute.due", day=words.full_day(mine.due_on())))
    return card(ft.Column([form, due], spacing=theme.S, tight=True))


def dispute_card(here: Here, mine: Performance, found: DisputeCard) -> ft.Control:
    """One of the user's own disputes: what it says, what became of it, and the way back."""
    words, dispute = here.words, found.dispute
    head = words(
        "dispute.head",
        month=words.month(dispute.period),
        figure=figure_name(words, dispute.figure),
        amount=words.exact(dispute.amount),
    )
    is_open = dispute.status == "open"
    status = (
        words("dispute.waiting", day=words.full_day(dispute.due_on))
        if is_open
        else words(f"dispute_status.{dispute.status}")
    )
    lines: list[ft.Control] = [
        ft.Row(
            [ft.Container(lead(head), expand=True), sync_mark(words, found.state)],
            spacing=theme.S,
        ),
        body(dispute.claim),
        caption(status, _STATUS[dispute.status]),
    ]
    if dispute.answer:
        lines.append(body(words("dispute.answer", text=dispute.answer)))
    if is_open:
        back: Callable[..., object] = mine.withdraw
        lines.append(ft.Row([quiet(words("dispute.withdraw"), back, found, color=theme.MUTED)]))
    return ft.Container(
        card(ft.Column(lines, spacing=theme.S, tight=True)), key=f"dispute:{dispute.id}"
    )


def figure_name(words: Words, figure: str) -> str:
    """What a disputed figure is called: an entry's type, or a column of the statement."""
    key = f"entry.{figure}"
    return words(key) if figure.isupper() else words(f"pay.{figure}")
