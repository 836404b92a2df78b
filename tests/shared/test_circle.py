"""Families and groups: who belongs together, what is claimed of it, and what may be counted."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain import Customer, Relation
from shared.domain.circle import DEEPEST, MOST, TIES, circle, deposits
from shared.testing.around import a_relation
from shared.testing.builders import NOW, a_customer


def tie(
    one: str, kind: str, other: str | None, status: str = "verified", **said: object
) -> Relation:
    known = a_relation(one, "e1", kind=kind, other_id=other, **{"other_name": None, **said})
    return Relation(**{**known, "status": status})  # type: ignore[arg-type]


def a_person(id: str, balance: int | None) -> Customer:
    made = a_customer("e1", id=id, deposit_balance=balance, as_of=NOW)
    return Customer(**made)  # type: ignore[arg-type]


def names(found: object) -> list[str]:
    return [each.customer_id or each.name for each in found]  # type: ignore[attr-defined]


def test_a_daughters_husband_is_one_of_the_family() -> None:
    found = circle(
        "mother",
        "family",
        [tie("mother", "child", "daughter"), tie("son in law", "spouse", "daughter")],
    )

    assert [(each.customer_id, each.kind, each.is_theirs, each.via) for each in found] == [
        ("daughter", "child", False, "mother"),
        ("son in law", "spouse", True, "daughter"),
    ]


def test_a_guarantor_is_no_one_of_the_family() -> None:
    assert circle("c1", "family", [tie("c1", "guarantor", "c2"), tie("c1", "other", "c3")]) == []


def test_what_ended_holds_nobody_together() -> None:
    assert circle("c1", "family", [tie("c1", "spouse", "c2", "ended")]) == []


def test_one_claim_on_the_way_leaves_all_behind_it_claimed() -> None:
    ties = [tie("c1", "spouse", "c2", "claimed"), tie("c2", "child", "c3")]

    assert [each.verified for each in circle("c1", "family", ties)] == [False, False]


def test_a_verified_way_counts_before_a_claimed_one() -> None:
    ties = [
        tie("c1", "household", "c3", "claimed"),
        tie("c1", "spouse", "c2"),
        tie("c2", "child", "c3"),
    ]

    found = circle("c1", "family", ties)

    assert [(each.customer_id, each.verified) for each in found] == [("c2", True), ("c3", True)]


def test_two_companies_of_one_legal_representative_are_a_group() -> None:
    ties = [tie("a", "legal_representative", "p"), tie("b", "legal_representative", "p", "claimed")]

    found = circle("a", "group", ties)

    assert [(each.customer_id, each.is_theirs, each.verified) for each in found] == [
        ("p", False, True),
        ("b", True, False),
    ]


def test_one_who_is_no_customer_stands_by_name_and_leads_nowhere() -> None:
    found = circle("c1", "family", [tie("c1", "child", None, other_name="刘晓燕")])

    assert names(found) == ["刘晓燕"]


def test_only_the_verified_whose_figure_is_known_are_counted_and_it_says_over_how_many() -> None:
    ties = [
        tie("c1", "spouse", "c2"), tie("c1", "child", "c3", "claimed"), tie("c1", "child", "c4"),
        tie("c1", "child", "c5"),
    ]  # fmt: skip
    people = {
        each.id: each for each in (a_person("c2", 200), a_person("c3", 999), a_person("c5", None))
    }

    found = deposits(a_person("c1", 100), circle("c1", "family", ties), people)

    assert found is not None
    assert (found.fen, found.over, found.of) == (300, 2, 5)


def test_where_no_figure_is_known_there_is_no_sum() -> None:
    assert deposits(a_person("c1", None), [], {}) is None


people = st.sampled_from([f"c{n}" for n in range(9)])
a_tie = st.tuples(
    people, st.sampled_from([*sorted(TIES["family"]), "guarantor"]), people,
    st.sampled_from(["claimed", "verified", "ended"]),
)  # fmt: skip


@given(st.lists(a_tie, max_size=30), st.randoms())
def test_any_web_of_ties_ends_and_has_everyone_once(
    made: list[tuple[str, str, str, str]], mixed: object
) -> None:
    ties = [tie(*each, id=f"r{place}") for place, each in enumerate(made) if each[0] != each[2]]
    found = circle("c0", "family", ties)

    shuffled = list(ties)
    mixed.shuffle(shuffled)  # type: ignore[attr-defined]

    assert circle("c0", "family", shuffled) == found
    assert len(set(names(found))) == len(found)
    assert "c0" not in names(found)
    sure = near("c0", ties, "verified")
    assert {each.customer_id for each in found if each.verified} == sure
    assert {each.customer_id for each in found} == sure | near("c0", ties, "claimed", "verified")


def near(start: str, ties: list[Relation], *statuses: str) -> set[str]:
    """Whom four steps reach, worked out the plain way."""
    reached = {start}
    for _ in range(DEEPEST):
        reached |= {
            other
            for each in ties
            if each.kind in TIES["family"] and each.status in statuses
            for one, other in ((each.customer_id, each.other_id), (each.other_id, each.customer_id))
            if one in reached and other
        }
    return reached - {start}


def test_a_very_large_group_is_cut_and_what_is_verified_stays() -> None:
    ties = [tie("c1", "group_member", f"x{n}", "claimed") for n in range(99)]
    ties.append(tie("c1", "group_member", "sure"))

    found = circle("c1", "group", ties)

    assert len(found) == MOST
    assert found[0].customer_id == "sure"
