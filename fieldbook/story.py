"""`fieldbook demo --story`: a customer of 77 takes it all, and what good comes of it.

The bank's systems speak at a press of Enter, people in the app do the rest; or, with `--story
auto`, two devices do. Each step is told, waited for in the shared record, and followed by the next.
"""

import sys
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Final, Literal, Protocol
from urllib.request import Request, urlopen

from fieldbook.clock import now
from fieldbook.story_steps import STEPS, Scene, Step, Told
from fieldbook.up import wait_until_up
from shared.commission.exact import yuan
from shared.domain import Employee
from shared.money import Fen
from sync_server.demo import make_bank
from sync_server.demo.seed import SEED
from sync_server.demo.story import outcome_files, story_files
from sync_server.store.database import Database, DatabaseUnavailable

By = Literal["hand", "auto"]
_LOOK_EVERY_S: Final = 0.5


def begin(database: Database, url: str, token: str, made_for: date, by: By) -> None:
    """Once the server is up, tell the story beside it, until it has been played."""
    scene = Scene(database, make_bank(SEED, made_for))

    def play() -> None:
        wait_until_up(url)
        try:
            _play(scene, url, token, by)
        except (OSError, DatabaseUnavailable) as error:
            print(f"The server did not take it in: {error}. Nothing was lost; start again.")

    threading.Thread(target=play, daemon=True).start()


def _play(scene: Scene, url: str, token: str, by: By) -> None:
    if not _enter(f"The story: {scene.lady.name}'s money leaves the bank.", by):
        return
    tell(url, token, story_files(scene.bank, scene.today, now()))
    print(f"Told. It is on the device of {scene.owner.name}.", flush=True)
    with _hands(scene, url, by) as hands:
        for number, step in enumerate(STEPS, 1):
            _take(scene, number, step, hands)
    if not _enter("All of it is handed in: the bank's systems say that it is done.", by):
        return
    tell(url, token, outcome_files(scene.bank, scene.sales, scene.today, now()))
    print("\n" + "\n".join(outcome_lines(scene)), flush=True)


def _enter(line: str, by: By) -> bool:
    """Say what comes next; wait for Enter where a person plays, False at the end of the input."""
    print(f"\n{line}" if by == "auto" else f"\n{line} For that press Enter here.", flush=True)
    return by == "auto" or bool(sys.stdin.readline())


class Plays(Protocol):
    """Takes a step in somebody's place."""

    def play(self, step: Step, employee: Employee) -> None:
        """Take it, and bring it to the server."""


def _hands(scene: Scene, url: str, by: By) -> AbstractContextManager[Plays | None]:
    """Return who plays: nobody here, where people do it in the app, or two devices."""
    if by == "hand":
        return nullcontext(None)
    from fieldbook.story_devices import players  # a server needs nothing of a device

    return players(scene, url)


def _take(scene: Scene, number: int, step: Told, hands: Plays | None) -> None:
    employee = step.by(scene)
    said = step.what.format(
        lady=scene.lady.name, daughter=scene.daughter.name, colleague=scene.colleague.name
    )
    print(f"\n{number}. {employee.name} ({employee.employee_no})  {said}", flush=True)
    if hands is not None and not step.is_done(scene):
        hands.play(step.name, employee)
    while not step.is_done(scene):
        time.sleep(_LOOK_EVERY_S)
    print("   In the record.", flush=True)


def outcome_lines(scene: Scene) -> list[str]:
    """Return what came of it: each sale, who has what of it, and where they see it."""
    products = {each.id: each.name for each in scene.bank.products}
    customers = {each.id: each.name for each in scene.bank.customers}
    names = {each.id: each.name for each in scene.bank.employees}
    credited, lines = scene.credited(), ["What came of it:"]
    for sale in scene.sales:
        amount = yuan(Fen(int(str(sale["amount"]))))
        head = f"{products[str(sale['product_id'])]}, {customers[str(sale['customer_id'])]}"
        lines.append(f"  {head}, {amount}, {sale['status']}")
        lines += [
            f"    {names[each.employee_id]} {each.basis_points / 100:g} %  {yuan(each.earned)}"
            f" ({each.earned:,} fen)"
            for each in credited
            if each.sale_id == sale["id"]
        ]
    where = "Look at 业绩, 本月的销售, of both; and at the alert: 后续成果 has all of it."
    return [*lines, where, "The story has been played."]


def tell(url: str, token: str, files: Sequence[tuple[str, bytes]]) -> None:
    """Hand files in over HTTP, one after the other."""
    for kind, content in files:
        headers = {"authorization": f"Bearer {token}", "content-type": "text/csv"}
        address = f"{url}/v1/import/{kind}"
        asked = Request(address, content, headers, method="POST")  # noqa: S310 - our own server
        with urlopen(asked, timeout=30) as answer:  # noqa: S310
            answer.read()
