"""Pillars: what each of the four figures of a month is made of."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import get_args

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, footnote, more, row, scroll, section, stacked
from mobile_app.parts.guard import part
from mobile_app.parts.marks import bar
from mobile_app.parts.pay import drawn
from mobile_app.parts.text import body, caption, muted, number
from mobile_app.state.business import Business, ManagerMonth
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from mobile_app.state.paging import PAGE
from mobile_app.state.rows import Someone
from shared.domain.customer_state import State


@part
def process_page(here: Here, found: Business, _pulse: Pulse) -> ft.Control:
    """The plan manager by manager, and the gold customers whom nobody met."""
    pages, turn = ft.use_state(1)
    words, managers = here.words, [each for each in found.managers() if each.name]
    missed = found.gold_not_met()
    rows = [_plan(words, each) for each in managers]
    return scroll(
        [
            _days(words, found),
            *(rows or [footnote(words("business.nobody"))]),
            section(words("business.gold_not_met"), caption(words("n_people", n=len(missed)))),
            *people(here, found, missed, (pages, turn)),
            footnote(words("business.process.note")),
        ]
    )


def _plan(words: Words, one: ManagerMonth) -> ft.Control:
    found = one.process
    facts = words.dotted(
        words("business.kept", n=found.kept, of=found.planned),
        words("field.visits", n=found.visits),
        words("field.calls", n=found.calls),
        words("field.others", n=found.others) if found.others else "",
        words("business.gold_met", n=found.gold_met, of=found.gold) if found.gold else "",
    )
    share = words.percent(found.kept_share)
    shown = bar(float(found.kept_share or 0))
    return row(one.name, facts, [number(share), shown], key=one.employee_id)


@part
def state_page(here: Here, found: Business, _pulse: Pulse) -> ft.Control:
    """Customers by state, how that changed, and who came to stand worse."""
    pages, turn = ft.use_state(1)
    words, stands = here.words, found.month().standings
    if not stands.n:
        return empty(words("business.no_states"), words("business.no_states.hint"))
    most = max(stands.counts.values())
    bars: list[ft.Control] = [
        drawn(
            words.code("state", state),
            stands.counts.get(state, 0) / most,
            words.dotted(
                words("n_people", n=stands.counts.get(state, 0)),
                words.signed(stands.net(state)) if stands.is_compared else "",
            ),
        )
        for state in get_args(State)
    ]
    moved: list[ft.Control] = [
        _pair(
            words(
                "business.move",
                before=words.code("state", move.before),
                after=words.code("state", move.after),
            ),
            words("n_people", n=count),
        )
        for move, count in stands.moves
    ]
    worse = found.named([id for id, _ in stands.worse])
    states = dict(stands.worse)
    return scroll(
        [
            _days(words, found),
            card(stacked(bars, theme.M)),
            section(words("business.moves")),
            card(stacked(moved, theme.S)) if moved else footnote(_no_moves(words, found)),
            section(words("business.worse"), caption(words("n_people", n=len(worse)))),
            *people(here, found, worse, (pages, turn), lambda id: words.code("state", states[id])),
            footnote(words("business.state.note")),
        ]
    )


def _no_moves(words: Words, found: Business) -> str:
    is_compared = found.month().standings.is_compared
    return words("business.no_moves" if is_compared else "business.no_states_before")


@part
def satisfaction_page(here: Here, found: Business, _pulse: Pulse) -> ft.Control:
    """How many of each score, and the low ones."""
    pages, turn = ft.use_state(1)
    words, scores = here.words, found.month().satisfaction
    if not scores.n:
        none = empty(words("business.no_scores"), words("business.no_scores.hint"))
        return scroll([_days(words, found), none])
    counts = dict(scores.scores)
    most = max(counts.values())
    bars: list[ft.Control] = [
        drawn(
            words("business.score", n=each),
            counts.get(each, 0) / most,
            words.dotted(
                words("n_times", n=counts.get(each, 0)),
                words.percent(Fraction(counts.get(each, 0), scores.n)),
            ),
        )
        for each in range(5, 0, -1)
    ]
    low = found.low_scores()
    rows: list[ft.Control] = [
        row(
            each.whose.name,
            words.dotted(
                words.code("channel", each.contact.channel),
                words.moment(each.contact.at),
                _owner(found, each.whose),
            ),
            [number(words("business.score", n=each.contact.score))],
            here.places.customer,
            each.contact.customer_id,
            key=f"{each.contact.customer_id}{each.contact.at}",
        )
        for each in low[: pages * PAGE]
    ]
    if len(low) > pages * PAGE:
        rows.append(more(words("more"), turn, pages + 1))
    return scroll(
        [
            _days(words, found),
            card(stacked(bars, theme.M)),
            section(words("business.low_scores"), caption(words("n_times", n=len(low)))),
            *(rows or [footnote(words("business.no_low"))]),
            footnote(words("business.satisfaction.note")),
        ]
    )


@part
def cost_page(here: Here, found: Business, _pulse: Pulse) -> ft.Control:
    """What serving took and cost, manager by manager."""
    words, managers = here.words, [each for each in found.managers() if each.serving.contacts]
    if not managers:
        none = empty(words("business.no_contacts"), words("business.no_contacts.hint"))
        return scroll([_days(words, found), none])
    most = max(each.serving.cost for each in managers) or 1
    rows = [_served(words, each, each.serving.cost / most) for each in managers]
    unmeasured = sum(each.serving.unmeasured for each in managers)
    notes = [
        words("business.unmeasured", n=unmeasured) if unmeasured else "",
        words("business.cost.note"),
    ]
    return scroll([_days(words, found), *rows, *(footnote(each) for each in notes if each)])


def _served(words: Words, one: ManagerMonth, share: float) -> ft.Control:
    found, name = one.serving, one.name or words("business.bank")
    facts = words.dotted(
        words("business.took", minutes=f"{found.minutes:,}", n=found.contacts),
        words("business.unpriced", n=found.unpriced) if found.unpriced else "",
    )
    said = words.exact(found.cost) if found.is_priced else words("none")
    return row(name, facts, [number(said), bar(share)], key=one.employee_id or "bank")


def _days(words: Words, found: Business) -> ft.Control:
    span = found.span
    said = words(
        "business.days",
        first=words.full_day(span.first.isoformat()),
        last=words.full_day(span.last.isoformat()),
    )
    return ft.Container(muted(said), padding=theme.L)


def _pair(left: str, right: str) -> ft.Control:
    return ft.Row([ft.Container(body(left), expand=True), number(right)], spacing=theme.S)


def _owner(found: Business, one: Someone) -> str:
    """Who looks after a customer; of one's own that goes without saying."""
    return one.owner if found.is_team else ""


def people(
    here: Here,
    found: Business,
    some: Sequence[Someone],
    turning: tuple[int, Callable[[int], object]],
    why: Callable[[str], str] = lambda _: "",
) -> list[ft.Control]:
    """Customers, each of whom opens; the first pages of them, and more on request."""
    words, (pages, turn) = here.words, turning
    if not some:
        return [footnote(words("business.no_people"))]
    rows: list[ft.Control] = [
        row(
            each.name,
            words.dotted(why(each.id), _owner(found, each)),
            [ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED, size=theme.ICON)],
            here.places.customer,
            each.id,
            key=each.id,
        )
        for each in some[: pages * PAGE]
    ]
    if len(some) > pages * PAGE:
        rows.append(more(words("more"), turn, pages + 1))
    return rows
