"""`fieldbook commission`: try a commission plan on a file, with the engine that pays by it."""

import json
import sys
from argparse import Namespace

from shared.commission.scenario import Malformed, answer_to

MALFORMED = 2
"""The exit status of a command that was asked wrongly."""


def simulate(asked: Namespace) -> int:
    """Print what the scenario leads to as JSON, in UTF-8 whatever the terminal speaks."""
    try:
        answer = answer_to(asked.scenario.read_bytes())
    except OSError as error:
        print(f"{asked.scenario} cannot be read: {error.strerror}.", file=sys.stderr)
        return MALFORMED
    except Malformed as malformed:
        print(f"{asked.scenario} is refused; nothing was computed.", file=sys.stderr)
        print(malformed, file=sys.stderr)
        return MALFORMED
    text = json.dumps(answer, ensure_ascii=False, indent=2)
    sys.stdout.buffer.write(f"{text}\n".encode())
    return 0
