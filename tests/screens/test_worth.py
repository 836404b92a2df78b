"""What a customer is worth, as their page tells it."""

from pathlib import Path
from typing import Any

import pytest

from mobile_app.i18n import Words
from mobile_app.parts.worth import line_text
from mobile_app.state.worth import Line, worth_of
from shared.domain import CustomerValue
from shared.testing.around import a_value
from tests.screens.memory import NOW
from tests.screens.stage import opened, running
from tests.screens.test_with_the_real_store import a_store, arrive, device_with


def a_record(**fields: Any) -> CustomerValue:
    return CustomerValue(**a_value("c1", **fields))  # type: ignore[arg-type]


def test_the_line_that_weighs_most_comes_first() -> None:
    found = worth_of(a_record())

    assert [line.amount for line in found.lines] == [451_000, 71_750, -27_000, -12_000, -10_800]
    assert found.largest == 451_000


@pytest.mark.parametrize(
    ("line", "chinese"),
    [
        (
            Line("spread", "time_deposit", 82_000_000, "0.0055", 451_000),
            "定期利差：¥820,000.00 x 0.55 %",
        ),
        (
            Line("loss", "loan", 100_000_000, "0.01", -1_000_000),
            "贷款预期损失：¥1,000,000.00 x 1 %",
        ),
        (
            Line("spread", "demand", 100, "-0.00125", 0),
            "活期利差：¥1.00 x -0.125 %",
        ),
        (
            Line("unrated", "card", 100_000, "0", 0),
            "信用卡利差：¥1,000.00，利率不详，未计入",
        ),
        (Line("minutes", "visit", 180, "150", -27_000), "拜访：180 分钟 x ¥1.50"),
        (Line("contacts", "counter", 20, "600", -12_000), "柜面：20 次 x ¥6.00"),
        (Line("spread", "loan", 100, "0.12", 12), "贷款利差：¥1.00 x 12 %"),
        (Line("fee", "wealth", 32_000, "1", 32_000), "理财手续费"),
    ],
)
def test_a_line_says_how_it_comes_about(line: Line, chinese: str) -> None:
    assert line_text(Words("zh", lambda: NOW), line) == chinese
    assert "{" not in line_text(Words("en", lambda: NOW), line)


def test_the_ladder_is_told_from_the_third_month_on() -> None:
    two, three, five = (worth_of(a_record(below=n)) for n in (2, 3, 5))

    assert [one.is_watched for one in (two, three, five)] == [False, True, True]
    assert (three.months_left, five.months_left) == (3, 1)


def test_the_page_says_how_many_accounts_have_no_known_rate(tmp_path: Path) -> None:
    async def scene() -> None:
        store, lines = (
            a_store(tmp_path),
            '[["unrated","loan",5,"0",0],["unrated","demand",7,"0",0]]',
        )
        arrive(store, 2, ("customer_value", a_value("c1", lines=lines)))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        assert stage.says("2 个账户的利率不详")
        await stage.tap("看怎么算的")
        assert stage.says("贷款利差：¥0.05，利率不详，未计入")
        assert "¥0.00" not in stage.texts()

    running(scene)


def test_nothing_known_yet_is_no_line_and_no_reason() -> None:
    found = worth_of(a_record(lines="[]", reasons="[]"))

    assert (found.lines, found.reasons, found.largest) == ((), (), 1)


@pytest.mark.parametrize("below", [0, 1, 3])
def test_the_page_tells_the_sum_and_on_a_tap_how_it_comes_about(tmp_path: Path, below: int) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("customer_value", a_value("c1", below=below)))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        for said in ("¥4,729.50", "白银客户·350 分", "10.50 倍", "贡献度 200 分", "不给客户看"):
            assert stage.says(said), said
        assert stage.says("关注：") == (below == 3)
        assert not stage.says("180 分钟")
        await stage.tap("看怎么算的")
        assert stage.says("拜访：180 分钟 x ¥1.50")
        store.close()

    running(scene)


def test_a_customer_of_whom_nothing_was_worked_out_has_no_such_section(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))

        await stage.go("/customers/c1")

        assert not stage.says("客户价值")
        store.close()

    running(scene)
