"""`fieldbook doctor`: what is not as it should be, and the sentence to act on.

The exit status is 0 when nothing needs anyone, 1 otherwise, so that a nightly job can call it.
"""

import argparse
import json
from dataclasses import asdict
from typing import Any

from fieldbook.clock import now
from fieldbook.database import opened
from shared.findings import Finding, server_findings
from sync_server.store.health import server_facts, server_report


def doctor(asked: argparse.Namespace) -> int:
    """Look at a server's database."""
    with opened(asked) as database:
        report, facts = server_report(database), server_facts(database)
    unsent = sum(each.pending for each in report.devices)
    answer = {**facts, "devices": [asdict(each) for each in report.devices], "unsent": unsent}
    head = f"seq {facts['seq']}, {len(report.devices)} devices, {unsent} unsent on them"
    return told(asked, answer, head, server_findings(report, now()))


def told(asked: argparse.Namespace, answer: Any, head: str, found: list[Finding]) -> int:
    """Print what was found; return the exit status."""
    sentences = [each.sentence(asked.lang) for each in found]
    findings = [
        {"code": each.code, "text": text} for each, text in zip(found, sentences, strict=True)
    ]
    well = {"zh": "一切正常。", "en": "Nothing needs anyone."}[asked.lang]
    text = "\n".join([head, *(f"- {sentence}" for sentence in sentences or [well])])
    answer = {**answer, "findings": findings}
    print(json.dumps(answer, ensure_ascii=False) if asked.json else text)
    return 1 if found else 0
