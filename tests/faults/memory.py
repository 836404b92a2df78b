"""A process's memory as the kernel counts it: where it was, where it is, and its peak between."""

import ctypes
import gc
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PEAK_FROM_HERE: Final = "5"
"""What /proc/<pid>/clear_refs takes for: forget the peak."""


@dataclass(frozen=True, slots=True)
class Memory:
    """One process, and its resident memory when it was first looked at (MB)."""

    pid: int
    began_mb: int

    @classmethod
    def of(cls, pid: int) -> "Memory":
        """Look at a process, and count its peak from here on."""
        (Path("/proc") / str(pid) / "clear_refs").write_text(_PEAK_FROM_HERE)
        return cls(pid, _mb(pid, "VmRSS"))

    @classmethod
    def of_this_process(cls) -> "Memory":
        """Look at the process that asks, once it holds no more than it needs."""
        _let_go()
        return cls.of(os.getpid())

    @property
    def now_mb(self) -> int:
        """What is resident now."""
        return _mb(self.pid, "VmRSS")

    @property
    def peak_mb(self) -> int:
        """The most that was resident at once since the first look."""
        return _mb(self.pid, "VmHWM")

    def complaints(self, growth_mb: int, peak_mb: int) -> list[str]:
        """Return what is beyond these bounds, both counted from the first look."""
        found = []
        if self.pid == os.getpid():
            _let_go()
        if self.now_mb - self.began_mb > growth_mb:
            found.append(f"memory grew by more than {growth_mb} MB: {self.said()}")
        if self.peak_mb - self.began_mb > peak_mb:
            found.append(f"memory peaked more than {peak_mb} MB higher: {self.said()}")
        return found

    def said(self) -> str:
        """Say it for people."""
        return f"{self.began_mb} MB before, {self.now_mb} MB after, {self.peak_mb} MB at its peak"


def _let_go() -> None:
    """Give back what is only kept to be used again: a leak is what stays after this."""
    gc.collect()
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def _mb(pid: int, name: str) -> int:
    lines = (Path("/proc") / str(pid) / "status").read_text().splitlines()
    [kib] = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(kib) // 1024
