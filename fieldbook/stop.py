"""Why a command cannot go on, as a sentence for the person at the terminal."""


class Stop(Exception):
    """What happened, what is safe and what to do, in one message."""
