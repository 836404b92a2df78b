"""By what a customer is known: numbers with their check digits, telephones, names.

The same number is typed in full width, with spaces and with a small x; before anything is compared
it is written in one way. What fails its check digit is no number at all, and finds nobody.
"""

import re
import unicodedata
from datetime import date
from operator import mul
from typing import Final

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 2: no I, O, S, V, Z."""
LONGEST_PERSON: Final = 4
"""A compound surname and two characters; what is longer is an organisation."""
BANK_CARD: Final = re.compile(r"[0-9]{12,19}")
"""The form of a card's number (ISO/IEC 7812-1), whose last digit checks the others."""
_ID_CARD: Final = re.compile(r"[1-9][0-9]{5}([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]")
_FIRST_CARD: Final = re.compile(r"[1-9][0-9]{14}")
_USCC: Final = re.compile(rf"[{USCC_ALPHABET}]{{18}}")
_PASSPORT: Final = re.compile(r"(?=.*[0-9])[0-9A-Z]{5,9}")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS: Final = ord("0") * sum(_WEIGHTS)
"""What the weighted codes of seventeen digits are beyond the digits' own sum."""
_POWERS: Final = tuple(pow(3, position, 31) for position in range(17))
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015]+")
_MOBILE: Final = re.compile(r"(?:00)?(?:86)?(1[0-9]{10})")
_COMPANY_ENDS: Final = re.compile(
    r"(?:股份|集团|控股)*(?:有限责任公司|股份有限公司|有限公司|责任公司|公司|厂|店|行|中心)?$"
)
_BRACKETED: Final = re.compile(r"[()\[\]{}]")
_MIDDLE_DOTS: Final = str.maketrans({"•": "·", "・": "·", "‧": "·", "∙": "·", "．": "·"})


def id_card_check(body: str) -> str:
    """Return the check character of 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return "10X98765432"[(sum(map(mul, body.encode(), _WEIGHTS)) - _ZEROS) % 11]


def uscc_check(body: str) -> str:
    """Return the check character of a credit code's 17 characters (GB 32100-2015, MOD 31-3)."""
    if len(body) != 17:
        raise ValueError("a unified social credit code has 17 characters before its check")
    total = sum(
        USCC_ALPHABET.index(sign) * power for sign, power in zip(body, _POWERS, strict=True)
    )
    return USCC_ALPHABET[-total % 31]


def luhn_check(body: str) -> str:
    """Return the check digit of a card number's digits (ISO/IEC 7812-1, annex B)."""
    doubled = (
        int(digit) * (2 if position % 2 == 0 else 1) for position, digit in enumerate(body[::-1])
    )
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def standard(text: str) -> str:
    """Return a number in half width and capitals, without what only makes it easier to read."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def id_card(text: str) -> str | None:
    """Return the number of a resident identity card; None where it cannot be one."""
    number = standard(text)
    match = _ID_CARD.fullmatch(number)
    if match is None or id_card_check(number[:17]) != number[17]:
        return None
    try:
        date(*map(int, match.groups()))
    except ValueError:
        return None
    return number


def renewed(number: str) -> str:
    """Return the eighteen signs of a first-generation card's fifteen (GB 11643-1989 to -1999).

    Any other number comes back as it is; it is in standard form.
    """
    if _FIRST_CARD.fullmatch(number) is None:
        return number
    body = f"{number[:6]}19{number[6:]}"
    return body + id_card_check(body)


def uscc(text: str) -> str | None:
    """Return a unified social credit code; None where it cannot be one."""
    code = standard(text)
    return code if _USCC.fullmatch(code) and uscc_check(code[:17]) == code[17] else None


def passport(text: str) -> str | None:
    """Return the number of a passport (ICAO 9303: up to nine signs); None where it cannot be one.

    It has no check digit that is printed with it, and whoever renews a passport gets another.
    """
    number = standard(text)
    return number if _PASSPORT.fullmatch(number) else None


def bank_card(text: str) -> str | None:
    """Return the number of a bank card (ISO/IEC 7812-1); None where it cannot be one."""
    number = standard(text)
    is_one = BANK_CARD.fullmatch(number) and luhn_check(number[:-1]) == number[-1]
    return number if is_one else None


def phone(text: str) -> str:
    """Return a telephone number as its digits, a mobile's without the country; "" for none."""
    digits = "".join(filter(str.isdecimal, unicodedata.normalize("NFKC", text)))
    mobile = _MOBILE.fullmatch(digits)
    return mobile[1] if mobile else digits


def spellings(number: str) -> frozenset[str]:
    """Return how people write a telephone number: the record keeps it as somebody typed it."""
    if _MOBILE.fullmatch(number) is None:
        apart = {f"{number[:size]}-{number[size:]}" for size in (3, 4)}
        return frozenset({number, *apart})
    parts = number[:3], number[3:7], number[7:]
    written = {number, " ".join(parts), "-".join(parts)}
    return frozenset(
        f"{country}{each}" for country in ("", "+86", "+86 ", "86") for each in written
    )


def name(text: str) -> str:
    """Return a name as it is compared: without spaces, in one width, with one middle dot."""
    dotted = text.translate(_MIDDLE_DOTS)
    return "".join(unicodedata.normalize("NFKC", dotted).split()).casefold()


def called(text: str) -> str:
    """Return a name as `name`, without the brackets that a company's place is put in or not."""
    return _BRACKETED.sub("", name(text))


def company(called: str) -> str:
    """Return what tells a company's name from others: without country and legal form."""
    return _COMPANY_ENDS.sub("", called.removeprefix("中国").replace("中国", "")) or called


def is_longer_than_a_persons(text: str) -> bool:
    """Whether a name is an organisation's, going by its length; 阿依古丽·买买提 is a person."""
    read = name(text)
    return len(read) > LONGEST_PERSON and "·" not in read
