"""`POST /v1/import/{kind}` at a server that is a process of its own, as another system meets it."""

import json
import socket
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from fieldbook.branch import Branch
from mobile_app.device import wall_clock
from shared.domain.days import bank_day
from shared.domain.goal import target_id
from shared.errors import CATALOGUE
from shared.testing.builders import NOW
from sync_server.handlers.bring import MOST_MB
from sync_server.store.database import open_sqlite
from sync_server.store.identity import new_system_token
from sync_server.store.turned import SWEPT, turned_to
from tests.server.importing import HEADER, JOINED, ImportingBranch
from tests.server.test_drop_processes import until

TODAY = bank_day(wall_clock())
DAY = (TODAY - timedelta(days=2)).isoformat()
BEFORE_JOINING = (date.fromisoformat(JOINED) - timedelta(days=1)).isoformat()


@dataclass
class Bank:
    """What another system sees of the branch, and what the record has become."""

    record: ImportingBranch
    client: httpx.Client

    def bring(self, content: str | bytes, kind: str = "confirmations") -> Any:
        """Send a file; return the report."""
        answer = self.client.post(f"/v1/import/{kind}", content=content)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def confirm(self, *rows: str) -> Any:
        """Send confirmations as CSV."""
        return self.bring("\n".join([HEADER, *rows, ""]))

    def refused(self, content: Any, kind: str = "confirmations", **more: Any) -> tuple[int, str]:
        """Send what is refused whole; return the status and the code, which the sentence is of."""
        answer = self.client.post(f"/v1/import/{kind}", content=content, **more)
        said = answer.json()
        assert said["en"].startswith(CATALOGUE[said["code"]].en.partition("{")[0])
        return answer.status_code, said["code"]

    def head(self) -> int:
        """How far the record has come."""
        return self.record.store.head()


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    branch = Branch(tmp_path_factory.mktemp("bank"))
    branch.data.mkdir()
    database = open_sqlite(branch.data / "fieldbook.db")
    record = ImportingBranch(database)
    with database.writing() as connection:
        token = new_system_token(connection, "core", NOW)
    signed = {"authorization": f"Bearer {token}"}
    with branch.serving(), httpx.Client(base_url=branch.url, headers=signed, timeout=60) as client:
        # What the day itself brings is written first, or it would move the head in between.
        until(lambda: turned_to(database, SWEPT) is not None)
        yield Bank(record, client)
    database.close()


def counts(report: Any) -> dict[str, int]:
    """What the lines came to, without what none came to."""
    states = ("applied", "changed", "known", "waiting", "refused")
    return {state: report[state] for state in states if report[state]}


def told(report: Any) -> list[tuple[int, str]]:
    """The lines that someone must look at, with the refusal or the state."""
    return [(line["line"], line.get("code", line["state"])) for line in report["told"]]


# Who may


@pytest.mark.parametrize("sign", ["", "Bearer", "Bearer wrong", "Basic Y29yZTp4"])
def test_whoever_has_no_token_brings_nothing(bank: Bank, sign: str) -> None:
    before = bank.head()
    file = f"{HEADER}\nC-1,ACTIVATED,{DAY},,,1\n"

    assert bank.refused(file, headers={"authorization": sign}) == (401, "sign_in")
    assert bank.head() == before


def test_the_log_names_the_system_that_brought_it(bank: Bank) -> None:
    bank.record.sells("C-LOG")
    bank.confirm(f"C-LOG,ACTIVATED,{DAY},,,1")

    with bank.record.database.reading() as connection:
        actors = connection.exec_driver_sql("SELECT DISTINCT actor FROM change_log").scalars().all()
    assert "import:core" in actors


# What is refused whole


@pytest.mark.parametrize("kind", ["households", "Confirmations", "%2e%2e", "confirmations%00"])
def test_a_kind_that_nobody_knows_is_not_found(bank: Bank, kind: str) -> None:
    assert bank.refused(f"{HEADER}\n", kind) == (404, "unknown_import")


def test_a_file_that_is_too_large_is_refused_whole(bank: Bank) -> None:
    before = bank.head()
    row = f"C-1,APPLIED,{DAY},,,1\n".encode() * 40_000

    def too_much() -> Iterator[bytes]:
        yield f"{HEADER}\n".encode()
        for _ in range(MOST_MB * 1024 * 1024 // len(row) + 1):
            yield row

    assert bank.refused(too_much()) == (413, "file_too_large")
    assert bank.head() == before


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"", (422, "file_empty")),
        (b"external_ref,event\nC-1,APPLIED\n", (422, "file_lacks_columns")),
        (b"external_ref,event,on,amout\n", (422, "file_unknown_columns")),
        (f"{HEADER}\n".encode("utf-16"), (415, "file_encoding")),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    bank: Bank, content: bytes, answer: tuple[int, str]
) -> None:
    assert bank.refused(content) == answer


def test_a_file_that_is_not_the_one_of_its_digest_is_refused_whole(bank: Bank) -> None:
    bank.record.sells("C-DIGEST")
    whole = f"{HEADER}\nC-DIGEST,APPLIED,{DAY},,,1\nC-DIGEST,ACTIVATED,{DAY},,,1\n".encode()
    before = bank.head()
    says = {"content-digest": f"SHA-256=:{b64encode(sha256(whole).digest()).decode()}:, md5=:x:"}

    for part in (whole[: whole.index(b"\nC-DIGEST,ACT") + 1], whole + b"x"):
        assert bank.refused(part, headers=says) == (422, "file_altered")
    assert bank.head() == before

    taken = bank.client.post("/v1/import/confirmations", content=whole, headers=says)
    assert counts(taken.json()) == {"applied": 2}


CUTS = ["in a row", "after a row", "before the end"]


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("cut", CUTS)
def test_of_a_body_that_breaks_off_nothing_is_taken_in(bank: Bank, cut: str, chunked: bool) -> None:
    reference = f"C-CUT-{CUTS.index(cut)}-{chunked}"
    bank.record.sells(reference)
    rows = [f"{reference},APPLIED,{DAY},,,1", f"{reference},ACTIVATED,{DAY},,,1"]
    body = "\n".join([HEADER, *rows, ""]).encode()
    first = len("\n".join([HEADER, rows[0], ""]))
    part = body[: {"in a row": first - 5, "after a row": first, "before the end": len(body)}[cut]]
    length = "transfer-encoding: chunked" if chunked else f"content-length: {len(body) + 1}"
    head = f"POST /v1/import/confirmations HTTP/1.1\r\nhost: bank\r\n{length}\r\n"
    signed = f"{head}authorization: {bank.client.headers['authorization']}\r\n\r\n".encode()
    sent = f"{len(body):x}\r\n".encode() + part if chunked else part
    if chunked and part == body:
        sent += b"\r\n"  # a whole chunk, and none that says that it was the last
    before = bank.head()

    with socket.create_connection((bank.client.base_url.host, bank.client.base_url.port)) as line:
        line.sendall(signed + sent)
        line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(4_096), b""))

    assert b" 200 " not in answer
    assert bank.head() == before
    assert counts(bank.confirm(*rows)) == {"applied": 2}


def test_of_a_body_whose_last_line_does_not_end_nothing_is_taken_in(bank: Bank) -> None:
    bank.record.sells("C-GROWS")
    part = f"{HEADER}\nC-GROWS,APPLIED,{DAY},,,1\nC-GROWS,ACTIVATED,{DAY},,,1".encode()
    before = bank.head()

    assert bank.refused(part) == (422, "file_cut_short")
    assert bank.refused(part, headers={"content-digest": "md5=:x:"}) == (422, "file_cut_short")
    assert bank.head() == before

    says = {"content-digest": f"sha-256=:{b64encode(sha256(part).digest()).decode()}:"}
    taken = bank.client.post("/v1/import/confirmations", content=part, headers=says)
    assert counts(taken.json()) == {"applied": 2}


# What goes in


def test_bad_rows_are_told_by_their_lines_and_good_ones_go_in(bank: Bank) -> None:
    good, other = bank.record.sells("C-GOOD"), bank.record.sells("C-OTHER")

    report = bank.confirm(
        f"C-GOOD,FUNDED,{DAY},100.005,,",
        f"C-GOOD,FUNDED,{DAY},100.00,USD,",
        f"C-GOOD,ACTIVATED,{BEFORE_JOINING},,,1",
        f"C-GOOD,ACTIVATED,{TODAY + timedelta(days=2)},,,1",
        f"C-GOOD,ACTIVATED,{DAY},,,1",
        f"C-NOBODYS,ACTIVATED,{DAY},,,1",
        f"C-OTHER,APPLIED,{DAY},,,1",
    )

    assert counts(report) == {"applied": 2, "waiting": 1, "refused": 4}
    assert told(report) == [
        (2, "row_amount"),
        (3, "row_currency"),
        (4, "row_before_joining"),
        (5, "row_future"),
        (7, "waiting"),
    ]
    assert "100.005" in report["told"][0]["zh"]
    sale = bank.record.sale_now(good)
    assert (sale["activated_on"], sale["funded_on"], sale["amount"]) == (DAY, None, None)
    assert bank.record.sale_now(other)["applied_on"] == DAY


def test_what_waits_is_applied_when_its_sale_arrives(bank: Bank) -> None:
    assert told(bank.confirm(f"C-LATE,ACTIVATED,{DAY},,,1")) == [(2, "waiting")]

    sale = bank.record.sells("C-LATE")

    assert bank.record.sale_now(sale)["activated_on"] == DAY


def test_the_same_file_again_changes_nothing(bank: Bank) -> None:
    bank.record.sells("C-AGAIN")
    rows = (f"C-AGAIN,APPLIED,{DAY},,,1", f"C-AGAIN,ACTIVATED,{DAY},,,1", "C-AGAIN,SOLD,x,,,")
    assert counts(bank.confirm(*rows)) == {"applied": 2, "refused": 1}
    before = bank.head()

    assert counts(bank.confirm(*rows)) == {"known": 2, "refused": 1}
    assert bank.head() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_a_file_is_read_in_whatever_encoding_the_bank_writes(bank: Bank, encoding: str) -> None:
    code = f"CARD-{encoding.upper()}"
    header = "产品代码,产品名称,产品线,办理方式,计量,单位,起售日"
    row = f"{code},金穗贷记卡,信用卡,可现场办理,数量,张,2026-01-01"

    report = bank.bring(f"{header}\n{row}\n".encode(encoding), "products")

    assert counts(report) == {"applied": 1}
    products = [row.document for row in bank.record.store.rows("product").values()]
    assert [each["name"] for each in products if each["code"] == code] == ["金穗贷记卡"]


def test_json_lines_are_told_by_their_lines(bank: Bank) -> None:
    sale = bank.record.sells("C-JSON")
    good = json.dumps({"external_ref": "C-JSON", "event": "FUNDED", "on": DAY, "amount": "123.40"})
    bad = '{"external_ref": "C-JSON", "event": "FUNDED", "on": "' + DAY + '", "amount": 1.005}'

    report = bank.bring(f"{bad}\n\n{good}\n")

    assert (counts(report), told(report)) == ({"applied": 1, "refused": 1}, [(1, "row_amount")])
    assert bank.record.sale_now(sale)["amount"] == 12_340


def test_targets_come_the_same_way(bank: Bank) -> None:
    code, lin = str(bank.record.card["code"]), str(bank.record.lin["id"])
    head = "employee_no,product_code,period,value"

    report = bank.bring(f"{head}\nAM001,{code},2026-10,12\nAM999,{code},2026-10,12\n", "targets")

    assert (counts(report), told(report)) == ({"applied": 1, "refused": 1}, [(3, "row_unknown")])
    assert target_id(lin, code, "2026-10") in bank.record.store.rows("target")
