"""A bad link between network namespaces: packets are lost and late, and TCP has to cope.

A kernel's own netem does the same, but many kernels are built without it, and then `tc` only says
that it does not know it. A TUN device is nearly always there: its packets come to this process,
which drops some and writes the others into the TUN device of the other end after the delay.
"""

import asyncio
import fcntl
import os
import shutil
import struct
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

_TUN: Final = Path("/dev/net/tun")
_TUNSETIFF: Final = 0x400454CA
_IFF_TUN_WITHOUT_FRAME: Final = 0x0001 | 0x1000
_LONGEST_PACKET: Final = 65_536


class NotHere(Exception):
    """This machine does not allow it; the message says what it did not allow."""


def ip(*words: str) -> None:
    """Run iproute2's `ip`; raise NotHere with what it said."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotHere(f"ip {' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def namespace(name: str) -> Iterator[str]:
    """Make a network namespace that nothing leads into or out of; yield its name."""
    if shutil.which("ip") is None:
        raise NotHere("there is no iproute2")
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        ip("netns", "del", name)


@dataclass(slots=True)
class Link:
    """A cable between two namespaces, by the two files that its ends' packets come and go by."""

    ends: tuple[int, int]
    lost: float
    """The share of the packets that is dropped, either way."""
    late_s: float
    random: Random
    passed: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Pass packets on until the block ends."""
        loop, pairs = asyncio.get_running_loop(), (self.ends, self.ends[::-1])
        for here, there in pairs:
            loop.add_reader(here, self._pass_on, here, there)
        try:
            yield
        finally:
            for here, _ in pairs:
                loop.remove_reader(here)

    def _pass_on(self, here: int, there: int) -> None:
        packet = os.read(here, _LONGEST_PACKET)
        if self.random.random() < self.lost:
            self.passed["packets lost"] += 1
            return
        self.passed["packets late"] += 1
        asyncio.get_running_loop().call_later(self.late_s, self._deliver, there, packet)

    def _deliver(self, there: int, packet: bytes) -> None:
        try:
            os.write(there, packet)
        except OSError:  # an end that is gone, or a queue that is full, as on any cable
            self.passed["packets not taken"] += 1


@contextmanager
def link(
    ends: tuple[tuple[str, str], tuple[str, str]], lost: float, late_s: float, random: Random
) -> Iterator[Link]:
    """Join two namespaces, each given with the address of its end (10.0.0.1/24)."""
    with ExitStack() as stack:
        one, other = [stack.enter_context(_end(*each)) for each in ends]
        yield Link((one, other), lost, late_s, random)


@contextmanager
def _end(where: str, address: str) -> Iterator[int]:
    """Make a TUN device, move it into a namespace, and yield the file of its packets."""
    try:
        file = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        raise NotHere(f"{_TUN}: {error.strerror}") from None
    try:
        name = f"fb{os.getpid() % 10**6}x{file}"
        try:
            wanted = struct.pack("16sH22x", name.encode(), _IFF_TUN_WITHOUT_FRAME)
            fcntl.ioctl(file, _TUNSETIFF, wanted)
        except OSError as error:
            raise NotHere(f"a TUN device: {error.strerror}") from None
        ip("link", "set", name, "netns", where)
        ip("-n", where, "addr", "add", address, "dev", name)
        ip("-n", where, "link", "set", name, "up")
        yield file
    finally:
        os.close(file)
