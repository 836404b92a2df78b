"""Takes the pictures of docs/story.md from the real app: `python -m tools.story_pictures`.

Two devices of this process play the story; what a browser then shows is what anybody would see.
"""

import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from bundle.build import ROOT, Plan, build
from fieldbook.branch import Branch
from fieldbook.clock import now
from fieldbook.database import FILE
from fieldbook.story import tell
from fieldbook.story_devices import players
from fieldbook.story_steps import STEPS, Scene, Told
from shared.domain.days import bank_day
from sync_server.demo import make_bank
from sync_server.demo.seed import SEED
from sync_server.demo.story import outcome_files, story_files
from sync_server.store.database import open_sqlite
from tests.browser.harness import PHONE, Screen, device
from tests.browser.test_day import enrol, find
from tests.conftest import find_chromium
from tools.pictures import PICTURES

_ACCEPTED = 5
"""Steps before the colleague answers."""
_LONG = (390, 2600)


def main() -> int:
    """Take every picture of the story anew."""
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write("There is no Chromium on this machine.\n")
        return 1
    webapp = ROOT / "build" / "webapp"
    build(Plan(app=ROOT, out=webapp), print)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        branch = Branch(Path(name) / "branch")
        branch.seed()
        token = str(branch.admin("system-token", "core")["token"])
        database = open_sqlite(branch.data / FILE)
        scene = Scene(database, make_bank(SEED, bank_day(now())))
        with branch.serving(webapp):
            tell(branch.url, token, story_files(scene.bank, scene.today, now()))
            _play(scene, branch, STEPS[:_ACCEPTED])
            with device(playwright, chromium, Path(name) / "colleague", PHONE) as colleagues:
                screen = colleagues.screen
                enrol(screen, branch, scene.colleague.employee_no)
                screen.sees("同事转介给我")
                _shot(screen, "story-referral-phone", PHONE)
            _play(scene, branch, STEPS[_ACCEPTED:])
            tell(branch.url, token, outcome_files(scene.bank, scene.sales, scene.today, now()))
            with device(playwright, chromium, Path(name) / "owner", _LONG) as owners:
                screen = owners.screen
                enrol(screen, branch, scene.owner.employee_no)
                screen.sees("还有")
                find(screen, scene.lady.name)
                screen.sees("住房贷款")
                screen.tap("资金异常")
                screen.sees("后续成果")
                _shot(screen, "story-alert-phone", (390, 1240))
        database.close()
    return 0


def _play(scene: Scene, branch: Branch, steps: tuple[Told, ...]) -> None:
    def play() -> None:
        with players(scene, branch.url) as hands:
            for step in steps:
                hands.play(step.name, step.by(scene))

    _apart(play)


def _apart(work: Callable[[], None]) -> None:
    """Run devices of this process beside Playwright, which has a loop of its own."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def _shot(screen: Screen, name: str, size: tuple[int, int]) -> None:
    screen.page.set_viewport_size({"width": size[0], "height": size[1]})
    screen.page.wait_for_timeout(1_500)  # the client draws its last frame when it likes
    screen.picture(PICTURES / f"{name}.png", size)
    sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    sys.exit(main())
