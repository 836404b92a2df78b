"""Who else was in touch with a customer, as one should know before one calls."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain import Interaction
from shared.domain.touches import RECENT_MS, touches
from shared.testing.builders import NOW, an_interaction


def contact(id: str, by: str, days_ago: int = 1, **fields: object) -> Interaction:
    at = NOW - days_ago * 86_400_000
    return Interaction(**an_interaction("c1", by, id=id, occurred_at=at, **fields))  # type: ignore[arg-type]


def test_colleagues_stand_latest_first_and_ones_own_contacts_not_at_all() -> None:
    found = touches([contact("a", "e2", 9), contact("b", "e1"), contact("c", "e3", 2)], "e1", NOW)

    assert [each.id for each in found] == ["c", "a"]


def test_thirty_days_are_the_limit() -> None:
    found = touches([contact("in", "e2", 30), contact("out", "e2", 31)], "e1", NOW)

    assert [each.id for each in found] == ["in"]


def test_of_a_contact_that_was_put_right_only_the_correction_counts() -> None:
    found = touches([contact("a", "e2"), contact("b", "e2", supersedes="a")], "e1", NOW)

    assert [each.id for each in found] == ["b"]


def test_what_a_customer_did_alone_is_nobodys_touch_and_an_agents_call_is_theirs() -> None:
    alone = contact("machine", "", channel="self_service", source="自助设备")
    called = contact("call", "", channel="call_centre", source="客服系统", agent="坐席 8012")

    assert [each.id for each in touches([alone, called], "e1", NOW)] == ["call"]


@given(st.lists(st.tuples(st.sampled_from(["e1", "e2", "e3"]), st.integers(0, 60))))
def test_nobody_is_forgotten_and_nothing_is_old(made: list[tuple[str, int]]) -> None:
    contacts = [contact(f"i{place}", by, days) for place, (by, days) in enumerate(made)]

    found = touches(contacts, "e1", NOW)

    assert {each.id for each in found} == {
        f"i{place}" for place, (by, days) in enumerate(made) if by != "e1" and days <= 30
    }
    assert all(each.occurred_at >= NOW - RECENT_MS for each in found)
