"""Arbitration: who has a contested sale or prospect, and what becomes of an objection."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, fact, field, footnote, notice, scroll, section
from mobile_app.parts.buttons import primary, quiet, secondary
from mobile_app.parts.cards import headline, marked
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.pay import figure_name
from mobile_app.parts.plan_marks import entry_line, late_or_due
from mobile_app.parts.prospects import prospect_facts
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body, caption, muted, strong, title
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from mobile_app.state.performance import FIGURES
from mobile_app.state.plans import Plans
from mobile_app.state.rows import Contest, DisputeItem, ProspectItem, RecordState, SaleShare
from mobile_app.state.said import sentence
from mobile_app.state.splitting import SplitForm
from shared.commission.entries import Entry
from shared.domain.sale import read_shares


@part
def contest_page(here: Here, _pulse: Pulse, plans: Plans, id: str) -> ft.Control:
    """One thing that was sold, its claims, and the decision."""
    words, item = here.words, plans.contest(id)
    if item is None:
        return empty(words("contest.gone"), words("contest.gone.hint"))
    return scroll(
        [
            _head(here, item),
            section(words("contest.claims")),
            *(_claim(here, item, each) for each in item.claims),
            section(words("contest.decide")),
            _padded(_own(words) if item.is_own else _of_sale(here, plans, item)),
            footnote(words("contest.note")),
        ]
    )


def _padded(content: ft.Control) -> ft.Control:
    return ft.Container(content, padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S))


def _of_sale(here: Here, plans: Plans, item: Contest) -> ft.Control:
    form = plans.split(item)
    return _decision(here, form, lambda said: plans.decide(item, form, said))


def _own(words: Words) -> ft.Control:
    return muted(words("contest.four_eyes"))


def _head(here: Here, item: Contest) -> ft.Control:
    words, first = here.words, item.first
    told = {
        "qty": words.pieces(str(first.qty), item.product.unit if item.product else "")
        if first.qty is not None
        else "",
        "amount": words.exact(first.amount) if first.amount is not None else "",
        "external_ref": first.external_ref or "",
    }
    lines: list[ft.Control] = [
        title(words.dotted(first.customer_label, item.product_name)),
        *(fact(words(f"column.{name}"), text) for name, text in told.items() if text),
        caption(*late_or_due(words, item.due_on, here.desk.today_text)),
    ]
    return ft.Container(ft.Column(lines, spacing=theme.XS, tight=True), padding=theme.L)


def _claim(here: Here, item: Contest, claim: SaleShare) -> ft.Control:
    words = here.words
    seller = item.names[claim.seller_id] or words("someone")
    parts = [
        words("contest.part", name=item.names[each.employee], part=f"{each.pay_bp / 100:g}")
        for each in read_shares(claim.shares)
    ]
    lines = [
        headline(
            words("contest.by", name=seller),
            words.listed(parts),
            caption(words.moment(claim.occurred_at), lines=1),
        ),
        caption(words(f"share_status.{claim.status}"), theme.AMBER),
    ]
    if claim.reason:
        lines.append(body(words("contest.said", text=claim.reason)))
    return marked(lines, key=claim.sale_id)


@part
def _decision(here: Here, form: SplitForm, decide: Callable[[str], object]) -> ft.Control:
    asking, ask = ft.use_state(False)
    words = here.words
    left = form.left_bp
    if left is None:
        told = words("contest.unreadable")
    else:
        told = words("contest.whole") if left == 0 else words("contest.left", part=form.left_text)
    controls: list[ft.Control] = [
        *(_part_of(words, form, id, name) for id, name in form.contest.names.items()),
        ft.Row(
            [
                secondary(words("contest.equal"), form.give_equal),
                strong(told, theme.GREEN if left == 0 else theme.AMBER),
            ],
            wrap=True,
            spacing=theme.M,
        ),
    ]
    if asking and form.is_whole:
        controls.append(
            reason(
                words, "contest.why", words("contest.confirm"),
                decide, lambda: ask(False), form.contest.id,
            )
        )  # fmt: skip
    else:
        go = primary(words("contest.decide.do"), ask, True, enabled=form.is_whole)
        controls.append(ft.Row([go]))
    return ft.Column(
        controls,
        spacing=theme.M,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _part_of(words: Words, form: SplitForm, employee: str, name: str) -> ft.Control:
    known = name or words("someone")
    cell = field(
        words("contest.percent", name=known),
        form.parts[employee],
        verb=lambda text: form.write(employee, text),
        numeric=True,
        key=f"part:{employee}:{form.contest.id}",
    )
    give = quiet(words("contest.all", name=known), form.give_all, employee)
    return ft.Row([ft.Container(cell, expand=True), give], spacing=theme.S)


# Prospects


@part
def prospect_page(here: Here, _pulse: Pulse, _plans: Plans, id: str) -> ft.Control:
    """A prospect that several claim, what each has done about it, and the decision."""
    words, desk = here.words, here.desk
    item = desk.prospects.contest(id)
    if item is None:
        return empty(words("contest.gone"), words("contest.gone.hint"))
    form, prospects = desk.prospects.split(item), desk.prospects
    lines: list[ft.Control] = [
        title(item.contest.name),
        caption(*late_or_due(words, item.contest.due_on, desk.today_text)),
    ]
    if problem := prospects.problems.get(id):
        lines.append(notice(sentence(words, problem)))
    return scroll(
        [
            ft.Container(ft.Column(lines, spacing=theme.XS, tight=True), padding=theme.L),
            section(words("contest.claims")),
            *(_prospect_claim(words, each) for each in item.claims),
            section(words("prospect.contest.decide")),
            _padded(_decision(here, form, lambda said: prospects.award(item, form, said))),
            footnote(words("prospect.contest.note")),
        ]
    )


def _prospect_claim(words: Words, item: ProspectItem) -> ft.Control:
    one = item.prospect
    when = words.moment(one.taken_at) if one.taken_at is not None else ""
    lines: list[ft.Control] = [
        headline(
            words("prospect.contest.by", name=item.by_name or words("someone")),
            words.code("prospect_source", one.source) if one.source else "",
            caption(when, lines=1),
        ),
        *prospect_facts(words, item),
    ]
    if one.status == "claimed":
        lines.insert(1, caption(words("prospect.contest.first"), theme.GREEN))
    if not item.contacts:
        lines.append(muted(words("prospect.contest.no_contact")))
    return marked(lines, key=one.id)


# Objections


@part
def dispute_page(here: Here, _pulse: Pulse, plans: Plans, id: str) -> ft.Control:
    """One objection, what the figure is made of, and the answer."""
    answering, answer = ft.use_state("")
    words, item = here.words, plans.dispute(id)
    if item is None:
        return empty(words("dispute.gone"), words("dispute.gone.hint"))
    dispute = item.dispute
    sheet = plans.person(dispute.employee_id, dispute.period)
    found = [] if sheet is None else [each for each in sheet.entries if _is_about(item, each)]
    entries = [
        entry_line(words, sheet, each, opened=len(found) == 1, key=str(n))
        for n, each in enumerate(found)
        if sheet is not None
    ]
    return scroll(
        [
            _dispute_head(here, item),
            section(words("dispute.trace")),
            *(entries or [footnote(words("dispute.no_trace"))]),
            _padded(_answer(here, plans, item, answering, answer)),
        ]
    )


def _is_about(item: DisputeItem, entry: Entry) -> bool:
    """Whether an entry is part of the figure; one that is no sum of entries is made of them all."""
    dispute, figure = item.dispute, item.dispute.figure
    kind = figure if figure.isupper() else FIGURES.get(figure)
    wanted = ("type", kind), ("sale", dispute.sale_id), ("rule", dispute.rule)
    return all(value is None or getattr(entry, name) == value for name, value in wanted)


def _dispute_head(here: Here, item: DisputeItem) -> ft.Control:
    words, dispute = here.words, item.dispute
    lines: list[ft.Control] = [
        title(words.dotted(item.by_name or words("someone"), words.month(dispute.period))),
        fact(words("dispute.figure"), figure_name(words, dispute.figure)),
        fact(words("dispute.amount"), words.exact(dispute.amount)),
        fact(words("dispute.claim"), dispute.claim),
        caption(*late_or_due(words, dispute.due_on, here.desk.today_text, "plans.answer_due")),
    ]
    if item.state is not RecordState.IN_RECORD:
        lines.append(ft.Row([sync_mark(words, item.state)]))
    return ft.Container(ft.Column(lines, spacing=theme.XS, tight=True), padding=theme.L)


def _answer(
    here: Here, plans: Plans, item: DisputeItem, answering: str, answer: Callable[[str], object]
) -> ft.Control:
    words = here.words
    if item.is_own:
        return muted(words("dispute.four_eyes"))
    if answering:
        return reason(
            words, "dispute.why", words(f"dispute.{answering}"),
            lambda said: plans.answer(item, answering, said), lambda: answer(""), item.dispute.id,
        )  # fmt: skip
    return ft.Row(
        [
            primary(words("dispute.upheld"), answer, "upheld"),
            quiet(words("dispute.declined"), answer, "declined", color=theme.SEAL),
        ],
        wrap=True,
        spacing=theme.S,
    )
