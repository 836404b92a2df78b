"""How Chinese is read, against pypinyin with its whole dictionary in a process of its own."""

import json
import subprocess
import sys
from importlib.resources import files
from itertools import product
from random import Random

import pytest

from sync_server.customer.readings import first_letters, syllables

_WHOLE = """
import json, sys
from pypinyin import lazy_pinyin
json.dump([lazy_pinyin(text) for text in json.load(sys.stdin)], sys.stdout)
"""
_PARTS = """
中国 重庆 长春 厦门 乐购 音乐 银行 行业 会计 盛大 朝阳 有限公司
宋朝 霞 郑重 建 率先 传媒 便利 ABC 2026 ， 𠮷 龘
"""


def _texts() -> list[str]:
    """Return every phrase of the dictionary, two of them together, and names made of parts."""
    phrases = list(json.loads(files("pypinyin").joinpath("phrases_dict.json").read_text("utf-8")))
    draw = Random(1)
    pairs = ["".join(draw.sample(phrases, 2)) for _ in range(5_000)]
    return [*phrases, *pairs, *map("".join, product(_PARTS.split(), repeat=3))]


def test_every_text_reads_as_with_the_whole_dictionary() -> None:
    texts = _texts()
    whole = subprocess.run(
        [sys.executable, "-c", _WHOLE],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    read = json.loads(whole.stdout)
    assert len(read) == len(texts) > 50_000
    differing = [text for text, said in zip(texts, read, strict=True) if not _is_read(text, said)]
    assert not differing


def _is_read(text: str, said: list[str]) -> bool:
    return "".join(syllables(text)) == "".join(said)


@pytest.mark.parametrize(
    ("chinese", "letters"),
    [
        ("重庆银行", "cqyh"),
        ("中国乐购", "zglg"),
        ("单", "d"),
        ("龘", "d"),
        ("\U0002ebe0", ""),
        ("", ""),
    ],
)
def test_first_letters_are_those_of_the_phrase(chinese: str, letters: str) -> None:
    assert first_letters(chinese) == letters
