"""The command line: a thin way to either side, each imported only when asked for."""
