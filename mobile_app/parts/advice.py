"""Advice: what to do next with a customer and why, and through which channel they listen."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, footnote, notice, row, section, stacked
from mobile_app.parts.buttons import chip, chips, icon_button, quiet, secondary
from mobile_app.parts.channels import ICONS
from mobile_app.parts.guard import part
from mobile_app.parts.text import body, caption, muted, strong
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import AdvisedAction
from mobile_app.state.said import sentence
from shared.domain.action_answer import UNSUITABLE
from shared.domain.preference import Habit, Preference


def advice(here: Here, desk: Desk, customer_id: str) -> list[ft.Control]:
    """What is advised of a customer, and what they refused; if to be recommended to, only that."""
    words = here.words
    if desk.advice.is_refused(customer_id):
        return [footnote(words("actions.refused"))]
    spared = [footnote(words("actions.spared"))] if desk.advice.is_spared(customer_id) else []
    preferred = footnote(preference_text(words, desk.advice.preference(customer_id)))
    actions = desk.advice.actions(customer_id)
    problem = desk.advice.problems.get(customer_id)
    if not actions:
        return [*spared, preferred]
    return [
        section(words("actions")),
        *(_action(here, desk, action, key=action.signal.rule) for action in actions),
        *([notice(sentence(words, problem))] if problem else []),
        *spared,
        preferred,
    ]


@part
def _action(
    here: Here,
    desk: Desk,
    action: AdvisedAction,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """One action: what and why; a tap starts it, two plan it, two say that it does not suit."""
    asked, ask = ft.use_state("")
    words = here.words
    lines: list[ft.Control] = [
        strong(action_title(words, action)),
        body(action_reason(words, action)),
        muted(_how(words, desk, action), 3),
    ]
    if here.places.logs:
        lines.append(_verbs(here, desk, action, asked, ask))
    if asked:
        lines.append(_answers(words, desk, action, asked))
    return card(stacked(lines, theme.XS))


def _verbs(
    here: Here, desk: Desk, action: AdvisedAction, asked: str, ask: Callable[[str], object]
) -> ft.Control:
    words, channel, title = (
        here.words,
        desk.advice.channel(action),
        action_title(here.words, action),
    )

    def begin() -> None:
        desk.start(action.signal.customer_id, channel)
        here.places.form(action.signal.customer_id)

    def named(word: str) -> str:
        return words("said_by", name=title, text=words(word))

    start = f"start.{channel}"
    return ft.Row(
        [
            secondary(words(start), begin, said=named(start)),
            secondary(
                words("actions.plan"), ask, _turned(asked, "plan"), said=named("actions.plan")
            ),
            quiet(
                words("actions.no"),
                ask,
                _turned(asked, "no"),
                color=theme.MUTED,
                said=named("actions.no"),
            ),
        ],
        wrap=True,
        spacing=theme.S,
        run_spacing=theme.XS,
    )


def _turned(asked: str, what: str) -> str:
    return "" if asked == what else what


def _answers(words: Words, desk: Desk, action: AdvisedAction, asked: str) -> ft.Control:
    """The days to plan for, or the reasons why not."""
    rule = action.signal.rule
    if asked == "plan":
        title, why = action_title(words, action), action_reason(words, action)
        return chips(
            chip(
                words.once(words.code("due", code), words.day(day)),
                False,
                desk.advice.plan,
                action,
                title,
                why,
                day,
                key=f"plan:{rule}:{code}",
            )
            for code, day in desk.advice.plan_days()
        )
    return stacked(
        [
            caption(words("actions.why_not")),
            chips(
                chip(
                    words.code("unsuitable", why),
                    False,
                    desk.advice.decline,
                    action,
                    why,
                    key=f"no:{rule}:{why}",
                )
                for why in UNSUITABLE
            ),
        ],
        theme.XS,
    )


def action_row(here: Here, desk: Desk, action: AdvisedAction, chosen: str | None) -> ft.Control:
    """One action on the day's list; a tap opens the customer, the sign starts the contact."""
    words, channel, id = here.words, desk.advice.channel(action), action.signal.customer_id

    def begin() -> None:
        desk.start(id, channel)
        here.places.form(id)

    start = words.dotted(words(f"start.{channel}"), action.customer_name)
    return row(
        action.customer_name,
        words.dotted(action_reason(words, action), action_title(words, action)),
        [caption(words("actions.until", day=words.day(action.signal.until.isoformat())), lines=1)],
        here.places.customer,
        id,
        leading=ft.Icon(ICONS[channel], color=theme.ACCENT, size=theme.ICON),
        key=f"action:{id}",
        chosen=id == chosen,
        trailing=ft.Container(
            icon_button(ft.Icons.PLAY_ARROW, start, begin, tinted=True),
            padding=ft.Padding.only(right=theme.S),
        ),
    )


def action_title(words: Words, action: AdvisedAction) -> str:
    """Say what to do: 谈到期资金的去处."""
    need = action.signal.need
    return words(f"action.{action.signal.rule}", need=words.code("need", need) if need else "")


def action_reason(words: Words, action: AdvisedAction) -> str:
    """Say why: ¥820,000.00 20 天后到期."""
    signal = action.signal
    days = signal.days
    ending = "" if days else ".today" if days == 0 else ".never"
    several = "" if signal.last is None else ".several"
    key = f"action.{signal.rule}.why{several}{ending}"
    return words(
        key if words.has(key) else f"action.{signal.rule}.why",
        amount=words.amount(signal.amount),
        days=days,
        last=signal.last,
        need=words.code("need", signal.need) if signal.need else "",
    )


def _how(words: Words, desk: Desk, action: AdvisedAction) -> str:
    """The product that may be offered, the channel with its n, and the days for it."""
    signal, best, product = action.signal, action.preference.best, action.product
    offer = ""
    if product is not None:
        name = words.dotted(product.name, product.risk_grade or "")
        offer = words("actions.product", product=name)
    channel = words.code("channel", desk.advice.channel(action))
    by = (
        words("actions.channel", channel=channel, n=best.n, good=best.good)
        if best
        else words("actions.channel.unknown", channel=channel, n=action.preference.n)
    )
    since, until = (words.day(each.isoformat()) for each in (signal.since, signal.until))
    window = words("actions.window", since=since, until=until)
    return words.listed([offer, by, window])


def preference_text(words: Words, found: Preference) -> str:
    """Say what was learned: 渠道偏好：电话（近一年 9 次，找到 8 次，有结果 5 次）."""
    best = found.best
    if best is None:
        return words("prefers.unknown", n=found.n)
    return words.dotted(
        words(
            "prefers",
            channel=words.code("channel", best.of),
            n=best.n,
            reached=best.reached,
            good=best.good,
        ),
        _time(words, "weekday", found.weekday),
        _time(words, "band", found.band),
    )


def _time(words: Words, family: str, habit: Habit | None) -> str:
    if habit is None:
        return ""
    return words("prefers.time", time=words.code(family, habit.of), n=habit.n, met=habit.reached)
