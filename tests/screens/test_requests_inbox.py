"""Change requests in a supervisor's inbox: who asks, what changes, and who may decide it."""

from tests.screens.cases import a_request
from tests.screens.memory import LONG_COMPANY, MemoryDevice, person
from tests.screens.stage import opened, running
from tests.screens.test_team_inbox import at_inbox, supervised


def test_a_request_says_who_asks_what_changes_and_what_was_seen_as_proof() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.request_cards = [a_request()]
        stage = await at_inbox(device)

        said = stage.texts()

        assert "改姓名" in said
        assert "刘秀兰·王敏申请" in said
        assert said[said.index("档案里") + 1] == "刘秀兰"
        assert said[said.index("改成") + 1] == "刘秀蓝"
        assert "依据：身份证原件已核对" in said
        assert not stage.says("批准会被退回")

    running(scene)


def test_a_request_is_approved_with_one_tap() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.request_cards = [a_request()]
        stage = await at_inbox(device)

        await stage.tap("批准：刘秀兰·改姓名")

        assert device.store.decided == [("request", "q1", "approved", None)]
        assert device.runner.woken == 1

    running(scene)


def test_a_request_is_declined_only_with_a_reason() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.request_cards = [a_request()]
        stage = await at_inbox(device)
        await stage.tap("不批准")
        assert stage.find("不批准", "click").disabled

        await stage.tap("依据不够，请补材料")
        await stage.tap("不批准")

        assert device.store.decided == [("request", "q1", "declined", "依据不够，请补材料")]

    running(scene)


def test_ones_own_request_is_for_another_supervisor_and_says_so() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.request_cards = [a_request(own=True)]
        stage = await at_inbox(device)

        assert stage.says("自己提的不能自己批，要等另一位主管")
        assert not stage.says("批准：刘秀兰·改姓名")
        await stage.tap("撤回")

        assert device.store.decided == [("request", "q1", "withdrawn", None)]

    running(scene)


def test_a_request_whose_value_has_moved_on_says_so() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.documents["customer", "c1"] = {"id": "c1", "name": "刘绣兰"}
        device.store.request_cards = [a_request()]
        stage = await at_inbox(device)

        assert stage.says("批准会被退回")

    running(scene)


def test_a_manager_sees_at_the_customer_that_a_request_waits() -> None:
    async def scene() -> None:
        device = MemoryDevice()
        device.store.people = [person(name=LONG_COMPANY)]
        device.store.contacts["c1"] = []
        device.store.documents["customer", "c1"] = {"id": "c1", "name": "刘秀兰"}
        device.store.request_cards = [a_request()]
        stage = await opened(device)
        await stage.go("/customers/c1")

        assert stage.says("等主管批准")
        assert not stage.says("不批准")

    running(scene)
