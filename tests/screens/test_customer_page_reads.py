"""What the customer's page asks of the device's store is what the bench measures."""

from pathlib import Path
from typing import Any

from bench.device import page_of
from mobile_app.store.device_store import DeviceStore
from tests.screens.memory import MemoryDevice
from tests.screens.shop import shop_device
from tests.screens.stage import opened, running
from tests.screens.test_facing import a_full_page

_OF_THE_LIST = {"customers", "collaborations", "own_prospects"}
"""What the list of customers asks, which lies beneath the page."""


class Noting:
    """A store that notes what it is asked."""

    def __init__(self, store: DeviceStore) -> None:
        self._store = store
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if callable(found):
            self.asked.add(name)
        return found


def noting(store: DeviceStore) -> tuple[Any, MemoryDevice]:
    found: Any = Noting(store)
    return found, shop_device(found)


def test_the_bench_asks_all_that_the_page_asks(tmp_path: Path) -> None:
    async def scene() -> None:
        store, device = noting(a_full_page(tmp_path))
        stage = await opened(device)
        store.asked.clear()
        await stage.go("/customers/c1")
        asked = store.asked - _OF_THE_LIST
        store.asked.clear()

        page_of(store, "c1")

        assert store.asked == asked
        store.close()

    running(scene)
