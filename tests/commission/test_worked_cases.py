"""The worked cases of the commission rules, to the fen, as files through the command line.

Each file of `scenarios/` says under `_expected` what must be posted, worked out by hand; `_case`
says how. `test_pipeline` has the same cases as sentences.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from fieldbook.__main__ import main
from tests.commission.builders import Json, posted, run

FOLDER = Path(__file__).parent / "scenarios"
FILES = sorted(FOLDER.glob("*.json"))


def expected(path: Path) -> Any:
    """Return the entries that a file expects, or None where it must be refused."""
    document = json.loads(path.read_text(encoding="utf-8"))
    entries = document["_expected"]
    return entries if entries is None else sorted(map(tuple, entries), key=repr)


def without_remarks(path: Path) -> Json:
    document = json.loads(path.read_text(encoding="utf-8"))
    return {key: value for key, value in document.items() if not key.startswith("_")}


ANSWERED = [path for path in FILES if expected(path) is not None]
REFUSED = [path for path in FILES if expected(path) is None]


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", ANSWERED, ids=name)
def test_the_command_posts_exactly_what_was_worked_out_by_hand(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["commission", "simulate", str(path)])

    assert status == 0
    assert sorted(posted(json.loads(capsys.readouterr().out)), key=repr) == expected(path)


@pytest.mark.parametrize("path", ANSWERED, ids=name)
def test_the_engine_posts_the_same_without_the_command(path: Path) -> None:
    assert sorted(posted(run(without_remarks(path))), key=repr) == expected(path)


@pytest.mark.parametrize("path", REFUSED, ids=name)
def test_the_command_refuses_a_file_whose_shares_do_not_sum(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["commission", "simulate", str(path)])

    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert "events[0].shares: the shares of the pay sum to 9,999, not to 10,000" in err


def test_every_worked_case_has_its_file() -> None:
    cases = {path.stem.partition("-")[0] for path in FILES}

    assert cases >= {"S1", "S2", "S3", "S4", "S5", "T1", "T2", "T2b", "T5", "T7", "combined"}
