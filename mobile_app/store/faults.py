"""What can be wrong with a device's file; apart from the bridge, which takes long to import."""


class EncryptionUnavailable(Exception):
    """This installation can't encrypt (apsw without SQLite3 Multiple Ciphers): nothing opens."""


class WrongKey(Exception):
    """The key doesn't open this file, or the file is damaged or no database."""


class DiskFull(Exception):
    """The device has no room left; the transaction was undone and nothing is lost before it."""


class AlreadyOpen(Exception):
    """A connection was opened inside another's block; hand the outer one down instead."""


class NewerFile(Exception):
    """A newer version of the app wrote this file; this one leaves it as it is.

    `schema` is the file's, `known` the latest that this version can read.
    """

    def __init__(self, schema: int, known: int) -> None:
        super().__init__(f"the file has schema {schema}, this version knows up to {known}")
        self.schema = schema
        self.known = known
