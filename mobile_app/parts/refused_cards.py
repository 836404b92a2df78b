"""Refused cards: one's own work that the server refused, why, and what can be done about it."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.buttons import primary, quiet, secondary
from mobile_app.parts.cards import headline, marked
from mobile_app.parts.field_control import field_controls
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body, caption
from mobile_app.state.desk import Desk
from mobile_app.state.fields import FieldForm
from mobile_app.state.here import Here
from mobile_app.state.inbox import Action, Inbox, actions, correctable, corrects_contact
from mobile_app.state.rows import RecordState, RefusedWork
from mobile_app.state.said import sentence
from mobile_app.telling import Told, told, why

_ASKING: tuple[Action, ...] = ("ask", "discard")


@part
def refused_card(
    here: Here,
    desk: Desk,
    work: RefusedWork,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """One refused transaction, whole: what belongs together is one card."""
    open_as, show = ft.use_state("")
    words, inbox = here.words, desk.inbox
    lines = [
        headline(
            why(words, work.refusal),
            work.customer_name,
            caption(words.moment(work.at), lines=1),
            sync_mark(words, RecordState.ISSUE),
        ),
        *told_lines(words, [told(words, op, work.titles.get(op["id"], "")) for op in work.ops]),
        caption(sentence(words, work.refusal) or words("sync.no_reason"), theme.INK),
    ]
    if open_as in _ASKING:
        lines.append(_why(words, inbox, work, open_as, show))
    elif open_as == "correct":
        lines.append(_correct(words, inbox, work, show))
    else:
        lines.append(_buttons(here, inbox, work, show))
    return marked(lines, key=work.op_id)


def told_lines(words: Words, done: list[Told]) -> list[ft.Control]:
    """What was done, in words: the first whole, what went along with it by its name."""
    first, *rest = done
    lines: list[ft.Control] = [body(first.head, lines=3)]
    lines += [body(fact, lines=4) for fact in first.facts]
    lines += [
        caption(words("refused.more", what=words.listed([one.head, *one.facts])), lines=3)
        for one in rest
    ]
    return lines


def _buttons(
    here: Here, inbox: Inbox, work: RefusedWork, show: Callable[[str], object]
) -> ft.Control:
    words = here.words

    def save_new() -> None:
        inbox.save_new(work, words("refused.save_new.reason"))

    def correct() -> None:
        if corrects_contact(work):
            here.places.mend(work.op_id)
        else:
            show("correct")

    verbs: dict[Action, Callable[[], object]] = {
        "correct": correct,
        "ask": lambda: show("ask"),
        "save_new": save_new,
        "rest": lambda: inbox.send_rest(work),
        "resend": lambda: inbox.resend(work),
        "discard": lambda: show("discard"),
    }
    first, *others = actions(work)
    if first == "discard":
        buttons = [quiet(words("refused.discard"), verbs["discard"], color=theme.SEAL)]
    else:
        buttons = [secondary(words(f"refused.{first}"), verbs[first])]
        buttons += [
            quiet(
                words(f"refused.{one}"),
                verbs[one],
                color=theme.SEAL if one == "discard" else theme.ACCENT,
            )
            for one in others
        ]
    return ft.Row(buttons, wrap=True, spacing=theme.S, run_spacing=theme.XS)


def _why(
    words: Words, inbox: Inbox, work: RefusedWork, action: str, show: Callable[[str], object]
) -> ft.Control:
    """Ask for the proof of a change request, or for why the work is given up."""
    asking = action == "ask"
    verb = inbox.ask if asking else inbox.discard
    return reason(
        words,
        "proof" if asking else "discard",
        words("refused.ask" if asking else "refused.discard"),
        lambda said: verb(work, said),
        lambda: show(""),
        work.op_id,
    )


@part
def _correct(
    words: Words, inbox: Inbox, work: RefusedWork, show: Callable[[str], object]
) -> ft.Control:
    form, _ = ft.use_state(FieldForm.of(work.culprit["entity"], correctable(work)))
    return ft.Column(
        [
            *field_controls(words, form, work.op_id),
            ft.Row(
                [
                    primary(words("refused.correct"), inbox.resend_corrected, work, form),
                    quiet(words("cancel"), show, "", color=theme.MUTED),
                ],
                wrap=True,
                spacing=theme.S,
            ),
        ],
        spacing=theme.S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
