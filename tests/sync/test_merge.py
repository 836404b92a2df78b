"""Merging: the four cases, and what holds for every row."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sync.merge import Clash, merge_fields


@pytest.mark.parametrize(
    ("now", "old", "new", "result", "clashes"),
    [
        pytest.param("b", "a", "b", "b", 0, id="someone already did the same"),
        pytest.param("a", "a", "b", "b", 0, id="nobody touched it since"),
        pytest.param("b", "a", "a", "b", 0, id="the user did not mean to change it"),
        pytest.param("c", "a", "b", "b", 1, id="a clash: the later accepted write wins"),
        pytest.param("a", "a", "a", "a", 0, id="nothing anywhere"),
    ],
)
def test_the_four_cases(now: str, old: str, new: str, result: str, clashes: int) -> None:
    merged = merge_fields({"note": now}, {"note": (old, new)})

    assert merged.document == {"note": result}
    assert merged.changed == (("note",) if now != result else ())
    assert len(merged.clashes) == clashes


def test_the_value_that_loses_is_kept() -> None:
    merged = merge_fields({"note": "theirs"}, {"note": ("before", "mine")})

    assert merged.clashes == (Clash("note", before="before", lost="theirs", won="mine"),)


value = st.none() | st.integers(0, 3) | st.sampled_from(["a", "b"])
names = st.sampled_from(["x", "y", "z"])
rows: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(dict.fromkeys("xyz", value))
edits = st.dictionaries(names, st.tuples(value, value))


@given(rows, edits)
def test_what_nobody_asked_for_stays(row: dict[str, Any], wanted: dict[str, Any]) -> None:
    merged = merge_fields(row, wanted)

    assert {name: merged.document[name] for name in row if name not in wanted} == {
        name: row[name] for name in row if name not in wanted
    }


@given(rows, edits)
def test_what_the_user_meant_is_what_stands(row: dict[str, Any], wanted: dict[str, Any]) -> None:
    merged = merge_fields(row, wanted)

    meant = {name: new for name, (old, new) in wanted.items() if old != new}
    assert {name: merged.document[name] for name in meant} == meant


@given(rows, edits)
def test_merging_the_same_twice_changes_nothing(
    row: dict[str, Any], wanted: dict[str, Any]
) -> None:
    once = merge_fields(row, wanted)

    twice = merge_fields(once.document, wanted)

    assert (twice.document, twice.changed, twice.clashes) == (once.document, (), ())


@given(rows, edits, edits)
def test_edits_of_different_fields_commute(
    row: dict[str, Any], one: dict[str, Any], other: dict[str, Any]
) -> None:
    other = {name: pair for name, pair in other.items() if name not in one}

    here = merge_fields(merge_fields(row, one).document, other).document
    there = merge_fields(merge_fields(row, other).document, one).document

    assert here == there
