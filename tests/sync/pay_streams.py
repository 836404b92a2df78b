"""Streams of what happens around pay, as hypothesis draws them (see `pay_branch` for the verbs)."""

from typing import Any

from hypothesis import strategies as st

from tests.sync import pay_checks
from tests.sync.pay_branch import (
    AMOUNTS,
    DAYS,
    EVENTS,
    MONTHS,
    PRODUCTS,
    RULES,
    SHARES,
    PayBranch,
)


def one_of(things: Any) -> st.SearchStrategy[int]:
    return st.integers(0, len(things) - 1)


who, which, references = st.integers(0, 1), st.integers(0, 7), st.integers(0, 5)
months, days, keeps = one_of(MONTHS), one_of(DAYS), one_of(SHARES)
products, measures = one_of(PRODUCTS), one_of(AMOUNTS)
VERBS: dict[str, tuple[int, tuple[st.SearchStrategy[Any], ...]]] = {
    "sell": (8, (who, products, measures, keeps, references, st.integers(0, 2))),
    "told": (11, (which, one_of(EVENTS), st.integers(0, 4), measures, st.integers(0, 1))),
    "cancelled": (4, (which, st.integers(2, 5))),
    "exchange": (6, (st.integers(0, 3), st.sampled_from([None, None, None, 0, 1, 2, 3]))),
    "answer": (6, (who, which, st.integers(0, 2))),
    "decide": (4, (which, keeps)),
    "withdraw": (1, (who, which)),
    "new_rule": (1, (one_of(RULES), st.integers(0, 2), days)),
    "review": (1, (months,)),
    "close": (3, (months,)),
    "target": (2, (who, months, st.sampled_from([0, 300, 9_000]))),
    "quality": (2, (who, months, st.sampled_from(["0.9", "1.05", "0.333"]))),
    "leaves": (1, (who, days)),
    "moved": (1, (st.integers(0, 2), who)),
    "wait": (1, (st.sampled_from([1, 20, 370]),)),
}
"""What may happen, how often, and with what."""
OFTEN = [verb for verb, (weight, _) in VERBS.items() for _ in range(weight)]
THING = st.sampled_from(OFTEN).flatmap(lambda verb: st.tuples(st.just(verb), *VERBS[verb][1]))
STREAM = st.lists(THING, min_size=12, max_size=40)


def live(stream: list[Any]) -> None:
    """Let a stream happen, and everyone exchange; see what must hold in between and in the end."""
    branch = PayBranch()
    try:
        for verb, *what in stream:
            getattr(branch, verb)(*what)
            if verb == "exchange" and what[-1] is None:
                pay_checks.is_in_step(branch.tablets[what[0]])
        branch.until_still()
        pay_checks.hold(branch)
    finally:
        branch.leave()
