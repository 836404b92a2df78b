"""Sale: product, amount, how far it goes; what it pays stands under the amount at once."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, field, notice, scroll, section
from mobile_app.parts.buttons import chip, chips, primary, quiet
from mobile_app.parts.days import day_chips
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.referrals import alert_name, referral_name
from mobile_app.parts.sales import price_box
from mobile_app.parts.text import body, caption, muted
from mobile_app.state.agreed import Agreed, id_of
from mobile_app.state.here import Here
from mobile_app.state.pricing import percent_text
from mobile_app.state.rows import Employee, ProductItem, ReferralItem
from mobile_app.state.said import sentence
from mobile_app.state.sale_form import SaleForm

_SHOWN: Final = 12
"""Products that stand as chips; the others are found by name."""


def sale_pane(here: Here, customer_id: str) -> ft.Control:
    """The form of a sale to a customer."""
    form = here.desk.selling.form(customer_id)
    words = here.words
    return pane(
        words("sale.title", name=form.customer_name or words("customer.gone")),
        [_form(here, form)],
        here=here,
        back=True,
        badged=False,
        actions=[quiet(words("sale.drop"), _drop, here, form, color=theme.MUTED)],
        foot=_submit(here, form),
    )


def _drop(here: Here, form: SaleForm) -> None:
    form.drop()
    here.places.up()


@part
def _form(here: Here, form: SaleForm) -> ft.Control:
    words, products = here.words, form.products
    if not products:
        return empty(words("sale.none"), words("sale.none.hint"))
    controls: list[ft.Control] = []
    if form.restored:
        controls.append(_inset(caption(words("visit.restored"), theme.ACCENT)))
    controls += _sources(here, form)
    controls.append(_titled(words("sale.product"), _products(here, form, products)))
    if form.item is not None:
        controls += [*_care(here, form), *_measure(here, form, form.item)]
        controls += [*_stage(here, form), _titled(words("sale.shares"), _shares(here, form))]
    return scroll(controls)


def _inset(content: ft.Control) -> ft.Control:
    return ft.Container(content, padding=ft.Padding.only(left=theme.L, right=theme.L, top=theme.S))


def _titled(word: str, content: ft.Control) -> ft.Control:
    return ft.Column(
        [
            section(word),
            ft.Container(content, padding=ft.Padding.symmetric(horizontal=theme.L)),
        ],
        spacing=0,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@part
def _products(here: Here, form: SaleForm, products: list[ProductItem]) -> ft.Control:
    """The products as chips, the user's most sold first; one that is too risky says so."""
    text, look_for = ft.use_state("")
    wanted = text.strip().upper()
    found = [
        item
        for item in products
        if wanted in item.product.name.upper() or wanted in item.product.code
    ]
    shown = found[:_SHOWN]
    chosen = [item for item in found[_SHOWN:] if item.product.id == form.product_id]
    lines = [chips(_product(here, form, item) for item in [*shown, *chosen])]
    if len(products) > _SHOWN:
        find = field(here.words("sale.find"), text, verb=look_for, key="product")
        lines.append(find)
    return _column(lines)


def _product(here: Here, form: SaleForm, item: ProductItem) -> ft.Control:
    product, words = item.product, here.words
    refusal = form.objection_to(product.id)
    too_risky = refusal is not None and refusal.code == "risk_too_high"
    word = words.dotted(
        product.name,
        product.risk_grade or "",
        words("sale.too_risky") if too_risky else "",
    )
    return chip(
        word,
        product.id == form.product_id,
        form.choose_product,
        product.id,
        key=f"product:{product.code}",
    )


def _sources(here: Here, form: SaleForm) -> list[ft.Control]:
    """What it may follow from, where there is anything: referrals, what the customer was awarded
    as, and handled alerts."""
    words = here.words
    named = [
        chip(
            _source_name(words, each),
            form.follows(each),
            form.choose_agreed,
            each,
            key=f"source:{id_of(each)}",
        )
        for each in form.sources
    ]
    named += [
        chip(
            alert_name(words, each.alert),
            form.alert_id == each.alert.id,
            form.choose,
            "alert_id",
            each.alert.id,
            key=f"alert:{each.alert.id}",
        )
        for each in form.alerts
    ]
    return [_titled(words("source"), chips(named))] if named else []


def _source_name(words: Words, item: Agreed) -> str:
    if isinstance(item, ReferralItem):
        return referral_name(words, item)
    return words("source.award", name=item.prospect.name)


def _care(here: Here, form: SaleForm) -> list[ft.Control]:
    """What protects the customer, asked before the sale is saved."""
    if not form.objection:
        return []
    words = here.words
    lines: list[ft.Control] = [notice(sentence(words, form.objection))]
    if form.precautions:
        lines.append(
            chips(
                chip(
                    words.code("precaution", code),
                    form.precaution == code,
                    form.choose,
                    "precaution",
                    code,
                    key=f"precaution:{code}",
                )
                for code in form.precautions
            )
        )
    if form.precaution == "reassessment":
        lines.append(chips([chip(words("sale.assess"), form.assesses, form.assess, key="assess")]))
    return [_titled(words("sale.care"), _column(lines))]


def _measure(here: Here, form: SaleForm, item: ProductItem) -> list[ft.Control]:
    """How much of it, and what that pays."""
    words, lines = here.words, list[ft.Control]()
    if form.care == "risk_too_high":
        return []
    if form.asks_qty:
        label = words("sale.qty", unit=item.product.unit)
        lines.append(_number(form, "qty_text", label, "qty"))
    if form.asks_amount:
        lines.append(_number(form, "amount_text", words("sale.amount"), "amount"))
    lines.append(price_box(words, form.price, item.product))
    box = ft.Padding.only(left=theme.L, right=theme.L, top=theme.L)
    return [ft.Container(_column(lines), padding=box)]


def _number(form: SaleForm, name: str, label: str, key: str) -> ft.Control:
    def write(text: str) -> None:
        form.write(name, text)

    return field(label, getattr(form, name), verb=write, numeric=True, key=key)


def _stage(here: Here, form: SaleForm) -> list[ft.Control]:
    """How far it is, and what is said along with it."""
    words, stages = here.words, form.stages
    if not stages:
        return []
    lines: list[ft.Control] = [
        chips(
            chip(
                words.code("sale_status", code),
                form.stage == code,
                form.choose,
                "stage",
                code,
                key=f"stage:{code}",
            )
            for code in stages
        )
    ]
    if form.stage == "appointment":
        lines.append(muted(words("sale.day", day=words.day(form.appointment_on))))
        lines.append(
            day_chips(
                words,
                form.days,
                form.day_code,
                form.first_date,
                form.choose_day,
                form.choose_date,
            )
        )
    if form.stage == "submitted":

        def write(text: str) -> None:
            form.write("external_ref", text)

        lines.append(field(words("sale.ref"), form.external_ref, verb=write, key="ref"))
        lines.append(caption(words("sale.ref.hint")))
    return [_titled(words("sale.stage"), _column(lines))]


def _shares(here: Here, form: SaleForm) -> ft.Control:
    """Who else has a part of it; the rest stays the seller's."""
    words, people = here.words, {each.id: each for each in form.colleagues}
    agreed = form.agreed
    if agreed is not None:
        parts = [
            words("source.part", name=_called(words, people.get(id)), percent=part)
            for id, part in form.parts.items()
        ]
        how = "source.split" if isinstance(agreed, ReferralItem) else "source.awarded"
        return body(words(how, parts=words.listed(parts)))
    lines: list[ft.Control] = [
        muted(words("sale.shares.hint")),
        chips(
            chip(each.name, each.id in form.parts, form.share_with, each.id, key=f"with:{each.id}")
            for each in people.values()
            if each.id in form.parts or form.may_add
        ),
    ]
    for id, text in form.parts.items():
        label = words("sale.shares.theirs", name=_called(words, people.get(id)))
        lines.append(_part(form, id, label, text))
    if form.parts:
        mine = words("sale.shares.mine", percent=percent_text(max(0, form.remainder)))
        equal = quiet(words("sale.shares.equal"), form.share_equally)
        lines.append(ft.Row([ft.Container(body(mine), expand=True), equal]))
        fits = "sale.shares.held" if form.shares_fit else "sale.shares.wrong"
        lines.append(caption(words(fits), theme.MUTED if form.shares_fit else theme.AMBER))
    return _column(lines)


def _called(words: Words, colleague: Employee | None) -> str:
    return colleague.name if colleague else words("someone")


def _part(form: SaleForm, employee_id: str, label: str, text: str) -> ft.Control:
    def write(typed: str) -> None:
        form.write_share(employee_id, typed)

    entry = field(label, text, verb=write, numeric=True, key=f"share:{employee_id}")
    # The label lies on the field's upper edge and would touch what stands above.
    return ft.Container(entry, padding=ft.Padding.only(top=theme.XS))


def _column(lines: list[ft.Control]) -> ft.Control:
    return ft.Column(
        lines,
        spacing=theme.S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@part
def _submit(here: Here, form: SaleForm) -> ft.Control:
    words, missing = here.words, form.missing

    def submit() -> None:
        if form.submit():
            here.places.up()

    hint = words(f"sale.missing.{missing}") if missing else words("sale.safe")
    line = ft.Row(
        [
            ft.Container(caption(hint, lines=2), expand=True),
            primary(words("sale.submit"), submit, icon=ft.Icons.CHECK, enabled=not missing),
        ],
        spacing=theme.M,
    )
    said = [notice(sentence(words, form.problem))] if form.problem else []
    return ft.Column([*said, line], spacing=theme.S, tight=True)
