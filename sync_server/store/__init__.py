"""The server's store: one SQL database through SQLAlchemy Core, SQLite or PostgreSQL alike.

`database` opens it, `schema` has its tables, `unit_of_work` is the only way to change synced rows,
`ingest` takes operations in, `feed` gives changes out, `identity` knows devices and their people.
"""
