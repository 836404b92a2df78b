"""Reading scenario files: refused whole with the path of the field, or read correctly."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fieldbook.__main__ import main
from shared.commission.scenario import Malformed, answer_to
from tests.commission.builders import Json, cancel, card, close, loan, run, sale, scenario

KEYS = {
    "entries",
    "statements",
    "tranches",
    "held",
    "pending",
    "errors",
    "input_digest",
    "result_digest",
}
ENTRY = ["period", "employee", "sale", "rule", "version", "type", "amount", "ref", "trace"]
STATEMENT = [
    "period",
    "employee",
    "opening_carry",
    "earned",
    "trimmed",
    "quality",
    "deferred",
    "released",
    "clawed",
    "adjusted",
    "payable",
    "closing_carry",
]


def faults(document: Any) -> list[str]:
    """Return the paths that a document is refused for."""
    with pytest.raises(Malformed) as refused:
        answer_to(json.dumps(document).encode())
    return [fault.path for fault in refused.value.faults]


def one_sale(**changes: Any) -> Json:
    return scenario(card(), sale("s1", "2026-03-10", **changes))


def approve(ref: str) -> Json:
    return {"kind": "approve_split", "external_ref": ref, "shares": [["E1", 10_000]]}


def leave(employee: str) -> Json:
    return {"kind": "leave", "employee": employee, "on": "2026-05-01"}


MARCH = sale("s1", "2026-03-10")
GOAL = {"employee": "E1", "product": "CARD", "period": "2026-03", "value": "3"}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (scenario(card("60.123"), MARCH), "plan.rules[0].unit_price"),
        (scenario(card("-60.00"), MARCH), "plan.rules[0].unit_price"),
        (scenario(card("USD 60"), MARCH), "plan.rules[0].unit_price"),
        (scenario(card("٦0.00"), MARCH), "plan.rules[0].unit_price"),
        (scenario(card(kind="BONUS"), MARCH), "plan.rules[0].kind"),
        (scenario(card(cap_peroid="1.00"), MARCH), "plan.rules[0].cap_peroid"),
        (scenario(card(to="2026-01-01"), MARCH), "plan.rules[0].to"),
        (scenario(card(rate="0.1"), MARCH), "plan.rules[0].rate"),
        (scenario(card(unit_price=None), MARCH), "plan.rules[0].unit_price"),
        (scenario(card(version=True), MARCH), "plan.rules[0].version"),
        (scenario(card(deferral={"rate": "1.1", "years": 3})), "plan.rules[0].deferral.rate"),
        (scenario(card(deferral={"rate": "0.4", "years": 0})), "plan.rules[0].deferral.years"),
        (scenario(card(accelerators=[{"min_attainment": "1.2"}])),
         "plan.rules[0].accelerators[0].multiplier"),
        (scenario(card(accelerators=[{"min_attainment": "1", "multiplier": "2"}] * 2)),
         "plan.rules[0].accelerators"),
        (scenario(card(clawback=[{"to_month": 6, "rate": "1"}, {"to_month": 6, "rate": "0"}])),
         "plan.rules[0].clawback"),
        (scenario(loan(["0", "10000", "0.1"], ["20000", None, "0.2"])), "plan.rules[0].tiers"),
        (scenario(loan(["5", None, "0.1"])), "plan.rules[0].tiers"),
        (scenario(loan(["0", "10000", "0.1"])), "plan.rules[0].tiers"),
        (scenario(loan(["0", "0", "0.1"], ["0", None, "0.2"])), "plan.rules[0].tiers"),
        (scenario(loan(["0", None, "10 %"])), "plan.rules[0].tiers[0][2]"),
        (scenario(loan(tiers=[])), "plan.rules[0].tiers"),
        (one_sale(amount=100.5), "events[0].amount"),
        (one_sale(amount="100.555"), "events[0].amount"),
        (one_sale(currency="USD"), "events[0].currency"),
        (one_sale(qty=0), "events[0].qty"),
        (one_sale(qty="1"), "events[0].qty"),
        (one_sale(dates={"ACTIVATED": "2026-02-30"}), "events[0].dates.ACTIVATED"),
        (one_sale(dates={"ACTIVATED": "20260228"}), "events[0].dates.ACTIVATED"),
        (one_sale(dates={"SYNCED": "2026-02-28"}), "events[0].dates.SYNCED"),
        (one_sale(shares=[["E1", 9_999]]), "events[0].shares"),
        (one_sale(shares=[["E1", 5_000], ["E1", 5_000]]), "events[0].shares"),
        (one_sale(shares=[["E1", 10_000], ["E2", 0]]), "events[0].shares"),
        (one_sale(shares=[["E1", 10_000, 9_000]]), "events[0].shares"),
        (one_sale(shares=[["E1", "10000"]]), "events[0].shares[0][1]"),
        (one_sale(shares=[]), "events[0].shares"),
        (one_sale(id=""), "events[0].id"),
        (scenario(card(), {"kind": "sell"}), "events[0].kind"),
        (scenario(card(), {"id": "s1"}), "events[0].kind"),
        (scenario(card(), MARCH, MARCH), "events[1].id"),
        (scenario(card(), MARCH, cancel("s2", "2026-04-01")), "events[1].sale"),
        (scenario(card(), MARCH, *[cancel("s1", "2026-04-01")] * 2), "events[2].sale"),
        (scenario(card(), leave("E1"), leave("E1")), "events[1].employee"),
        (scenario(card(), MARCH, approve("C-1")), "events[1].external_ref"),
        (scenario(card(), close("2026-13")), "events[0].period"),
        (scenario(card(), {"kind": "rule", "replaces": "ins", "rule": card()}),
         "events[0].replaces"),
        (scenario(card(), {"kind": "rule", "replaces": "card", "rule": card(rate="0.1")}),
         "events[0].rule.rate"),
        (scenario(card(), {"kind": "rule", "replaces": "card", "rule": {"id": "card"}}),
         "events[0].rule.version"),
        (scenario(card(), targets=[GOAL, GOAL]), "targets[1]"),
        (scenario(card(), targets=[GOAL | {"value": "0"}]), "targets[0].value"),
        (scenario(card(), targets=[GOAL | {"period": "2026-3"}]), "targets[0].period"),
        (scenario(card(), as_of="31.03.2026"), "as_of"),
        ({"events": []}, "plan"),
        ({"plan": {"rules": []}}, "events"),
        ([], ""),
    ],
)  # fmt: skip
def test_a_malformed_file_is_refused_whole_with_the_path_of_the_field(
    document: Any, path: str
) -> None:
    assert path in faults(document)


def test_every_wrong_field_is_named_not_only_the_first() -> None:
    wrong = scenario(card("6.0"), sale("s1", "2026-03-10", qty=-1))

    assert faults(wrong) == ["plan.rules[0].unit_price", "events[0].qty"]


def written(path: Path, raw: bytes) -> str:
    path.write_bytes(raw)
    return str(path)


def test_a_refused_file_says_why_on_stderr_and_prints_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = json.dumps(one_sale(amount="1.234")).encode()

    status = main(["commission", "simulate", written(tmp_path / "plan.json", raw)])

    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert "plan.json is refused; nothing was computed.\nevents[0].amount: yuan are" in err


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ('{"plan": "佣金"}'.encode("gbk"), "not in UTF-8 (byte 13 cannot be read)"),
        ("{}".encode("utf-16"), "not in UTF-8 (byte 1 cannot be read)"),
        (b'{"plan": ', "not JSON (Expecting value at line 1, column 10)"),
        (b'{"plan": 1, "plan": 2}', "the key 'plan' stands twice in one object"),
        (b'{"plan": NaN}', "NaN is not a number"),
        (b"[" * 100_000, "not JSON that can be read"),
        (b"", "not JSON (Expecting value at line 1, column 1)"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises(Malformed) as refused:
        answer_to(raw)

    assert sentence in str(refused.value)


def test_a_byte_order_mark_is_no_part_of_the_scenario() -> None:
    raw = json.dumps(one_sale()).encode()

    assert answer_to(b"\xef\xbb\xbf" + raw) == answer_to(raw)


def test_a_missing_file_is_a_sentence_and_status_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["commission", "simulate", "nowhere.json"]) == 2
    assert "nowhere.json cannot be read: No such file" in capsys.readouterr().err


def test_a_remark_for_people_changes_neither_the_answer_nor_its_digest() -> None:
    remarked = one_sale() | {"_why": "to try the card plan"}

    assert answer_to(json.dumps(remarked).encode()) == answer_to(json.dumps(one_sale()).encode())


def test_the_answer_has_the_documented_shape() -> None:
    answer = answer_to(json.dumps(one_sale()).encode())

    assert set(answer) == KEYS
    assert list(answer["entries"][0]) == ENTRY
    assert sorted(answer["statements"][0]) == sorted(STATEMENT)


def test_an_empty_scenario_has_an_empty_answer() -> None:
    answer = run({"plan": {"rules": []}, "events": []})

    assert answer == {
        "entries": [],
        "statements": [],
        "tranches": [],
        "held": [],
        "pending": [],
        "errors": [],
    }


def test_statements_end_with_the_month_that_was_asked_for() -> None:
    document = scenario(card(), MARCH, as_of="2026-05-02")

    assert [row["period"] for row in run(document)["statements"]] == [
        "2026-03",
        "2026-04",
        "2026-05",
    ]


def test_without_a_day_statements_end_with_the_latest_date_of_the_file() -> None:
    document = scenario(card(), MARCH, leave("E1"))

    assert run(document)["statements"][-1]["period"] == "2026-05"


def test_the_end_of_a_rule_is_not_a_day_on_which_something_happened() -> None:
    document = scenario(card(to="2099-12-31"), MARCH)

    assert [row["period"] for row in run(document)["statements"]] == ["2026-03"]


def test_an_adjustment_after_the_latest_date_still_stands_in_a_statement() -> None:
    document = scenario(card(), MARCH, close("2026-03"), sale("s2", "2026-03-11"))

    assert run(document)["statements"][-1]["adjusted"] == "60.00"


def test_the_same_file_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    path = written(tmp_path / "plan.json", json.dumps(one_sale()).encode())
    command = [sys.executable, "-m", "fieldbook", "commission", "simulate", path]

    answers = {
        subprocess.run(
            command, capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }

    assert len(answers) == 1
    assert "1 张 x 60.00 = 60.00" in answers.pop().decode("utf-8")
