"""Holding a JSON value against a JSON Schema: the keywords that our description uses, no others.

A keyword that is not known here is an error, so that none is silently passed over. An object whose
schema names its properties may have no others, unless the schema says what others are: what is
answered and not described should be noticed, though a client should not mind it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_SAID: Final = frozenset({"title", "description", "default", "format", "$ref"})
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


class Schemas:
    """The schemas of one description, by their names."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        self.named = named

    def complaints(self, schema: Mapping[str, Any], value: Any, path: str = "") -> Iterator[str]:
        """Say where a value does not fit, one line each."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/components/schemas/")
            yield from self.complaints(self.named[name], value, path)
        for keyword, wanted in schema.items():
            if keyword in _SAID or (keyword, type(wanted)) == ("additionalProperties", bool):
                continue
            if keyword in ("anyOf", "oneOf"):
                if all(list(self.complaints(each, value, path)) for each in wanted):
                    yield f"{path}: fits none of {keyword}"
            elif keyword in _OF_OBJECTS and isinstance(value, dict):
                yield from self._object(schema, keyword, value, path)
            elif keyword in _OF_ARRAYS and isinstance(value, list):
                yield from self._array(keyword, wanted, value, path)
            elif keyword in _CHECKS:
                if not _CHECKS[keyword](value, wanted):
                    yield f"{path}: {value!r:.80} is not {keyword} {wanted!r:.80}"
            elif keyword not in _OF_OBJECTS | _OF_ARRAYS:
                raise AssertionError(f"the keyword {keyword} is not known here")

    def _object(
        self, schema: Mapping[str, Any], keyword: str, value: dict[str, Any], path: str
    ) -> Iterator[str]:
        known = schema.get("properties", {})
        if keyword == "required":
            yield from (f"{path}: lacks {each}" for each in schema["required"] if each not in value)
        elif keyword == "properties":
            for name, each in known.items():
                if name in value:
                    yield from self.complaints(each, value[name], f"{path}/{name}")
            if schema.get("additionalProperties") in (None, False):
                yield from (f"{path}: {name} is not described" for name in value.keys() - known)
        elif keyword == "additionalProperties":
            for name in value.keys() - known:
                yield from self.complaints(schema[keyword], value[name], f"{path}/{name}")

    def _array(self, keyword: str, wanted: Any, value: list[Any], path: str) -> Iterator[str]:
        if keyword == "maxItems" and len(value) > wanted:
            yield f"{path}: has more than {wanted}"
        elif keyword == "minItems" and len(value) < wanted:
            yield f"{path}: has fewer than {wanted}"
        elif keyword == "prefixItems":
            for place, (each, one) in enumerate(zip(wanted, value, strict=False)):
                yield from self.complaints(each, one, f"{path}/{place}")
        elif keyword == "items":
            for place, one in enumerate(value):
                yield from self.complaints(wanted, one, f"{path}/{place}")


_OF_OBJECTS: Final = frozenset(
    {"properties", "required", "additionalProperties", "propertyNames", "patternProperties"}
)
_OF_ARRAYS: Final = frozenset({"items", "prefixItems", "minItems", "maxItems"})


def _is_of(value: Any, wanted: str) -> bool:
    is_bool = isinstance(value, bool)
    return isinstance(value, _TYPES[wanted]) and is_bool == (wanted == "boolean")


def _size(value: Any) -> float:
    """A number's own size; what is no number is neither too large nor too small."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else float("nan")


_CHECKS: Final[Mapping[str, Any]] = {
    "type": _is_of,
    "const": lambda value, wanted: value == wanted,
    "enum": lambda value, wanted: value in wanted,
    "pattern": lambda value, wanted: not isinstance(value, str) or re.search(wanted, value),
    "minLength": lambda value, wanted: not isinstance(value, str) or len(value) >= wanted,
    "maxLength": lambda value, wanted: not isinstance(value, str) or len(value) <= wanted,
    "minimum": lambda value, wanted: not _size(value) < wanted,
    "maximum": lambda value, wanted: not _size(value) > wanted,
    "exclusiveMinimum": lambda value, wanted: not _size(value) <= wanted,
    "exclusiveMaximum": lambda value, wanted: not _size(value) >= wanted,
}
