"""The story played by two real devices, through the same forms as the app's screens."""

import asyncio
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fieldbook.branch import PIN
from fieldbook.clock import now
from fieldbook.selling import desk_of
from fieldbook.story_steps import Scene, Step
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from mobile_app.platform.storage import ProfileFiles
from mobile_app.state.desk import Desk
from shared.domain import Employee
from sync_server.store import identity

OUR_PART: Final = "30"
"""What the referrer has, in percent."""
AMOUNTS: Final = {"loan": "1200000", "outside": "600000", "stays": "800000"}
"""Yuan, as they are typed."""
_CODE_LIFE_MS: Final = 600_000


class Players:
    """The devices of the owner and of the colleague, in a folder that leaves with them."""

    def __init__(self, scene: Scene, url: str) -> None:
        self._scene, self._url = scene, url
        self._folder = tempfile.TemporaryDirectory(prefix="fieldbook-story-")
        self._loop = asyncio.new_event_loop()
        self._devices: dict[str, Device] = {}

    def play(self, step: Step, employee: Employee) -> None:
        """Have the employee's device take a step and bring it to the server."""
        self._loop.run_until_complete(self._play(step, employee))

    async def _play(self, step: Step, employee: Employee) -> None:
        device = await self.device(employee)
        await device.runner.sync_once()
        desk = desk_of(device)
        _PLAYS[step](desk, self._scene)
        desk.close()
        await device.runner.sync_once()

    async def device(self, employee: Employee) -> Device:
        """Return an employee's device, enrolled at its first use."""
        if employee.id not in self._devices:
            folder = Path(self._folder.name) / secrets.token_hex(3)
            device = self._devices[employee.id] = Device(ProfileFiles(folder))
            with self._scene.database.writing() as connection:
                code = identity.new_code(connection, employee.employee_no, now(), _CODE_LIFE_MS)
            await device.enrol(self._url, code, PIN)
        return self._devices[employee.id]

    def close(self) -> None:
        """Close the devices and forget them."""
        for device in self._devices.values():
            self._loop.run_until_complete(device.close())
        self._loop.close()
        self._folder.cleanup()


@contextmanager
def players(scene: Scene, url: str) -> Iterator[Players]:
    """Yield the devices of the story's people, and close them in the end."""
    made = Players(scene, url)
    try:
        yield made
    finally:
        made.close()


def _questions(desk: Desk, scene: Scene) -> None:
    form = desk.alerts.form(str(scene.alert["id"]))
    for place in range(len(form.answers)):
        form.answer(place, "no")
    form.check()


def _visit(desk: Desk, scene: Scene) -> None:
    said = {"purpose": "alert", "outcome": "done", "need": "housing"}
    note = "给女儿买房付首付，合同看过"
    made = new_visit(desk.store, wall_clock(), customer_id=scene.lady.id, note=note, **said)
    desk.store.commit(*made)


def _cause(desk: Desk, scene: Scene) -> None:
    form = desk.alerts.form(str(scene.alert["id"]))
    form.choose_cause("housing")
    form.handle("referred")


def _relation(desk: Desk, scene: Scene) -> None:
    form = desk.relations.form(scene.lady.id)
    form.choose_kind("child")
    form.write_name(scene.daughter.name)
    form.submit()


def _referral(desk: Desk, scene: Scene) -> None:
    form = desk.referrals.form(scene.lady.id)
    form.begin(str(scene.alert["id"]))
    form.choose("name", scene.daughter.name)
    form.choose("need", "housing")
    form.write("amount_text", AMOUNTS["loan"])
    form.choose("to_id", scene.colleague.id)
    form.write("percent", OUR_PART)
    form.submit()


def _accept(desk: Desk, scene: Scene) -> None:
    [item] = [each for each in desk.referrals.to_answer() if each.referral.alert_id]
    desk.referrals.accept(item, scene.daughter.id)


def _sell(desk: Desk, customer_id: str, code: str, amount: str, stage: str, alert: str) -> None:
    form = desk.selling.form(customer_id)
    [item] = [each for each in form.products if each.product.code == code]
    form.choose_product(item.product.id)
    form.write("amount_text", amount)
    if form.stage != stage:
        form.choose("stage", stage)
    if stage == "appointment":
        form.choose_day(*form.days[0])
    if alert:
        form.choose("alert_id", alert)
    form.submit()


def _loan(desk: Desk, scene: Scene) -> None:
    _sell(desk, scene.daughter.id, "LOAN-HOME", AMOUNTS["loan"], "appointment", "")


def _outside(desk: Desk, scene: Scene) -> None:
    _sell(desk, scene.daughter.id, "DEP-1Y", AMOUNTS["outside"], "submitted", "")


def _stays(desk: Desk, scene: Scene) -> None:
    alert = str(scene.alert["id"])
    _sell(desk, scene.lady.id, "DEP-1Y", AMOUNTS["stays"], "submitted", alert)


_PLAYS: Final[dict[Step, Callable[[Desk, Scene], None]]] = {
    "questions": _questions,
    "visit": _visit,
    "cause": _cause,
    "relation": _relation,
    "referral": _referral,
    "accept": _accept,
    "loan": _loan,
    "outside": _outside,
    "stays": _stays,
}
