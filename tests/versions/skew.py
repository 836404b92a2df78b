"""A branch whose server and tablets are of different releases, and are upgraded one by one.

What passes between them is bytes, so that each reads with its own eyes what the other wrote.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mobile_app.store.bridge import reading
from shared.sync.ruling import Key, Row
from tests.versions.releases import Release, present


class Wire:
    """The way from a tablet to the server, whatever releases they are of."""

    def __init__(self, skewed: "Skewed", release: Release) -> None:
        self._skewed, self._release = skewed, release

    @property
    def now(self) -> int:
        return self._skewed.now

    def hold(self, token: str, body: bytes, crash: str | None = None) -> Iterator[Any]:
        """Hold one exchange; its lines are read by the tablet's release."""
        hold = self._skewed.server.world.exchange.hold
        lines = hold(self._skewed.database, token, body, self.now).lines
        return (self._release.world.read_line(line) for line in lines)

    def ask(self, token: str, body: bytes) -> Any:
        """Ask one question of a comparison."""
        said = self._skewed.server.world.answer(self._skewed.database, token, body)
        return self._release.world.read_answer(said)


class Skewed:
    """The miniature branch, with a release for the server and one for each tablet."""

    def __init__(self, server: Release, tablets: Release) -> None:
        self._world = present().world.World()
        self.now: int = self._world.branch.now
        self.folder = Path(self._world.folder.name)
        self.database = self._world.branch.database
        self.upgrade_server(server)
        self.releases = [present()] * 3
        self.tablets: list[Any] = list(self._world.tablets)
        for place in range(3):
            self._equip(place, tablets)

    def upgrade_server(self, release: Release) -> None:
        """Stop the server and start a newer one on its database."""
        self.database.close()
        self.server = release
        self.database = release.world.open_sqlite(self._world.branch.folder / "server.db")

    def upgrade_tablet(self, place: int, release: Release) -> None:
        """Start a newer app on a tablet's files."""
        self._equip(place, release)

    def _equip(self, place: int, release: Release) -> None:
        before = self.tablets[place]
        before.store.close()
        tablet = release.world.Tablet(
            before.name, before.folder, before.identity, Wire(self, release)
        )
        tablet.random.setstate(before.random.getstate())  # or it would make the same ids again
        tablet.made = before.made
        self.tablets[place], self.releases[place] = tablet, release

    def bring(self, entity: str, *documents: Any) -> None:
        """Write what the bank's own systems say."""
        world = self.server.world
        with self.database.writing() as connection:
            unit = world.UnitOfWork(connection, world.Actor("import:test"), self.now)
            unit.import_rows(world.REGISTRY[entity], documents)
            unit.finish()

    def change(self, entity: str, id: str, **values: Any) -> None:
        """Import a row with other values than it has now."""
        self.bring(entity, {**self.rows()[entity, id].document, **values})

    def rows(self) -> dict[Key, Row]:
        """Return the whole record."""
        found: dict[Key, Row] = {}
        with self.database.reading() as connection:
            for name in self.server.world.REGISTRY:
                found |= self.server.world.read_rows(connection, name)
        return found

    def new_generation(self) -> None:
        """Count anew, as a server does that was restored from a backup."""
        with self.database.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE meta SET value = 'restored' WHERE key = 'generation'"
            )
        self.upgrade_server(self.server)

    def sql(self, statement: str) -> list[Any]:
        """Ask the server's database."""
        with self.database.reading() as connection:
            return list(connection.exec_driver_sql(statement).all())

    def compare(self, place: int) -> str:
        """Compare a tablet with the server; return the outcome."""
        tablet, world = self.tablets[place], self.releases[place].world
        comparing = world.compare(tablet.store)
        wish = next(comparing)
        try:
            while True:
                said = None
                if isinstance(wish, world.Ask):
                    said = tablet.branch.ask(tablet.identity.token, wish.body)
                wish = comparing.send(said)
        except StopIteration as end:
            return str(end.value.outcome)

    def close(self) -> None:
        for tablet in self.tablets:
            tablet.store.close()
        self.database.close()
        self._world.folder.cleanup()


def shown(tablet: Any, entity: str, id: str) -> Any:
    """Return a row as a tablet's user sees it, or None."""
    return tablet.store._mirror.document((entity, id))


def deferred(tablet: Any) -> set[Key]:
    """Return the rows that a tablet's app does not understand, or not whole."""
    with reading(tablet.store._engines[0]) as connection:
        return set(connection.exec_driver_sql("SELECT entity, id FROM deferred_row").all())
