"""What a customer is worth, as their page tells it."""

from typing import Any

import pytest

from mobile_app.i18n import Words
from mobile_app.parts.worth import line_text
from mobile_app.state.worth import Line, worth_of
from shared.domain import CustomerValue
from shared.domain.customer_value import value_id
from tests.screens.memory import NOW

LINES = (
    '[["spread","demand",3500000,"0.0205",71750],["spread","time_deposit",82000000,"0.0055",451000]'
    ',["minutes","visit",180,"150",-27000],["contacts","counter",20,"600",-12000]'
    ',["loss","loan",100000000,"0.01",-1000000]]'
)


def a_value(**fields: Any) -> CustomerValue:
    known: dict[str, Any] = {
        "period": "2026-11", "contribution": 472_950, "revenue": 522_750, "cost": 49_800,
        "loss": 0, "ratio": "10.50", "score": 350, "tier": "silver", "below": 0, "lines": LINES,
        "reasons": '[["contribution",200],["assets",150]]', "reached": '["silver"]', "before": "",
        "model": 1, "digest": "d", "computed_at": NOW,
    }  # fmt: skip
    return CustomerValue(value_id("c"), "c", **{**known, **fields})


def test_the_line_that_weighs_most_comes_first() -> None:
    found = worth_of(a_value())

    assert [line.amount for line in found.lines] == [-1_000_000, 451_000, 71_750, -27_000, -12_000]
    assert found.largest == 1_000_000


@pytest.mark.parametrize(
    ("line", "chinese"),
    [
        (
            Line("spread", "time_deposit", 82_000_000, "0.0055", 451_000),
            "定期利差：¥820,000.00 x 0.55 % = ¥4,510.00",
        ),
        (
            Line("loss", "loan", 100_000_000, "0.01", -1_000_000),
            "贷款预期损失：¥1,000,000.00 x 1 % = -¥10,000.00",
        ),
        (
            Line("spread", "demand", 100, "-0.00125", 0),
            "活期利差：¥1.00 x -0.125 % = ¥0.00",
        ),
        (Line("minutes", "visit", 180, "150", -27_000), "拜访：180 分钟 x ¥1.50 = -¥270.00"),
        (Line("contacts", "counter", 20, "600", -12_000), "柜面：20 次 x ¥6.00 = -¥120.00"),
        (Line("spread", "loan", 100, "0.12", 12), "贷款利差：¥1.00 x 12 % = ¥0.12"),
    ],
)
def test_a_line_says_how_it_comes_about(line: Line, chinese: str) -> None:
    assert line_text(Words("zh", lambda: NOW), line) == chinese
    assert "{" not in line_text(Words("en", lambda: NOW), line)


def test_the_ladder_is_told_from_the_third_month_on() -> None:
    two, three, five = (worth_of(a_value(below=n)) for n in (2, 3, 5))

    assert [one.is_watched for one in (two, three, five)] == [False, True, True]
    assert (three.months_left, five.months_left) == (3, 1)


def test_nothing_known_yet_is_no_line_and_no_reason() -> None:
    found = worth_of(a_value(lines="[]", reasons="[]"))

    assert (found.lines, found.reasons, found.largest) == ((), (), 1)
