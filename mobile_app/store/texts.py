"""Texts as they can be kept: without what no person types and no database takes."""

from typing import Any


def keepable(value: Any) -> Any:
    """Return a value with its texts as they can be written, however deep they lie.

    A NUL is left out, and half of a surrogate pair, as a keyboard leaves behind that was stopped in
    the middle of an emoji, becomes U+FFFD: neither may cost a user the text around it.
    """
    if isinstance(value, str):
        return _keepable(value)
    if isinstance(value, dict):
        return {name: keepable(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [keepable(each) for each in value]
    return value


def _keepable(text: str) -> str:
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
