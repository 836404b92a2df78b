"""`fieldbook customers`: those who are in the record twice, also while the server runs."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any, Final

from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from shared.errors import Refusal
from sync_server.store.deciding import merge_by_hand, open_duplicates, split_by_hand
from sync_server.store.duplicates import Sweep
from sync_server.store.duplicates import find as look

_WORDS: Final = {
    "zh": {
        "none": "没有等待判断的疑似重复客户。",
        "found": "看过 {customers:,} 位客户，比较 {compared:,} 对：合并 {merged:,} 对，"
        "新增待判断 {queued:,} 对。",
        "crowded": "有 {crowded:,} 项内容（电话、地址等）太多客户共用，没有逐对比较"
        "（共 {passed_over:,} 处）；请检查是不是占位号码。",
        "merged": "已合并：{other} 的内容都归入 {survivor}。合并错了可以拆开"
        "（fieldbook customers split）。",
        "split": "已拆开，恢复成两份记录。",
        "newer": "以下内容合并后有人改过，保留新的：",
    },
    "en": {
        "none": "No customers wait to be told apart or merged.",
        "found": "{customers:,} customers seen, {compared:,} pairs compared: {merged:,} merged, "
        "{queued:,} new before a supervisor.",
        "crowded": "Telephones, addresses or the like that too many customers share to compare "
        "them all: {crowded:,}, {passed_over:,} times in all; see whether they are placeholders.",
        "merged": "Merged: what {other} had is {survivor}'s. If that was wrong, "
        "fieldbook customers split takes it back.",
        "split": "Split: there are two records again.",
        "newer": "Changed since the merge, so the newer value stays:",
    },
}


def duplicates(asked: argparse.Namespace) -> int:
    """List the pairs that wait for a supervisor, by their ids: an operator sees no customers."""
    with opened(asked, must_exist=True) as database, database.reading() as connection:
        rows = open_duplicates(connection, asked.most)
    lines = (
        f"{row['score']}\t{row['customer_id']}\t{row['other_id']}\t{' '.join(row['reasons'])}"
        for row in rows
    )
    _answer(asked, rows, "\n".join(lines) or _said(asked, "none"))
    return 0


def find(asked: argparse.Namespace) -> int:
    """Look for customers who are one, now, as the server does each day."""
    sweep = Sweep()
    with opened(asked, must_exist=True) as database:
        for sweep in look(database, now()):
            if sys.stderr.isatty():
                said = f"\r{sweep.customers:,} customers, {sweep.compared:,} pairs"
                print(said, end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    figures = asdict(sweep)
    names = ("found", "crowded") if sweep.crowded else ("found",)
    _answer(asked, figures, "\n".join(_said(asked, name, **figures) for name in names))
    return 0


def merge(asked: argparse.Namespace) -> int:
    """Merge two customers by hand."""
    with opened(asked, must_exist=True) as database:
        pair = _done(
            asked,
            lambda: database.write(
                lambda connection: merge_by_hand(
                    connection, (asked.one, asked.other), asked.reason, now()
                )
            ),
        )
    answer = {"id": pair["id"], "survivor": pair["customer_id"], "merged": pair["other_id"]}
    text = _said(asked, "merged", survivor=pair["customer_id"], other=pair["other_id"])
    _answer(asked, answer, text)
    return 0


def split(asked: argparse.Namespace) -> int:
    """Take a merge back by hand."""
    with opened(asked, must_exist=True) as database:
        newer = _done(
            asked,
            lambda: database.write(
                lambda connection: split_by_hand(
                    connection, (asked.one, asked.other), asked.reason, now()
                )
            ),
        )
    lines = [f"{each.entity}\t{each.id}\t{each.field}" for each in newer]
    told = [_said(asked, "newer"), *lines] if lines else []
    answer = {"newer": [asdict(each) for each in newer]}
    _answer(asked, answer, "\n".join([_said(asked, "split"), *told]))
    return 0


def _done(asked: argparse.Namespace, work: Any) -> Any:
    """Do what may be refused, and say why in the language that was asked for."""
    try:
        return work()
    except Refusal as refusal:
        raise Stop(f"{refusal.sentence(asked.lang)} ({refusal.code})") from None


def _said(asked: argparse.Namespace, name: str, **filling: Any) -> str:
    return _WORDS[asked.lang][name].format(**filling)


def _answer(asked: argparse.Namespace, answer: Any, text: str) -> None:
    print(json.dumps(answer, ensure_ascii=False) if asked.json else text)
