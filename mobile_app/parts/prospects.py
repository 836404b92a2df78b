"""Prospects: the list of whom one has claimed, how long each still holds, and what is done."""

from collections.abc import Callable
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, fact, field, listing, notice, row, stacked
from mobile_app.parts.buttons import chip, chips, primary, quiet, secondary
from mobile_app.parts.cards import headline
from mobile_app.parts.collision import collision_lines
from mobile_app.parts.guard import part
from mobile_app.parts.kept import use_kept
from mobile_app.parts.marks import bar, sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body, caption, muted
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.prospects import (
    CHANNELS,
    KINDS,
    NEEDS,
    OUTCOMES,
    SOURCES,
    ProspectForm,
    ProspectNews,
)
from mobile_app.state.rows import ProspectItem
from mobile_app.state.said import sentence
from shared.domain.prospect import MOST_OPEN, OPEN, PROTECTED_DAYS, SOON_DAYS
from shared.domain.sale import read_shares

_COLOURS: Final[dict[str, ft.ColorValue]] = {
    "claimed": theme.GREEN,
    "contested": theme.AMBER,
    "declined": theme.SEAL,
    "won": theme.GREEN,
}
NEWS: Final[dict[str, tuple[ft.IconData, ft.ColorValue]]] = {
    "contested": (ft.Icons.PEOPLE_OUTLINED, theme.AMBER),
    "decided": (ft.Icons.GAVEL_OUTLINED, theme.ACCENT),
    "lapsing": (ft.Icons.HOURGLASS_BOTTOM, theme.AMBER),
}


def prospects(here: Here, desk: Desk) -> ft.Control:
    """All claims of the user, and the form of one more."""
    return _prospects(here, desk, desk.prospects.form())


@part
def _prospects(here: Here, desk: Desk, form: ProspectForm) -> ft.Control:
    words, items = here.words, desk.prospects.mine()
    if form.is_open:
        head: ft.Control = _writing(here, desk, form)
    elif items:
        counted = words("prospects.counted", n=desk.prospects.counted(), most=MOST_OPEN)
        add = secondary(words("prospect.add"), form.begin)
        head = ft.Container(
            ft.Row([add, caption(counted)], wrap=True, spacing=theme.M),
            padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        )
    else:
        add_first = words("prospect.add")
        head = empty(words("prospects.none"), words("prospects.none.hint"), add_first, form.begin)
    return listing([head, *(_card(here, desk, each, key=each.prospect.id) for each in items)])


def one_prospect(here: Here, desk: Desk, id: str) -> ft.Control:
    """One claim of the user's, with the form while it is put right."""
    return _one(here, desk, desk.prospects.form(), id)


@part
def _one(here: Here, desk: Desk, form: ProspectForm, id: str) -> ft.Control:
    item = desk.prospects.item(id)
    writing = [_writing(here, desk, form)] if form.is_open and form.id == id else []
    return listing([*writing, *([_card(here, desk, item, key=id)] if item else [])])


# On the day's list


def news_row(here: Here, desk: Desk, news: ProspectNews, chosen: str | None) -> ft.Control:
    """What a manager must do about a prospect or know of it; a tap opens it."""
    words, item = here.words, news.item
    one = item.prospect
    icon, colour = NEWS[news.kind]
    said = _told(words, item) if news.kind != "lapsing" else [_left(words, item)]
    state = words.code("prospect_status", one.status)
    status = words(f"prospect.news.{news.kind}") if news.kind != "decided" else state

    def look() -> None:
        desk.prospects.look_at(item)
        here.places.prospect(one.id)

    return row(
        one.name,
        words.sentences(said),
        [caption(status, colour, 1), sync_mark(words, item.state)],
        look,
        leading=ft.Icon(icon, color=colour, size=theme.ICON),
        key=f"prospect:{one.id}",
        chosen=one.id == chosen,
    )


# Writing one down


def _writing(here: Here, desk: Desk, form: ProspectForm) -> ft.Control:
    """The name first: it is enough. What is wrong or perhaps another's is said as one types."""
    words = here.words
    lines: list[ft.Control] = [
        chips(_choices(words, form, "kind", "kind", KINDS)) if not form.id else muted(form.name),
        _entry(words, form, "name"),
    ]
    if form.has_code:
        lines.append(_entry(words, form, "code"))
    if form.missing == "code":
        lines.append(caption(words("prospect.missing.code"), theme.SEAL))
    if form.is_yours:
        lines.append(notice(words("prospect.yours")))
    elif form.has_code and not form.id:
        lines += collision_lines(here, desk, form.name, form.code)
    lines += [_entry(words, form, name) for name in ("contact_name", "phone", "district")]
    lines += [
        muted(words("prospect.need")),
        chips(_choices(words, form, "need", "need", NEEDS)),
        muted(words("prospect.source")),
        chips(_choices(words, form, "source", "prospect_source", SOURCES)),
        _entry(words, form, "note"),
    ]
    if form.problem:
        lines.append(notice(sentence(words, form.problem)))
    hint = f"prospect.missing.{form.missing}" if form.missing else "prospect.hint"
    save = words("prospect.save" if not form.id else "prospect.put_right.save")
    buttons: list[ft.Control] = [
        primary(save, form.submit, enabled=not form.missing),
        quiet(words("cancel"), form.drop, color=theme.MUTED),
    ]
    lines += [caption(words(hint)), ft.Row(buttons, wrap=True, spacing=theme.S)]
    return card(stacked(lines, theme.S))


def _choices(
    words: Words, form: ProspectForm, name: str, family: str, codes: tuple[str, ...]
) -> list[ft.Control]:
    return [
        chip(
            words.code(family, code), getattr(form, name) == code, form.choose, name, code,
            key=f"prospect:{name}:{code}",
        )
        for code in codes
    ]  # fmt: skip


def _entry(words: Words, form: ProspectForm, name: str) -> ft.Control:
    def write(text: str) -> None:
        form.write(name, text)

    label = words(f"prospect.{name}")
    entry = field(label, getattr(form, name), verb=write, key=f"prospect:{name}")
    # The label lies on the field's upper edge and would touch what stands above.
    return ft.Container(entry, padding=ft.Padding.only(top=theme.XS))


# One of them


@part
def _card(
    here: Here,
    desk: Desk,
    item: ProspectItem,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """Who it is, how long it holds or why it does not, and what can be done with it now."""
    doing, do = ft.use_state("")
    words, one = here.words, item.prospect
    # Held until the supervisor decides otherwise: nothing to rest on.
    standing = one.status if one.contest_id is None else "contested"
    colour = _COLOURS.get(standing, theme.MUTED)
    status = caption(words.code("prospect_status", one.status), colour, 1)
    wants = words.dotted(
        words.code("kind", one.kind), words.code("need", one.need) if one.need else ""
    )
    lines: list[ft.Control] = [headline(one.name, wants, status, sync_mark(words, item.state))]
    lines += _protection(words, item)
    lines += [body(each) for each in _told(words, item)]
    lines += prospect_facts(words, item)
    if problem := desk.prospects.problems.get(one.id):
        lines.append(notice(sentence(words, problem)))
    lines.append(_doing(here, desk, item, doing, do) if doing else _steps(here, desk, item, do))
    return card(stacked(lines, theme.S))


def _protection(words: Words, item: ProspectItem) -> list[ft.Control]:
    """How many days are left, drawn and said; a claim without an answer has none yet."""
    one, left = item.prospect, item.days_left
    if one.status == "claimed" and one.taken_at is None:
        return [caption(words("prospect.unanswered"), theme.AMBER)]
    if left is None:
        return []
    said = _left(words, item)
    if left < 0:
        return [caption(said, theme.SEAL)]
    colour = theme.AMBER if left <= SOON_DAYS else theme.MUTED
    return [bar(left / PROTECTED_DAYS, None), caption(said, colour)]


def _left(words: Words, item: ProspectItem) -> str:
    """For how many days it still holds, or that its term has run out."""
    left = item.days_left or 0
    return words("prospect.days_left", n=left) if left >= 0 else words("prospect.run_out")


def _told(words: Words, item: ProspectItem) -> list[str]:
    """What the server's answer means, in sentences."""
    one = item.prospect
    names = words.listed(one.others.split("\n")) if one.others else words("someone")
    told = []
    if one.contest_id is not None:
        told.append(words(f"prospect.told.{one.status}", names=names))
    elif one.status in ("declined", "lapsed") and one.cause:
        told.append(words(f"prospect.told.{one.cause}", names=names, most=MOST_OPEN))
    elif one.status == "won":
        told.append(words("prospect.told.won" if one.others else "prospect.told.mine", names=names))
    elif one.shares:
        mine = [each.pay_bp for each in read_shares(one.shares) if each.employee == one.employee_id]
        told.append(words("prospect.told.shared", names=names, part=f"{sum(mine) / 100:g}"))
    elif one.status == "claimed" and one.decided_at is not None:
        told.append(words("prospect.told.yours" if one.answer else "prospect.told.alone"))
    if one.answer:
        told.append(words("prospect.answer", text=one.answer))
    if one.reason:
        told.append(words("prospect.reason", text=one.reason))
    return told


def prospect_facts(words: Words, item: ProspectItem) -> list[ft.Control]:
    """What is known of a prospect, and the latest contact."""
    one = item.prospect
    known = {
        "code": one.code,
        "contact_name": words.dotted(one.contact_name or "", one.phone or ""),
        "district": one.district,
        "note": one.note,
    }
    facts = [fact(words(f"column.{name}"), text) for name, text in known.items() if text]
    if item.contacts:
        last = item.contacts[0]
        what = words.dotted(
            words.moment(last.occurred_at),
            words.code("channel", last.channel),
            words.code("outcome", last.outcome),
            last.note or "",
        )
        facts.append(fact(words("prospect.last", n=len(item.contacts)), what))
    return facts


def _steps(here: Here, desk: Desk, item: ProspectItem, do: Callable[[str], object]) -> ft.Control:
    words, one, buttons = here.words, item.prospect, list[ft.Control]()
    if one.status in OPEN:
        buttons.append(secondary(words("prospect.met"), do, "met"))
        buttons.append(quiet(words("prospect.put_right"), desk.prospects.form().put_right, one))
        if one.status == "claimed":
            buttons.append(quiet(words("prospect.lose"), do, "lose", color=theme.MUTED))
        release = desk.prospects.release
        buttons.append(quiet(words("prospect.release"), release, item, color=theme.MUTED))
    elif one.status == "won":
        if one.customer_id and desk.customer(one.customer_id):
            buttons.append(quiet(words("inbox.customer"), here.places.customer, one.customer_id))
    else:
        buttons.append(quiet(words("prospect.again"), desk.prospects.claim_again, item))
    return ft.Row(buttons, wrap=True, spacing=theme.S)


def _doing(
    here: Here, desk: Desk, item: ProspectItem, doing: str, do: Callable[[str], object]
) -> ft.Control:
    def lose(why: str) -> None:
        desk.prospects.lose(item, why)
        do("")

    words = here.words
    if doing == "met":
        return _meeting(words, desk, item, lambda: do(""))
    word = words("prospect.lose")
    return reason(words, "lose_prospect", word, lose, lambda: do(""), item.prospect.id)


@part
def _meeting(
    words: Words, desk: Desk, item: ProspectItem, leave: Callable[[], object]
) -> ft.Control:
    """How and with what outcome: two taps."""
    channel, through = ft.use_state(CHANNELS[0])
    outcome, came = ft.use_state("")
    id = item.prospect.id
    note, write = use_kept(f"met:{id}")

    def save() -> None:
        if desk.prospects.met(item, channel, outcome, note):
            give_up()

    def give_up() -> None:
        leave()
        write("")

    lines: list[ft.Control] = [
        chips(
            chip(words.code("channel", code), code == channel, through, code, key=f"{code}:{id}")
            for code in CHANNELS
        ),
        chips(
            chip(words.code("outcome", code), code == outcome, came, code, key=f"{code}:{id}")
            for code in OUTCOMES
        ),
        field(words("prospect.met.note"), note, verb=write, key=f"met:{id}"),
        caption(words("prospect.met.shut" if outcome == "not_met" else "prospect.met.hint")),
        ft.Row(
            [
                primary(words("prospect.met.save"), save, enabled=bool(outcome)),
                quiet(words("cancel"), give_up, color=theme.MUTED),
            ],
            wrap=True,
            spacing=theme.S,
        ),
    ]
    return stacked(lines, theme.S)
