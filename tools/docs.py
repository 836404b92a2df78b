"""Write the documents that follow from the code, and check that the written ones hold together.

`docs/refusals.md` is the catalogue of `shared.errors` for people: support staff look a sentence up
there, so it must never lag behind. `python -m tools.docs` writes it; `--check` fails when it is
out of date or when a document points at a file that is not there.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from shared.errors import CATALOGUE, Template

ROOT = Path(__file__).resolve().parent.parent
REFUSALS = ROOT / "docs" / "refusals.md"
OPENING = """\
# Refusals

<!-- Written by `make docs` from shared/errors.py; change that, not this. -->

A refusal is an answer that says no. Its code travels in a verdict or an error answer and never
changes meaning; its sentence is what a person reads, in the language of their app. Every sentence
says what happened, what is safe and what to do. `{…}` is filled in for the case at hand.
"""
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?!https?:|#)([^)#\s]+)[^)]*\)")
"""A link to a file. Pictures are left out: they are taken from the running app, later."""


def main() -> int:
    """Write, or with --check compare; 1 when something is out of date or missing."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    if not parser.parse_args().check:
        REFUSALS.write_text(refusals(), encoding="utf-8")
        return 0
    problems = list(complaints())
    print("\n".join(problems) or "documents: current, every link leads somewhere")
    return 1 if problems else 0


def refusals() -> str:
    """Return the text of docs/refusals.md."""
    entries = (entry(code, template) for code, template in CATALOGUE.items())
    return "\n".join([OPENING, *entries])


def entry(code: str, template: Template) -> str:
    names = ", ".join(f"`{name}`" for name in placeholders(template)) or "nothing"
    return (
        f"## `{code}`\n\nHTTP {template.status}; filled in: {names}.\n\n"
        f"> {template.zh}\n>\n> {template.en}\n"
    )


def placeholders(template: Template) -> list[str]:
    """Return the names that the English sentence has filled in, in order of appearance."""
    parts = Formatter().parse(template.en)
    return list(dict.fromkeys(name for _, name, _, _ in parts if name))


def complaints() -> Iterator[str]:
    """Say what is wrong with the documents, one line each."""
    if not REFUSALS.is_file() or REFUSALS.read_text(encoding="utf-8") != refusals():
        yield "docs/refusals.md is out of date: run `make docs`"
    for document in documents():
        for target in LINK.findall(document.read_text(encoding="utf-8")):
            if not (document.parent / target).exists():
                yield f"{document.relative_to(ROOT)} points at {target}, which is not there"


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


if __name__ == "__main__":
    sys.exit(main())
