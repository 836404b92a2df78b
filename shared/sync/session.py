"""The device's side of one conversation with the server, as a generator without IO.

Theory of operation. `converse` yields what it wants and is sent what came of it:

    yields Post(body)   the runner opens the exchange; is sent the first line of the answer
    yields NEXT         is sent the next line

A refusal of a whole request is thrown in; so is `Unreachable`, which is not caught here: whatever
was applied is durable, and the next conversation goes on from there. The generator returns a
`Report` once the server has nothing more and nothing is left to send.

What makes it safe to stop anywhere: the store records a verdict before anything depends on it, a
page and its cursor in one transaction, and every operation may be sent again under its op_id. So
the conversation is a pure function of what the store holds, and needs no memory of its own.

A server that is older than the app is sent only what it can read: the first line of its answers
says its schema, and until one was heard, messages have the oldest form. What has no such form, a
correction of refused work, waits for that line.

A batch that the server cannot read must not block the rest. It is halved until the one
transaction that spoils it stands alone; that one is quarantined with the reason, and work goes on
with batches that grow again. One over which the server itself fails is passed over first: only if
what stands behind it goes through was it this transaction, and not the server.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, Protocol

from shared.errors import Refusal
from shared.sync.protocol import (
    FIRST_SCHEMA,
    MAX_OPS,
    PROTOCOL,
    SCHEMA,
    SETTLES_SINCE,
    DeviceStatus,
    HeadLine,
    Line,
    PageLine,
    Receipt,
    Txn,
    Verdict,
    write,
)


class LocalStore(Protocol):
    """What the conversation needs of the device's store. Every call is durable on return."""

    def status(self) -> DeviceStatus:
        """Say how much is waiting."""

    def cursor(self) -> str | None:
        """Return the cursor of the last applied page."""

    def server_schema(self) -> int | None:
        """Return the schema of the server that was met last; None before the first."""

    def pending(self, most: int, after: int = 0) -> Sequence[Txn]:
        """Return the next whole transactions to send, in the order made, of `most` operations.

        `after` is the device_seq of an operation that they follow.
        """

    def record_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Remember what became of sent operations."""

    def meet(self, head: HeadLine) -> None:
        """Take note of the server's generation and schema; after a restore, send again what it
        may lack, and after its upgrade, what it could not understand."""

    def apply_page(self, page: PageLine) -> bool:
        """Apply a page and its cursor as one; return False if it does not follow the cursor."""

    def quarantine(self, txn: Txn, refusal: Refusal) -> None:
        """Set a transaction aside that the server cannot read."""

    def receipts(self) -> Sequence[Receipt]:
        """Return what was purged and the server does not know to be gone yet."""

    def receipted(self, ids: Sequence[str]) -> None:
        """Forget receipts that the server has written down."""


@dataclass(frozen=True, slots=True)
class Post:
    """A request body to post to /v1/sync."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Next:
    """The wish for the next line of the answer at hand."""


NEXT: Final = Next()
Wish = Post | Next


@dataclass(slots=True)
class Report:
    """What one conversation moved. Counts of operations and rows."""

    pushed: int = 0
    pulled: int = 0
    rejected: int = 0
    rounds: int = 0
    backoff_ms: int = 0
    code: str | None = None
    """What the server wants said to the user: `upgrade`, or `revoked`."""


class ProtocolError(ValueError):
    """The answer is not one that a server of this protocol gives."""


_OF_A_RECORD: Final = ("txns", "body")
"""Where the complaint of a malformed request begins, if it is about what was recorded."""


def converse(store: LocalStore) -> Generator[Wish, Line, Report]:
    """Hold one conversation: send all that waits, take in all that is new."""
    report = Report()
    most = MAX_OPS
    passed_over: tuple[Txn, Refusal] | None = None
    told: set[str] = set()
    while True:
        txns = _readable(store, store.pending(most, _behind(passed_over)))
        told |= _untold(store, told)
        try:
            more = yield from _exchange(store, txns, report)
        except Refusal as refusal:
            if not _is_of_the_batch(refusal) or not txns:
                raise
            if len(txns) == 1 and refusal.code != "server_failed":
                store.quarantine(txns[0], refusal)
            elif len(txns) == 1 and passed_over:  # it fails over anything
                raise
            elif len(txns) == 1:
                passed_over = txns[0], refusal
            most = max(1, sum(len(txn["ops"]) for txn in txns) // 2)
            continue
        if passed_over and not txns:  # nothing behind it tells
            raise passed_over[1]
        if passed_over:
            store.quarantine(*passed_over)
            passed_over = None
        most = min(MAX_OPS, most * 2)
        if not more and not store.pending(1) and not _untold(store, told):
            return report


def _behind(passed_over: tuple[Txn, Refusal] | None) -> int:
    return passed_over[0]["ops"][-1]["device_seq"] if passed_over else 0


def _is_of_the_batch(refusal: Refusal) -> bool:
    """Whether a smaller batch may fare better; anything else would be refused alone as well."""
    if refusal.code == "malformed":
        return refusal.fields.get("path", "").startswith(_OF_A_RECORD)
    return refusal.code in ("too_large", "server_failed")


def _settles(store: LocalStore) -> bool:
    """Whether the server is known to read `replaces` and `receipts`."""
    return (store.server_schema() or FIRST_SCHEMA) >= SETTLES_SINCE


def _readable(store: LocalStore, txns: Sequence[Txn]) -> Sequence[Txn]:
    """Hold a correction back, and what follows it, while nothing is known of the server.

    Without `replaces` it would be taken, and the issue that it settles would stay open.
    """
    if store.server_schema() is None:
        return list(takewhile(lambda txn: "replaces" not in txn, txns))
    return txns


def _receipts(store: LocalStore) -> Sequence[Receipt]:
    return store.receipts() if _settles(store) else ()


def _untold(store: LocalStore, told: set[str]) -> set[str]:
    """Return the receipts that were not sent yet; a server may not confirm them."""
    return {receipt["id"] for receipt in _receipts(store)} - told


def _exchange(
    store: LocalStore, txns: Sequence[Txn], report: Report
) -> Generator[Wish, Line, bool]:
    unanswered = {op["op_id"] for txn in txns for op in txn["ops"]}
    line = yield Post(request_body(store, txns))
    report.rounds += 1
    if line["line"] != "head":
        raise ProtocolError("an answer that does not begin with its head")
    while True:
        match line["line"]:
            case "head":
                store.meet(line)
                store.receipted(line.get("receipts", ()))
            case "verdicts":
                _take_verdicts(store, line["verdicts"], report)
                unanswered -= {verdict["op_id"] for verdict in line["verdicts"]}
            case "page":
                if not store.apply_page(line):
                    raise ProtocolError("a page that does not follow the cursor")
                report.pulled += len(line["rows"])
            case "end":
                if unanswered:
                    raise ProtocolError("an operation was left without a verdict")
                report.backoff_ms = line["backoff_ms"]
                report.code = line.get("code")
                return line["more"]
        line = yield NEXT


def _take_verdicts(store: LocalStore, verdicts: Sequence[Verdict], report: Report) -> None:
    store.record_verdicts(verdicts)
    report.pushed += len(verdicts)
    report.rejected += sum(verdict["status"] == "rejected" for verdict in verdicts)


def request_body(store: LocalStore, txns: Sequence[Txn]) -> bytes:
    """Return the request that sends these transactions now, in a form that the server reads."""
    if not _settles(store):
        txns = [{"txn": each["txn"], "ops": each["ops"]} for each in txns]
    request = {
        "proto": PROTOCOL,
        "schema": SCHEMA,
        "device": store.status(),
        "cursor": store.cursor(),
        "txns": txns,
    }
    if receipts := _receipts(store):
        request["receipts"] = receipts
    return write(request)
