"""Likeness: how sure it is that two customers are one, in points, each with the reason it is for.

Theory of operation. Two records are only compared where they share a key (`keys`), and they share
one wherever that could come to anything. What is compared weighs as in Fellegi and Sunter, 1969:
ten points double the odds that the two are one, or halve them. The weights are rounded from how
often a thing agrees in two records of one customer and how often in two of different ones;
docs/customer-identity.md has the table.

Points alone never merge. A household shares its telephone and its address, a son may have his
father's name, twins their day of birth: beside enough points an automatic merge takes a proof
(`_is_proven`) and nothing that speaks against it. What needs no more points stands in `_is_told`.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from shared import identity
from shared.domain.duplicate import AGAINST, LOOKED_AT, SURE, Reason
from sync_server.customer.readings import syllables

HOUSEHOLD: Final = 2
"""Names with one telephone; where there are more it says little. One customer who is in the record
three times is one name."""
_POINTS: Final[dict[Reason, int]] = {
    "number_same": 140,
    "number_typo": 90,
    "number_differs": -150,
    "name_same": 45,
    "name_variant": 25,
    "name_differs": -55,
    "phone_same": 40,
    "phone_shared": 10,
    "birth_same": 50,
    "birth_typo": 10,
    "birth_differs": -60,
    "gender_differs": -40,
    "address_same": 35,
    "address_shared": 10,
    "representative_same": 30,
    "representative_differs": -30,
}
_BESIDE_A_CODE: Final = frozenset(
    {"name_same", "name_variant", "phone_same", "address_same", "representative_same"}
)
_CHECKED: Final = {"id_card": identity.id_card, "uscc": identity.uscc}
_ADDRESSED: Final = re.compile(r"(?<=..)(?:先生|女士|小姐|本人)$")
_NO_DAYS: Final = frozenset({"1900-01-01", "1970-01-01"})
"""Days that systems put where they know no birth date."""
_OF_A_YEAR: Final = "-01-01"
"""What people write who know the year only."""
_HEAD: Final = 12
_TAIL: Final = 6
"""The signs that a number is found by at either end: an identity card's up to the month of birth,
and from the day on."""


@dataclass(frozen=True)
class Party:
    """What two customers are compared by; texts as they stand in the record."""

    id: str
    kind: str
    name: str
    owner_id: str = ""
    phone: str | None = None
    birth_date: str | None = None
    gender: str | None = None
    address: str | None = None
    legal_representative: str | None = None
    numbers: Collection[tuple[str, str]] = ()
    """Identity documents: kind and number, as their systems wrote them."""

    @cached_property
    def called(self) -> str:
        """The name as it is compared, without brackets; a person's without what they are addressed
        by."""
        name = identity.called(self.name)
        return _ADDRESSED.sub("", name) if self.kind == "person" else name

    @cached_property
    def heard(self) -> str:
        """How the name sounds; of a company what tells it from others."""
        return _sound(identity.company(self.called) if self.kind == "organisation" else self.called)

    @cached_property
    def dialled(self) -> str:
        """The telephone in digits; nothing where there is none worth comparing."""
        digits = identity.phone(self.phone or "")
        return digits if len(digits) >= 7 else ""

    @cached_property
    def lives(self) -> str:
        """The address as it is compared; nothing where it names no house."""
        place = identity.name(self.address or "")
        return place if any(map(str.isdigit, place)) else ""

    @cached_property
    def documents(self) -> dict[str, dict[str, bool]]:
        """Identity numbers by their kind, in standard form, and whether each is surely real."""
        found: dict[str, dict[str, bool]] = {}
        for kind, number in self.numbers:
            if kind != "bank_card":
                written, check = identity.standard(number), _CHECKED.get(kind)
                is_real = check is not None and check(written) is not None
                standard = identity.renewed(written) if kind == "id_card" else written
                found.setdefault(kind, {})[standard] = is_real
        return found

    @cached_property
    def born(self) -> str | None:
        """The birth date, or what a real number says of it."""
        if self.birth_date is not None:
            return None if self.birth_date in _NO_DAYS else self.birth_date
        card = self._card
        return f"{card[6:10]}-{card[10:12]}-{card[12:14]}" if card else None

    @cached_property
    def sex(self) -> str | None:
        """What a real number says of the gender, or what somebody chose; that is often a slip."""
        card = self._card
        if card is None:
            return self.gender
        return "male" if int(card[16]) % 2 else "female"

    @property
    def _card(self) -> str | None:
        """The one real number of an identity card; None where there is none, or several."""
        real = [number for number, is_real in self.documents.get("id_card", {}).items() if is_real]
        return real[0] if len(real) == 1 else None

    @property
    def phone_key(self) -> str:
        """What customers of one kind with one telephone have alike."""
        return f"p{self.kind[0]}{self.dialled}"

    @property
    def address_key(self) -> str:
        """What customers of one kind at one address have alike."""
        return f"a{self.kind[0]}{self.lives}"


@dataclass(frozen=True, slots=True)
class Shared:
    """What is known of others around two customers.

    `phone`, `address`: by how many names those are called who have what the two share.
    """

    phone: int = 1
    address: int = 1
    has_namesake: bool = False
    """Whether somebody else of the name is known who was born on the same day."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two customers compare."""

    score: int
    reasons: tuple[Reason, ...]
    """The weightiest first."""
    is_sure: bool = field(default=False)
    """Whether they are one beyond a doubt that anybody would have."""

    @property
    def is_suspected(self) -> bool:
        """Whether a person should look at them."""
        return self.score >= LOOKED_AT or "number_same" in self.reasons


def keys(party: Party) -> Iterator[str]:
    """Yield what a customer is found by.

    Two that share none of it cannot come to LOOKED_AT: beside a name, alike or the same, that takes
    a telephone, an address, a birth date, a legal representative or a number, which may be one slip
    apart.
    """
    if party.dialled:
        yield party.phone_key
    if party.lives:
        yield party.address_key
    heard = f"{party.kind[0]}{party.heard}"
    if party.kind == "person" and party.born:
        yield f"b{heard} {party.born}"
    if party.kind == "organisation" and party.legal_representative:
        yield f"r{heard} {_sound(identity.name(party.legal_representative))}"
    for kind, numbers in party.documents.items():
        for number in numbers:
            yield f"i{kind}{number}"
            if kind in _CHECKED:
                # A slip, other than a swap across the cut, leaves an end as it was.
                yield f"s{heard} {number[:_HEAD]}"
                yield f"e{heard} {number[-_TAIL:]}"
                yield f"m{heard} {number[: _HEAD - 1]} {number[1 - _TAIL :]}"


def likeness(one: Party, other: Party, shared: Shared = Shared()) -> Likeness:
    """Return how alike two customers are; of different kinds they are never one."""
    if one.kind != other.kind:
        return Likeness(0, ())
    found = [*_numbers(one, other), _name(one, other), *_contacts(one, other, shared)]
    found += _person(one, other) if one.kind == "person" else _company(one, other)
    found.sort(key=lambda reason: -abs(_POINTS[reason]))
    score = sum(_POINTS[reason] for reason in found)
    if AGAINST.intersection(found).difference(_excused(one, other)):
        return Likeness(score, tuple(found))
    is_told = _is_told(one, other, found, shared)
    if is_told:
        score = max(score, SURE)
    return Likeness(score, tuple(found), score >= SURE and (is_told or _is_proven(found)))


def are_of_one_day(found: Likeness) -> bool:
    """Whether two have one name, as it sounds, and one birth date."""
    reasons = set(found.reasons)
    return "birth_same" in reasons and not reasons.isdisjoint(("name_same", "name_variant"))


def is_namesake(found: Likeness) -> bool:
    """Whether two have one name and one birth date, and are not one."""
    return are_of_one_day(found) and not AGAINST.isdisjoint(found.reasons)


def _excused(one: Party, other: Party) -> Collection[Reason]:
    """Return what speaks not against it: under one code a company changes both."""
    return ("name_differs", "representative_differs") if _have_one_code(one, other) else ()


def _have_one_code(one: Party, other: Party) -> bool:
    """Whether two have one unified social credit code, which is real."""
    mine, theirs = (each.documents.get("uscc", {}) for each in (one, other))
    return any(is_real and theirs.get(code) for code, is_real in mine.items())


def _is_told(one: Party, other: Party, found: Sequence[Reason], shared: Shared) -> bool:
    """Whether it takes no more points.

    A company is told by its code beside anything else that agrees. A person is told by name and
    birth date within one portfolio: there a stranger of both is rarer than a double by thousands.
    """
    if one.kind == "organisation":
        return _have_one_code(one, other) and not _BESIDE_A_CODE.isdisjoint(found)
    is_one_of_many = one.owner_id != other.owner_id or shared.has_namesake
    return not (
        is_one_of_many
        or not {"name_same", "birth_same"}.issubset(found)
        or str(one.born).endswith(_OF_A_YEAR)
        or _have_two_cards(one, other, found)
    )


def _have_two_cards(one: Party, other: Party, found: Sequence[Reason]) -> bool:
    """Whether both have a number of an identity card, and these are not even nearly the same."""
    is_both = "id_card" in one.documents and "id_card" in other.documents
    return is_both and {"number_same", "number_typo"}.isdisjoint(found)


def _is_proven(found: Sequence[Reason]) -> bool:
    """Whether more speaks for it than what a family, or two companies of one owner, have alike.

    Twins have numbers that are nearly alike: a slip in one proves nothing unless the name is the
    same.
    """
    if "number_same" in found:
        return True
    proofs = {"number_typo", "birth_same", "representative_same"}
    return "name_same" in found and not proofs.isdisjoint(found)


def _numbers(one: Party, other: Party) -> Iterator[Reason]:
    """Compare identity documents of a kind that both have; the best of them counts."""
    both = one.documents.keys() & other.documents.keys()
    pairs = [
        (kind in _CHECKED, mine, theirs, is_real and is_their_real)
        for kind in both
        for mine, is_real in one.documents[kind].items()
        for theirs, is_their_real in other.documents[kind].items()
    ]
    if any(mine == theirs for _, mine, theirs, _ in pairs):
        yield "number_same"
    elif any(
        has_check and not are_real and _is_slip(mine, theirs)
        for has_check, mine, theirs, are_real in pairs
    ):
        yield "number_typo"
    elif any(are_real for *_, are_real in pairs):
        yield "number_differs"


def _is_slip(one: str, other: str) -> bool:
    """Whether two texts are one slip apart: a wrong sign, one too many or few, or two swapped."""
    short, long = sorted((one, other), key=len)
    apart = next((place for place, sign in enumerate(short) if sign != long[place]), len(short))
    rest, longer = short[apart:], long[apart:]
    if len(short) != len(long):
        return rest == longer[1:]
    is_swap = rest[:2] == longer[1::-1] and rest[2:] == longer[2:]
    return rest[1:] == longer[1:] or is_swap


def _name(one: Party, other: Party) -> Reason:
    if one.called == other.called:
        return "name_same"
    if one.kind == "organisation" and identity.company(one.called) == identity.company(
        other.called
    ):
        return "name_variant"
    return "name_variant" if _sound(one.called) == _sound(other.called) else "name_differs"


def _contacts(one: Party, other: Party, shared: Shared) -> Iterator[Reason]:
    if one.dialled and one.dialled == other.dialled:
        yield "phone_same" if shared.phone <= HOUSEHOLD else "phone_shared"
    if one.lives and one.lives == other.lives:
        yield "address_same" if shared.address <= HOUSEHOLD * 3 else "address_shared"


def _person(one: Party, other: Party) -> Iterator[Reason]:
    if one.born and other.born:
        if one.born == other.born:
            yield "birth_same"
        else:
            yield "birth_typo" if _is_slip(one.born, other.born) else "birth_differs"
    if one.sex and other.sex and one.sex != other.sex:
        yield "gender_differs"


def _company(one: Party, other: Party) -> Iterator[Reason]:
    if one.legal_representative and other.legal_representative:
        mine, theirs = (identity.name(each.legal_representative or "") for each in (one, other))
        is_same = mine == theirs or _sound(mine) == _sound(theirs)
        yield "representative_same" if is_same else "representative_differs"


@lru_cache(maxsize=65_536)
def _sound(text: str) -> str:
    """Return how a text is read, in pinyin: 張偉, 张伟 and 章伟 sound alike."""
    return "".join(syllables(text))
