"""A supervisor's view of the team's devices: what they hold, and which of them need someone."""

from dataclasses import replace

import pytest

from mobile_app.state.devices import devices_of
from shared.domain import Employee
from shared.findings import DAY_MS, HOUR_MS, DeviceReport
from tests.screens.memory import NOW, MemoryDevice, MemoryStore
from tests.screens.stage import Stage, opened, running

SUPERVISOR = Employee("e9", "SV001", "周建国", "supervisor", "u1")
WELL = DeviceReport("d1", "AM001", "王敏", 0, None, NOW - 60_000, 0)
LATE = replace(WELL, device_id="d2", name="李强", pending=7, oldest_pending_at=NOW - 2 * DAY_MS)


async def at_devices(*reports: DeviceReport, width: int = 390) -> Stage:
    """The devices of the team."""
    device = MemoryDevice(MemoryStore(SUPERVISOR))
    device.store.device_reports = list(reports)
    stage = await opened(device, width)
    await stage.go("/field/devices")
    return stage


def test_what_needs_someone_comes_first_and_the_gravest_of_it_foremost() -> None:
    later = replace(LATE, device_id="d3", oldest_pending_at=NOW - 9 * DAY_MS)
    left = replace(LATE, device_id="d4", standing="left")
    clock = replace(WELL, device_id="d5", skew_ms=HOUR_MS)
    waiting = replace(WELL, device_id="d6", pending=1, oldest_pending_at=NOW - HOUR_MS)

    found = devices_of([WELL, clock, waiting, LATE, later, left], NOW)

    order = [item.device.device_id for item in found.items]
    assert order == ["d4", "d3", "d2", "d5", "d6", "d1"]
    assert [item.device.device_id for item in found.needing] == order[:4]
    assert found.pending == 22


def test_a_device_with_old_unsent_work_says_what_is_safe_and_what_to_do() -> None:
    async def scene() -> None:
        stage = await at_devices(WELL, LATE)

        assert stage.says("1 台要有人管")
        assert stage.says("AM001·最早的已 2 天·1 分钟前报到")
        assert stage.says("有 7 条一直没送到，最早的已 2 天。在设备上是安全的")
        assert stage.says("7 条未送")
        said = stage.texts()
        assert said.index("李强") < said.index("其余都正常") < said.index("王敏")

    running(scene)


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (replace(LATE, standing="revoked"), "设备已停用，上面还有 7 条没交回"),
        (replace(LATE, standing="left"), "人已离职，设备上还有 7 条没交回"),
        (replace(WELL, skew_ms=-3 * HOUR_MS), "时钟差 3 小时"),
        (replace(WELL, last_seen=NOW - 4 * DAY_MS), "已 4 天 没有联系"),
        (replace(WELL, issues=2), "有 2 件没被接收，内容都保留着"),
    ],
)
def test_each_need_is_said_in_a_sentence(report: DeviceReport, said: str) -> None:
    async def scene() -> None:
        stage = await at_devices(report)

        assert stage.says(said)
        assert stage.says("1 台要有人管")

    running(scene)


def test_where_all_is_well_it_says_so() -> None:
    async def scene() -> None:
        stage = await at_devices(WELL, replace(WELL, device_id="d2", standing="revoked"))

        assert stage.says("都正常，没有要管的")
        assert stage.says("没有未送的")
        assert stage.says("AM001·已停用")

    running(scene)


def test_without_devices_it_says_what_will_be_there() -> None:
    async def scene() -> None:
        stage = await at_devices()

        assert stage.says("团队还没有设备")

    running(scene)


def test_what_was_refused_leads_to_the_inbox() -> None:
    async def scene() -> None:
        stage = await at_devices(replace(WELL, issues=1))

        await stage.tap("到待处理里定")

        assert stage.all_views() == ["/inbox"]

    running(scene)


def test_on_a_phone_the_devices_stand_above_the_field_and_lead_back() -> None:
    async def scene() -> None:
        stage = await at_devices(LATE)
        assert stage.all_views() == ["/field", "/field/devices"]

        await stage.tap("返回")

        assert stage.all_views() == ["/field"]

    running(scene)


def test_on_a_desk_the_devices_stand_beside_the_days_numbers() -> None:
    async def scene() -> None:
        stage = await at_devices(LATE, width=1280)

        assert stage.says("今日战况")
        assert stage.says("有 7 条一直没送到")

    running(scene)
