"""The device's store: one door to the two encrypted files, for the screens and for the sync core.

`commit` makes a user's act durable in the outbox first; the mirror's overlay follows and is made
anew from the outbox at every opening, so that a crash between the two loses nothing.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json, to_json
from sqlalchemy import Engine

from mobile_app.store.bridge import reading
from mobile_app.store.faults import DiskFull
from mobile_app.store.mirror import Mirror
from mobile_app.store.outbox import Outbox
from mobile_app.store.records import Check
from mobile_app.store.ruled import hold_to_rules
from mobile_app.store.set_aside import Key
from mobile_app.store.settling import Settling
from mobile_app.store.shared_rows import shared_rows
from mobile_app.store.texts import keepable
from shared.domain import Employee
from shared.errors import Refusal, refused
from shared.ids import Millis, uuid7
from shared.registry import REGISTRY, Document
from shared.sync.change import Add, Change, Delete, Insert, Patch, Remove, Transition
from shared.sync.digest import Names, compared
from shared.sync.protocol import (
    FIRST_SCHEMA,
    MAX_OPS,
    DeviceStatus,
    HeadLine,
    Op,
    PageLine,
    Receipt,
    Row,
    Txn,
    Verdict,
    complaint,
)
from shared.sync.verify import SharedRow

Listener = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this device is: set once, at enrolment."""

    device_id: str
    token: str
    server_url: str
    employee: Employee


class NotEnrolled(Exception):
    """The device has no identity yet."""


class DeviceStore(Settling):
    """The store of one profile; what screens read is in `Queries`, what the inbox decides in
    `Settling`, the sync core's wishes are here."""

    def __init__(
        self,
        mirror: Engine,
        outbox: Engine,
        clock: Callable[[], Millis],
        randomness: Callable[[int], bytes],
    ) -> None:
        self._engines = mirror, outbox
        self._clock, self._randomness = clock, randomness
        self._mirror, self._outbox = Mirror(mirror, self.new_id), Outbox(outbox)
        self._listeners: list[Listener] = []
        self._unshown: set[Key] = set()
        """Rows that a full disk kept from showing the user's own work."""
        self._unsettled = False
        """Whether a full disk may have kept the outbox from noting what was read back."""
        self._pruned = False
        """Whether this opening has let go of what was settled long ago."""
        self._identity = _read_identity(self._outbox)
        super().__init__(self._mirror, self._outbox, self._my_id)
        self._recover()

    def _recover(self) -> None:
        """Bring the two files in line, wherever the last run ended; a full disk opens all the same.

        Whoever cannot make room otherwise must at least be able to read what is here.
        """
        self._unsettled = True
        with suppress(DiskFull):
            self._settle(self._mirror.seq())
            self._mirror.take_up(self._outbox.unsettled(self._mirror.seq()))
        self._show(self._outbox.unsettled(self._mirror.seq()).keys | self._mirror.overlaid())
        with suppress(DiskFull):
            self._close_issues()

    def _my_id(self) -> str:
        return self.me.id

    @property
    def identity(self) -> Identity:
        """Who this device is; raises NotEnrolled."""
        if self._identity is None:
            raise NotEnrolled
        return self._identity

    @property
    def me(self) -> Employee:
        """The employee whose device this is, as last synced."""
        mine = self.identity.employee
        return self.employees().get(mine.id, mine)

    @property
    def role(self) -> str:
        """The role of the device's employee."""
        return self.me.role

    def enrol(self, device_id: str, token: str, server_url: str, employee: Employee) -> None:
        """Take on an identity, or a new token for the one it has; durable on return."""
        self._identity = Identity(device_id, token, server_url, employee)
        self._outbox.write_meta("identity", to_json(self._identity).decode())

    def new_id(self) -> str:
        """Return a fresh id for a record."""
        return uuid7(self._clock(), self._randomness(10))

    def commit(self, *changes: Change) -> None:
        """Save what the user did as one transaction; durable on return.

        Raises Refusal `unfit` for a document that does not fit, and what the bank's own rules have
        against it: nothing is saved then.
        """
        self.commit_each(changes)

    def objection(self, *changes: Change) -> Refusal | None:
        """Return what the bank's own rules have against a transaction; saves nothing."""
        try:
            hold_to_rules(changes, self._mirror.document, self.me.id, self._clock())
        except Refusal as refusal:
            return refusal
        return None

    def commit_each(self, *groups: Sequence[Change]) -> None:
        """Save several transactions at once, each of which the server judges by itself.

        What belongs to a record but must not bring it down with it stands in a group of its own.
        Raises as `commit`.
        """
        if max(map(len, groups), default=0) > MAX_OPS:
            raise ValueError(f"no exchange takes more than {MAX_OPS} operations as one")
        txns = [(self.new_id(), [self._op(change) for change in group]) for group in groups]
        together = [change for group in groups for change in group]
        hold_to_rules(together, self._mirror.document, self.me.id, self._clock())
        self._outbox.append(txns, self._clock())
        self._show({(op["entity"], op["id"]) for _, ops in txns for op in ops})
        self._tell()

    def _show(self, keys: Collection[Key]) -> None:
        """Show the user's work as the outbox has it.

        By now it is saved, and saying otherwise would have it made twice. So if the disk is full,
        it is shown as soon as there is room again, at the next save or exchange.
        """
        self._unshown |= set(keys)
        with suppress(DiskFull):
            unsettled = self._outbox.unsettled(self._mirror.seq(), self._unshown)
            self._mirror.overlay(self._unshown, unsettled)
            self._unshown = set()

    def _op(self, change: Change) -> Op:
        key = change.entity, change.id
        op: Op = {
            "op_id": self.new_id(),
            "device_seq": 0,
            "kind": _KINDS[type(change)],
            "entity": change.entity,
            "id": change.id,
            "occurred_at": self._clock(),
            "version": 0,
        }
        if isinstance(change, Insert):
            return {**op, "doc": _checked(change)}
        op["version"] = self._mirror.version(key)
        if isinstance(change, Patch):
            op["set"] = {name: list(pair) for name, pair in change.fields.items()}
        elif isinstance(change, Transition):
            said = {name: [None, value] for name, value in change.said.items()}
            op["set"] = {change.field: [change.before, change.after], **said}
        elif isinstance(change, Add):
            op["set"] = {change.field: [None, change.word]}
        elif isinstance(change, Remove):
            op["set"] = {change.field: [change.word, None]}
        if "set" in op:
            op["set"] = keepable(op["set"])
        if depends := self._outbox.open_ops(key):
            op["depends"] = depends
        return op

    def fate(self, entity: str, id: str) -> str | None:
        """Return how far the operation that made a record here has come: pending, acked, deferred,
        done, quarantined or discarded; None if it was not made here, or is long settled."""
        return self._outbox.fate((entity, id))

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every local commit and applied page; return how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self) -> None:
        self.forget_states()
        for listener in tuple(self._listeners):
            listener()

    def _shown_anew(self, keys: set[Key]) -> None:
        self._show(keys)
        self._tell()

    def _request(self, customer_id: str, field: str, old: Any, new: Any, reason: str) -> Insert:
        document: Document = {
            "id": self.new_id(),
            "customer_id": customer_id,
            "employee_id": self.me.id,
            "field": field,
            "old": to_json(old).decode(),
            "new": to_json(new).decode(),
            "reason": reason,
            "occurred_at": self._clock(),
        }
        return Insert("change_request", document)

    def save_draft(self, key: str, body: dict[str, Any]) -> None:
        """Save an unfinished form; durable on return."""
        self._outbox.save_draft(key, keepable(body), self._clock())

    def draft(self, key: str) -> dict[str, Any] | None:
        """Return an unfinished form, or None."""
        return self._outbox.draft(key)

    def drop_draft(self, key: str) -> None:
        """Forget an unfinished form."""
        self._outbox.drop_draft(key)

    def drafts(self) -> list[str]:
        """Return the keys of unfinished forms, latest first."""
        return self._outbox.drafts()

    def setting(self, key: str) -> str | None:
        """Return one of the user's settings on this device."""
        return self._outbox.read_meta(f"setting:{key}")

    def set_setting(self, key: str, value: str) -> None:
        """Keep one of the user's settings on this device."""
        self._outbox.write_meta(f"setting:{key}", value)

    # What the sync core needs (shared.sync.session.LocalStore)

    def status(self) -> DeviceStatus:
        """Say how much is waiting."""
        count, oldest = self._outbox.waiting()
        return {"pending": count, "oldest_pending_at": oldest, "sent_at": self._clock()}

    def cursor(self) -> str | None:
        """Return the cursor of the last applied page."""
        return self._mirror.meta().get("cursor")

    def pending(self, most: int, after: int = 0) -> Sequence[Txn]:
        """Return the next whole transactions to send, behind the operation `after`."""
        return self._outbox.pending(most, after)

    def unsent(self) -> Iterator[Sequence[Txn]]:
        """Yield what `pending` would return, were each batch answered in turn; changes nothing."""
        after = 0
        while batch := self.pending(MAX_OPS, after):
            yield batch
            after = batch[-1]["ops"][-1]["device_seq"]

    def record_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Keep what became of sent operations."""
        seq = self._mirror.seq()
        self._outbox.record([self._with_last_known(verdict) for verdict in verdicts], seq)
        if any(verdict["seq"] is not None and verdict["seq"] <= seq for verdict in verdicts):
            self._show(self._mirror.overlaid())
        self._tell()

    def _with_last_known(self, verdict: Verdict) -> Verdict:
        """Keep what a record was that is gone: its row leaves with the page that follows."""
        if verdict.get("code") != "gone":
            return verdict
        op = self._outbox.op(verdict["op_id"])
        last = self._mirror.document((op["entity"], op["id"]))
        return {**verdict, "last": last}  # type: ignore[typeddict-unknown-key]

    def quarantine(self, txn: Txn, refusal: Refusal) -> None:
        """Set a transaction aside that the server cannot read."""
        self._outbox.quarantine(txn["txn"], refusal)
        self._tell()

    def generation(self) -> str | None:
        """Return the generation of the server that this device last met."""
        return self._outbox.read_meta("generation")

    def server_schema(self) -> int | None:
        """Return the schema of the server that was met last; None before the first."""
        said = self._outbox.read_meta("server_schema")
        return None if said is None else int(said)

    def meet(self, head: HeadLine) -> None:
        """Note the server's schema and generation; a new one lacks what came after its backup."""
        if self._unsettled:
            self._settle(self._mirror.seq())
        if self._unshown:
            self._show(())
        if not self._pruned:
            self._outbox.prune(head["now"])
            self._pruned = True
        self._meet_schema(head.get("schema", FIRST_SCHEMA))
        known = self._outbox.read_meta("generation")
        if known == head["generation"]:
            return
        if known is not None:
            self._outbox.send_again()
            self._mirror.forget_seq()
        self._outbox.write_meta("generation", head["generation"])

    def _meet_schema(self, schema: int) -> None:
        """Note the server's schema; ask an upgraded one about what it did not understand."""
        known = self.server_schema()
        if known == schema:
            return
        if known is not None and known < schema:
            self._outbox.ask_again()
        self._outbox.write_meta("server_schema", str(schema))

    def apply_page(self, page: PageLine) -> bool:
        """Apply a page and its cursor as one; then mark as done what it brought back."""
        unsettled = self._outbox.unsettled(page["seq"])
        if not self._mirror.apply(page, unsettled, self._clock()):
            return False
        if any(row["entity"] == "issue" for row in page["rows"]):
            self._close_issues()
        if self._settle(page["seq"]) or page["rows"] or page["gone"] or page["complete"]:
            self._tell()
        return True

    def _settle(self, seq: int) -> bool:
        self._unsettled = True
        settled = self._outbox.settle(seq)
        self._unsettled = False
        return settled

    def _close_issues(self) -> None:
        """Follow what a supervisor decided on work that was refused here."""
        if waiting := self._outbox.quarantined():
            settled = self._mirror.issues_settled(waiting)
            states = {id: _SETTLED[status] for id, status in settled.items()}
            if states:
                self._show(set(self._outbox.close_issues(states, self._mirror.seq())))

    def receipts(self) -> Sequence[Receipt]:
        """Return what was purged and the server does not know to be gone yet."""
        return self._mirror.receipts()

    def receipted(self, ids: Sequence[str]) -> None:
        """Forget receipts that the server has written down."""
        self._mirror.drop_receipts(ids)

    def forget_record(self) -> None:
        """Take every shared row off this device; the user's own unsent work stays.

        What was delivered counts as done: nothing will be read back here that could say more.
        """
        self._outbox.settle(_EVERYTHING)
        self._mirror.forget()
        self._tell()

    # What a comparison with the server needs (shared.sync.verify.SharedRows)

    def columns(self) -> Names:
        """Return the columns of every entity that this app knows."""
        return {entity.name: compared(entity) for entity in REGISTRY.values()}

    def shared_rows(
        self, entity: str, names: Sequence[str], after: str
    ) -> tuple[Sequence[SharedRow], str | None]:
        """Return some rows as the shared record has them, and where to go on; None at the end."""
        with reading(self._mirror.engine) as connection:
            return shared_rows(connection, entity, names, after)

    def repair(self, cursor: str | None, rows: Sequence[Row]) -> bool:
        """Put rows right as one, beneath the user's own work; False if the cursor has moved."""
        unsettled = self._outbox.unsettled(self._mirror.seq())
        if not self._mirror.repair(cursor, rows, unsettled):
            return False
        self._tell()
        return True

    def note_check(self, check: Check) -> None:
        """Remember what the last comparison came to."""
        self.set_setting("check", to_json(check).decode())
        self._tell()

    def last_check(self) -> Check | None:
        """Return what the last comparison came to, None if there was none."""
        text = self.setting("check")
        return None if text is None else Check(**from_json(text))

    def close(self) -> None:
        """Close both files."""
        for engine in self._engines:
            engine.dispose()


_EVERYTHING: Final = 2**62
"""A seq that no server reaches."""
_SETTLED: Final = {"accepted": "done", "discarded": "discarded", "resent": "discarded"}
"""What becomes of a refused transaction here, by what became of its issue."""
_KINDS: Final[dict[type, str]] = {
    Insert: "insert",
    Patch: "patch",
    Transition: "transition",
    Add: "add",
    Remove: "remove",
    Delete: "delete",
}


def _checked(change: Insert) -> dict[str, Any]:
    """Refuse on the spot what the server would refuse later: the form is still open now."""
    entity = REGISTRY[change.entity]
    try:
        return entity.one.validate_python(keepable(entity.known(change.document)))
    except ValidationError as error:
        path, problem = complaint(error)
        raise refused("unfit", path=path, problem=problem) from None


def _read_identity(outbox: Outbox) -> Identity | None:
    text = outbox.read_meta("identity")
    if text is None:
        return None
    known = from_json(text)
    return Identity(**{**known, "employee": Employee(**known["employee"])})
