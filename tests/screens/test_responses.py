"""How soon the team's alerts are checked and handled, as a supervisor reads it."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mobile_app.state.responses import Response, response_to, responses_of
from shared.domain import Alert
from shared.testing.around import an_alert
from tests.screens.memory import NOW
from tests.screens.stage import opened, running
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

HOUR = 3_600_000


def alert(id: str = "a", **fields: Any) -> Any:
    return an_alert("c1", id=id, **{"raised_at": NOW - 5 * HOUR, "severity": "urgent", **fields})


def made(**fields: Any) -> Alert:
    return Alert(**alert(**fields))


IN_TIME = {"status": "handled", "checked_at": NOW - 4 * HOUR, "handled_at": NOW - 3 * HOUR}
LATE = {"status": "handled", "handled_at": NOW - HOUR}


def test_what_is_late_is_what_was_handled_late_or_waits_past_its_time() -> None:
    fresh = {"raised_at": NOW - HOUR}

    found = response_to([made(**IN_TIME), made(**LATE), made(), made(**fresh)], NOW)

    assert (found.raised, found.in_time, found.late, found.waiting) == (4, 1, 2, 1)
    assert (found.checked_in, found.handled_in) == (HOUR, 3 * HOUR)
    assert found.share == 1 / 3


def test_one_that_was_taken_back_and_one_of_nobodys_below_do_not_count() -> None:
    alerts = [("e1", made(status="withdrawn")), ("e8", made()), ("e1", made(**IN_TIME))]

    [found] = responses_of(alerts, {"e1": "王敏"}, NOW)

    assert (found.total.raised, found.total.share) == (1, 1.0)


def test_what_nobody_had_to_handle_yet_has_no_share() -> None:
    assert response_to([made(raised_at=NOW - HOUR)], NOW).share is None


@given(in_time=st.integers(0, 2_000), late=st.integers(0, 2_000))
def test_all_in_time_is_said_of_no_share_but_the_whole(in_time: int, late: int) -> None:
    found = Response(in_time=in_time, late=late, waiting=0, checked_in=None, handled_in=None)

    assert (found.percent == 100) == (in_time > 0 and late == 0)
    assert found.percent * (in_time + late) <= 100 * in_time


_ALERTS = st.lists(
    st.builds(
        lambda kind, how, ago: made(
            kind=kind, **how, raised_at=NOW - ago * HOUR, due_at=NOW - ago * HOUR + 2 * HOUR
        ),
        st.sampled_from(["abnormal_flow", "churn", "papers"]),
        st.sampled_from([{}, {"status": "handled", "handled_at": NOW - HOUR}]),
        st.integers(1, 50),
    )
)


@given(alerts=_ALERTS)
def test_kinds_add_up_to_all_and_each_alert_counts_once(alerts: list[Alert]) -> None:
    found = responses_of([("e1", each) for each in alerts], {"e1": "王敏"}, NOW)

    for each in found:
        for name in ("raised", "in_time", "late", "waiting"):
            assert getattr(each.total, name) == sum(getattr(one, name) for _, one in each.kinds)
        assert each.total.raised == len(alerts)


def test_a_supervisor_reads_it_under_the_field(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        arrive(
            store, 2, ("alert", {**alert("a1", **IN_TIME), "employee_id": "e1"}),
            ("alert", alert("a2", kind="satisfaction")),
            ("alert", alert("a4", kind="maturity", raised_at=NOW - HOUR)),
            ("alert", alert("a3", kind="papers", raised_at=NOW - 60 * 24 * HOUR)),
        )  # fmt: skip
        stage = await opened(device_with(store))

        await stage.tap("预警响应")

        counted = "3 条·超时 1 条·还有 1 条没到时限·核实中位 1 小时·处理中位 2 小时"
        for said in ("王敏", "50 %", counted, "资金异常"):
            assert stage.says(said), said
        assert not stage.says("证件到期")
        assert stage.texts().count("—") == 1
        await stage.tap("近 90 天")
        assert stage.says("证件到期")
        store.close()

    running(scene)
