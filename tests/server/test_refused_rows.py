"""Refused rows: kept once, never readable where they lie, settled when they are taken."""

import pytest

from shared.testing.builders import NOW
from sync_server.adapters import load
from sync_server.adapters.corrections import corrections
from sync_server.adapters.kinds import KINDS
from sync_server.store import refused_rows
from sync_server.store.database import Database
from sync_server.store.refused_rows import LIFE_MS, RefusedRows, Standing, Which
from sync_server.turning import sweep_out
from tests.server.account_bank import ACCOUNTS, FLOWS, account, an_id_card
from tests.server.importing import in_chunks, states, told
from tests.server.refusing_bank import SPOILT, RefusingBank


@pytest.fixture
def bank(database: Database) -> RefusingBank:
    return RefusingBank(database)


def a_stranger() -> dict[str, str]:
    """Whose account it is, where the record has nobody of that number."""
    return {"id_kind": "id_card", "id_number": an_id_card(7)}


# What is kept


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_file_again_changes_no_table(bank: RefusingBank, kind: str) -> None:
    file = bank.files()[kind]
    first = bank.takes(kind, file)
    before = bank.tables()

    again = bank.takes(kind, file)

    assert states(first) == {"applied": 1, "refused": 3}
    assert (first.kept, again.kept) == (3, 3)
    assert states(again) == {"known": 1, "refused": 3}
    assert bank.tables() == before


def test_a_refused_row_is_kept_with_its_line_its_cells_and_the_reason(bank: RefusingBank) -> None:
    bank.accounts(account("6002", **bank.hers), account("6003", **a_stranger()))

    [kept] = bank.kept()

    assert (kept.sending.kind, kept.sending.sender, kept.sending.at) == ("accounts", "core", NOW)
    assert (kept.refused.line, kept.refused.why.code) == (3, "row_no_customer")
    assert isinstance(kept.refused.content, dict)
    assert kept.refused.content["id_number"] == an_id_card(7)


def test_of_a_line_that_cannot_be_read_its_text_is_kept(bank: RefusingBank) -> None:
    bank.flows(SPOILT, SPOILT + "x" * 70_000)

    texts = [each.refused.content for each in bank.kept()]

    assert texts[0] == SPOILT
    assert len(str(texts[1])) == 4_000


def test_what_a_row_says_is_nowhere_in_the_tables(bank: RefusingBank) -> None:
    bank.accounts(account("6003", name="某某定期", **a_stranger()), f'core,"{an_id_card(7)}')

    with bank.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM refused_row").all()
    stored = b"".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
        for row in rows
        for cell in row
    )
    assert len(rows) == 2
    for secret in (an_id_card(7), an_id_card(7)[-8:], "某某定期"):
        assert secret.encode() not in stored


def test_a_row_is_kept_once_however_often_it_stands_there(bank: RefusingBank) -> None:
    row = account("6003", **a_stranger())

    report = bank.accounts(row, row)
    bank.accounts(account("6004", **bank.hers), row)

    assert (states(report), report.kept) == ({"refused": 2}, 2)
    assert [each.refused.line for each in bank.kept()] == [2]


def test_of_a_file_that_is_all_wrong_only_so_many_rows_are_kept(
    bank: RefusingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MOST_OF_FILE", 3)
    in_chunks(monkeypatch, "flows", 2)

    report = bank.flows(*(f"core,{number},2026-11-17,0.00,9.00" for number in range(7001, 7006)))

    assert (states(report), report.kept, len(bank.kept())) == ({"refused": 5}, 3, 3)


def test_of_all_files_only_so_many_rows_are_kept(
    bank: RefusingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused_rows, "MOST", 2)

    report = bank.flows(*(f"core,{number},2026-11-17,0.00,9.00" for number in range(7001, 7006)))

    assert (report.kept, len(bank.kept())) == (2, 2)


# What settles it


def test_a_row_that_is_taken_later_settles_the_one_that_is_kept(bank: RefusingBank) -> None:
    row = "core,6002,2026-11-17,0.00,9.00"
    bank.flows(row)
    bank.accounts(account("6002", **bank.hers))

    report = bank.flows("core,6001,2026-11-16,0.00,1.00", row)

    assert (states(report), report.kept) == ({"applied": 2}, 0)
    assert (bank.kept(), bank.standing()) == ([], ["taken"])


def test_a_settled_row_says_nothing_any_more(bank: RefusingBank) -> None:
    test_a_row_that_is_taken_later_settles_the_one_that_is_kept(bank)

    with bank.database.reading() as connection:
        row = connection.exec_driver_sql("SELECT sealed, settled_by FROM refused_row").one()
    assert tuple(row) == (None, "import:core")


def test_a_row_that_is_refused_for_another_reason_is_kept_with_that(bank: RefusingBank) -> None:
    row = "core,6002,2026-11-17,0.00,9.00"
    bank.flows(row)
    closed = {"opened_on": "2020-01-01", "closed_on": "2026-11-01"}
    bank.accounts(account("6002", **bank.hers, **closed))

    bank.flows(row)

    assert [each.refused.why.code for each in bank.kept()] == ["row_account_closed"]


def test_a_correction_settles_what_it_corrects(bank: RefusingBank) -> None:
    bank.flows("core,6009,2026-11-17,0.00,9.00")
    [kept] = bank.kept()

    report = bank.takes("flows", f"{FLOWS},refused\ncore,6001,2026-11-17,0.00,9.00,{kept.digest}\n")

    assert states(report) == {"applied": 1}
    assert (bank.kept(), bank.standing()) == ([], ["taken"])


def test_a_correction_that_is_refused_is_kept_in_the_place_of_the_first(bank: RefusingBank) -> None:
    bank.flows("core,6009,2026-11-17,0.00,9.00")
    [first] = bank.kept()

    bank.takes("flows", f"{FLOWS},refused\ncore,6008,2026-11-17,0.00,9.00,{first.digest}\n")

    [second] = bank.kept()
    assert isinstance(second.refused.content, dict)
    assert second.refused.content["number"] == "6008"
    assert sorted(bank.standing()) == ["open", "replaced"]


def test_a_line_that_is_handed_back_as_it_was_given_out_keeps_its_text(bank: RefusingBank) -> None:
    texts = [SPOILT, "core,6001,2026-11-17,0.00,9.00,six"]
    bank.flows(*texts)
    given = "".join(corrections(KINDS["flows"], bank.kept(), "zh"))

    report = bank.takes("flows", given)

    assert told(report) == [(2, "row_uncorrected"), (3, "row_uncorrected")]
    assert [each.refused.content for each in bank.kept()] == texts
    assert bank.standing() == ["open", "open"]


def test_a_row_that_was_given_up_is_told_again_and_not_kept_again(bank: RefusingBank) -> None:
    row = "core,6009,2026-11-17,0.00,9.00"
    bank.flows(row)
    with bank.database.writing() as connection:
        rows = RefusedRows(connection, bank.database.cursor_key)
        assert rows.settle_all(Which(kind="flows"), Standing.DROPPED, "admin", NOW) == 1

    report = bank.flows(row)

    assert (states(report), report.kept, bank.standing()) == ({"refused": 1}, 0, ["dropped"])


def test_a_taken_row_that_is_refused_again_is_open_again(bank: RefusingBank) -> None:
    row = "core,6002,2026-11-17,0.00,9.00"
    bank.flows(row)
    bank.accounts(account("6002", **bank.hers))
    bank.flows(row)
    closed = {"opened_on": "2020-01-01", "closed_on": "2026-11-01", "as_of": "2026-11-18"}
    bank.accounts(account("6002", **bank.hers, **closed))

    report = bank.flows(row)

    assert (states(report), report.kept, bank.standing()) == ({"refused": 1}, 1, ["open"])


def test_nothing_is_kept_of_a_transaction_that_fails(
    bank: RefusingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bank.tables()

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("sync_server.store.unit_of_work.bump", broken)
    with pytest.raises(OSError, match="disk is full"):
        bank.accounts(account("6002", **bank.hers), account("6003", **a_stranger()))

    assert bank.tables() == before


def test_refused_rows_are_kept_for_ninety_days(bank: RefusingBank) -> None:
    bank.takes("accounts", "\n".join([ACCOUNTS, account("6003", **a_stranger()), ""]))

    sweep_out(bank.database, NOW + LIFE_MS)
    assert len(bank.kept()) == 1
    sweep_out(bank.database, NOW + LIFE_MS + 24 * 3_600_000)
    assert bank.standing() == []
