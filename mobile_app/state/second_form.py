"""Second forms: a contact that was written down before is put right in the form it came from.

A correction is a new record that supersedes the one in the archive; refused work is corrected in
its place and sent again. Time and location stay those of the contact itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from mobile_app.platform.location import Fix
from mobile_app.state.rows import RefusedWork
from mobile_app.state.visit import AS_SAID, STEPS, VisitForm
from mobile_app.words import TABLE
from shared.domain import Interaction
from shared.registry import REGISTRY
from shared.sync.change import Change, Insert, Patch, Transition
from shared.sync.protocol import Op

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk


@dataclass(eq=False)
class SecondForm(VisitForm):
    """A form that begins with what a contact says already."""

    former: Interaction = field(kw_only=True)

    @property
    def leads_to_sale(self) -> bool:
        """Nothing is sold by putting a record right."""
        return False

    @property
    def leads_to_case(self) -> bool:
        """Nor is a case opened by that."""
        return False

    def fill(self) -> None:
        """Take over the former contact, then what was changed of it in a draft."""
        former = self.former
        self.channel, self.purpose, self.outcome = former.channel, former.purpose, former.outcome
        self.need = former.need or ""
        self.satisfaction = str(former.satisfaction or "")
        self.started_at = former.started_at or former.occurred_at
        self.fix, self.no_fix_reason = _fix_of(former), former.no_fix_reason or ""
        self._note = former.note or ""
        self._take_step(former.next_step, former.next_due)
        self.pick_up()

    def _take_step(self, said: str | None, due: str | None) -> None:
        if not said:
            return
        self.step = next((code for code in STEPS if said in TABLE[f"step.{code}"]), AS_SAID)
        self.said_step = said if self.step == AS_SAID else ""
        self.next_due, self.due_code = due, "other"
        self.promised = self._was_promised()

    def _was_promised(self) -> bool:
        """Whether the customer was told of the former next step."""
        return False

    async def look_around(self) -> None:
        """Where it was is known or can't be known any more."""

    def choose_step(self, step: str) -> None:
        """Choose the next step; the former one comes back with its own day."""
        super().choose_step(step)
        if self.step == AS_SAID or (self.step and self.step == self._former_step()):
            self.next_due, self.due_code = self.former.next_due, "other"
            self.promised = self._was_promised()
            self._keep()

    def _former_step(self) -> str:
        said = self.former.next_step
        return next((code for code in STEPS if said in TABLE[f"step.{code}"]), "")

    def _put_right(self, next_step: str) -> Interaction:
        """The contact as it is now said; who and when stay."""
        kept = self.step in (AS_SAID, self._former_step())
        said = self.former.next_step or "" if self.step and kept else next_step
        return replace(self.former, **self._fields(said))

    def _place(self) -> dict[str, Any]:
        return {**super()._place(), "no_fix_reason": self.no_fix_reason or None}


@dataclass(eq=False)
class CorrectionForm(SecondForm):
    """One's own contact, put right by a new one that supersedes it."""

    name = "correct"

    @property
    def key(self) -> str:
        """The form's own name."""
        return f"correct:{self.former.id}"

    def _was_promised(self) -> bool:
        task = self._desk.store.follow_up(self.former)
        return task is not None and task.promised

    def _changes(self, next_step: str) -> list[Change]:
        contact = replace(
            self._put_right(next_step), id=self._desk.ids(), supersedes=self.former.id
        )
        return [Insert.of("interaction", contact), *self._follow(contact)]

    def _follow(self, contact: Interaction) -> list[Change]:
        """Bring the task that the former next step made in line with the new one."""
        task = self._desk.store.follow_up(self.former)
        if not contact.next_step or not contact.next_due:
            return [Transition("task", task.id, "status", "open", "dropped")] if task else []
        if task is None:
            same = (contact.next_step, contact.next_due) == (
                self.former.next_step,
                self.former.next_due,
            )
            return (
                [] if same else [Insert.of("task", self._follow_up(contact.id, contact.next_step))]
            )
        pairs = {
            "title": (task.title, contact.next_step),
            "due": (task.due, contact.next_due),
            "kind": (task.kind, self._kind_of_step() if self.step in STEPS else task.kind),
            "promised": (task.promised, self.promised),
        }
        changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        return [Patch("task", task.id, changed)] if changed else []


@dataclass(eq=False)
class MendingForm(SecondForm):
    """A refused contact, corrected and sent again in its own place."""

    name = "mend"
    work: RefusedWork = field(kw_only=True)

    @property
    def key(self) -> str:
        """The form's own name."""
        return f"mend:{self.work.op_id}"

    @property
    def other_customer(self) -> bool:
        """Whether it may have been another customer: the one that was named is not known."""
        refusal = self.work.refusal
        return refusal is not None and refusal.code == "unknown_customer"

    def _was_promised(self) -> bool:
        steps = (op for op in self.work.ops if _is_follow_up(op, self.former.id))
        return any(op.get("doc", {}).get("promised") for op in steps)

    def choose_customer(self, customer_id: str) -> None:
        """Say that it was another customer."""
        self.customer_id = customer_id
        self.customer_name = self._desk.name_of(customer_id)
        self._keep()

    def _save(self, next_step: str) -> None:
        contact = self._put_right(next_step)
        edits: dict[str, dict[str, Any]] = {}
        without: set[str] = set()
        is_followed = False
        for op in self.work.ops:
            if op["entity"] == "interaction" and op["kind"] == "insert":
                edits[op["op_id"]] = _document(contact)
            elif _is_follow_up(op, contact.id) and self.agreed and self.next_due:
                is_followed = True
                edits[op["op_id"]] = self._step_as_said(next_step)
            elif _is_follow_up(op, contact.id):
                without.add(op["op_id"])
            elif "customer_id" in op.get("doc", {}):
                edits[op["op_id"]] = {"customer_id": self.customer_id}
        self._desk.store.resend(self.work.op_id, edits, without)
        if self.agreed and self.next_due and not is_followed:
            follow_up = self._follow_up(contact.id, next_step)
            self._desk.store.commit(Insert.of("task", follow_up))
        self._desk.runner.wake()

    def _step_as_said(self, next_step: str) -> dict[str, Any]:
        fields = {
            "customer_id": self.customer_id,
            "title": next_step,
            "due": self.next_due,
            "promised": self.promised,
        }
        return fields | ({"kind": self._kind_of_step()} if self.step in STEPS else {})


def _fix_of(contact: Interaction) -> Fix | None:
    if contact.latitude is None or contact.longitude is None:
        return None
    accuracy = contact.accuracy_m or 0.0
    return Fix(contact.latitude, contact.longitude, accuracy, contact.fix_at or contact.occurred_at)


def _document(contact: Interaction) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in REGISTRY["interaction"].fields}


def _is_follow_up(op: Op, interaction_id: str) -> bool:
    return op["entity"] == "task" and op.get("doc", {}).get("interaction_id") == interaction_id


def correction_of(desk: "Desk", interaction_id: str) -> VisitForm | None:
    """Return the form that puts one's own contact right, None where there is none such here."""
    return _opened(desk, f"correct:{interaction_id}", lambda: _correcting(desk, interaction_id))


def _correcting(desk: "Desk", interaction_id: str) -> SecondForm | None:
    document = desk.store.document("interaction", interaction_id)
    if document is None or document["employee_id"] != desk.store.me.id:
        return None
    former = Interaction(**cast(Any, document))
    return CorrectionForm(desk, former.customer_id, desk.name_of(former.customer_id), former=former)


def mending_of(desk: "Desk", op_id: str) -> VisitForm | None:
    """Return the form that corrects a refused contact, None if it was settled meanwhile."""
    return _opened(desk, f"mend:{op_id}", lambda: _mending(desk, op_id))


def _mending(desk: "Desk", op_id: str) -> SecondForm | None:
    work = next((one for one in desk.inbox.refused() if one.op_id == op_id), None)
    contact = (
        next((op["doc"] for op in work.ops if op["entity"] == "interaction"), None)
        if work
        else None
    )
    if work is None or contact is None:
        return None
    former = Interaction(**cast(Any, REGISTRY["interaction"].known(contact)))
    return MendingForm(
        desk, former.customer_id, desk.name_of(former.customer_id), former=former, work=work
    )


def _opened(desk: "Desk", key: str, make: Callable[[], SecondForm | None]) -> VisitForm | None:
    if key not in desk.forms:
        made = make()
        if made is None:
            return None
        made.fill()
        desk.forms[key] = made
    return desk.forms[key]
