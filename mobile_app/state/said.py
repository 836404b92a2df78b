"""Said: one message for the user, kept as a key so that it can be read in either language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mobile_app.i18n import Words
from mobile_app.telling import readable
from shared.errors import Refusal, Unreachable


@dataclass(frozen=True)
class Said:
    """A sentence of the words table and what fills it."""

    key: str
    fields: Mapping[str, object] = field(default_factory=dict)


Message = Said | Refusal
"""What the app has to tell: its own sentence, or the server's refusal, which brings its own."""

OFFLINE = Said("offline_now")


def sentence(words: Words, message: Message | Unreachable | None) -> str:
    """Return the sentence of a message in the language being read."""
    if message is None:
        return ""
    if isinstance(message, Refusal):
        return readable(words, message).sentence(words.language)
    if isinstance(message, Unreachable):
        message = OFFLINE
    return words(message.key, **message.fields)
