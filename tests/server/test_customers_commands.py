"""What an operator does about customers who are in the record twice, at the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fieldbook.__main__ import main
from shared.domain.duplicate import duplicate_id
from shared.testing.builders import NOW, a_duplicate, an_interaction
from tests.server.doubled_bank import PHONE, DoubledBank, an_id_card, opened


class Terminal:
    """The commands over one bank."""

    def __init__(self, bank: DoubledBank, where: list[str], capsys: pytest.CaptureFixture[str]):
        self.bank, self._where, self._capsys = bank, where, capsys

    def run(self, *asked: str) -> tuple[int, str]:
        """Return the exit status and what a person reads."""
        self._capsys.readouterr()
        status = main(["customers", *asked, *self._where])
        said = self._capsys.readouterr()
        return status, said.out + said.err

    def answered(self, *asked: str) -> Any:
        status, said = self.run(*asked, "--json")
        assert status == 0, said
        return json.loads(said)


@pytest.fixture(params=["sqlite", "postgresql"])
def terminal(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    database = opened(request, tmp_path)
    where = ["--data", str(tmp_path)]
    if request.param == "postgresql":
        where = ["--database", request.getfixturevalue("postgresql_url")]
    yield Terminal(DoubledBank(database), where, capsys)
    database.close()


def test_find_merges_what_is_sure_and_the_queue_lists_the_rest(terminal: Terminal) -> None:
    bank = terminal.bank
    bank.customer(an_id_card()), bank.customer(an_id_card())
    one, other = bank.customer(name="李建国"), bank.customer(name="李建国", owner=bank.zhou)

    found = terminal.answered("find")
    [pair] = terminal.answered("duplicates")

    assert (found["customers"], found["merged"], found["queued"]) == (4, 1, 1)
    assert (pair["customer_id"], pair["other_id"], pair["score"]) == (one, other, 95)
    assert pair["reasons"] == ["birth_same", "name_same", "owners_differ"]
    assert "李建国" not in terminal.run("duplicates")[1]


def test_merge_and_split_by_hand_leave_their_word(terminal: Terminal) -> None:
    bank = terminal.bank
    one, other = bank.customer(name="李建国"), bank.customer(owner=bank.zhou, phone=PHONE)
    bank.bring("interaction", an_interaction(other, bank.zhou))
    before = bank.everything()

    terminal.answered("merge", other, one, "--reason", "两份证件都看过")
    merged = bank.pair(one, other)
    assert bank.goes_on(other) == one
    answer = terminal.answered("split", one, other, "--reason", "证件对不上")

    assert (merged["status"], merged["decided_by"], merged["reason"]) == (
        "merged", "admin:identity", "两份证件都看过",
    )  # fmt: skip
    assert str(merged["reasons"]).splitlines()[-2:] == ["owners_differ", "said_by_hand"]
    assert (bank.pair(one, other)["status"], answer) == ("split", {"newer": []})
    assert bank.everything() == before


def test_what_was_changed_since_a_merge_is_told_when_it_is_split(terminal: Terminal) -> None:
    bank = terminal.bank
    one, other = bank.customer(an_id_card()), bank.customer(an_id_card(), phone=PHONE)
    bank.sweep()
    row = bank.rows("customer")[one].document
    bank.bring("customer", {**row, "phone": "15400009999"})

    status, said = terminal.run("split", one, other, "--reason", "证件对不上", "--lang", "en")

    assert (status, f"customer\t{one}\tphone" in said) == (0, True)


@pytest.mark.parametrize("status", ["distinct", "merged", "split"])
def test_what_was_decided_stands(terminal: Terminal, status: str) -> None:
    bank = terminal.bank
    one, other = bank.customer(), bank.customer()
    said = {"reason": "看过证件", "decided_by": bank.boss, "decided_at": NOW}
    bank.bring("duplicate", a_duplicate(one, other, status=status, **said))
    before = bank.store.head()

    code, told = terminal.run("merge", one, other, "--reason", "是同一位")

    assert (code, "(pair_decided)" in told, bank.store.head()) == (1, True, before)


def test_a_wrong_request_is_refused_and_changes_nothing(terminal: Terminal) -> None:
    bank = terminal.bank
    one, other, third = bank.customer(), bank.customer(), bank.customer()
    firm = bank.customer(kind="organisation", name="青溪纸业有限公司", birth_date=None, gender=None)
    terminal.answered("merge", one, other, "--reason", "看过证件")
    before = bank.store.head()
    asked = {
        "not_found": ("merge", one, "nobody"),
        "merged_already": ("merge", other, third),
        "kinds_differ": ("merge", one, firm),
        "not_merged": ("split", one, third),
    }

    told = {code: terminal.run(*words, "--reason", "看过证件") for code, words in asked.items()}
    blank = terminal.run("split", one, other, "--reason", " ")
    itself = terminal.run("merge", third, third, "--reason", "看过证件")

    assert all(said[0] == 1 and f"({code})" in said[1] for code, said in told.items())
    assert (blank[0], "(reason_missing)" in blank[1]) == (1, True)
    assert (itself[0], "(not_found)" in itself[1]) == (1, True)
    assert bank.store.head() == before
    assert bank.pair(one, other)["status"] == "merged"


def test_a_pair_of_which_one_is_gone_waits_for_nobody(terminal: Terminal) -> None:
    bank = terminal.bank
    elder, (one, other) = bank.customer(name="王海"), bank.suspected()
    terminal.answered("find")
    terminal.answered("merge", elder, other, "--reason", "看过证件")

    assert bank.rows("duplicate")[duplicate_id(one, other)].document["status"] == "open"
    assert terminal.run("duplicates", "--lang", "en") == (
        0, "No customers wait to be told apart or merged.\n",
    )  # fmt: skip
