"""Consents: each purpose with what the customer last said to it, how, and how long ago.

The same block stands on the customer's page and on the screen that is turned to them; there it
speaks to them and names nobody.
"""

from collections.abc import Callable
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.attachments import signature_pad
from mobile_app.parts.blocks import card, notice, section, stacked
from mobile_app.parts.buttons import quiet, secondary
from mobile_app.parts.guard import act, part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.text import body, caption, muted, strong
from mobile_app.state.consents import PurposeState
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.said import sentence
from shared.domain.consent import ConsentAnswer, ConsentPurpose

Asked = tuple[ConsentPurpose, ConsentAnswer]
_NOTHING: Final[Asked | None] = None


@part
def consents(here: Here, desk: Desk, customer_id: str, *, facing: bool = False) -> ft.Control:
    """What a customer allows; a tap on an answer and one on how it was said keep a new word."""
    asked, ask = ft.use_state(_NOTHING)
    words = here.words
    lines: list[ft.Control] = []
    for each in desk.consents.of(customer_id):
        lines.append(_purpose(here, each, ask, facing=facing))
        if asked and asked[0] == each.purpose:
            lines.append(_saying(words, desk, customer_id, asked, ask, facing=facing))
    if problem := desk.consents.problems.get(customer_id):
        lines.append(notice(sentence(words, problem)))
    if facing:
        return stacked(lines, theme.M)
    return stacked([section(words("consents")), card(stacked(lines, theme.M))], 0)


def _purpose(
    here: Here, each: PurposeState, ask: Callable[[Asked | None], object], *, facing: bool
) -> ft.Control:
    words = here.words
    name = words.code("facing.consent" if facing else "consent", each.purpose)
    told: list[ft.Control] = [body(name) if facing else strong(name), *_word(words, each)]
    if each.word is not None and not facing:
        told.append(sync_mark(words, each.word.state))
    buttons = [
        quiet(
            words.code("consent_answer", answer),
            ask,
            (each.purpose, answer),
            said=words("said_by", name=name, text=words.code("consent_answer", answer)),
        )
        for answer in each.answers
        if here.places.logs
    ]
    if here.look.scale > theme.SIDE_BY_SIDE:
        return stacked([*told, ft.Row(buttons, wrap=True, spacing=theme.S)], theme.XS)
    return ft.Row(
        [ft.Column(told, spacing=theme.XS, tight=True, expand=True), *buttons],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _word(words: Words, each: PurposeState) -> list[ft.Control]:
    """What was said, how and when; a refusal is in amber, for it binds whoever calls."""
    if each.word is None:
        return [muted(words("consent.unsaid"))]
    word = each.word.consent
    said = words.dotted(
        words.code("consent_answer", word.answer),
        words.code("consent_said", word.said),
        words.age(word.occurred_at),
    )
    return [caption(said, theme.GREEN if word.answer == "given" else theme.AMBER)]


@part
def _saying(
    words: Words,
    desk: Desk,
    customer_id: str,
    asked: Asked,
    ask: Callable[[Asked | None], object],
    *,
    facing: bool,
) -> ft.Control:
    """What the answer means, and how it is said: the last tap keeps it."""
    signing, sign = ft.use_state(False)
    purpose, answer = asked

    def say(signature: bytes | None = None) -> None:
        ask(None)
        desk.consents.say(customer_id, purpose, answer, signature)

    means = "facing.consent_means" if facing else "consent_means"
    buttons = [
        secondary(words("consent.sign"), sign, True),
        secondary(words("facing.consent.unsigned" if facing else "consent.spoken"), say),
        quiet(words("cancel"), ask, None, color=theme.MUTED),
    ]
    lines: list[ft.Control] = [
        body(words(f"{means}.{purpose}.{answer}")),
        ft.Row(buttons, wrap=True, spacing=theme.S, run_spacing=theme.S),
        # A component of its own: a dialog's hooks come and go with it.
        signature_pad(words, say, act(sign, False)) if signing else ft.Container(visible=False),
    ]
    return stacked(lines, theme.S)
