"""SQLAlchemy's dialect suite, collected here; run by `test_dialect_suite`, in its own process.

Not named test_*, because it needs SQLAlchemy's pytest plugin, which would take over the project's
own run.
"""

from sqlalchemy.testing.suite import *  # noqa: F403
