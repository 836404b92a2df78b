"""Pinyin initials of a name, so that three keystrokes find a customer on a phone keyboard.

The dictionary knows how a character is read in a text, not how a family reads its own name; hence
the table of surnames. The surname's own reading comes first, the readings that people type by
mistake after it, because a manager who misreads 单 must find 单晓敏 all the same.
"""

import unicodedata
from itertools import groupby
from typing import Final

from shared.identity import LONGEST_PERSON
from sync_server.customer.readings import first_letters

SURNAME_READINGS: dict[str, tuple[str, ...]] = {
    surname: tuple(readings.split("/"))
    for surname, readings in (
        entry.split(" ", 1)
        for entry in (
            "单 shan/dan/chan",
            "仇 qiu/chou",
            "解 xie/jie",
            "查 zha/cha",
            "曾 zeng/ceng",
            "覃 qin/tan",
            "区 ou/qu",
            "朴 piao/pu",
            "缪 miao/mou",
            "盖 ge/gai",
            "乐 yue/le",
            "翟 zhai/di",
            "折 she/zhe",
            "种 chong/zhong",
            "召 shao/zhao",
            "郇 huan/xun",
            "员 yun/yuan",
            "黑 he/hei",
            "句 gou/ju",
            "祭 zhai/ji",
            "秘 bi/mi",
            "隗 wei/kui",
            "谌 chen/shen",
            "佴 nai/er",
            "洗 xian/xi",
            "繁 po/fan",
            "尉 wei/yu",
            "车 che/ju",
            "褚 chu/zhu",
            "郗 chi/xi",
            "阚 kan/han",
            "行 xing/hang",
            "宿 su/xiu",
            "粘 nian/zhan",
            "重 chong/zhong",
            "尉迟 yu chi/wei chi",
            "长孙 zhang sun/chang sun",
            "万俟 mo qi/wan si",
            "澹台 tan tai/dan tai",
            "单于 chan yu/shan yu",
        )
    )
}


_LIMITED: Final = "有限公司"
_STEMS: Final = ("", *(one + two for one in ("gf", "jt", "kg") for two in ("", "gf", "jt", "kg")))
"""股份, 集团 and 控股, by themselves or two of them."""
_ENDS: Final = ("", "yxzrgs", "gfyxgs", "yxgs", "zrgs", "gs", "c", "d", "h", "x", "zx")
"""The legal forms that `identity.company` leaves out; 行 is read hang or xing."""


def initials(name: str) -> str:
    """Return the initials of a name in lower case, every reading apart by a space.

    单晓敏 is "sxm dxm cxm". Letters and digits stay, other signs go; an organisation's name is
    read as a text, character by character.
    """
    plain = "".join(filter(_is_read, unicodedata.normalize("NFKD", name)))
    surname = _surname_of(plain)
    rest = _read(plain.removeprefix(surname))
    firsts = [_letters_of(reading) for reading in SURNAME_READINGS.get(surname, ("",))]
    return " ".join(dict.fromkeys(first + rest for first in firsts))


def company_initials(called: str) -> set[str]:
    """Return the initials that a company may have in the record that is compared as `called`.

    That is its name without country and legal form; there it has both, either or neither.
    """
    # Longer than a person's name, so that its first sign is read as a text and no surname.
    core = initials(f"{called}{_LIMITED}")[: -len(_LIMITED)]
    forms = (stem + end for stem in _STEMS for end in _ENDS)
    return {f"{country}{core}{form}" for form in forms for country in ("", "zg")} | {
        initials(called)
    }


def _surname_of(name: str) -> str:
    """Return the surname if this is a person whose surname the table knows, or nothing."""
    if not 1 < len(name) <= LONGEST_PERSON or name.isascii():
        return ""
    return next((name[:size] for size in (2, 1) if name[:size] in SURNAME_READINGS), "")


def _letters_of(reading: str) -> str:
    return "".join(syllable[0] for syllable in reading.split())


def _is_read(character: str) -> bool:
    return unicodedata.category(character) == "Lo" or (character.isascii() and character.isalnum())


def _read(text: str) -> str:
    """Read Chinese in one piece, so that 银行 in a name is hang and not xing."""
    runs = groupby(text, key=str.isascii)
    return "".join(
        "".join(run).lower() if is_ascii else first_letters("".join(run)) for is_ascii, run in runs
    )
