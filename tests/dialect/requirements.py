"""Every requirement of SQLAlchemy's suite, open: whatever can run, runs.

A test SQLite can't pass then fails on both drivers; the comparison looks only at what stock
pysqlite passes, so nothing has to be listed and kept up to date here.
"""

from __future__ import annotations

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements


class Requirements(SuiteRequirements):
    """SuiteRequirements with each property answering yes."""


for name, value in vars(SuiteRequirements).items():
    if isinstance(value, property):
        setattr(Requirements, name, property(lambda _: exclusions.open()))  # type: ignore[no-untyped-call]

# Those that shape the setup of a whole class of tests, where opening them to SQLite loses 750.
# (Two connections to :memory: would be two databases.)
for name in (
    "independent_connections",
    "materialized_views",
    "materialized_views_reflect_pk",
    "comment_reflection",
    "comment_reflection_full_unicode",
    "reflect_tables_no_columns",
    "identity_columns",
    "array_type",
):
    setattr(Requirements, name, property(lambda _: exclusions.closed()))  # type: ignore[no-untyped-call]
