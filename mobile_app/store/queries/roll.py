"""The roll: whether an organisation is the user's own customer, or perhaps the bank's."""

from base64 import b64decode
from collections.abc import Mapping

from sqlalchemy import select

from mobile_app.store.face_records import Known
from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.tables import MIRROR
from shared.collision import Sieve, names_of
from shared.domain import Roll

_customer = MIRROR["customer"]
_identifier = MIRROR["identifier"]
_part = MIRROR["roll_part"]


class RollQueries(Reading):
    """Who is known, asked of the roll, and of the customers that this device holds."""

    def perhaps_known(self, name: str, code: str = "") -> Known:
        """Say whether an organisation of this name or credit code is perhaps the bank's customer.

        A part that is absent or damaged says nothing; the other one may still say yes.
        """
        row = next(iter(self._rows(select(*fields_of("roll")))), None)
        if row is None:
            return Known("cannot_say")
        roll = Roll(*row)
        sieve = Sieve(bytes.fromhex(roll.salt), roll.parts)
        found = [self._holds(sieve, sieve.key(text)) for text in names_of(name, code)]
        if True in found:
            return Known("perhaps", roll.as_of)
        return Known("cannot_say") if None in found else Known("not_known", roll.as_of)

    def _holds(self, sieve: Sieve, key: int) -> bool | None:
        """Whether a key is found; None where its part says nothing."""
        wanted = select(_part.c.content).where(_part.c.number == sieve.place(key))
        row = next(iter(self._rows(wanted)), None)
        if row is None:
            return None
        try:
            return sieve.holds(b64decode(row.content), key)
        except ValueError:  # damaged, or not even base64
            return None

    def own_organisations(self) -> Mapping[str, tuple[str, str]]:
        """Return id and name of the user's organisations by what they are known by."""
        mine = (_customer.c.kind == "organisation", _customer.c.owner_id == self._my())
        names = self._rows(select(_customer.c.id, _customer.c.name).where(*mine))
        codes = select(_customer.c.id, _customer.c.name, _identifier.c.value).join(
            _identifier, _identifier.c.customer_id == _customer.c.id
        )
        found = {text: (row.id, row.name) for row in names for text in names_of(row.name)}
        for row in self._rows(codes.where(*mine, _identifier.c.kind == "uscc")):
            found |= dict.fromkeys(names_of("", row.value), (row.id, row.name))
        return found
