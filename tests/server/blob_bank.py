"""A branch whose people attach things: two managers, their supervisor and a stranger."""

from hashlib import sha256
from random import Random
from typing import Final

from sqlalchemy import func, select

from shared.blob import PART, Span
from shared.registry import Document
from shared.testing.builders import (
    NOW,
    a_caller,
    a_customer,
    a_unit,
    an_attachment,
    an_employee,
    insert,
    txn,
)
from sync_server.store.blobs import Content, chunks, readable, receive, told
from sync_server.store.database import Database
from sync_server.store.identity import KnownDevice, device_of, enrol, new_code
from sync_server.store.schema import blob_part
from sync_server.store.scopes import refresh_scopes
from tests.server.sql_store import SqlStore

PHOTO: Final = b"\xff\xd8\xff" + Random(1).randbytes(3 * PART + 999)


def name_of(content: bytes) -> str:
    """The name of a content."""
    return sha256(content).hexdigest()


def spans(total: int, size: int = PART, start: int = 0) -> list[Span]:
    """The parts of a content, in order."""
    return [Span(at, min(total, at + size), total) for at in range(start, total, size)]


class BlobBank:
    """The real store of a branch, and its devices."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.store = SqlStore(database)
        branch = a_unit("branch", None)
        near = a_unit("sub_branch", str(branch["id"]))
        far = a_unit("sub_branch", str(branch["id"]))
        self.store.bring("org_unit", branch, near, far)
        self.lin, self.zhou = an_employee(str(near["id"])), an_employee(str(near["id"]))
        self.boss = an_employee(str(near["id"]), "supervisor")
        self.stranger = an_employee(str(far["id"]))
        people = (self.lin, self.zhou, self.boss, self.stranger)
        self.store.bring("employee", *people)
        self.customer = a_customer(str(self.lin["id"]))
        self.zhous = a_customer(str(self.zhou["id"]))
        self.strangers = a_customer(str(self.stranger["id"]))
        self.store.bring("customer", self.customer, self.zhous, self.strangers)
        with database.writing() as connection:
            refresh_scopes(connection)
        self.tokens: dict[str, str] = {}

    def device(self, employee: Document) -> KnownDevice:
        """A new device of an employee."""
        with self.database.writing() as connection:
            code = new_code(connection, str(employee["employee_no"]), NOW, 1)
            token = enrol(connection, code, NOW).token
            known = device_of(connection, token)
        self.tokens[known.device_id] = token
        return known

    def record(self, employee: Document, content: bytes, customer: Document) -> Document:
        """An attachment that is in the record."""
        id = str(employee["id"])
        attachment = an_attachment(str(customer["id"]), id, content)
        caller = a_caller(id, f"portfolio:{id}")
        [verdict] = self.store.push(caller, [txn(insert("attachment", attachment))])
        assert verdict["status"] == "applied"
        return attachment

    def put(
        self,
        known: KnownDevice,
        content: bytes,
        span: Span,
        name: str | None = None,
        now: int = NOW,
    ) -> int:
        """Send one part."""
        part = content[span.start : span.end]
        return receive(self.database, known, name or name_of(content), span, part, now)

    def send(self, known: KnownDevice, content: bytes, now: int = NOW) -> int:
        """Send what the server lacks; return how many parts that took."""
        parts = 0
        while (have := self.told(known, content)) < len(content):
            span = Span(have, min(len(content), have + PART), len(content))
            self.put(known, content, span, now=now)
            parts += 1
        return parts

    def told(self, known: KnownDevice, content: bytes) -> int:
        """From where a device has to send."""
        with self.database.reading() as connection:
            return told(connection, known, name_of(content))

    def open(self, employee: Document | None, content: bytes) -> Content:
        """What an employee, or another system, may read."""
        with self.database.reading() as connection:
            id = None if employee is None else str(employee["id"])
            return readable(connection, id, name_of(content))

    def read(self, employee: Document | None, content: bytes, span: Span | None = None) -> bytes:
        """What comes of reading it."""
        found = self.open(employee, content)
        wanted = span or Span(0, found.total, found.total)
        return b"".join(chunks(self.database, found.sha256, wanted))

    def parts(self) -> int:
        """How many parts there are in the database."""
        with self.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(blob_part)).scalar_one())
