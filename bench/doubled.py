"""A bank of which it is known who is one: what a sweep for duplicates is judged by.

People and companies are drawn first, as they are; then records of them, as several systems would
have written them down. How often something is missing, out of date or mistyped was set from how
such records come about, before any weight of the likeness was looked at, and is not fitted to it.
Hard cases are far more frequent than in a bank: twins, fathers and sons of one name, namesakes born
on one day, couples with one telephone, sister companies in one office, branches that bear the
company's name. Numbers and names are the demo's, which nobody has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Any, Final

from sqlalchemy import select

from shared.domain.customer import Gender
from shared.domain.duplicate import duplicate_id
from shared.identity import id_card_check
from shared.registry import REGISTRY, Document
from shared.testing.builders import NOW, a_customer, a_unit, an_employee, an_identifier, id_number
from sync_server.demo.names import TRADES, company_name, given_name, person_name
from sync_server.demo.numbers import id_card, mobile_phone, uscc
from sync_server.store.database import Database
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

MANAGERS: Final = 40
_DOUBLED: Final = 0.2
"""Of all records, those of somebody who is there already."""
_SOUND_ALIKE: Final = (
    "伟玮炜", "晓小筱", "丽莉俐", "建健剑", "华桦", "静婧靖", "芳方", "志智", "明铭", "敏闽",
    "燕艳雁", "玉育", "国果", "文雯", "佳嘉家", "红宏洪鸿", "春椿", "秀绣", "英瑛", "兰岚",
    "梅玫", "平萍", "军君均", "云芸", "思斯", "子梓", "雨宇语",
)  # fmt: skip
"""Signs that are read alike, one typed for another by ear."""
_TRADITIONAL: Final = str.maketrans(
    "张陈刘杨黄赵吴孙马罗郑谢许邓冯韩萧叶蒋苏吕卢谭陆贾韦龙汤钱华国伟丽兰凤晓红军东",
    "張陳劉楊黃趙吳孫馬羅鄭謝許鄧馮韓蕭葉蔣蘇呂盧譚陸賈韋龍湯錢華國偉麗蘭鳳曉紅軍東",
)
_LOOK_ALIKE: Final = {"未": "末", "已": "己", "大": "太", "天": "夫", "午": "牛", "土": "士"}
_FORMS: Final = ("有限公司", "有限责任公司", "公司", "股份有限公司")
_STREETS: Final = ("望湖路", "柳荫街", "荷塘路", "学府路", "文澜街", "松风路", "兴汀路", "创业大道")
_HOMES: Final = ("花园", "新村", "小区", "公寓", "家园", "苑")


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody as they are."""

    truth: int
    group: int
    """The household, the companies of one owner or the namesakes that they belong to."""
    kind: str
    name: str
    owner: int
    number: str
    phone: str
    former_phone: str
    address: str
    former_address: str
    gender: Gender | None = None
    birth: date | None = None
    representative: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One customer of the record with their numbers, and who they really are."""

    truth: int
    group: int
    customer: Document
    identifiers: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a sweep came to, in pairs of records, beside the truth."""

    doubles: int
    """Pairs of one customer with one owner: only these may merge by themselves."""
    found: int
    """Those of them that were merged."""
    left: int
    """Those of the others that are before a supervisor."""
    wrong: int
    """Pairs of different customers that were merged."""
    owners_differ: int
    """Pairs of one customer with two owners."""
    owners_differ_left: int
    """Those of them that are before a supervisor."""
    queue: int
    """Everything that is before a supervisor."""
    queued_two: int
    """Pairs before a supervisor who are two."""
    numbered: int
    """Pairs among `doubles` of which both records have an identity number."""
    numbered_found: int
    hard: int
    """Pairs of different customers of one household, one owner's companies, or one name and day."""

    @property
    def precision(self) -> float:
        """Of the pairs merged, how many were one."""
        return self.found / max(1, self.found + self.wrong)

    @property
    def recall(self) -> float:
        """Of the pairs that may merge by themselves, how many did."""
        return self.found / max(1, self.doubles)


# Who there is


class _City:
    """Draws people and companies; each has a number of its own, their truth."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.count, self.group = rng, 0, 0
        self._given_up: list[str] = []

    def groups(self) -> Iterator[list[Party]]:
        """Yield households, companies and hard cases without end."""
        ways: list[tuple[Callable[[], list[Party]], int]] = [
            (lambda: [self.person()], 42),
            (self.couple, 24),
            (self.family, 12),
            (self.twins, 5),
            (self.namesakes_in_one_house, 4),
            (self.namesakes_of_one_day, 4),
            (lambda: [self.company()], 6),
            (self.sister_companies, 2),
            (self.branches, 1),
        ]
        draws, weights = [way for way, _ in ways], [weight for _, weight in ways]
        while True:
            self.group += 1
            yield self.rng.choices(draws, weights)[0]()

    def person(self, **said: Any) -> Party:
        rng = self.rng
        self.count += 1
        gender: Gender = said.get("gender") or rng.choice(("female", "male"))
        birth = said.get("birth") or self.born(1940, 2004)
        number = said.get("number") or id_card(rng, birth, gender)
        made = {
            "truth": self.count,
            "group": self.group,
            "kind": "person",
            "name": person_name(rng, gender, birth.year),
            "owner": rng.randrange(MANAGERS),
            "phone": self._phone(),
            "former_phone": self._given_up_phone(),
            "address": self._home(),
            "former_address": self._home(),
        }
        return Party(**{**made, **said, "gender": gender, "birth": birth, "number": number})

    def born(self, first: int, last: int) -> date:
        days = (date(last, 12, 31) - date(first, 1, 1)).days
        return date(first, 1, 1) + timedelta(days=self.rng.randrange(days))

    def couple(self) -> list[Party]:
        birth = self.born(1940, 1995)
        wife = self.person(gender="female", birth=birth)
        near = birth + timedelta(days=self.rng.randrange(-1_500, 1_500))
        husband = self._beside(wife, gender="male", birth=near, shares_phone=0.25)
        return [wife, husband]

    def family(self) -> list[Party]:
        father = self.person(gender="male", birth=self.born(1945, 1975))
        mother = self._beside(father, gender="female", birth=self.born(1945, 1975))
        child: Party = self._beside(
            father,
            gender="male",
            birth=self._years_later(father, 28),
            name=_family_name(father) + given_name(self.rng, "male", 1990),
            shares_phone=0.3,
        )
        return [father, mother, child]

    def twins(self) -> list[Party]:
        """Born on one day with one family name, and in half the cases a sign in common."""
        rng = self.rng
        gender: Gender = rng.choice(("female", "male"))
        one = self.person(gender=gender)
        assert one.birth is not None
        order = int(one.number[14:17])
        body = f"{one.number[:14]}{order + 2 if order < 990 else order - 2:03d}"
        number = body + id_card_check(body)
        other = _family_name(one) + given_name(rng, gender, one.birth.year)
        if rng.random() < 0.5 and len(one.name) == len(other) == 3:
            other = one.name[:2] + other[2]
        if rng.random() < 0.15:
            other = _by_ear(rng, one.name)
        if other == one.name:
            other += "二"
        second = self._beside(
            one, gender=gender, birth=one.birth, number=number, name=other, shares_phone=0.4
        )
        return [one, second]

    def namesakes_in_one_house(self) -> list[Party]:
        """Father and son of one name."""
        father = self.person(gender="male", birth=self.born(1942, 1970))
        son = self._beside(
            father,
            gender="male",
            birth=self._years_later(father, 26),
            name=father.name,
            shares_phone=0.5,
        )
        return [father, son]

    def namesakes_of_one_day(self) -> list[Party]:
        """Strangers of one name, born on one day in one region."""
        one = self.person()
        assert one.gender is not None
        assert one.birth is not None
        number = one.number
        while number == one.number:
            number = id_card(self.rng, one.birth, one.gender)
        return [one, self.person(name=one.name, gender=one.gender, birth=one.birth, number=number)]

    def company(self, **said: Any) -> Party:
        rng = self.rng
        self.count += 1
        made = {
            "truth": self.count,
            "group": self.group,
            "kind": "organisation",
            "name": company_name(rng, rng.choice(sorted(TRADES))),
            "owner": rng.randrange(MANAGERS),
            "number": uscc(rng),
            "phone": f"0570-{rng.randrange(10**7, 10**8)}",
            "former_phone": self._phone(),
            "address": self._office(),
            "former_address": self._office(),
            "representative": person_name(rng, "male", 1970),
        }
        return Party(**{**made, **said})

    def sister_companies(self) -> list[Party]:
        """Two or three companies of one owner in one office."""
        one = self.company()
        shared = {
            name: getattr(one, name) for name in ("owner", "phone", "address", "representative")
        }
        return [one, *(self.company(**shared) for _ in range(self.rng.randrange(1, 3)))]

    def branches(self) -> list[Party]:
        """A company and a branch that systems know by the company's name."""
        one = self.company()
        said: dict[str, Any] = {"name": one.name, "owner": one.owner}
        if self.rng.random() < 0.3:
            said["representative"] = one.representative
        if self.rng.random() < 0.3:
            said["phone"] = one.phone
        return [one, self.company(**said)]

    def _beside(self, one: Party, *, shares_phone: float = 0.0, **said: Any) -> Party:
        """Draw somebody of the same house, looked after by the same manager."""
        home = {"address": one.address, "former_address": one.former_address, "owner": one.owner}
        if self.rng.random() < shares_phone:
            home["phone"] = one.phone
        return self.person(**home, **said)

    def _years_later(self, one: Party, years: int) -> date:
        assert one.birth is not None
        return one.birth + timedelta(days=365 * years + self.rng.randrange(-1_000, 1_000))

    def _phone(self) -> str:
        """Draw a mobile number; one in fifty was somebody else's before."""
        if self._given_up and self.rng.random() < 0.02:
            return self.rng.choice(self._given_up)
        return mobile_phone(self.rng)

    def _given_up_phone(self) -> str:
        self._given_up.append(mobile_phone(self.rng))
        return self._given_up[-1]

    def _home(self) -> str:
        rng = self.rng
        estate = f"{rng.choice(_STREETS)}{rng.randrange(1, 400)}号{rng.choice('望听映')}"
        house = f"{rng.randrange(1, 30)}幢{rng.randrange(1, 20)}{rng.randrange(1, 5):02d}室"
        return f"云汀市汀洲区{estate}{rng.choice(_HOMES)}{house}"

    def _office(self) -> str:
        rng = self.rng
        return (
            f"云汀市汀洲区{rng.choice(_STREETS)}{rng.randrange(1, 400)}号{rng.randrange(1, 900)}室"
        )


# What is written down of them


class _Clerk:
    """Writes records of people as systems and hands do."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def record(self, party: Party, place: int, owner: int) -> Recorded:
        """Write one record down; `place` orders the records by time."""
        id = id_number(place)
        number = self._number(party)
        fields: dict[str, Any] = {
            "id": id,
            "kind": party.kind,
            "name": self._name(party),
            "phone": self._phone(party),
            "address": self._address(party),
        }
        if party.kind == "person":
            fields |= {"gender": self._gender(party), "birth_date": self._birth(party, number)}
        else:
            fields |= {"legal_representative": self._representative(party)}
        kind = "id_card" if party.kind == "person" else "uscc"
        known: dict[str, Any] = {"kind": kind, "value": number, "last_four": (number or "")[-4:]}
        numbers = () if number is None else (an_identifier(id, **known),)
        return Recorded(party.truth, party.group, a_customer(manager(owner), **fields), numbers)

    def _happens(self, share: float) -> bool:
        return self.rng.random() < share

    def _number(self, party: Party) -> str | None:
        """Nearly every account has its holder's number; leads, guarantors and old files do not."""
        if self._happens(0.06):
            return None
        number = party.number
        if (
            party.kind == "person"
            and party.birth
            and party.birth.year < 1985
            and self._happens(0.02)
        ):
            return number[:6] + number[8:17]  # a first-generation card had fifteen digits
        if self._happens(0.015):
            return self._mistyped(number)
        if self._happens(0.03):
            return number.lower()
        if self._happens(0.01):
            return f"{number[:6]} {number[6:14]} {number[14:]}"
        return number

    def _mistyped(self, text: str) -> str:
        """A wrong digit, two that are swapped, or one that is missing."""
        rng, place, way = self.rng, self.rng.randrange(len(text) - 1), self.rng.random()
        if way < 0.6:
            return text[:place] + str(rng.randrange(10)) + text[place + 1 :]
        if way < 0.85:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        return text[:place] + text[place + 1 :]

    def _name(self, party: Party) -> str:
        name = party.name
        if party.kind == "organisation":
            return self._company_name(name)
        if self._happens(0.02):
            return _by_ear(self.rng, name)
        if self._happens(0.02):
            return name.translate(_TRADITIONAL)
        if self._happens(0.015):
            return f"{name[0]} {name[1:]}"
        if self._happens(0.005):
            return name + self.rng.choice(("女士", "先生", "（本人）"))
        if self._happens(0.003):
            return "".join(_LOOK_ALIKE.get(sign, sign) for sign in name)
        return name

    def _company_name(self, name: str) -> str:
        if self._happens(0.08):
            return name.replace("股份", "").removesuffix("有限公司") + self.rng.choice(_FORMS)
        if self._happens(0.05):
            return name.replace("云汀市", "").replace("云汀", "（云汀）", 1)
        if self._happens(0.02):
            return name.removeprefix("云汀").removeprefix("市").removesuffix("有限公司")
        return name

    def _gender(self, party: Party) -> Gender | None:
        if self._happens(0.1):
            return None
        if self._happens(0.003):
            return "male" if party.gender == "female" else "female"
        return party.gender

    def _birth(self, party: Party, number: str | None) -> str | None:
        """Systems take it from the number; without one somebody types it, or does not."""
        assert party.birth is not None
        if number is None:
            if self._happens(0.25):
                return None
            if self._happens(0.04):
                return self.rng.choice(("1900-01-01", "1970-01-01", "1980-01-01"))
            if self._happens(0.015):
                return (party.birth + timedelta(days=self.rng.choice((1, 10, 30)))).isoformat()
        elif self._happens(0.08):
            return None
        return party.birth.isoformat()

    def _phone(self, party: Party) -> str | None:
        way = self.rng.random()
        if way < 0.12:
            return None
        if way < 0.125:
            return "13800000000"
        phone = party.former_phone if way < 0.30 else party.phone
        if self._happens(0.01):
            return self._mistyped(phone)
        if self._happens(0.08):
            return f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}" if phone[0] == "1" else phone
        return phone

    def _address(self, party: Party) -> str | None:
        way = self.rng.random()
        if way < 0.25:
            return None
        address = party.former_address if way < 0.40 else party.address
        if self._happens(0.15):
            address = address.removeprefix("云汀市汀洲区")
        if self._happens(0.05):
            address = address.replace("号", "号 ")
        return address

    def _representative(self, party: Party) -> str | None:
        if self._happens(0.25):
            return None
        if self._happens(0.08):
            return person_name(self.rng, "male", 1975)
        return party.representative


def _by_ear(rng: Random, name: str) -> str:
    """Write a name with another sign that is read alike, if it has one that has some."""
    wanted = [(sign, alike) for sign in name[1:] for alike in _SOUND_ALIKE if sign in alike]
    if not wanted:
        return name
    sign, alike = rng.choice(wanted)
    return name[0] + name[1:].replace(sign, rng.choice(alike.replace(sign, "")), 1)


def _family_name(party: Party) -> str:
    return party.name[:2] if len(party.name) == 4 else party.name[:1]


def manager(number: int) -> str:
    """Return the id of an account manager of the bank."""
    return id_number(10_000_000 + number)


def records(seed: int, size: int, doubled: float = _DOUBLED) -> list[Recorded]:
    """Return `size` records, of which the share `doubled` is of somebody who is there already.

    The same seed gives the same records. One double in five has another owner.
    """
    rng = Random(seed)
    everyone: list[Party] = []
    for group in _City(rng).groups():
        everyone += group
        if len(everyone) >= size * (1 - doubled):
            break
    clerk = _Clerk(rng)
    written = [(party, party.owner) for party in everyone]
    for party in rng.choices(everyone, k=size - len(everyone)):
        moved = rng.randrange(MANAGERS) if rng.random() < 0.2 else party.owner
        written.append((party, moved))
    rng.shuffle(written)
    return [clerk.record(party, place, owner) for place, (party, owner) in enumerate(written)]


# The bank, and what became of it


def fill(database: Database, known: list[Recorded]) -> None:
    """Bring records into an empty database."""
    unit = a_unit("head_office", None, id=id_number(20_000_000))
    _bring(database, "org_unit", [unit])
    staff = [an_employee(str(unit["id"]), id=manager(number)) for number in range(MANAGERS)]
    _bring(database, "employee", staff)
    _bring(database, "customer", [each.customer for each in known])
    _bring(database, "identifier", [row for each in known for row in each.identifiers])


def _bring(database: Database, entity: str, rows: list[Document]) -> None:
    for start in range(0, len(rows), CHUNK):
        with database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:bench"), NOW)
            unit.import_rows(REGISTRY[entity], rows[start : start + CHUNK])
            unit.finish()


def judge(database: Database, known: list[Recorded]) -> Judged:
    """Hold what a sweep came to against the truth."""
    truth = {str(each.customer["id"]): each.truth for each in known}
    owner = {str(each.customer["id"]): each.customer["owner_id"] for each in known}
    numbered = {str(each.customer["id"]) for each in known if each.identifiers}
    customer, pair = ENTITY_TABLES["customer"].c, ENTITY_TABLES["duplicate"].c
    with database.reading() as connection:
        into = dict(connection.execute(select(customer.id, customer.merged_into)).all())
        waiting = set(connection.execute(select(pair.id).where(pair.status == "open")).scalars())
    root = {id: _end(into, id) for id in truth}
    one = _pairs_of(truth)
    merged = _pairs_of(root)
    same_owner = {each for each in one if owner[each[0]] == owner[each[1]]}

    def goes_on(each: tuple[str, str]) -> str:
        return duplicate_id(root[each[0]], root[each[1]])

    def left(pairs: set[tuple[str, str]]) -> int:
        return sum(goes_on(each) in waiting for each in pairs)

    apart = one - same_owner - merged
    both = {each for each in same_owner if numbered.issuperset(each)}
    groups = _pairs_of({str(each.customer["id"]): each.group for each in known})
    return Judged(
        doubles=len(same_owner),
        found=len(same_owner & merged),
        left=left(same_owner - merged),
        wrong=len(merged - one),
        owners_differ=len(apart),
        owners_differ_left=left(apart),
        queue=len(waiting),
        queued_two=len(waiting - {goes_on(each) for each in one}),
        numbered=len(both),
        numbered_found=len(both & merged),
        hard=len(groups - one),
    )


def _end(into: dict[str, Any], id: str) -> str:
    while into[id] is not None:
        id = into[id]
    return id


def _pairs_of(group: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the pairs of those who are in one group."""
    members: dict[Any, list[str]] = {}
    for id in sorted(group):
        members.setdefault(group[id], []).append(id)
    return {each for some in members.values() for each in combinations(some, 2)}
