"""Referrals: passed on to a colleague, answered with one tap, and what came of them."""

from collections.abc import Callable
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, field, footnote, notice, row, section, stacked
from mobile_app.parts.buttons import chip, chips, primary, quiet
from mobile_app.parts.cards import headline
from mobile_app.parts.collision import collision_lines
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.sales import measured, product_name
from mobile_app.parts.text import body, caption, muted
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.pricing import percent_text
from mobile_app.state.referrals import NEEDS, ReferralForm
from mobile_app.state.rows import Alert, Outcome, ReferralItem
from mobile_app.state.said import sentence

_COLOURS: Final[dict[str, ft.ColorValue]] = {
    "offered": theme.AMBER,
    "accepted": theme.ACCENT,
    "done": theme.GREEN,
}


@part
def referrals(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """All referrals at a customer or about them, and the form of one more."""
    return _referrals(here, desk, customer_id, desk.referrals.form(customer_id))


@part
def _referrals(here: Here, desk: Desk, customer_id: str, form: ReferralForm) -> ft.Control:
    words, items = here.words, desk.referrals.of(customer_id)
    may_add = here.places.logs and not form.is_open
    add = quiet(words("referral.add"), form.begin) if may_add else None
    controls: list[ft.Control] = [section(words("referrals"), add)]
    if form.is_open:
        controls.append(_writing(here, desk, form))
    elif not items:
        controls.append(footnote(words("referrals.none")))
    controls += [referral_card(here, desk, item, key=item.referral.id) for item in items]
    return stacked(controls, 0)


def _writing(here: Here, desk: Desk, form: ReferralForm) -> ft.Control:
    """Whom, what they need, to whom it goes and for which part of what comes of it."""
    words = here.words
    lines: list[ft.Control] = [
        muted(words("referral.name.ask")),
        chips(
            chip(name, name == form.name, form.choose, "name", name, key=f"referred:{name}")
            for name in form.names
        ),
        _entry(form, "name", words("referral.name")),
        *collision_lines(here, desk, form.name, besides=[form.customer_id]),
        _entry(form, "contact", words("referral.contact")),
        muted(words("referral.need")),
        chips(
            chip(
                words.code("need", code), form.need == code, form.choose, "need", code,
                key=f"referral:{code}",
            )
            for code in NEEDS
        ),
        _entry(form, "amount_text", words("referral.amount"), numeric=True),
        muted(words("referral.to")),
        chips(
            chip(each.name, form.to_id == each.id, form.choose, "to_id", each.id, key=each.id)
            for each in form.colleagues
        ),
        _entry(form, "percent", words("referral.percent"), numeric=True),
        caption(words("referral.percent.hint")),
        _entry(form, "note", words("referral.note")),
    ]  # fmt: skip
    if form.alerts:
        lines += [muted(words("source.alert")), chips(_because(words, form))]
    if form.problem:
        lines.append(notice(sentence(words, form.problem)))
    hint = f"referral.missing.{form.missing}" if form.missing else "referral.hint"
    buttons: list[ft.Control] = [
        primary(words("referral.save"), form.submit, enabled=not form.missing),
        quiet(words("cancel"), form.drop, color=theme.MUTED),
    ]
    lines += [caption(words(hint)), ft.Row(buttons, wrap=True, spacing=theme.S)]
    return card(stacked(lines, theme.S))


def _entry(form: ReferralForm, name: str, label: str, *, numeric: bool = False) -> ft.Control:
    def write(text: str) -> None:
        form.write(name, text)

    entry = field(label, getattr(form, name), verb=write, numeric=numeric, key=f"referral:{name}")
    # The label lies on the field's upper edge and would touch what stands above.
    return ft.Container(entry, padding=ft.Padding.only(top=theme.XS))


def _because(words: Words, form: ReferralForm) -> list[ft.Control]:
    return [
        chip(
            alert_name(words, each.alert),
            form.alert_id == each.alert.id,
            form.choose,
            "alert_id",
            each.alert.id,
            key=f"because:{each.alert.id}",
        )
        for each in form.alerts
    ]


def alert_name(words: Words, alert: Alert) -> str:
    """What an alert is called where something follows from it."""
    return words.dotted(words.code("alert_kind", alert.kind), words.day(alert.day))


def referral_name(words: Words, item: ReferralItem) -> str:
    """What a referral is called where something follows from it."""
    one = item.referral
    return words.dotted(
        words("referral.by", name=item.from_name or words("someone")),
        one.name,
        words.code("need", one.need),
    )


@part
def referral_card(
    here: Here,
    desk: Desk,
    item: ReferralItem,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """Who passed what on to whom, what can be done with it, and what came of it."""
    words, one = here.words, item.referral
    status = caption(
        words.code("referral_status", one.status), _COLOURS.get(one.status, theme.MUTED), 1
    )
    wants = words.amount(one.amount) if one.amount is not None else ""
    lines: list[ft.Control] = [
        headline(
            words.dotted(one.name, words.code("need", one.need), wants),
            _path(words, item),
            status,
            sync_mark(words, item.state),
        ),
        caption(_agreed(words, item)),
    ]
    lines += [body(each) for each in (one.contact, one.note) if each]
    if one.status == "declined" and one.reason:
        lines.append(body(words("referral.declined", text=one.reason)))
    lines += outcome_rows(here, item.outcomes)
    lines += _steps(here, desk, item)
    if problem := desk.referrals.problems.get(one.id):
        lines.append(notice(sentence(words, problem)))
    return card(stacked(lines, theme.S))


def _path(words: Words, item: ReferralItem) -> str:
    someone = words("someone")
    path = words("referral.path", a=item.from_name or someone, b=item.to_name or someone)
    at = "" if item.customer_name == item.referral.name else item.customer_name
    return words.dotted(path, words("referral.at", name=at) if at else "")


def _agreed(words: Words, item: ReferralItem) -> str:
    name, percent = item.from_name or words("someone"), percent_text(item.referral.pay_bp)
    return words("referral.agreed", name=name, percent=percent)


def _steps(here: Here, desk: Desk, item: ReferralItem) -> list[ft.Control]:
    """What the user can do with it now."""
    one, words = item.referral, here.words
    if not here.places.logs:
        return []
    if item.answers and one.status == "offered":
        return [_answering(here, desk, item, key=f"answer:{one.id}")]
    buttons: list[ft.Control] = []
    if item.answers and one.status == "accepted":
        if one.for_id:
            buttons.append(quiet(words("inbox.customer"), here.places.customer, one.for_id))
        buttons.append(quiet(words("referral.finish"), desk.referrals.finish, item))
    if item.is_mine and one.status == "offered":
        withdraw = desk.referrals.withdraw
        buttons.append(quiet(words("referral.withdraw"), withdraw, item, color=theme.MUTED))
    return [ft.Row(buttons, wrap=True, spacing=theme.S)] if buttons else []


@part
def _answering(
    here: Here,
    desk: Desk,
    item: ReferralItem,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """Which of the user's customers it is about, and the answer."""
    found = desk.referrals.candidates(item)
    chosen, choose = ft.use_state(found[0].id if len(found) == 1 else "")
    is_declining, ask = ft.use_state(False)
    words, lines = here.words, list[ft.Control]()
    if is_declining:
        return _declining(words, desk, item, ask)
    if found:
        lines.append(caption(words("relation.found")))
        lines.append(
            chips(
                chip(
                    each.name, chosen == each.id, choose, "" if chosen == each.id else each.id,
                    key=f"for:{each.id}",
                )
                for each in found
            )
        )  # fmt: skip
    else:
        lines.append(caption(words("referral.stranger")))
    buttons: list[ft.Control] = [
        primary(words("referral.accept"), desk.referrals.accept, item, chosen),
        quiet(words("referral.decline"), ask, True, color=theme.MUTED),
    ]
    lines.append(ft.Row(buttons, wrap=True, spacing=theme.S))
    return stacked(lines, theme.S)


def _declining(
    words: Words, desk: Desk, item: ReferralItem, ask: Callable[[bool], object]
) -> ft.Control:
    def decline(why: str) -> None:
        desk.referrals.decline(item, why)
        ask(False)

    word, id = words("referral.decline"), item.referral.id
    return reason(words, "decline_referral", word, decline, lambda: ask(False), id)


def outcome_rows(here: Here, outcomes: tuple[Outcome, ...] | list[Outcome]) -> list[ft.Control]:
    """What was sold, how far it is, and who has what of it."""
    words = here.words
    return [
        row(
            product_name(words, each.product),
            words.dotted(
                each.customer_name,
                measured(words, each.product, each.qty, each.amount),
                words.listed([_part(words, name, bp) for name, bp in each.parts]),
            ),
            [caption(words.code("sale_status", each.status), lines=1)],
            here.places.record if each.customer_id else None,
            *([each.customer_id, each.sale_id] if each.customer_id else []),
            key=f"outcome:{each.sale_id}",
        )
        for each in outcomes
    ]


def _part(words: Words, name: str, basis_points: int) -> str:
    return words("sale.part", name=name or words("someone"), percent=percent_text(basis_points))
