"""Enrolment between real processes: answers that are lost, PINs that are wrong, codes of others."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from fieldbook.branch import PIN, Branch
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from mobile_app.platform import here
from mobile_app.platform.http import HttpTransport
from mobile_app.platform.storage import ProfileFiles
from mobile_app.store.vault import PinRefused
from shared.errors import Refusal, Unreachable
from shared.ids import Millis

WRONG = "735092"
HOUR_MS = 3_600_000


class _Lossy(httpx.AsyncHTTPTransport):
    """A line on which the answer to the first request is lost, after the server has given it."""

    lost = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if not self.lost:
            _Lossy.lost += 1
            await answer.aread()
            raise httpx.ReadError("the line broke", request=request)
        return answer


class Phone:
    """A profile whose device may be started again; an hour passes at each look at its clock."""

    def __init__(self, folder: Path, branch: Branch) -> None:
        self.folder, self.branch, self.now = folder, branch, wall_clock()

    def clock(self) -> Millis:
        self.now = Millis(self.now + HOUR_MS)
        return self.now

    @asynccontextmanager
    async def device(self, connect: Any = here.connect) -> AsyncIterator[Device]:
        device = Device(ProfileFiles(self.folder), connect, self.clock)
        try:
            yield device
        finally:
            await device.close()

    async def enrolled_with_a_visit(self) -> str:
        """Enrol, sync, and save a visit that is not sent; return its id."""
        async with self.device() as device:
            await device.enrol(self.branch.url, self.branch.code("AM001"), PIN)
            await device.runner.sync_once()
            customer = device.store.customers("", 1)[0].id
            [visit] = new_visit(
                device.store, wall_clock(), customer_id=customer, purpose="card", outcome="done"
            )
            device.store.commit(visit)
            return str(visit.id)

    async def refused(self, pin: str, times: int = 1) -> str:
        """Try a PIN; return why the last try was refused."""
        async with self.device() as device:
            for _ in range(times):
                with pytest.raises(PinRefused) as refused:
                    await device.unlock(pin)
        return refused.value.kind

    async def taken_in(self, code: str, pin: str = PIN, url: str = "") -> list[str]:
        """Enrol with a code and a PIN, sync; return what of the outbox has been delivered."""
        async with self.device() as device:
            await device.enrol(url or self.branch.url, code, pin)
            waiting = [item.record_id for item in device.store.outbox()]
            await device.runner.sync_once()
            assert device.store.overview().pending == 0
            assert device.store.customers("", 1)
            return waiting


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    branch = Branch(tmp_path_factory.mktemp("enrolment"))
    branch.seed()
    with branch.serving():
        yield branch


@pytest.fixture
def phone(branch: Branch, tmp_path: Path) -> Phone:
    return Phone(tmp_path / "phone", branch)


def test_after_five_wrong_pins_a_code_and_the_pin_bring_unsent_work_home(phone: Phone) -> None:
    async def work() -> None:
        visit = await phone.enrolled_with_a_visit()
        assert await phone.refused(WRONG, times=5) == "sign_in"
        assert await phone.refused(PIN) == "sign_in"

        assert await phone.taken_in(phone.branch.code("AM001")) == [visit]

    asyncio.run(work())


def test_after_ten_wrong_pins_the_customers_come_anew_and_unsent_work_is_kept(
    phone: Phone,
) -> None:
    async def work() -> None:
        visit = await phone.enrolled_with_a_visit()
        await phone.refused(WRONG, times=5)
        code = phone.branch.code("AM001")
        with pytest.raises(PinRefused):
            await phone.taken_in(code, WRONG)
        assert await phone.refused(WRONG, times=4) == "erased"
        assert await phone.refused(PIN) == "erased"

        assert await phone.taken_in(phone.branch.code("AM001")) == [visit]

    asyncio.run(work())


def test_only_the_devices_own_server_lets_more_pins_be_tried(phone: Phone) -> None:
    async def work() -> None:
        await phone.enrolled_with_a_visit()
        await phone.refused(WRONG, times=5)

        with pytest.raises(Refusal) as elsewhere:
            await phone.taken_in("AAAA-AAAA-AAAA-AAAA", url="http://127.0.0.1:9")
        with pytest.raises(Refusal) as no_code:
            await phone.taken_in("AAAA-AAAA-AAAA-AAAA")

        assert (elsewhere.value.code, no_code.value.code) == ("other_server", "bad_code")
        assert await phone.refused(PIN) == "sign_in"

    asyncio.run(work())


def test_a_device_of_the_first_release_learns_which_server_is_its_own(phone: Phone) -> None:
    async def work() -> None:
        await phone.enrolled_with_a_visit()
        async with phone.device() as device:
            device_id = device._enrolment().device_id
            device._profile.write("enrolment", device_id.encode())  # all that 0.1.0 wrote
            await device.unlock(PIN)
        await phone.refused(WRONG, times=5)

        with pytest.raises(Refusal) as elsewhere:
            await phone.taken_in("AAAA-AAAA-AAAA-AAAA", url="http://127.0.0.1:9")

        assert elsewhere.value.code == "other_server"

    asyncio.run(work())


def test_a_device_that_took_a_new_code_is_one_device_to_its_supervisor(phone: Phone) -> None:
    async def reported(chief: Device) -> list[int]:
        await chief.runner.sync_once()
        return [each.pending for each in chief.store.devices() if each.employee_no == "AM001"]

    async def work() -> None:
        chief = await phone.branch.device("SV001")
        before = await reported(chief)
        await phone.enrolled_with_a_visit()
        assert await reported(chief) == [*before, 0]
        await phone.taken_in(phone.branch.code("AM001"))

        assert await reported(chief) == [*before, 0]
        await chief.close()

    asyncio.run(work())


def test_another_employees_code_is_refused_and_stays_good(phone: Phone, tmp_path: Path) -> None:
    async def work() -> None:
        await phone.enrolled_with_a_visit()
        code = phone.branch.code("AM002")

        with pytest.raises(Refusal) as refused:
            await phone.taken_in(code)

        assert refused.value.code == "not_permitted"
        assert await Phone(tmp_path / "other", phone.branch).taken_in(code) == []

    asyncio.run(work())


def test_a_code_whose_answer_was_lost_answers_again(phone: Phone) -> None:
    async def work() -> None:
        code, line = phone.branch.code("AM003"), httpx.AsyncClient
        _Lossy.lost = 0

        def connect(url: str) -> HttpTransport:
            return HttpTransport(url, line(transport=_Lossy()))

        async with phone.device(connect) as device:
            with pytest.raises(Unreachable):
                await device.enrol(phone.branch.url, code, PIN)
            await device.enrol(phone.branch.url, code, PIN)
            assert device.store.me.employee_no == "AM003"
            await device.runner.sync_once()
        with pytest.raises(Refusal) as refused:
            await Phone(phone.folder.with_name("other"), phone.branch).taken_in(code)
        assert refused.value.code == "bad_code"

    asyncio.run(work())
