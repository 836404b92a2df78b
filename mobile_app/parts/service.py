"""Service cases in lists, each with its clock; those of a customer, and what they were promised."""

from functools import partial
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.alerts import severity_mark
from mobile_app.parts.blocks import more, row, section, stacked
from mobile_app.parts.buttons import quiet
from mobile_app.parts.guard import part
from mobile_app.parts.marks import signed, sync_mark
from mobile_app.parts.text import caption
from mobile_app.state.clock import Minute
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import CaseItem, PromiseItem, ServiceCase
from shared.domain.service_case import DONE, is_late, left
from shared.domain.task import Promise, promise

_ICONS: Final = {
    "complaint": ft.Icons.SENTIMENT_DISSATISFIED,
    "request": ft.Icons.ASSIGNMENT_OUTLINED,
    "question": ft.Icons.HELP_OUTLINE,
    "loss_report": ft.Icons.CREDIT_CARD_OFF_OUTLINED,
    "correction": ft.Icons.EDIT_OUTLINED,
}
_SIGNS: Final[dict[Promise, tuple[ft.IconData, ft.ColorValue]]] = {
    "late": (ft.Icons.ERROR, theme.SEAL),
    "open": (ft.Icons.SCHEDULE, theme.ACCENT),
    "kept": (ft.Icons.CHECK_CIRCLE_OUTLINE, theme.GREEN),
    "dropped": (ft.Icons.REMOVE_CIRCLE_OUTLINE, theme.MUTED),
}
_PROMISES: Final = 3
"""Promises that are shown at first."""


@part
def clock(words: Words, _minute: Minute, case: ServiceCase) -> ft.Control:
    """How long there is left, or for how long it has been late; runs by the minute."""
    remaining = left(case, words.now())
    if remaining is None:
        return caption(words.code("service_status", case.status), theme.GREEN, 1)
    said = words.deadline(words.now() + remaining)
    if case.status == "waiting_for_customer":
        said = words("service.stopped", left=said)
    if not is_late(case, words.now()):
        return caption(said, theme.INK, 1)
    return signed(ft.Icons.ERROR, said, theme.SEAL)


def case_row(
    here: Here, desk: Desk, item: CaseItem, chosen: str | None = None, *, of_customer: bool = False
) -> ft.Control:
    """One case in a list; a tap opens it."""
    words, case = here.words, item.case
    kind = words.code("service_kind", case.kind)
    is_open = case.status not in DONE
    state = words.code("service_status", case.status) if is_open else ""
    right: list[ft.Control] = [severity_mark(words, case.severity)] if is_open else []
    is_others = is_open and case.assignee_id != desk.store.me.id
    who = item.assignee_name or "" if is_others else ""
    about = "" if of_customer else case.subject
    return row(
        case.subject if of_customer else item.customer_name,
        # Whose it is comes first: a long subject leaves no room for what stands behind it.
        words.dotted(who, kind, about, _told(words, case), state),
        [*right, clock(words, desk.minute, case), sync_mark(words, item.state)],
        partial(here.places.record, case.customer_id) if of_customer else here.places.listed,
        case.id,
        leading=ft.Icon(_ICONS[case.kind], color=theme.ACCENT, size=theme.ICON),
        key=f"case:{case.id}",
        chosen=chosen == case.id,
    )


def _told(words: Words, case: ServiceCase) -> str:
    """Through which channel a system of the bank was told of it."""
    return words.code("channel", case.channel) if case.source else ""


@part
def cases(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """A customer's cases, those that are closed folded away, and the way to one more."""
    unfolded, unfold = ft.use_state(False)
    words, items = here.words, desk.service.of(customer_id)

    def begin() -> None:
        desk.service.form(customer_id).begin()
        here.places.open_case(customer_id)

    word = words("service.go_on" if desk.service.has_draft(customer_id) else "service.open")
    add = quiet(word, begin) if here.places.logs else None
    closed = [item for item in items if item.case.status == "closed"]
    shown = [item for item in items if unfolded or item not in closed]
    lines = [section(words("service"), add)]
    lines += [case_row(here, desk, item, of_customer=True) for item in shown]
    if closed and not unfolded:
        lines.append(more(words("service.closed_n", n=len(closed)), unfold, True))
    return stacked(lines, 0)


@part
def promises(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """What a customer was promised, and what became of it."""
    unfolded, unfold = ft.use_state(False)
    words, items = here.words, desk.service.promises(customer_id)
    if not items:
        return ft.Container(visible=False)
    shown = items if unfolded else items[:_PROMISES]
    lines = [section(words("promises"), caption(words("n_items", n=len(items))))]
    lines += [_promise_row(words, desk.today_text, item) for item in shown]
    if len(shown) < len(items):
        lines.append(more(words("more"), unfold, True))
    return stacked(lines, 0)


def _promise_row(words: Words, today: str, item: PromiseItem) -> ft.Control:
    task = item.task
    return row(
        task.title,
        words.dotted(words.code("task", task.kind), words.day(task.due)),
        [promise_mark(words, promise(task, today)), sync_mark(words, item.state)],
        key=f"promise:{task.id}",
    )


def promise_mark(words: Words, what: Promise | None) -> ft.Control:
    """What became of a promise, in colour, sign and word."""
    icon, colour = _SIGNS[what or "open"]
    return signed(icon, words.code("promise", what or "open"), colour)
