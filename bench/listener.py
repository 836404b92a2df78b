"""The other device of the latency bench, in a process of its own: says when it sees each visit.

Two devices on one event loop would wait for each other, which two tablets do not.
"""

import asyncio
import sys
import time
from pathlib import Path

from fieldbook.branch import PIN
from fieldbook.smoke import listening
from mobile_app.device import Device
from mobile_app.platform.storage import ProfileFiles


async def main(folder: Path, customer: str) -> None:
    """Keep in sync; print the id of each new visit and the moment it is in the store (ns)."""
    device = Device(ProfileFiles(folder))
    await device.unlock(PIN)
    last = ""

    def look() -> None:
        nonlocal last
        latest = device.store.timeline(customer, 1)
        if latest and latest[0].interaction.id != last:
            last = latest[0].interaction.id
            sys.stdout.write(f"{last} {time.perf_counter_ns()}\n")
            sys.stdout.flush()

    device.store.on_change(look)
    await listening(device)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
