"""What contacts through a channel cost and what came of them; a sale counts once."""

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.channel_efficiency import (
    CREDIT_DAYS,
    Efficiency,
    Sold,
    efficiency,
)
from shared.domain.serving import Effort, Priced, Prices, Worked, prices_of
from shared.money import Fen

DAY = 86_400_000
SINCE = 100 * DAY
PRICES = Prices(Fen(150), {"counter": Fen(600)})


def contact(channel: Any = "visit", outcome: str = "done", **fields: Any) -> Worked:
    known: dict[str, Any] = {
        "customer_id": "c1", "employee_id": "e1", "channel": channel, "outcome": outcome,
        "at": SINCE + 40 * DAY, "spent": 600_000, "score": None, "purpose": "deposit",
    }  # fmt: skip
    return Worked(**(known | fields))


def sold(at: int = SINCE + 41 * DAY, amount: int | None = 500, customer: str = "c1") -> Sold:
    return Sold(customer, at, amount)


def only(contacts: list[Worked], sales: list[Sold] | None = None) -> Efficiency:
    [row] = efficiency(contacts, sales or [], PRICES, SINCE).rows
    return row


def test_minutes_cost_for_a_visit_and_pieces_at_the_counter() -> None:
    visit = only([contact(), contact(spent=90_000), contact(outcome="not_met", spent=None)])
    counter = only([contact("counter", spent=None)] * 2)

    assert (visit.contacts, visit.met, visit.good, visit.minutes) == (3, 2, 2, 12)
    assert (visit.unmeasured, visit.cost, visit.each_good) == (1, 1_800, 900)
    assert (counter.cost, counter.each_good) == (1_200, 600)


def test_a_channel_without_a_price_has_no_cost_and_one_without_a_good_end_no_cost_of_it() -> None:
    assert only([contact("mail")]).cost is None
    assert only([contact("mail")]).each_good is None
    assert only([contact(outcome="declined")]).each_good is None


def test_what_a_customer_came_for_costs_and_is_no_success_of_the_channel() -> None:
    came = contact("counter", purpose="service", spent=None)

    only_came, both = only([came] * 12), only([came, contact("counter", "declined")])

    assert (only_came.served, only_came.good, only_came.share) == (12, 0, None)
    assert (only_came.cost, only_came.each_good, only_came.is_thin) == (7_200, None, True)
    assert (both.served, both.ours, both.share) == (1, 1, Fraction(0))


def test_below_ten_contacts_a_channel_says_little() -> None:
    assert only([contact()] * 9).is_thin
    assert not only([contact()] * 10).is_thin


def test_a_sale_is_credited_to_the_last_contact_in_which_the_customer_was_met() -> None:
    contacts = [
        contact("call", at=SINCE + 39 * DAY),
        contact("visit", at=SINCE + 40 * DAY),
        contact("wechat", "not_met", at=SINCE + 40 * DAY + 1),
        contact("call", at=SINCE + 42 * DAY),
    ]

    found = efficiency(contacts, [sold(), sold(amount=None)], PRICES, SINCE)

    assert {row.channel: (row.sales, row.amount) for row in found.rows} == {
        "call": (0, 0),
        "visit": (2, 500),
        "wechat": (0, 0),
    }


def test_a_contact_thirty_days_ago_is_credited_and_one_before_is_not() -> None:
    at = SINCE + 40 * DAY
    last, late = (at + CREDIT_DAYS * DAY + more for more in (0, 1))

    found = efficiency([contact(at=at)], [sold(last), sold(late)], PRICES, SINCE)

    assert (found.rows[0].sales, found.uncredited) == (1, 1)


def test_what_followed_a_contact_before_the_time_does_not_count() -> None:
    early = contact(at=SINCE - DAY)

    found = efficiency([early, contact("call")], [sold(SINCE + DAY)], PRICES, SINCE)

    assert [(row.channel, row.sales) for row in found.rows] == [("call", 0)]
    assert found.uncredited == 0


def test_another_customers_contact_is_credited_with_nothing() -> None:
    found = efficiency([contact()], [sold(customer="c2")], PRICES, SINCE)

    assert (found.rows[0].sales, found.uncredited) == (0, 1)


_AT = st.integers(0, 90).map(lambda day: SINCE + day * DAY)
_WHO = st.sampled_from(["c1", "c2"])
_CONTACTS = st.lists(
    st.builds(
        Worked,
        _WHO,
        st.just("e1"),
        st.sampled_from(["visit", "call", "counter"]),
        st.sampled_from(["done", "not_met", "declined"]),
        _AT,
        st.none() | st.integers(0, DAY),
        st.none(),
        st.sampled_from(["deposit", "service"]),
    ),
    max_size=12,
)
_SALES = st.lists(st.builds(Sold, _WHO, _AT, st.none() | st.integers(1, 10**12)), max_size=8)


@given(contacts=_CONTACTS, sales=_SALES)
def test_every_sale_counts_once_and_every_contact_in_its_channel(
    contacts: list[Worked], sales: list[Sold]
) -> None:
    found = efficiency(contacts, sales, PRICES, SINCE)

    assert found.contacts == len(contacts)
    assert sum(row.sales for row in found.rows) + found.uncredited == len(sales)
    assert all(row.good <= min(row.met, row.ours) for row in found.rows)


def test_prices_are_read_from_the_lines_of_the_latest_model() -> None:
    old = Priced(1, '[["minutes","visit",10,"150",-1500],["contacts","mail",1,"300",-300]]')
    new = Priced(
        2, '[["spread","demand",5,"0.02",0],["minutes","call",9,"160",-1440],'
        '["contacts","counter",2,"600",-1200]]'
    )  # fmt: skip

    for order in ([old, new], [new, old]):
        prices = prices_of(order)

        assert prices.cost(Effort("visit", 1, 10)) == 1_600
        assert prices.cost(Effort("counter", 3)) == 1_800
        assert prices.cost(Effort("mail", 1)) is None
    assert prices_of([]).cost(Effort("visit", 1, 10)) is None


def test_a_sale_is_not_credited_to_a_machine_at_which_nobody_met_the_customer() -> None:
    machine = contact("self_service", at=SINCE + 41 * DAY - 1, employee_id="", purpose="service")

    found = {
        each.channel: each
        for each in efficiency([contact(), machine], [sold()], PRICES, SINCE).rows
    }

    assert (found["visit"].sales, found["self_service"].sales) == (1, 0)
    assert (found["visit"].met, found["self_service"].met) == (1, 0)
