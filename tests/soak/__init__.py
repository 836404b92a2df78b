"""The long run of the fault tests: the same code as in `tests/faults`, at sizes that take hours."""
