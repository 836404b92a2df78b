"""Visit form: one contact being written down, in the order people speak.

目的 -> 结果 -> 需求 -> 下一步 + 日期 -> 满意度. The time is taken when it starts and one location
fix is asked for then, without making anyone wait. Every change goes to a draft at once, because the
phone may die in the doorway; the same form serves a visit, a call and a chat.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast, get_args

import flet as ft

from mobile_app.platform.location import Fix, NoFix
from mobile_app.state.attaching import Attaching
from mobile_app.state.said import Message, Said
from mobile_app.store.faults import DiskFull
from shared.domain import Interaction, Task, VisitTemplate
from shared.domain.customer import Need
from shared.domain.interaction import NoFixReason, Outcome, Purpose, is_usable_fix
from shared.errors import Refusal
from shared.sync.change import Change, Insert, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

CHANNELS: Final = ("visit", "call", "wechat")
CODES: Final[dict[str, tuple[str, ...]]] = {
    "purpose": get_args(Purpose),
    "outcome": get_args(Outcome),
    "need": get_args(Need),
    "satisfaction": ("1", "2", "3", "4", "5"),
}
NO_FIX_REASONS: Final[tuple[NoFixReason, ...]] = ("indoors", "denied", "private", "unsupported")
STEPS: Final[dict[str, tuple[str, int]]] = {
    "visit_again": ("visit", 7),
    "call_back": ("call", 3),
    "send_material": ("wechat", 1),
    "proposal": ("visit", 3),
    "paperwork": ("follow_up", 3),
}
"""The next steps people choose: the kind of task each makes and the days until it is due."""
AS_SAID: Final = "as_said"
"""A next step in words that are none of these; only a record that is put right has one."""
DUES: Final[dict[str, int]] = {
    "tomorrow": 1,
    "three_days": 3,
    "week": 7,
    "fortnight": 14,
    "month": 30,
}
KEPT: Final = (
    "channel", "task_id", "purpose", "outcome", "need", "step", "next_due", "due_code",
    "promised", "satisfaction", "note", "started_at", "no_fix_reason",
)  # fmt: skip


def working_day(today: str, days: int) -> str:
    """Return the day that lies `days` ahead, a weekend moved on to Monday."""
    day = date.fromisoformat(today) + timedelta(days=days)
    return (day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])).isoformat()


@dataclass(eq=False)
class VisitForm(ft.Observable):
    """The form of one customer. Fields hold codes; the empty string is "not said"."""

    name: ClassVar[str] = "visit"
    """The family of words of the form's head and foot."""
    _desk: "Desk"
    customer_id: str
    customer_name: str
    channel: str = "visit"
    task_id: str | None = None
    purpose: str = ""
    outcome: str = ""
    need: str = ""
    step: str = ""
    due_code: str = ""
    next_due: str | None = None
    promised: bool = False
    """Whether the customer was told that the next step would be done by its day."""
    satisfaction: str = ""
    started_at: int | None = None
    fix: Fix | None = None
    asking: bool = False
    no_fix_reason: str = ""
    restored: bool = False
    problem: Message | None = None
    recorded: str = ""
    """The contact that it became, once it is saved."""
    said_step: str = ""
    """The next step of a record that is put right, where it is in words of its own."""
    _note: str = ""
    attaching: Attaching = field(init=False)

    def __post_init__(self) -> None:
        self.attaching = Attaching(self._desk.attachments, self._keep)

    @staticmethod
    def draft_key(customer_id: str) -> str:
        """The draft's name in the store; one contact per customer is being written at a time."""
        return f"visit:{customer_id}"

    @property
    def key(self) -> str:
        """The form's own name, under which its draft is kept."""
        return self.draft_key(self.customer_id)

    @classmethod
    def open(cls, desk: "Desk", customer_id: str, customer_name: str) -> "VisitForm":
        """Return the form as the draft left it, or an empty one."""
        form = cls(desk, customer_id, customer_name)
        form.pick_up()
        return form

    def pick_up(self) -> None:
        """Go on where the draft was left, if there is one."""
        draft = self._desk.store.draft(self.key)
        if draft:
            self._restore(draft)

    # What the screen reads

    @property
    def agreed(self) -> bool:
        """Whether a next step was agreed."""
        return self.step in STEPS or self.step == AS_SAID

    @property
    def steps(self) -> tuple[str, ...]:
        """The next steps to choose from."""
        return (*STEPS, *([AS_SAID] if self.said_step else []), "none")

    @property
    def note(self) -> str:
        """The note as typed so far; not observed, so typing re-renders nothing."""
        return self._note

    @property
    def complete(self) -> bool:
        """Whether it can be submitted: what for, and with what result."""
        return bool(self.purpose and self.outcome)

    @property
    def leads_to_sale(self) -> bool:
        """Whether something may have been sold in it."""
        return self.outcome in ("interested", "done")

    @property
    def leads_to_case(self) -> bool:
        """Whether the customer complained in it."""
        return self.purpose == "complaint"

    @property
    def prompts(self) -> list[str]:
        """What to ask on a visit with this purpose."""
        template = self._template()
        return (
            [line.strip() for line in template.prompts.splitlines() if line.strip()]
            if template
            else []
        )

    def choices(self, name: str) -> list[str]:
        """The codes of one field, the user's most used first."""
        codes = CODES[name]
        used = self._desk.store.frequent(name) if name in ("purpose", "outcome", "need") else []
        return [code for code in used if code in codes] + [
            code for code in codes if code not in used
        ]

    def due_choices(self) -> list[tuple[str, str]]:
        """The preset days: (code, calendar day)."""
        today = self._desk.today_text
        return [(code, working_day(today, days)) for code, days in DUES.items()]

    @property
    def first_date(self) -> date:
        """The first day that a next step can fall on."""
        return date.fromisoformat(self._desk.today_text)

    # What the user does

    def begin(self, channel: str, task_id: str | None) -> None:
        """Start: take the time now; a form already begun keeps its own start."""
        if self.started_at is None:
            self.started_at = self._desk.now()
            self.channel, self.task_id = channel, task_id
            self._keep()

    async def look_around(self) -> None:
        """Ask once for a location fix; nobody waits for the answer."""
        self.begin(self.channel, self.task_id)
        if self.channel != "visit" or self.fix or self.asking or self.no_fix_reason:
            return
        self.asking = True
        answer = await self._desk.locate()
        self.asking = False
        if isinstance(answer, NoFix):
            self.no_fix_reason = self.no_fix_reason or answer.reason
        elif is_usable_fix(answer.at, self.started_at or answer.at):
            self.fix, self.no_fix_reason = answer, ""
        else:
            self.no_fix_reason = "stale"
        self._keep()

    def choose(self, name: str, code: str) -> None:
        """Choose one code of a field; choosing it again takes it back."""
        setattr(self, name, "" if getattr(self, name) == code else code)
        self._keep()

    def choose_channel(self, channel: str) -> None:
        """Say that it is a call or a chat after all."""
        self.channel = channel
        self._keep()

    def choose_step(self, step: str) -> None:
        """Choose the next step; a sensible day comes with it and can be changed."""
        again = self.step == step
        self.step = "" if again else step
        self.due_code = ""
        self.next_due = None
        self.promised = False
        if not again and step in STEPS:
            days = STEPS[step][1]
            self.next_due = working_day(self._desk.today_text, days)
            self.due_code = next((code for code, ahead in DUES.items() if ahead == days), "")
        self._keep()

    def promise(self) -> None:
        """Say that the customer was told of the next step; saying it again takes it back."""
        self.promised = not self.promised
        self._keep()

    def choose_due(self, code: str, day: str) -> None:
        """Choose the day of the next step."""
        self.due_code, self.next_due = code, day
        self._keep()

    def choose_date(self, moment: date | datetime | None) -> None:
        """Choose a day on the calendar; it is the user's own day, wherever the moment is told."""
        if isinstance(moment, datetime):
            moment = (moment.astimezone() if moment.tzinfo else moment).date()
        if moment is not None:
            self.choose_due("other", moment.isoformat())

    def explain_no_fix(self, reason: str) -> None:
        """Say why there is no location; what the device found instead is not kept."""
        self.no_fix_reason, self.fix = reason, None
        self._keep()

    def write(self, note: str) -> None:
        """Take over the note as it is typed."""
        self._note = note
        self._keep()

    def submit(self, next_step: str) -> bool:
        """Record the contact, its follow-up and the task it answers, all in one commit.

        `next_step` is the chosen step in the user's words, which is what the record keeps. Returns
        whether it was saved; if not, the form stays and `problem` says why.
        """
        if not self.complete:
            return False
        try:
            self._save(next_step)
        except Refusal as refusal:
            self.problem = refusal
        except DiskFull:
            self.problem = Said("disk_full")
        else:
            self._desk.close_form(self.key)
            return True
        return False

    def drop(self) -> None:
        """Give the contact up; nothing is recorded."""
        self._desk.close_form(self.key)
        self.attaching.remove_all()

    # How it becomes records

    def _save(self, next_step: str) -> None:
        """Commit the contact as one, and what is attached to it beside it."""
        changes = self._changes(next_step)
        self.recorded = changes[0].id
        if self.attaching.held:
            records = self.attaching.records(self.customer_id, changes[0].id)
            self._desk.attachments.commit(changes, records)
        else:
            self._desk.store.commit(*changes)

    def _changes(self, next_step: str) -> list[Change]:
        contact = self._interaction(next_step)
        changes: list[Change] = [Insert.of("interaction", contact)]
        if self.task_id:
            changes.append(Transition("task", self.task_id, "status", "open", "done"))
        if self.agreed and self.next_due:
            changes.append(Insert.of("task", self._follow_up(contact.id, next_step)))
        return changes

    def _interaction(self, next_step: str) -> Interaction:
        started = self.started_at or self._desk.now()
        return Interaction(
            id=self._desk.ids(),
            employee_id=self._desk.store.me.id,
            occurred_at=started,
            started_at=started,
            ended_at=self._desk.now(),
            **self._fields(next_step),
        )

    def _fields(self, next_step: str) -> dict[str, Any]:
        """What the form says, as fields of the contact."""
        template = self._template()
        return {
            "customer_id": self.customer_id,
            "channel": self.channel,
            "purpose": self.purpose,
            "outcome": self.outcome,
            "need": self.need or None,
            "next_step": next_step if self.agreed else None,
            "next_due": self.next_due if self.agreed else None,
            "satisfaction": int(self.satisfaction) if self.satisfaction else None,
            "note": self._note.strip() or None,
            "template_id": template.id if template else None,
            **self._place(),
        }

    def _place(self) -> dict[str, Any]:
        """Where a visit began, or why that is not known; a call has no place."""
        visit = self.channel == "visit"
        fix = self.fix if visit else None
        return {
            "latitude": fix.latitude if fix else None,
            "longitude": fix.longitude if fix else None,
            "accuracy_m": fix.accuracy_m if fix else None,
            "fix_at": fix.at if fix else None,
            "no_fix_reason": (self.no_fix_reason or "timed_out") if visit and not fix else None,
        }

    def _follow_up(self, interaction_id: str, title: str) -> Task:
        return Task(
            id=self._desk.ids(),
            customer_id=self.customer_id,
            kind=cast(Any, self._kind_of_step()),
            title=title,
            due=self.next_due or self._desk.today_text,
            interaction_id=interaction_id,
            promised=self.promised,
        )

    def _kind_of_step(self) -> str:
        return STEPS[self.step][0] if self.step in STEPS else "follow_up"

    def _template(self) -> VisitTemplate | None:
        found = self._desk.store.templates(self.purpose) if self.purpose else []
        return found[0] if found else None

    # How the draft is kept

    def _keep(self) -> None:
        body = {name: getattr(self, name) for name in KEPT}
        if self.attaching.held:
            body["attachments"] = self.attaching.draft()
        if self.fix:
            fix = self.fix
            body["fix"] = [fix.latitude, fix.longitude, fix.accuracy_m, fix.at]
        self._desk.store.save_draft(self.key, body)

    def _restore(self, draft: dict[str, Any]) -> None:
        for name in KEPT:
            if name in draft:
                setattr(self, "_note" if name == "note" else name, draft[name])
        self.attaching.restore(draft.get("attachments", ()))
        fix = draft.get("fix")
        self.fix = Fix(fix[0], fix[1], fix[2], int(fix[3])) if fix else None
        self.restored = True
