"""Strategies derived from the registry, so that a new entity takes part in every property test.

They follow the JSON schema that pydantic makes of an entity's declaration: what a field allows is
said once, in its annotation, and nowhere here.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from shared.registry import REGISTRY, Document, Entity

TEXT = st.characters(codec="utf-8", exclude_characters="\0")
"""Everything that a person or an import may write; NUL is refused at the door."""


def entities() -> st.SearchStrategy[Entity]:
    """Any declared entity."""
    return st.sampled_from(list(REGISTRY.values()))


def documents(entity: Entity) -> st.SearchStrategy[Document]:
    """Any document that fits an entity, complete or with optional fields left out."""
    schema = entity.one.json_schema()
    wanted = {name: values(entity, name) for name in entity.fields}
    required = {name: wanted[name] for name in schema.get("required", ())}
    optional = {name: each for name, each in wanted.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def values(entity: Entity, field: str) -> st.SearchStrategy[Any]:
    """Any value that fits a field."""
    return _of(entity.one.json_schema()["properties"][field])


def _of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of([_of(part) for part in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    return _PRIMITIVES[schema["type"]](schema)


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates().map(str)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].replace(r"\d", "[0-9]"), fullmatch=True)
    longest = min(schema.get("maxLength", 40), 40)
    return st.text(TEXT, min_size=schema.get("minLength", 0), max_size=longest)


def _integer(schema: dict[str, Any]) -> st.SearchStrategy[int]:
    least = schema.get("minimum", -(2**53) + 1)
    return st.integers(least, schema.get("maximum", 2**53 - 1))


def _number(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    return st.floats(
        schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False
    )


_PRIMITIVES: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
}
