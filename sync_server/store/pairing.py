"""Pairing: which customers share a key, sorted on disk, so that memory doesn't grow with the bank.

A file of SQLite's own beside whatever database the record is in: it has no name and goes with its
connection. Of a key it has a keyed digest, of a customer the id; no personal data gets there.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from types import TracebackType
from typing import Any, Final

CROWDED: Final = 50
"""Customers of one key; with more it says nothing, and they would make thousands of pairs."""
TOGETHER: Final = 500
"""Pairs that are compared together."""
_CACHE_KIB: Final = 8 * 1_024
_TABLES: Final = """
CREATE TABLE customer (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL, name INTEGER NOT NULL,
    has_namesake INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE holding (key INTEGER NOT NULL, place INTEGER NOT NULL);
CREATE TABLE pair (
    one INTEGER NOT NULL, other INTEGER NOT NULL, PRIMARY KEY (one, other)
) WITHOUT ROWID;
CREATE TABLE suspect (
    one INTEGER NOT NULL, other INTEGER NOT NULL, sure INTEGER NOT NULL, score INTEGER NOT NULL,
    reasons TEXT NOT NULL, PRIMARY KEY (one, other)
) WITHOUT ROWID;
CREATE INDEX suspect_sure ON suspect (score DESC, one, other) WHERE sure;
"""
_PAIR_UP: Final = """
INSERT OR IGNORE INTO pair
SELECT mine.place, theirs.place
FROM (SELECT key FROM holding GROUP BY key HAVING count(*) BETWEEN 2 AND ?) AS shared
JOIN holding AS mine ON mine.key = shared.key
JOIN holding AS theirs ON theirs.key = shared.key AND theirs.place > mine.place
"""
_CROWDED: Final = """
SELECT count(*), coalesce(sum(held), 0)
FROM (SELECT count(*) AS held FROM holding GROUP BY key HAVING count(*) > ?)
"""
_NAMES: Final = """
SELECT count(DISTINCT name)
FROM (SELECT place FROM holding WHERE key = ? LIMIT ?) JOIN customer USING (place)
"""
_NAMED: Final = """
SELECT pair.one, pair.other, mine.id, theirs.id
FROM pair
JOIN customer AS mine ON mine.place = pair.one
JOIN customer AS theirs ON theirs.place = pair.other
"""
_OF: Final = f"""
{_NAMED} WHERE pair.one IN (SELECT place FROM customer WHERE id = ?1)
UNION {_NAMED} WHERE pair.other IN (SELECT place FROM customer WHERE id = ?1)
"""  # noqa: S608 - nothing from outside is in it
_SUSPECTS: Final = """
SELECT suspect.one, suspect.other, mine.id, theirs.id, suspect.score, suspect.reasons
FROM suspect
JOIN customer AS mine ON mine.place = suspect.one
JOIN customer AS theirs ON theirs.place = suspect.other
"""

Pair = tuple[int, int, str, str]
"""The places of two customers, and their ids."""
Suspect = tuple[int, int, str, str, int, str]
"""A pair with its score, and its reasons one a line."""


class Pairs:
    """Who is compared with whom. Closed at the end of its block."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._file = sqlite3.connect("")
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.executescript(_TABLES)

    def __enter__(self) -> "Pairs":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, customers: Iterable[tuple[str, str, Collection[str]]]) -> None:
        """Note what customers are found by: each id, a name and its keys, in the order of ids."""
        for id, name, keys in customers:
            customer = (id, self._digest(name))
            made = self._file.execute("INSERT INTO customer (id, name) VALUES (?, ?)", customer)
            held = [(self._digest(key), made.lastrowid) for key in keys]
            self._file.executemany("INSERT INTO holding VALUES (?, ?)", held)

    def pair_up(self) -> tuple[int, int]:
        """Pair those who share a key; return how many keys were too crowded, and held how often."""
        self._file.execute("CREATE INDEX holding_key ON holding (key, place)")
        self._file.execute("CREATE INDEX customer_id ON customer (id)")
        self._file.execute(_PAIR_UP, (CROWDED,))
        self._file.execute("CREATE INDEX pair_other ON pair (other)")
        keys, held = self._file.execute(_CROWDED, (CROWDED,)).fetchone()
        return keys, held

    def names(self, key: str) -> int:
        """Return by how many names those are called who have a key; of a crowded one at least."""
        found = self._file.execute(_NAMES, (self._digest(key), CROWDED + 1))
        return int(found.fetchone()[0])

    def all(self) -> Iterator[list[Pair]]:
        """Yield every pair, by the place of the first, some at a time."""
        return self._pages(_NAMED, "pair")

    def of(self, id: str) -> list[Pair]:
        """Return the pairs of a customer, and of those who were merged into them."""
        return self._file.execute(_OF, (id,)).fetchall()

    def note_namesakes(self, one: int, other: int) -> None:
        """Keep that two have one name and one birth date, and are not one."""
        own = (one, other)
        self._file.execute("UPDATE customer SET has_namesake = 1 WHERE place IN (?, ?)", own)

    def has_namesake(self, *ids: str) -> bool:
        """Whether somebody else of the name and birth date of one of these is known."""
        marks = ", ".join("?" * len(ids))
        wanted = f"SELECT max(has_namesake) FROM customer WHERE id IN ({marks})"  # noqa: S608
        return bool(self._file.execute(wanted, ids).fetchone()[0])

    def suspect(self, one: int, other: int, score: int, reasons: str, *, sure: bool) -> None:
        """Keep that a pair is suspected."""
        row = (one, other, sure, score, reasons)
        self._file.execute("INSERT OR REPLACE INTO suspect VALUES (?, ?, ?, ?, ?)", row)

    def acquit(self, one: int, other: int) -> None:
        """Forget that a pair was suspected."""
        self._file.execute("DELETE FROM suspect WHERE one = ? AND other = ?", (one, other))

    def leave_to_people(self, one: int, other: int) -> None:
        """Let a pair be suspected and no longer sure."""
        own = (one, other)
        self._file.execute("UPDATE suspect SET sure = 0 WHERE one = ? AND other = ?", own)

    def surest(self) -> Suspect | None:
        """Return the sure pair with the most points; None when there is no more."""
        wanted = f"{_SUSPECTS} WHERE suspect.sure ORDER BY score DESC, one, other LIMIT 1"
        found: Suspect | None = self._file.execute(wanted).fetchone()
        return found

    def suspects(self) -> Iterator[list[Suspect]]:
        """Yield the pairs that are suspected, some at a time."""
        return self._pages(_SUSPECTS, "suspect")

    def redirect(self, ended: str, survivor: str) -> None:
        """Let a customer who was merged stand for who goes on."""
        self._file.execute("UPDATE customer SET id = ? WHERE id = ?", (survivor, ended))

    def _pages(self, statement: str, table: str) -> Iterator[list[Any]]:
        page = (
            f"{statement} WHERE ({table}.one, {table}.other) > (?, ?) "
            f"ORDER BY {table}.one, {table}.other LIMIT {TOGETHER}"
        )
        last = (0, 0)
        while rows := self._file.execute(page, last).fetchall():
            last = rows[-1][:2]
            yield rows

    def _digest(self, key: str) -> int:
        """Return a key in 64 bits, of which nobody learns the key."""
        found = blake2b(key.encode(), digest_size=8, key=self._secret).digest()
        return int.from_bytes(found, signed=True)
