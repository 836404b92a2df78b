"""The encrypted database of one device and the keys that open it."""
