"""Two releases in one process: the present one, and one that is to come.

The later release is this very code, imported a second time with another registry: one more entity,
the keepsake, and the columns `customer.parking_note` and `interaction.weather` (see `tape`). Its
schemas, of sync and of the server's database, are the next ones. So both have stores, servers and
conversations of their own, and files may go from one to the other as they do at an upgrade.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, make_dataclass
from dataclasses import field as with_default
from functools import cache
from types import ModuleType
from typing import Annotated, Any, Final

from annotated_types import MaxLen

import tests.sync
import tests.sync.world
from shared.sync import protocol
from sync_server.store import database

_PACKAGES: Final = ("shared", "mobile_app", "sync_server")
_THE_SAME: Final = ("shared.errors", "shared.sync.change")
"""Modules without a registry, which both releases share: one Refusal, one Insert."""
_WORLD: Final = "tests.sync.world"
_COLUMNS: Final = {"customer": ("parking_note",), "interaction": ("weather",)}
_Note = Annotated[str, MaxLen(200)] | None


@dataclass(frozen=True)
class Release:
    """One release: its miniature branch with everything that it is made of."""

    schema: int
    """Of sync."""
    world: Any
    """The module `tests.sync.world`, over this release's own stores and server."""
    databases: Any
    """The module `sync_server.store.database`."""


def present() -> Release:
    """This release."""
    return Release(protocol.SCHEMA, tests.sync.world, database)


@cache
def later() -> Release:
    """The next release, imported once."""
    schema = protocol.SCHEMA + 1
    with _imported_anew() as import_:
        import_("shared.sync.protocol").SCHEMA = schema
        registry = import_("shared.registry")
        registry.synced = _with_more_columns(registry.synced)
        import_("shared.domain")
        _declare_keepsake(registry)
        import_("sync_server.store.schema").SCHEMA_VERSION += 1
        return Release(schema, import_(_WORLD), import_("sync_server.store.database"))


@contextmanager
def _imported_anew() -> Iterator[Callable[[str], Any]]:
    """Import our packages as if for the first time; leave those that were there in their place."""
    before = {name: module for name, module in sys.modules.items() if _is_ours(name)}
    _forget(before)
    sys.modules.update({name: before[name] for name in _THE_SAME})
    try:
        yield importlib.import_module
    finally:
        _forget([name for name in sys.modules if _is_ours(name)])
        sys.modules.update(before)
        tests.sync.world = before[_WORLD]


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in _PACKAGES or name == _WORLD


def _forget(names: Any) -> None:
    for name in list(names):
        del sys.modules[name]


def _with_more_columns(synced: Callable[..., Any]) -> Callable[..., Any]:
    """Have records declared with the columns that they gain."""

    def synced_with_more(name: str, **rules: Any) -> Callable[[type], type]:
        def declare(record: type) -> type:
            if name in _COLUMNS:
                more = [(each, _Note, with_default(default=None)) for each in _COLUMNS[name]]
                record = make_dataclass(
                    record.__name__, more, bases=(record,), frozen=True, slots=True
                )
            made: type = synced(name, **rules)(record)
            return made

        return declare

    return synced_with_more


def _declare_keepsake(registry: ModuleType) -> None:
    made = make_dataclass(
        "Keepsake",
        [
            ("id", str),
            ("customer_id", str),
            ("employee_id", str),
            ("title", Annotated[str, MaxLen(80)]),
            ("worth", int, with_default(default=0)),
            ("given_on", str | None, with_default(default=None)),
        ],
        frozen=True,
        slots=True,
    )
    registry.synced(
        "keepsake",
        merge=registry.Merge.FIELDS,
        scope=registry.ScopeRule.PORTFOLIO,
        scope_key="customer_id",
        author="employee_id",
    )(made)
