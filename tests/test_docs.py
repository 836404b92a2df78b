"""The documents say what the code does: every refusal, every command, every link."""

import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from string import Formatter

import pytest

from shared.errors import CATALOGUE
from tools import docs


def commands(parser: ArgumentParser, prefix: str) -> Iterator[str]:
    """Yield every command of a command line that does something, as a person types it."""
    deeper = [a for a in parser._actions if isinstance(a, _SubParsersAction)]
    if not deeper:
        yield prefix
    for action in deeper:
        for name, sub in action.choices.items():
            yield from commands(sub, f"{prefix} {name}")


def command_line() -> ArgumentParser:
    from fieldbook.__main__ import parser

    return parser()


def test_the_documents_are_current_and_every_link_leads_somewhere() -> None:
    assert list(docs.complaints()) == []


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_refusal_is_documented_in_both_languages(code: str) -> None:
    text = docs.REFUSALS.read_text(encoding="utf-8")

    assert f"## `{code}`" in text
    assert CATALOGUE[code].zh in text
    assert CATALOGUE[code].en in text


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_refusal_fills_in_the_same_things_in_both_languages(code: str) -> None:
    chinese = {name for _, name, _, _ in Formatter().parse(CATALOGUE[code].zh) if name}

    assert chinese == set(docs.placeholders(CATALOGUE[code]))


def test_every_command_is_documented() -> None:
    pages = (docs.ROOT / "README.md", docs.ROOT / "docs" / "commands.md")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)

    assert [each for each in commands(command_line(), "fieldbook") if each not in text] == []


def test_the_command_line_loads_neither_side_before_it_is_asked_to() -> None:
    program = (
        "import sys, fieldbook.__main__ as main; main.parser();"
        "print([name for name in sys.modules if name in ('mobile_app', 'sync_server', 'flet')])"
    )
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (asked.returncode, asked.stdout.strip()) == (0, "[]"), asked.stderr


def test_a_refusal_in_no_document_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    unwritten = {**CATALOGUE, "unwritten": CATALOGUE["gone"]}
    monkeypatch.setattr(docs, "CATALOGUE", unwritten)

    assert "docs/refusals.md is out of date: run `make docs`" in list(docs.complaints())
