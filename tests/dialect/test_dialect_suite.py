"""What stock pysqlite passes of SQLAlchemy's dialect suite, the bridge passes too.

1,532 tests pass on either, 10 s each; the suite and its plugin need a process of their own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = """[sqla_testing]
requirement_cls = tests.dialect.requirements:Requirements
profile_file = profiles.txt
"""


def passed(driver: str, directory: Path) -> set[str]:
    """The names of the tests that this driver passes, without the driver in them."""
    (directory / "setup.cfg").write_text(CONFIGURATION)
    report = directory / f"{driver}.xml"
    options = ["-c", "setup.cfg", "--rootdir", ".", "-q", "--tb=no", "-p", "no:cacheprovider"]
    plugins = ["-p", "sqlalchemy.testing.plugin.pytestplugin", "-p", "tests.dialect.plain"]
    where = ["--dburi", f"sqlite+{driver}:///:memory:", "--junitxml", str(report)]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, *plugins, *where, str(suite_file())],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        timeout=300,
    )
    return set(passing_names(report))


def suite_file() -> Path:
    return Path(__file__).with_name("suite.py")


def passing_names(report: Path) -> list[str]:
    cases = Xml.parse(report).iter("testcase")  # noqa: S314 - our own report
    return [re.sub(r"sqlite\+\w+", "", full_name(case)) for case in cases if len(case) == 0]


def full_name(case: Xml.Element) -> str:
    return re.sub(r"_\d+_\d+_\d+$", "", case.get("classname", "")) + "::" + case.get("name", "")


@pytest.mark.dialect
def test_bridge_passes_what_pysqlite_passes(tmp_path: Path) -> None:
    stock = passed("pysqlite", tmp_path)
    bridge = passed("apsw", tmp_path)

    assert len(stock) > 1000, "the suite itself did not run"
    assert sorted(stock - bridge) == []
