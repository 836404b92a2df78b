"""Rules: what a version says and changes, and a trial on last month."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, fact, footnote, notice, scroll, section
from mobile_app.parts.buttons import primary, quiet, secondary
from mobile_app.parts.guard import part
from mobile_app.parts.marks import bar, sync_mark
from mobile_app.parts.pay import drawn
from mobile_app.parts.plan_marks import STATUS_COLOURS, signed, swing
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body, caption, muted, number, strong, title
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from mobile_app.state.plans import Plans
from mobile_app.state.rows import PlanItem
from mobile_app.state.said import sentence
from mobile_app.state.trying import Trial
from mobile_app.terms import changes, tier_share, told_terms, told_tier
from shared.commission.exact import percent
from shared.commission.rules import Rule
from shared.domain.what_if import Difference


@part
def rule_page(here: Here, _pulse: Pulse, plans: Plans, id: str) -> ft.Control:
    """One version of a rule."""
    declining, decline = ft.use_state(False)
    words, item = here.words, plans.rule(id)
    if item is None:
        return empty(words("plans.gone"), words("plans.gone.hint"))
    if item.rule is None:
        return empty(words("plans.unreadable"), words("plans.unreadable.hint"))
    told = told_terms(words, item.rule)
    lines: list[ft.Control] = [
        fact(
            words("terms.product"),
            words.dotted(plans.product_name(item.rule.product), item.rule.product),
        ),
        *(fact(words(f"terms.{name}.label"), text) for name, text in told.items()),
    ]
    return scroll(
        [
            _head(words, plans, item),
            *([_padded(notice(sentence(words, plans.message)))] if plans.message else []),
            _changed(words, item, item.rule),
            section(words("terms.title")),
            card(ft.Column(lines, spacing=theme.S, tight=True)),
            *_tiers(words, item.rule),
            _padded(_verbs(here, plans, item, declining, decline)),
            footnote(words("plans.rule.note")),
        ]
    )


def _padded(content: ft.Control) -> ft.Control:
    return ft.Container(content, padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S))


def _head(words: Words, plans: Plans, item: PlanItem) -> ft.Control:
    row = item.row
    name = plans.product_name(item.rule.product) if item.rule else row.rule
    by = words("plans.by", name=item.maker_name or words("someone"))
    lines: list[ft.Control] = [
        title(words("plans.version", rule=name, n=row.number)),
        caption(words(f"rule_status.{row.status}"), STATUS_COLOURS[row.status]),
        muted(words.dotted(by, words.moment(row.occurred_at))),
        *_checked(words, item),
        body(words("plans.reason", text=row.reason)),
    ]
    if row.answer:
        lines.append(body(words("plans.answer", text=row.answer)))
    if item.is_own:
        lines.append(ft.Row([sync_mark(words, item.state)]))
    return ft.Container(ft.Column(lines, spacing=theme.XS, tight=True), padding=theme.L)


def _checked(words: Words, item: PlanItem) -> list[ft.Control]:
    """Who judged it and when; one that was imported as it stood was judged elsewhere."""
    row = item.row
    if row.checker_id is None:
        return []
    by = words(f"plans.checked.{row.status}", name=item.checker_name or words("someone"))
    return [muted(words.dotted(by, words.moment(row.checked_at) if row.checked_at else ""))]


def _changed(words: Words, item: PlanItem, rule: Rule) -> ft.Control:
    if item.former is None:
        return footnote(words("plans.no_former"))
    found = changes(words, item.former, rule)
    head = words("plans.changes", n=item.former.version)
    if not found:
        return footnote(words("plans.no_change", n=item.former.version))
    rows: list[ft.Control] = [
        ft.Column(
            [
                caption(words(f"terms.{name}.label")),
                body(words("told.step", before=old, after=new)),
            ],
            spacing=0,
            tight=True,
        )
        for name, (old, new) in found.items()
    ]
    return card(ft.Column([strong(head), *rows], spacing=theme.S, tight=True))


def _tiers(words: Words, rule: Rule) -> list[ft.Control]:
    if rule.tiers is None:
        return []
    rows: list[ft.Control] = [
        drawn(told_tier(words, tier), tier_share(rule, tier), percent(tier.rate))
        for tier in rule.tiers
    ]
    return [
        section(words("terms.tiers")),
        card(ft.Column(rows, spacing=theme.M, tight=True)),
    ]


def _verbs(
    here: Here, plans: Plans, item: PlanItem, declining: bool, decline: Callable[[bool], object]
) -> ft.Control:
    words, open_ = here.words, here.places.within
    is_draft, decides = item.row.status == "draft", here.places.decides
    if declining:
        return reason(
            words, "plans.decline", words("plans.decline"),
            lambda said: plans.decline(item, said), lambda: decline(False), item.row.id,
        )  # fmt: skip
    buttons: list[ft.Control] = []
    remarks: list[ft.Control] = []
    if is_draft and decides:
        # Shown on one's own draft, too: pressing it says why another has to.
        buttons.append(primary(words("plans.approve"), plans.approve, item))
    if is_draft and decides and not item.is_own:
        buttons.append(quiet(words("plans.decline"), decline, True, color=theme.SEAL))
    if is_draft and item.is_own:
        remarks.append(muted(words("plans.four_eyes")))
        buttons.append(quiet(words("plans.withdraw"), plans.withdraw, item, color=theme.MUTED))
    if is_draft and decides:
        buttons.append(secondary(words("trial.do"), open_, "trial", item.row.id))
    if is_draft and not decides:
        remarks.append(muted(words("trial.elsewhere")))
    buttons.append(secondary(words("plans.draft.do"), open_, "draft", item.row.id))
    row = ft.Row(buttons, wrap=True, spacing=theme.S, run_spacing=theme.XS)
    return ft.Column([*remarks, row], spacing=theme.S, tight=True)


# A trial


@part
def trial_page(here: Here, _pulse: Pulse, plans: Plans, id: str) -> ft.Control:
    """A draft on last month."""
    item = plans.rule(id)
    trial = plans.trial(item) if item else None
    words = here.words
    if trial is None:
        return empty(words("plans.gone"), words("plans.gone.hint"))
    if not here.places.decides:
        return empty(words("trial.elsewhere"), words("trial.elsewhere.hint"))
    return _trial(here, trial)


@part
def _trial(here: Here, trial: Trial) -> ft.Control:
    words = here.words
    month = words.month(trial.period)
    if trial.found is None:
        start = primary(words("trial.start"), trial.run, enabled=not trial.is_running)
        reached = words("trial.progress", n=trial.done, of=trial.total)
        wait = [bar(trial.progress, None, reached)]
        return _padded(
            ft.Column(
                [
                    title(words("trial.of", month=month)),
                    muted(words("trial.hint")),
                    *(wait if trial.is_running else [ft.Row([start])]),
                ],
                spacing=theme.M,
                tight=True,
            )
        )
    told = [each for each in trial.found if not each.problems]
    untold = [each for each in trial.found if each.problems]
    return scroll(
        [
            _total(words, trial, month, told),
            *(_person(words, trial, each) for each in told),
            *([section(words("trial.untold"))] if untold else []),
            *(_untold(words, trial, each) for each in untold),
            footnote(words("trial.note")),
        ]
    )


def _total(words: Words, trial: Trial, month: str, told: list[Difference]) -> ft.Control:
    gain = sum(each.change > 0 for each in told)
    lose = sum(each.change < 0 for each in told)
    return ft.Container(
        ft.Column(
            [
                muted(words("trial.of", month=month)),
                title(signed(words, trial.after - trial.before)),
                body(
                    words(
                        "told.step",
                        before=words.exact(trial.before),
                        after=words.exact(trial.after),
                    )
                ),
                caption(words("trial.who", gain=gain, lose=lose, same=len(told) - gain - lose)),
            ],
            spacing=theme.XS,
            tight=True,
        ),
        padding=theme.L,
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


def _person(words: Words, trial: Trial, each: Difference) -> ft.Control:
    name = trial.name_of(each.employee)
    step = words(
        "told.step",
        before=words.exact(each.before.earned),
        after=words.exact(each.after.earned),
    )
    deferred = ""
    if each.before.deferred != each.after.deferred:
        deferred = words(
            "trial.deferred",
            before=words.exact(each.before.deferred),
            after=words.exact(each.after.deferred),
        )
    change = signed(words, each.change)
    return ft.Container(
        ft.Column(
            [
                ft.Row([ft.Container(strong(name), expand=True), number(change)]),
                ft.Row(
                    [
                        ft.Container(muted(words.dotted(step, deferred)), expand=True),
                        swing(trial.share(each)),
                    ],
                    spacing=theme.S,
                ),
            ],
            spacing=theme.XS,
            tight=True,
        ),
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
        key=each.employee,
    )


def _untold(words: Words, trial: Trial, each: Difference) -> ft.Control:
    first = each.problems[0]
    why = words(f"trial.why.{first.code}", n=len(each.problems))
    return _padded(
        ft.Column([strong(trial.name_of(each.employee)), muted(why)], spacing=0, tight=True)
    )
