"""What the demo bank has twice is found by the sweep: one pair is merged, five are for people."""

from datetime import date
from random import Random

from sync_server.customer.likeness import Likeness, Party, likeness
from sync_server.demo import Bank, make_bank
from sync_server.demo.customers import STORY_NAME
from sync_server.demo.doubles import Doubles, make_doubles

TODAY = date(2026, 11, 24)


def made(bank: Bank) -> Doubles:
    return make_doubles(Random("1:doubles"), TODAY, bank.customers, bank.identifiers)


def compared(bank: Bank, doubles: Doubles) -> list[tuple[bool, Likeness]]:
    """Whether a double and its elder are of one owner, and how alike they are."""
    numbers: dict[str, list[tuple[str, str]]] = {}
    for each in (*bank.identifiers, *doubles.identifiers):
        numbers.setdefault(each.customer_id, []).append((each.kind, each.value))

    def party(one: object) -> Party:
        fields = {
            name: getattr(one, name) for name in Party.__dataclass_fields__ if name != "numbers"
        }
        return Party(**fields, numbers=numbers.get(fields["id"], ()))

    found = []
    for double in doubles.customers:
        best = max(
            (one for one in bank.customers if one.kind == double.kind),
            key=lambda one: likeness(party(one), party(double)).score,
        )
        found.append((best.owner_id == double.owner_id, likeness(party(best), party(double))))
    return found


def test_every_double_is_found_and_one_is_sure_and_of_one_owner() -> None:
    bank = make_bank(1, TODAY)

    found = compared(bank, made(bank))

    assert [each.is_suspected for _, each in found] == [True] * 6
    assert [is_one for is_one, each in found if each.is_sure] == [False, True]
    assert {"number_typo", "birth_typo", "name_variant"} <= {
        reason for _, each in found for reason in each.reasons
    }


def test_a_double_is_younger_than_who_it_is_of_and_never_the_lady_of_the_story() -> None:
    bank = make_bank(1, TODAY)

    doubles = made(bank)

    assert max(one.id for one in bank.customers) < min(one.id for one in doubles.customers)
    assert STORY_NAME not in {one.name for one in doubles.customers}


def test_the_same_doubles_come_from_the_same_seed() -> None:
    bank = make_bank(1, TODAY)

    assert made(bank) == made(bank)
