"""The doctor: what it finds, in which order, and that its sentences are whole."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic_core import from_json

from fieldbook.branch import Branch
from shared.findings import (
    DAY_MS,
    HOUR_MS,
    DeviceReport,
    EarlyEvent,
    LocalReport,
    ServerReport,
    local_findings,
    server_findings,
)
from shared.testing.builders import NOW

WELL = ServerReport("ok", 10**12, [], 0, None, 0)
DEVICE = DeviceReport("d", "AM001", "林晓岚", 0, None, NOW, 0)
EARLY = EarlyEvent("C-1/ACTIVATED", "2026-01-04", "2026-01-05")
LOCAL = LocalReport("ok", 0, None, 0, NOW, 0)


def codes(report: ServerReport) -> list[str]:
    return [each.code for each in server_findings(report, NOW)]


def test_where_all_is_well_nothing_is_found() -> None:
    busy = replace(DEVICE, pending=3, oldest_pending_at=NOW - HOUR_MS)

    assert codes(replace(WELL, devices=[DEVICE, busy])) == []
    assert local_findings(LOCAL, NOW) == []


@pytest.mark.parametrize(
    ("report", "found"),
    [
        (replace(WELL, integrity="page 7 is lost"), ["damaged"]),
        (replace(WELL, free_bytes=10**6), ["little_room"]),
        (replace(WELL, logs_values="log_statement"), ["logs_values"]),
        (replace(WELL, logs_values="auto_explain.log_min_duration"), ["logs_values"]),
        (replace(WELL, issues=2, oldest_issue_at=NOW - DAY_MS), ["issues"]),
        (replace(WELL, deferred=4), ["deferred"]),
        (replace(WELL, before_joining=[EARLY]), ["before_joining"]),
        (replace(WELL, refused_rows=2, oldest_refused_at=NOW - 2 * DAY_MS), ["refused_rows"]),
        (replace(WELL, refused_rows=2, oldest_refused_at=NOW - DAY_MS), []),
        (replace(WELL, devices=[replace(DEVICE, last_seen=NOW - 4 * DAY_MS)]), ["silent"]),
        (replace(WELL, devices=[replace(DEVICE, skew_ms=-600_000)]), ["clock"]),
        (
            replace(WELL, devices=[replace(DEVICE, pending=3, oldest_pending_at=NOW - 2 * DAY_MS)]),
            ["unsent"],
        ),
        (replace(WELL, devices=[replace(DEVICE, pending=3, standing="revoked")]), ["revoked"]),
        (replace(WELL, devices=[replace(DEVICE, pending=3, standing="left")]), ["left"]),
        (replace(WELL, devices=[replace(DEVICE, issues=2)]), ["held"]),
        (replace(WELL, devices=[replace(DEVICE, standing="revoked", skew_ms=10**9)]), []),
    ],
)
def test_what_needs_someone_is_said_in_a_sentence(report: ServerReport, found: list[str]) -> None:
    findings = server_findings(report, NOW)

    assert [each.code for each in findings] == found
    for each in findings:
        for language in ("zh", "en"):
            sentence = each.sentence(language)
            assert "{" not in sentence
            assert len(sentence) > 20


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("log_statement", "log_parameter_max_length = 0"),
        ("log_parameter_max_length_on_error", "log_parameter_max_length_on_error = 0"),
        ("auto_explain.log_min_duration", "auto_explain.log_min_duration = -1"),
    ],
)
def test_who_reads_that_values_are_logged_is_told_which_setting_ends_it(
    setting: str, remedy: str
) -> None:
    [only] = server_findings(replace(WELL, logs_values=setting), NOW)

    assert f"设 {remedy}，" in only.sentence("zh")
    assert f"set {remedy} for" in only.sentence("en")


def test_the_longest_unsent_comes_first() -> None:
    late = replace(DEVICE, employee_no="AM2", pending=1, oldest_pending_at=NOW - 9 * DAY_MS)
    early = replace(DEVICE, employee_no="AM1", pending=1, oldest_pending_at=NOW - 2 * DAY_MS)

    found = server_findings(replace(WELL, devices=[early, late]), NOW)

    assert [each.fields["employee_no"] for each in found] == ["AM2", "AM1"]
    assert "9 天" in found[0].sentence("zh")


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (replace(LOCAL, quarantined=1), "quarantined"),
        (replace(LOCAL, pending=2, oldest_pending_at=NOW - 5 * HOUR_MS), "pending"),
        (replace(LOCAL, synced_at=NOW - 2 * DAY_MS), "stale"),
        (replace(LOCAL, deferred=3), "newer_rows"),
        (replace(LOCAL, kept_aside=2), "kept_aside"),
    ],
)
def test_a_device_says_what_needs_its_user(report: LocalReport, code: str) -> None:
    [only] = local_findings(report, NOW)

    assert only.code == code
    assert "{" not in only.sentence("zh") + only.sentence("en")


def doctor(branch: Branch) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fieldbook", "doctor", "--data", str(branch.data), "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_looks_at_a_real_branch(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    branch.seed()

    done = doctor(branch)

    answer = from_json(done.stdout)
    assert done.returncode == (1 if answer["findings"] else 0)
    assert answer["rows"]["customer"] > 50


def test_a_damaged_branch_is_told_so(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    branch.seed()
    file = branch.data / "fieldbook.db"
    content = bytearray(file.read_bytes())
    content[-40_960:-8_192] = bytes(32_768)
    file.write_bytes(bytes(content))

    done = doctor(branch)

    assert done.returncode == 1
    assert "damaged" in done.stdout + done.stderr
