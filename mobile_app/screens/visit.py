"""Visit: one page of chips in the order people speak; submit is always in view."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.attachments import attaching_row
from mobile_app.parts.blocks import card, empty, field, notice, scroll, section
from mobile_app.parts.buttons import chip, chips, primary, quiet, secondary
from mobile_app.parts.days import day_chips
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.text import body, caption, muted
from mobile_app.parts.touches import last_touch
from mobile_app.state.here import Here
from mobile_app.state.said import sentence
from mobile_app.state.second_form import (
    CorrectionForm,
    MendingForm,
    correction_of,
    mending_of,
)
from mobile_app.state.visit import AS_SAID, CHANNELS, NO_FIX_REASONS, VisitForm

_CHOICES = 6


def visit_pane(here: Here, customer_id: str) -> ft.Control:
    """The form of the contact that was started with a customer."""
    return _pane(here, here.desk.form(customer_id))


def correction_pane(here: Here, interaction_id: str) -> ft.Control:
    """The form that puts one of the user's own contacts right."""
    form = correction_of(here.desk, interaction_id)
    return _pane(here, form) if form else _nothing(here)


def mending_pane(here: Here, op_id: str) -> ft.Control:
    """The form that puts a refused contact right."""
    form = mending_of(here.desk, op_id)
    return _pane(here, form) if form else _nothing(here)


def _nothing(here: Here) -> ft.Control:
    words = here.words
    lines = [empty(words("mend.gone"), words("mend.gone.hint"), words("back"), here.places.up)]
    return pane(words("mend.gone"), lines, here=here, back=True, badged=False)


def _pane(here: Here, form: VisitForm) -> ft.Control:
    word = here.words(f"{form.name}.drop")
    return pane(
        form.customer_name or here.words("customer.gone"),
        [_form(here, form)],
        here=here,
        back=True,
        badged=False,
        actions=[quiet(word, _leave, here, form.drop, color=theme.MUTED)],
        foot=_submit(here, form),
    )


def _leave(here: Here, verb: object) -> None:
    """Finish with the form, then stand where it was started from."""
    if callable(verb):
        verb()
    here.places.up()


@part
def _form(here: Here, form: VisitForm) -> ft.Control:
    words = here.words
    ft.use_effect(form.look_around, [form.customer_id, form.channel])
    return scroll(
        [
            _about(here, form),
            _start(words, form),
            _group(words, form, "purpose"),
            _prompts(words, form),
            _group(words, form, "outcome"),
            _group(words, form, "need"),
            _next(words, form),
            _group(words, form, "satisfaction"),
            *_attaching(here, form),
            ft.Container(
                field(words("visit.note"), form.note, verb=form.write, lines=2, key="note"),
                padding=theme.L,
            ),
        ]
    )


def _attaching(here: Here, form: VisitForm) -> list[ft.Control]:
    """What can be attached; nothing goes into another's portfolio but the contact itself."""
    if here.desk.collaborators.at(form.customer_id) is not None:
        return []
    return [_titled(here.words("attach"), attaching_row(here.words, form.attaching))]


def _about(here: Here, form: VisitForm) -> ft.Control:
    """What a second form is for; before a first one, who else was in touch lately."""
    words = here.words
    if isinstance(form, CorrectionForm):
        said: list[ft.Control] = [muted(words("correct.about"))]
    elif isinstance(form, MendingForm):
        said = [notice(sentence(words, form.work.refusal) or words("sync.no_reason"))]
        if form.other_customer:
            said.append(_other_customer(here, form))
    else:
        card_found = here.desk.customer(form.customer_id)
        said = last_touch(words, card_found.touches if card_found else ())
    if not said:
        return ft.Container(visible=False)
    return ft.Container(
        ft.Column(said, spacing=theme.S, tight=True),
        padding=ft.Padding.only(left=theme.L, right=theme.L, top=theme.M),
    )


@part
def _other_customer(here: Here, form: MendingForm) -> ft.Control:
    """Which customer it was, where the record does not know the one that was named."""
    text, look_for = ft.use_state("")
    words, found = here.words, here.desk.customers(text) if text.strip() else None
    rows = [
        chip(
            one.name, one.id == form.customer_id, form.choose_customer, one.id,
            key=f"customer:{one.id}",
        )
        for one in (found.rows[:_CHOICES] if found else [])
    ]  # fmt: skip
    return ft.Column(
        [field(words("mend.customer"), text, verb=look_for, key="customer"), chips(rows)],
        spacing=theme.S,
        tight=True,
    )


def _start(words: Words, form: VisitForm) -> ft.Control:
    channels = chips(
        chip(
            words(f"channel.{code}"), form.channel == code, form.choose_channel, code,
            key=f"channel:{code}",
        )
        for code in dict.fromkeys((*CHANNELS, form.channel))
    )  # fmt: skip
    lines: list[ft.Control] = [channels]
    if form.started_at:
        lines.append(muted(words("visit.began", when=words.moment(form.started_at))))
    if form.restored:
        lines.append(caption(words("visit.restored"), theme.ACCENT))
    if form.channel == "visit":
        lines.append(_place(words, form))
    return ft.Container(
        ft.Column(lines, spacing=theme.XS, tight=True),
        padding=ft.Padding.only(left=theme.L, right=theme.L, top=theme.M),
    )


@part
def _place(words: Words, form: VisitForm) -> ft.Control:
    """Where the visit began; without a fix, why, and one tap to give another reason."""
    explaining, explain = ft.use_state(False)
    if form.fix:
        return muted(words("visit.fix", m=round(form.fix.accuracy_m)))
    if form.asking:
        return muted(words("visit.asking"))
    if form.no_fix_reason and not explaining:
        said = words("visit.no_fix", why=words.code("no_fix", form.no_fix_reason))
        return ft.Row(
            [
                ft.Container(muted(said), expand=True),
                quiet(words("visit.no_fix_change"), explain, True),
            ]
        )

    def choose(code: str) -> None:
        form.explain_no_fix(code)
        explain(False)

    reasons = chips(
        chip(
            words.code("no_fix", code), form.no_fix_reason == code, choose, code,
            key=f"no_fix:{code}",
        )
        for code in NO_FIX_REASONS
    )  # fmt: skip
    return ft.Column([muted(words("visit.no_fix_why")), reasons], spacing=theme.XS, tight=True)


def _group(words: Words, form: VisitForm, name: str) -> ft.Control:
    chosen = getattr(form, name)
    group = chips(
        chip(words.code(name, code), chosen == code, form.choose, name, code, key=f"{name}:{code}")
        for code in form.choices(name)
    )
    return _titled(words(f"visit.{name}"), group)


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


def _prompts(words: Words, form: VisitForm) -> ft.Control:
    prompts = form.prompts
    if not prompts:
        return ft.Container(visible=False)
    lines: list[ft.Control] = [caption(words("visit.prompts"))]
    lines += [body(f"· {line}") for line in prompts]
    return ft.Container(
        card(ft.Column(lines, spacing=theme.XS, tight=True)),
        padding=ft.Padding.only(top=theme.S),
    )


def _next(words: Words, form: VisitForm) -> ft.Control:
    steps = chips(
        chip(
            _step(words, form, code), form.step == code, form.choose_step, code, key=f"step:{code}"
        )
        for code in form.steps
    )
    lines: list[ft.Control] = [steps]
    if form.agreed:
        lines += [
            muted(words("visit.by", day=words.day(form.next_due))),
            day_chips(
                words,
                form.due_choices(),
                form.due_code,
                form.first_date,
                form.choose_due,
                form.choose_date,
            ),
            chips([chip(words("promise.mark"), form.promised, form.promise, key="promised")]),
        ]
    return _titled(words("visit.next"), ft.Column(lines, spacing=theme.S, tight=True))


def _step(words: Words, form: VisitForm, code: str) -> str:
    return form.said_step if code == AS_SAID else words.code("step", code)


@part
def _submit(here: Here, form: VisitForm) -> ft.Control:
    words = here.words

    def submit() -> None:
        if form.submit(_step(words, form, form.step) if form.step else ""):
            here.places.up()

    def submit_and_sell() -> None:
        if form.submit(_step(words, form, form.step) if form.step else ""):
            here.desk.selling.begin(form.customer_id, form.recorded)
            here.places.sell(form.customer_id)

    def submit_and_open() -> None:
        if form.submit(_step(words, form, form.step) if form.step else ""):
            here.desk.service.begin_from(form.recorded)
            here.places.open_case(form.customer_id)

    hint = "" if form.complete else words("visit.incomplete")
    line = ft.Row(
        [
            ft.Container(caption(hint or words(f"{form.name}.safe"), lines=2), expand=True),
            primary(
                words(f"{form.name}.submit"), submit, icon=ft.Icons.CHECK, enabled=form.complete
            ),
        ],
        spacing=theme.M,
    )
    said = [notice(sentence(words, form.problem))] if form.problem else []
    if form.complete and form.leads_to_sale:
        said.append(secondary(words("visit.submit_sale"), submit_and_sell))
    if form.complete and form.leads_to_case and here.desk.customer(form.customer_id):
        said.append(secondary(words("visit.submit_case"), submit_and_open))
    return ft.Column([*said, line], spacing=theme.S, tight=True)
