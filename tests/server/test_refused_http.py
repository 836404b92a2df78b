"""`/v1/refused-rows`, as the system meets it that sent them; nobody else sees them."""

from typing import Any

import pytest

from sync_server.store.database import Database
from tests.server.account_bank import FLOWS, account
from tests.server.reading_bank import ReadingBank, run

ROW = "core,6002,2026-11-17,0.00,9.00"
WRONG = "core,6001,2026-11-17,0.00,9"


@pytest.fixture
def bank(database: Database) -> ReadingBank:
    made = ReadingBank(database)
    made.accounts(account("6001", **made.hers))
    return made


def post(bank: ReadingBank, path: str, signed: dict[str, str], content: str = "") -> Any:
    answer = run(bank.client.post(path, content=content, headers=signed))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_system_reads_which_of_its_rows_were_refused_and_why(bank: ReadingBank) -> None:
    signed = bank.signed("import")
    post(bank, "/v1/import/flows?file=flows-1.csv", signed, f"{FLOWS}\n{ROW}\n{WRONG}\n")

    found = bank.get("/v1/refused-rows", signed).json()
    some = bank.get("/v1/refused-rows", signed, code="row_amount", limit=1).json()

    assert [(each["file"], each["code"], each["rows"]) for each in found["counts"]] == [
        ("flows-1.csv", "row_amount", 1),
        ("flows-1.csv", "row_unknown", 1),
    ]
    assert [(each["line"], each["what"]) for each in found["rows"]] == [
        (2, "core …6002 2026-11-17"),
        (3, "core …6001 2026-11-17"),
    ]
    assert [each["code"] for each in some["rows"]] == ["row_amount"]


def test_nobody_sees_or_tries_the_rows_of_another(bank: ReadingBank) -> None:
    post(bank, "/v1/import/flows", bank.signed("import"), f"{FLOWS}\n{ROW}\n")
    bank.accounts(account("6002", **bank.hers))
    other = bank.signed("import", name="call centre")

    assert bank.get("/v1/refused-rows", other).json() == {"counts": [], "rows": []}
    assert post(bank, "/v1/refused-rows/replay", other) == {"files": []}


def test_without_the_right_nothing_is_seen_or_tried(bank: ReadingBank) -> None:
    signed = bank.signed("record", "personal", "numbers")

    answers = [
        bank.get("/v1/refused-rows", signed),
        run(bank.client.post("/v1/refused-rows/replay", headers=signed)),
    ]

    assert [each.json()["code"] for each in answers] == ["not_granted", "not_granted"]


def test_rows_are_tried_again_and_the_rest_is_corrected(bank: ReadingBank) -> None:
    signed = bank.signed("import")
    post(bank, "/v1/import/flows", signed, f"{FLOWS}\n{ROW}\n{WRONG}\n")
    bank.accounts(account("6002", **bank.hers))

    [file] = post(bank, "/v1/refused-rows/replay?kind=flows", signed)["files"]
    [left] = bank.get("/v1/refused-rows", signed).json()["rows"]
    mended = f"{FLOWS},refused\n{WRONG}.00,{left['refused']}\n"
    report = post(bank, "/v1/import/flows", signed, mended)

    assert (file["applied"], file["refused"], file["kept"]) == (1, 1, 1)
    assert (left["line"], report["applied"]) == (3, 1)
    assert bank.get("/v1/refused-rows", signed).json() == {"counts": [], "rows": []}


@pytest.mark.parametrize(
    ("query", "code"), [({"kind": "x"}, "unknown_import"), ({"limit": "0"}, "malformed")]
)
def test_what_cannot_be_asked_is_refused(
    bank: ReadingBank, query: dict[str, str], code: str
) -> None:
    assert bank.get("/v1/refused-rows", bank.signed("import"), **query).json()["code"] == code


def test_a_name_that_no_database_would_take_is_taken_as_it_reads(bank: ReadingBank) -> None:
    signed = bank.signed("import")
    post(bank, "/v1/import/flows?file=a%00b.csv", signed, f"{FLOWS}\n{ROW}\n")

    found = bank.get("/v1/refused-rows", signed, file="a\0b.csv", code="row_unknown\0").json()

    assert [each["file"] for each in found["rows"]] == ["ab.csv"]
