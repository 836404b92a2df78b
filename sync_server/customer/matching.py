"""Matching: whose an account or a contact is, by an identity number, or by telephone and name.

Nothing is guessed: a telephone alone is a family's, a name alone is a thousand people's. Where the
number is known it decides; where nobody or more than one customer fits, a person must look. Only a
call may be told by its telephone alone, and only where one customer has it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from shared.errors import refused

Number = tuple[str, str]
"""The kind of an identity document, and its number in standard form."""
Contact = tuple[str, str]
"""A telephone and a name, both in standard form."""


@dataclass(frozen=True, slots=True)
class Whose:
    """What a row says of the customer."""

    number: Number | None
    contact: Contact | None
    phone: str | None = None
    """A telephone in standard form, where the row says nothing else."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the record knows of the customers that some rows may be about."""

    by_number: Mapping[Number, Collection[str]]
    by_contact: Mapping[Contact, Collection[str]]
    numbers: Mapping[str, Collection[Number]]
    """The identity numbers of customers found by their contact, and of the holders of accounts
    whose row says a number that nobody has."""
    by_phone: Mapping[str, Collection[str]] = field(default_factory=dict)
    """For rows that say a telephone and nothing else."""

    def fitting(self, whose: Whose) -> Collection[str]:
        """Return the customers that a row may mean.

        By its contact no one whose number of the same kind is another one: a son with his father's
        name and telephone is not his father.
        """
        if whose.number and (found := self.by_number.get(whose.number)):
            return found
        if whose.contact is None:
            return self.by_phone.get(whose.phone or "", ())
        return [
            customer
            for customer in self.by_contact.get(whose.contact, ())
            if not self.has_other(customer, whose.number)
        ]

    def has_other(self, customer: str, number: Number | None) -> bool:
        """Whether a customer is known by another number of that kind, and not by this one.

        Of passports one cannot say so: whoever renews a passport gets another number.
        """
        if number is None or number[0] == "passport":
            return False
        same = [each for each in self.numbers.get(customer, ()) if each[0] == number[0]]
        return bool(same) and number not in same


def owner(known: Known, whose: Whose, standing: str | None) -> str:
    """Return the customer whose a row is; `standing` is whose it is in the record, if there.

    Nothing moves by itself: if the row names another customer, that is refused.
    """
    fitting = known.fitting(whose)
    if standing is not None:
        if known.has_other(standing, whose.number) or (fitting and standing not in fitting):
            raise refused("row_other_customer")
        return standing
    if not fitting:
        raise refused("row_no_customer")
    if len(fitting) > 1:
        code = "row_several_customers" if whose.phone is None else "row_phone_shared"
        raise refused(code, n=len(fitting))
    return next(iter(fitting))
