"""What the customer's page advises: how they like to be turned to, from their own contacts."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from mobile_app.i18n import Words
from mobile_app.parts.advice import preference_text
from shared.domain.preference import Contact, preference
from shared.registry import Document
from tests.screens.memory import DAY_MS, NOW, contact
from tests.screens.stage import opened, running
from tests.screens.test_with_the_real_store import a_store, arrive, device_with

ZH, EN = Words("zh", lambda: NOW), Words("en", lambda: NOW)


def calls(n: int, outcome: str, since: int = 1, **fields: Any) -> list[tuple[str, Document]]:
    """Calls a week apart, the first of them `since` weeks ago."""
    return [
        (
            "interaction",
            asdict(
                contact(
                    number,
                    channel="call",
                    outcome=outcome,
                    occurred_at=NOW - 7 * DAY_MS * number,
                    **fields,
                )
            ),
        )
        for number in range(since, since + n)
    ]


def test_a_preference_is_never_said_without_its_n() -> None:
    found = [Contact("call", "done", NOW - 7 * DAY_MS * n) for n in range(1, 7)]
    found += [Contact("call", "not_met", NOW - (7 * n + 1) * DAY_MS) for n in range(1, 6)]

    learned = preference(found, NOW)

    assert preference_text(ZH, learned) == (
        "渠道偏好：电话（近一年 11 次，找到 6 次，有结果 6 次）·周二较好找（6 次找到 6 次）"
    )
    assert "11 in a year" in preference_text(EN, learned)


def test_too_little_is_said_to_be_too_little() -> None:
    learned = preference([Contact("call", "done", NOW - DAY_MS)] * 2, NOW)

    assert preference_text(ZH, learned) == "渠道偏好：还不知道（近一年主动联系 2 次）"


def test_the_page_says_it_from_the_devices_own_rows(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")
        assert stage.says("还不知道（近一年主动联系 0 次）")

        arrive(store, 2, *calls(3, "done"), *calls(1, "declined", 4, supersedes="i3"))
        await stage.settle()

        assert stage.says("电话（近一年 3 次，找到 3 次，有结果 2 次）")
        store.close()

    running(scene)
