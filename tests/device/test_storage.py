"""A profile's files: durable, private, and open in one process only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mobile_app.platform.storage import ProfileFiles, ProfileInUse

ROOT = Path(__file__).resolve().parents[2]


def test_what_was_written_is_read_and_what_was_not_is_none(tmp_path: Path) -> None:
    with ProfileFiles(tmp_path / "profile") as files:
        files.write("vault", b"first")
        files.write("vault", b"second")

        assert files.read("vault") == b"second"
        assert files.read("attempts") is None


def test_a_write_is_synced_before_it_takes_the_old_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def seen_fsync(descriptor: int) -> None:
        order.append("sync")
        fsync(descriptor)

    def seen_rename(old: Path, new: Path) -> Path:
        order.append("rename")
        return rename(old, new)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "replace", seen_rename)
    with ProfileFiles(tmp_path) as files:
        files.write("vault", b"content")

    assert order == ["sync", "rename", "sync"]


def test_a_failed_write_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_: int) -> None:
        raise OSError("no room")

    with ProfileFiles(tmp_path) as files:
        files.write("vault", b"old")
        monkeypatch.setattr(os, "fsync", no_room)
        with pytest.raises(OSError, match="no room"):
            files.write("vault", b"new")

        assert files.read("vault") == b"old"


def test_the_device_secret_is_made_once_and_private(tmp_path: Path) -> None:
    with ProfileFiles(tmp_path) as files:
        first = files.device_secret()
    with ProfileFiles(tmp_path) as files:
        again = files.device_secret()

    assert first == again
    assert len(first) == 32
    assert (tmp_path / "device.secret").stat().st_mode & 0o777 == 0o600


def test_two_devices_have_two_secrets(tmp_path: Path) -> None:
    with ProfileFiles(tmp_path / "a") as one, ProfileFiles(tmp_path / "b") as other:
        assert one.device_secret() != other.device_secret()


def test_a_second_opening_is_refused_in_words(tmp_path: Path) -> None:
    with ProfileFiles(tmp_path), pytest.raises(ProfileInUse, match="另一个窗口"):
        ProfileFiles(tmp_path)

    ProfileFiles(tmp_path).close()


def test_a_second_process_is_refused_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "from mobile_app.platform.storage import ProfileFiles\n"
        "files = ProfileFiles(pathlib.Path(sys.argv[1]))\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"open"
        with pytest.raises(ProfileInUse):
            ProfileFiles(tmp_path)
        other.kill()
        other.wait()

    ProfileFiles(tmp_path).close()
