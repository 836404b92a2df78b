"""Commission: rules, contested sales, disputes and months; each list, and what opens from it."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, footnote, row, scroll, section
from mobile_app.parts.buttons import segments
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.plan_marks import STATUS_COLOURS, late_or_due
from mobile_app.parts.text import caption, number
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.plans import Plans
from mobile_app.state.rows import (
    Contest,
    DisputeItem,
    PayPeriod,
    PlanItem,
    Product,
    ProspectContestItem,
    RecordState,
)
from mobile_app.terms import told_interval

KINDS: Final = ("rules", "contests", "disputes", "months")


def commission_pane(here: Here, chosen: str | None = None) -> ft.Control:
    """The lists of commission."""
    desk = here.desk
    body = [_lists(here, desk, desk.pulse, desk.plans, chosen or "")]
    return pane(here.words("plans.title"), body, here=here)


def commission_wanted(here: Here) -> ft.Control:
    """The side beside the lists while nothing is chosen."""
    return empty(here.words("plans.none_chosen"), here.words("plans.none_chosen.hint"))


@part
def _lists(here: Here, desk: Desk, _pulse: Pulse, plans: Plans, chosen: str) -> ft.Control:
    words = here.words
    kind = plans.kind if here.places.decides else "rules"
    rows = _ROWS[kind](here, plans, chosen)
    if not rows:
        rows = [
            empty(
                words(f"plans.{kind}.empty"), words(f"plans.{kind}.empty.hint"),
                words("sync.now"), desk.sync.sync_now,
            )
        ]  # fmt: skip
    return ft.Column(
        [*_switch(here, plans, kind), scroll(rows)],
        spacing=0,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _switch(here: Here, plans: Plans, kind: str) -> list[ft.Control]:
    if not here.places.decides:
        return [footnote(here.words("plans.of_product_manager"))]
    counts = {
        "rules": sum(each.row.status == "draft" for each in plans.rules()) + len(plans.unruled()),
        "contests": len(plans.contests()) + len(here.desk.prospects.contests()),
        "disputes": len(plans.disputes()),
        "months": sum(each.status == "review" for each in plans.months()),
    }
    kinds = [(each, _counted(here.words, each, counts[each])) for each in KINDS]
    return [
        ft.Container(
            segments(kinds, kind, plans.show),
            padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        )
    ]


def _counted(words: Words, kind: str, count: int) -> str:
    return words(f"plans.kind.{kind}") + (f" {count}" if count else "")


def _marks(words: Words, status: str, family: str, state: RecordState) -> list[ft.Control]:
    told = caption(words(f"{family}.{status}"), STATUS_COLOURS[status], 1)
    return [told] if state is RecordState.IN_RECORD else [told, sync_mark(words, state)]


def _rules(here: Here, plans: Plans, chosen: str) -> list[ft.Control]:
    rows = [_rule_row(here, plans, each, chosen) for each in plans.rules()]
    unruled = [_unruled_row(here, each, chosen) for each in plans.unruled()]
    if not unruled:
        return rows
    # What is sold and pays nobody comes first; the versions stand below their own head.
    words = here.words
    return [section(words("plans.unruled")), *unruled, section(words("plans.kind.rules")), *rows]


def _unruled_row(here: Here, product: Product, chosen: str) -> ft.Control:
    """A product that is sold and pays nobody: the way to its first rule."""
    words = here.words
    return row(
        product.name,
        words.dotted(product.code, words("plans.unruled.why")),
        [caption(words("plans.first"), theme.ACCENT, 1)],
        here.places.commission,
        "first",
        product.id,
        key=product.id,
        chosen=chosen.endswith(product.id),
    )


def _rule_row(here: Here, plans: Plans, item: PlanItem, chosen: str) -> ft.Control:
    words = here.words
    name = plans.product_name(item.rule.product) if item.rule else item.row.rule
    interval = told_interval(words, item.rule) if item.rule else words("plans.unreadable")
    by = words("plans.by", name=item.maker_name or words("someone"))
    return row(
        words("plans.version", rule=name, n=item.row.number),
        words.dotted(item.row.rule, interval, by),
        _marks(words, item.row.status, "rule_status", item.state),
        here.places.commission,
        "rule",
        item.row.id,
        key=item.row.id,
        chosen=chosen.endswith(item.row.id),
    )


def _contests(here: Here, plans: Plans, chosen: str) -> list[ft.Control]:
    sales = [_contest_row(here, each, chosen) for each in plans.contests()]
    prospects = [_prospect_row(here, each, chosen) for each in here.desk.prospects.contests()]
    if not prospects:
        return sales
    words = here.words
    headed = [section(words("prospects.contested")), *prospects]
    return headed + ([section(words("prospects.beside")), *sales] if sales else [])


def _prospect_row(here: Here, item: ProspectContestItem, chosen: str) -> ft.Control:
    words, contest = here.words, item.contest
    return row(
        contest.name,
        words.listed(list(item.names.values())),
        [
            caption(*late_or_due(words, contest.due_on, here.desk.today_text), 1),
            sync_mark(words, item.state),
        ],
        here.places.commission,
        "prospect",
        item.id,
        key=item.id,
        chosen=chosen.endswith(item.id),
    )


def _contest_row(here: Here, item: Contest, chosen: str) -> ft.Control:
    words, first = here.words, item.first
    why = words.dotted(
        words(f"share_status.{first.status}"), words.listed(list(item.names.values()))
    )
    return row(
        words.dotted(first.customer_label, item.product_name),
        why,
        [caption(*late_or_due(words, item.due_on, here.desk.today_text), 1)],
        here.places.commission,
        "sale",
        item.id,
        key=item.id,
        chosen=chosen.endswith(item.id),
    )


def _disputes(here: Here, plans: Plans, chosen: str) -> list[ft.Control]:
    return [_dispute_row(here, each, chosen) for each in plans.disputes()]


def _dispute_row(here: Here, item: DisputeItem, chosen: str) -> ft.Control:
    words, dispute = here.words, item.dispute
    return row(
        item.by_name or words("someone"),
        words.dotted(words.month(dispute.period), dispute.claim),
        [
            number(words.exact(dispute.amount)),
            caption(
                *late_or_due(words, dispute.due_on, here.desk.today_text, "plans.answer_due"), 1
            ),
        ],
        here.places.commission,
        "dispute",
        dispute.id,
        key=dispute.id,
        chosen=chosen.endswith(dispute.id),
    )


def _months(here: Here, plans: Plans, chosen: str) -> list[ft.Control]:
    return [_month_row(here, each, chosen) for each in plans.months()]


def _month_row(here: Here, month: PayPeriod, chosen: str) -> ft.Control:
    words = here.words
    is_over = month.status == "closed"
    held = words("close.held.n", n=month.held) if month.held and not is_over else ""
    return row(
        words.month(month.period),
        words.dotted(words("close.people", n=month.employees), held),
        [
            number(words.exact(month.payable)),
            *_marks(words, month.status, "period_status", RecordState.IN_RECORD),
        ],
        here.places.commission,
        "month",
        month.period,
        key=month.id,
        chosen=chosen.endswith(month.period),
    )


_ROWS: Final = {
    "rules": _rules,
    "contests": _contests,
    "disputes": _disputes,
    "months": _months,
}
