"""Prospects: how one is claimed in a few taps, kept by contacts, given up, and awarded."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args

import flet as ft

from mobile_app.state.rows import ProspectContestItem, ProspectItem
from mobile_app.state.said import Message
from mobile_app.state.selling import kept
from mobile_app.state.splitting import SplitForm
from shared import identity
from shared.collision import names_of
from shared.domain import Prospect, ProspectContact
from shared.domain.customer import Need, PartyKind
from shared.domain.days import DAY_MS
from shared.domain.interaction import Outcome
from shared.domain.prospect import (
    MOST_OPEN,
    OPEN,
    SOON_DAYS,
    ProspectChannel,
    ProspectSource,
    is_same,
)
from shared.domain.sale import is_awarded, read_shares, shares_text
from shared.sync.change import Change, Insert, Patch, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

KINDS: Final[tuple[str, ...]] = tuple(reversed(get_args(PartyKind)))
SOURCES: Final[tuple[str, ...]] = get_args(ProspectSource)
NEEDS: Final[tuple[str, ...]] = get_args(Need)
CHANNELS: Final[tuple[str, ...]] = get_args(ProspectChannel)
OUTCOMES: Final[tuple[str, ...]] = get_args(Outcome)
DRAFT: Final = "prospect"
_TEXTS: Final = ("name", "code", "phone", "contact_name", "district", "note")
_KEPT: Final = ("id", "kind", "need", "source", *_TEXTS)


@dataclass(eq=False)
class ProspectForm(ft.Observable):
    """A prospect being written down, or put right. The empty string is "not said"."""

    _desk: "Desk"
    id: str = ""
    """Of the one that is put right; nothing for a new one."""
    kind: str = "organisation"
    name: str = ""
    code: str = ""
    phone: str = ""
    contact_name: str = ""
    district: str = ""
    need: str = ""
    source: str = ""
    note: str = ""
    is_open: bool = False
    problem: Message | None = None

    @classmethod
    def open(cls, desk: "Desk") -> "ProspectForm":
        """Return the form as the draft left it, or a closed and empty one."""
        form = cls(desk)
        for name, value in (desk.store.draft(DRAFT) or {}).items():
            if name in _KEPT:
                setattr(form, name, value)
                form.is_open = True
        return form

    @property
    def has_code(self) -> bool:
        """Whether it is one of those that have a credit code."""
        return self.kind == "organisation"

    @property
    def missing(self) -> str:
        """What is still to be said, or is wrong; nothing when it can be kept."""
        if not self.name.strip():
            return "name"
        if self.has_code and self.code.strip() and identity.uscc(self.code) is None:
            return "code"
        return "full" if not self.id and self._desk.prospects.is_full else ""

    @property
    def is_yours(self) -> bool:
        """Whether the user holds what seems to be the same one."""
        new = self._prospect()
        held = [each.prospect for each in self._desk.prospects.mine()]
        return any(
            is_same(asdict(each), asdict(new)) or _is_named_alike(each, new)
            for each in held
            if each.status in OPEN and each.id != self.id
        )

    def begin(self) -> None:
        """Open the form for a new one."""
        self.is_open = True

    def put_right(self, prospect: Prospect) -> None:
        """Open the form with what is known of one."""
        for name in _KEPT:
            setattr(self, name, getattr(prospect, name) or "")
        self.is_open = True

    def choose(self, name: str, code: str) -> None:
        """Choose one thing of a field; choosing it again takes it back."""
        is_again = getattr(self, name) == code and name != "kind"
        setattr(self, name, "" if is_again else code)
        self._keep()

    def write(self, name: str, text: str) -> None:
        """Take over one text field as it is typed."""
        setattr(self, name, text)
        self._keep()

    def submit(self) -> None:
        """Claim it, or put it right."""
        if self.missing:
            return
        changes = [self._change()] if not self.id else self._corrections()
        self.problem = kept(self._desk, *changes) if changes else None
        if self.problem is None:
            self.drop()

    def drop(self) -> None:
        """Close the form and forget what stands in it."""
        self._desk.prospects.close_form()

    def _change(self) -> Change:
        return Insert.of("prospect", self._prospect(self._desk.ids()))

    def _corrections(self) -> list[Change]:
        known = next(each for each in self._desk.prospects.mine() if each.prospect.id == self.id)
        new = self._prospect()
        names = (*_TEXTS, "need", "source")
        said = {
            name: (getattr(known.prospect, name), getattr(new, name))
            for name in names
            if getattr(known.prospect, name) != getattr(new, name)
        }
        return [Patch("prospect", self.id, said)] if said else []

    def _prospect(self, id: str = "") -> Prospect:
        texts = {name: getattr(self, name).strip() or None for name in _TEXTS}
        texts["code"] = identity.uscc(self.code) if self.has_code and self.code.strip() else None
        return Prospect(
            **{**cast(Any, texts), "name": self.name.strip()},
            id=id or self.id,
            employee_id=self._desk.store.me.id,
            kind=cast(Any, self.kind),
            occurred_at=self._desk.now(),
            need=cast(Any, self.need or None),
            source=cast(Any, self.source or None),
        )

    def _keep(self) -> None:
        self._desk.store.save_draft(DRAFT, {name: getattr(self, name) for name in _KEPT})


def _is_named_alike(one: Prospect, other: Prospect) -> bool:
    """Whether two organisations are known by one name or code: enough to ask, not to tell."""
    if not one.kind == other.kind == "organisation":
        return False
    known, named = (names_of(each.name, each.code or "") for each in (one, other))
    return not set(known).isdisjoint(named)


NewsKind = Literal["contested", "decided", "lapsing"]
"""In the order in which they are shown: what is to be answered first."""
TOLD_DAYS: Final = 7
"""How long a decision stands on the day's list of whoever does not look at it."""


@dataclass(frozen=True)
class ProspectNews:
    """A claim about which the user must do something, or know something."""

    item: ProspectItem
    kind: NewsKind


def _looked(id: str) -> str:
    return f"prospect:{id}"


@dataclass(eq=False)
class Prospects:
    """The reads and verbs of prospects, answered from memory until the store changes."""

    _desk: "Desk"
    problems: dict[str, Message] = field(default_factory=dict)
    """Why something was not kept, by prospect or contest."""
    _form: ProspectForm | None = None
    _splits: dict[str, SplitForm] = field(default_factory=dict)

    def mine(self) -> list[ProspectItem]:
        """Whom the user has claimed, the open claims first."""
        return self._desk.read(self._own, self._desk.today_text)

    def _own(self, _today: str) -> list[ProspectItem]:
        return self._desk.store.own_prospects(self._desk.now())

    def item(self, id: str) -> ProspectItem | None:
        """One of the user's claims."""
        return next((each for each in self.mine() if each.prospect.id == id), None)

    def news(self) -> list[ProspectNews]:
        """What the user must do or know today: contests, decisions, and claims about to lapse."""
        found = [ProspectNews(each, kind) for each in self.mine() if (kind := self._kind(each))]
        order = get_args(NewsKind)
        return sorted(found, key=lambda each: (order.index(each.kind), each.item.days_left or 0))

    def _kind(self, item: ProspectItem) -> NewsKind | None:
        one, left = item.prospect, item.days_left
        if one.contest_id is not None:
            return "contested"
        if one.decided_at is not None and self._is_fresh(one.id, one.decided_at):
            return "decided"
        return "lapsing" if left is not None and left <= SOON_DAYS else None

    def _is_fresh(self, id: str, decided_at: int) -> bool:
        """Whether a decision came lately, and the user has not looked at it on this device."""
        if decided_at < self._desk.now() - TOLD_DAYS * DAY_MS:
            return False
        return self._desk.read(self._desk.store.setting, _looked(id)) != str(decided_at)

    def look_at(self, item: ProspectItem) -> None:
        """The user looks at a claim: they know what was decided about it."""
        one = item.prospect
        if one.decided_at is not None:
            self._desk.store.set_setting(_looked(one.id), str(one.decided_at))
            self._desk.refresh()

    def awarded(self, customer_id: str) -> list[ProspectItem]:
        """What this customer was before, where it was awarded to the user and to others."""
        me = self._desk.store.me.id
        return [each for each in self.mine() if is_awarded(asdict(each.prospect), me, customer_id)]

    def counted(self) -> int:
        """How many claims are open."""
        return sum(each.prospect.status in OPEN for each in self.mine())

    @property
    def is_full(self) -> bool:
        """Whether the user holds as many as one may."""
        return self.counted() >= MOST_OPEN

    def form(self) -> ProspectForm:
        """The form: the one on screen, the draft, or a new one."""
        if self._form is None:
            self._form = ProspectForm.open(self._desk)
        return self._form

    def close_form(self) -> None:
        """Forget the form that was saved or dropped, with its draft."""
        self._form = None
        self._desk.close_form(DRAFT)

    def met(self, item: ProspectItem, channel: str, outcome: str, note: str) -> bool:
        """Record a contact; return whether it was kept, else `problems` says why."""
        contact = ProspectContact(
            id=self._desk.ids(),
            prospect_id=item.prospect.id,
            employee_id=self._desk.store.me.id,
            channel=cast(Any, channel),
            outcome=cast(Any, outcome),
            occurred_at=self._desk.now(),
            note=note.strip() or None,
        )
        return self._keep(item.prospect.id, Insert.of("prospect_contact", contact))

    def release(self, item: ProspectItem) -> None:
        """Give it back, for anybody to claim."""
        self._step(item, "released", {})

    def lose(self, item: ProspectItem, why: str) -> None:
        """Say that nothing comes of it, and why."""
        self._step(item, "lost", {"reason": why})

    def claim_again(self, item: ProspectItem) -> None:
        """Claim once more what one has not held any longer."""
        self._step(item, "claimed", {})

    def _step(self, item: ProspectItem, after: str, said: dict[str, Any]) -> None:
        one = item.prospect
        self._keep(one.id, Transition("prospect", one.id, "status", one.status, after, said))

    # What a supervisor awards

    def contests(self) -> list[ProspectContestItem]:
        """What is to be awarded, the soonest due first."""
        return self._desk.read(self._contested, self._desk.today_text)

    def _contested(self, _today: str) -> list[ProspectContestItem]:
        return self._desk.store.prospect_contests(self._desk.now())

    def contest(self, id: str) -> ProspectContestItem | None:
        """One of them."""
        return next((each for each in self.contests() if each.id == id), None)

    def split(self, item: ProspectContestItem) -> SplitForm:
        """The open form of a decision."""
        if item.id not in self._splits:
            self._splits[item.id] = SplitForm.of(item)
        return self._splits[item.id]

    def award(self, item: ProspectContestItem, form: SplitForm, why: str) -> None:
        """Say who has it; of several the one with the most leads."""
        if not form.is_whole:
            return
        shares = sorted(read_shares(form.shares), key=lambda each: -each.pay_bp)
        said = {
            "heard": item.contest.claims,
            "shares": shares_text(shares),
            "reason": why,
            "decided_by": self._desk.store.me.id,
        }
        step = Transition("prospect_contest", item.id, "status", "open", "decided", said)
        if self._keep(item.id, step):
            self._splits.pop(item.id, None)

    def _keep(self, of: str, change: Change) -> bool:
        self.problems.pop(of, None)
        if problem := kept(self._desk, change):
            self.problems[of] = problem
            self._desk.refresh()
        return of not in self.problems
