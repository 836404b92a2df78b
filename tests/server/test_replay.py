"""Refused rows are tried again as they stand, or given out, corrected and handed in again."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from shared.testing.builders import NOW
from sync_server.adapters.corrections import corrections
from sync_server.adapters.kinds import KINDS, kind_named
from sync_server.adapters.replay import Replayed, replay
from sync_server.store.database import Database
from sync_server.store.refused_rows import Which
from sync_server.store.unit_of_work import CHUNK
from tests.server.account_bank import FLOWS, account, an_id_card
from tests.server.importing import HEADER, states, told
from tests.server.refusing_bank import SPOILT, RefusingBank


@pytest.fixture
def bank(database: Database) -> RefusingBank:
    return RefusingBank(database)


def replayed(bank: RefusingBank, **which: Any) -> list[Replayed]:
    return [*replay(bank.database, Which(**which), NOW, lambda *_: None)]


def given_out(bank: RefusingBank, kind: str, language: Any = "zh") -> str:
    return "".join(corrections(kind_named(kind), bank.kept(), language))


def respelt(text: str, encoding: str = "utf-8") -> bytes:
    """Write a file as a spreadsheet does that has read it: its own quotes, and another encoding."""
    written = StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(
        csv.reader(text.lstrip("\ufeff").splitlines())
    )
    return written.getvalue().encode(encoding)


# As they stand


def test_what_its_cause_is_gone_for_is_taken_and_the_rest_is_refused_again(
    bank: RefusingBank,
) -> None:
    bank.flows("core,6002,2026-11-17,0.00,9.00", "core,6009,2026-11-17,0.00,9.00", SPOILT)
    bank.accounts(account("6002", **bank.hers))

    [flows] = replayed(bank)

    assert states(flows.report) == {"applied": 1, "refused": 2}
    assert told(flows.report) == [(3, "row_unknown"), (4, "row_unreadable")]
    assert flows.report.kept == 2
    assert bank.standing() == ["taken", "open", "open"]


def test_what_others_refer_to_is_tried_first(bank: RefusingBank) -> None:
    stranger = an_id_card(7)
    bank.flows("core,6003,2026-11-17,0.00,9.00")
    bank.accounts(account("6003", id_kind="id_card", id_number=stranger))
    bank.identify(bank.customer_named("傅清和"), stranger)

    found = replayed(bank)

    assert [each.report.kind for each in found] == ["accounts", "flows"]
    assert [states(each.report) for each in found] == [{"applied": 1}, {"applied": 1}]
    assert bank.kept() == []


def test_trying_again_what_nothing_has_changed_for_changes_no_table(bank: RefusingBank) -> None:
    for kind, file in bank.files().items():
        bank.takes(kind, file)
    before = bank.tables()

    found = replayed(bank)

    assert {each.report.kind for each in found} == set(KINDS)
    assert all(states(each.report) == {"refused": 3} for each in found)
    assert bank.tables() == before


def test_only_those_that_are_named_are_tried(bank: RefusingBank) -> None:
    bank.flows("core,6002,2026-11-17,0.00,9.00", SPOILT)
    bank.fees("core,6002,wealth,1.00,2026-11-16,")
    bank.accounts(account("6002", **bank.hers))

    assert replayed(bank, sender="drop") == []
    [fees] = replayed(bank, kind="fees")
    [flows] = replayed(bank, code="row_unknown")

    assert (fees.report.kind, states(fees.report)) == ("fees", {"applied": 1})
    assert (flows.report.kind, states(flows.report)) == ("flows", {"applied": 1})


def test_of_a_row_that_was_refused_twice_over_the_later_one_counts(bank: RefusingBank) -> None:
    bank.flows("core,6002,2026-11-17,0.00,9.00", "core,6002,2026-11-17,0.00,8.00")
    bank.accounts(account("6002", **bank.hers))

    replayed(bank)

    with bank.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT outflow FROM daily_flow").scalars().all()
    assert kept == [800]


def test_what_was_refused_before_a_newer_word_came_takes_nothing_back(bank: RefusingBank) -> None:
    tomorrow = "C-1,ACTIVATED,2026-11-19,,,1"
    bank.takes("confirmations", f"{HEADER}\n{tomorrow}\n")
    bank.flows("core,6002,2026-11-17,0.00,9.00", "core,6003,2026-11-17,0.00,9.00")
    bank.accounts(account("6002", **bank.hers), account("6003", **bank.hers))

    bank.takes("confirmations", f"{HEADER}\nC-1,ACTIVATED,2026-11-17,,,1\n")
    bank.flows("core,6002,2026-11-17,0.00,8.00")
    [flows] = replayed(bank)

    assert sorted(bank.standing()) == ["replaced", "replaced", "taken"]
    assert states(flows.report) == {"applied": 1}
    with bank.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT outflow FROM daily_flow ORDER BY outflow")
        assert kept.scalars().all() == [800, 900]


def test_of_one_moment_the_word_that_was_taken_counts_and_not_the_refused_one(
    bank: RefusingBank,
) -> None:
    whose = {"id_kind": "id_card", "id_number": an_id_card(5)}
    said = {"as_of": "2026-11-17 18:00", **whose}
    bank.accounts(account("7001", balance="100.00", **said))
    bank.accounts(account("7001", balance="80.00", **said | {"as_of": "2026-11-18"}))
    bank.identify(bank.customer_named("周怀瑾"), an_id_card(5))

    bank.accounts(account("7001", balance="120.00", **said))

    assert bank.standing() == ["open", "replaced"]
    replayed(bank)
    assert bank.account_now("7001")["balance"] == 8_000


def test_of_customers_too(bank: RefusingBank) -> None:
    header = "source,id_kind,id_number,name,as_of,manager"
    said = f"ecif,id_card,{an_id_card(5)}"
    bank.takes("customers", f"{header}\n{said},周怀谨,2026-11-17,AM999\n")

    bank.takes("customers", f"{header}\n{said},周怀瑾,2026-11-17,AM001\n")

    assert replayed(bank) == []
    names = {row.document["name"] for row in bank.store.rows("customer").values()}
    assert "周怀瑾" in names


def test_what_was_refused_is_not_settled_by_another_that_is_refused(bank: RefusingBank) -> None:
    bank.flows("core,6002,2026-11-17,0.00,9.00")
    bank.flows("core,6002,2026-11-17,0.00,8.00")

    assert bank.standing() == ["open", "open"]


def test_more_than_a_transaction_has_are_all_tried(bank: RefusingBank) -> None:
    rows = [f"core,6002,2026-11-17,0.00,{place}.00" for place in range(CHUNK + 1)]
    bank.flows(*rows)
    bank.accounts(account("6002", **bank.hers))

    [flows] = replayed(bank)

    assert (flows.report.lines, bank.kept()) == (CHUNK + 1, [])
    assert "refused" not in states(flows.report)


# Corrected in a spreadsheet


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_rows_are_given_out_corrected_and_handed_in_again(
    bank: RefusingBank, encoding: str
) -> None:
    bank.flows("core,6009,2026-11-17,0.00,9.00", SPOILT)
    file = given_out(bank, "flows").replace("6009", "6001")

    report = bank.takes("flows", respelt(file, encoding))

    assert (states(report), told(report)) == (
        {"applied": 1, "refused": 1},
        [(3, "row_uncorrected")],
    )
    assert file.startswith("\ufeff退回原因,来源系统,账号,")
    assert '"' + SPOILT.replace('"', '""') in file.replace("\"'", '"')
    assert sorted(bank.standing()) == ["open", "taken"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_that_nobody_has_corrected_says_what_the_rows_said(
    bank: RefusingBank, kind: str, language: str
) -> None:
    head, *rows = bank.files()[kind].splitlines()
    bank.takes(kind, f"{head}\n{rows[1]}\n")
    before = bank.kept()

    report = bank.takes(kind, respelt(given_out(bank, kind, language)))

    assert (states(report), report.kept) == ({"refused": 1}, 1)
    assert bank.kept() == before


def test_no_cell_is_one_that_a_spreadsheet_changes(bank: RefusingBank) -> None:
    row = account("6003", name="=1+1", id_kind="id_card", id_number=an_id_card(7))
    bank.accounts(row, row.replace("=1+1", "@SUM(A1)"))

    _, *rows = csv.reader(given_out(bank, "accounts").splitlines())

    assert len(rows) == 2
    cells = [cell for row in rows for cell in row if cell]
    assert [cell for cell in cells if not (cell.isalpha() or cell.startswith("'"))] == []


def test_a_text_of_two_lines_is_given_out_on_one(bank: RefusingBank) -> None:
    said = {
        "source": "cc",
        "call_id": "1",
        "at": "2026-11-17 09:30",
        "direction": "inbound",
        "result": "missed",
        "account_source": "core",
        "account": "6009",
        "summary": "一\n二\r\n三",
    }
    bank.takes("calls", json.dumps(said))

    text = given_out(bank, "calls")

    assert len(text.splitlines()) == 2
    assert "'一 二 三" in text


def test_an_apostrophe_in_a_file_of_a_systems_own_is_a_letter(bank: RefusingBank) -> None:
    bank.takes("flows", f"{FLOWS}\ncore,'6001,2026-11-17,0.00,9.00\n")

    [kept] = bank.kept()
    assert isinstance(kept.refused.content, dict)
    assert kept.refused.content["number"] == "'6001"
