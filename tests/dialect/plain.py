"""A pytest plugin: plain connections for SQLAlchemy's suite, which brings no keys.

The app's own code has no way to a plain file; this is the only one, and it is in the tests.
"""

import apsw

from mobile_app.store import bridge, dbapi  # noqa: F401 - bridge registers sqlite+apsw


def connect(path: str) -> dbapi.Connection:
    """A connection without a key."""
    return dbapi.Connection(apsw.Connection(path))


dbapi.connect = connect
