"""How Chinese is read: in syllables, phrase by phrase, so that 银行 is yin hang and not yin xing.

Theory of operation. pypinyin reads the longest phrase of its dictionary first, and a character by
itself where no phrase has it. Whole, the dictionary takes 57 MB, which is half of a server, since
each of its 47,000 phrases brings a list for each of its characters. Of these phrases 3,400 are read
otherwise than their characters by themselves; only of these the reading is kept, and of the others
that they are phrases, so that a text falls into the same pieces: 21 MB.
"""

import os
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from json import JSONDecoder
from typing import Final

os.environ["PYPINYIN_NO_PHRASES"] = "true"  # pypinyin looks at it while it is imported
from pypinyin import Style, lazy_pinyin, load_phrases_dict
from pypinyin.constants import PINYIN_DICT

del os.environ["PYPINYIN_NO_PHRASES"]  # it is nothing for the processes that are started from here

_Reading = list[list[str]]
"""For each character of a phrase its readings, with tones, the usual one first."""
_TONES: Final = {ord(tone): None for tone in "\u0300\u0301\u0304\u030c"}


def syllables(text: str) -> list[str]:
    """Return the syllables of a text without tones; what is no Chinese stays as it is."""
    return lazy_pinyin(list(_pieces(text)))


def first_letters(chinese: str) -> str:
    """Return the first letters of the syllables of a text.

    A character without a reading can't be typed by one, so it leaves no letter.
    """
    return "".join(lazy_pinyin(list(_pieces(chinese)), Style.FIRST_LETTER, errors="ignore"))


def _pieces(text: str) -> Iterator[str]:
    """Yield the phrases of a text that are read as a whole, and all else by the character."""
    start = 0
    while start < len(text):
        phrase = _phrase_at(text, start)
        yield from [phrase] if phrase in _READ_AS_A_WHOLE else phrase
        start += len(phrase)


def _phrase_at(text: str, start: int) -> str:
    """Return the longest phrase that begins here, or the character alone."""
    ends = range(min(len(text), start + _LONGEST), start + 1, -1)
    return next((text[start:end] for end in ends if text[start:end] in _PHRASES), text[start])


def _dictionary() -> Iterator[tuple[str, _Reading]]:
    """Yield the phrases of pypinyin's dictionary, one by one: read at once they take 40 MB."""
    text = files("pypinyin").joinpath("phrases_dict.json").read_text("utf-8")
    read, place = JSONDecoder().raw_decode, text.find('"')
    while place > 0:
        phrase, place = read(text, place)
        reading, place = read(text, text.index("[", place))
        yield phrase, reading
        place = text.find('"', place)


def _toneless(syllable: str) -> str:
    return unicodedata.normalize("NFD", syllable).translate(_TONES)


def _phrases() -> tuple[frozenset[str], frozenset[str]]:
    """Return all phrases, and those read otherwise than their characters, which pypinyin is told.

    Tones do not count: nobody here asks for them.
    """
    plain = cache(_toneless)
    alone = cache(lambda character: plain(PINYIN_DICT.get(ord(character), "").split(",")[0]))
    phrases, otherwise = [], {}
    for phrase, reading in _dictionary():
        phrases.append(phrase)
        if [plain(each[0]) for each in reading] != [alone(each) for each in phrase]:
            otherwise[phrase] = reading
    load_phrases_dict(otherwise)
    return frozenset(phrases), frozenset(otherwise)


_PHRASES, _READ_AS_A_WHOLE = _phrases()
_LONGEST: Final = max(map(len, _PHRASES))
