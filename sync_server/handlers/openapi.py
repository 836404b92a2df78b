"""GET /v1/openapi.json: the server's HTTP in OpenAPI 3.1, written from what describes it."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import CATALOGUE
from sync_server.handlers import answers
from sync_server.handlers.operations import DELIVERY, OPERATIONS, Content, Operation, Parameter

_REF: Final = "#/components/schemas/{model}"
_WHO: Final[dict[str, list[dict[str, list[str]]]]] = {
    "device": [{"device": []}],
    "system": [{"system": []}],
    "either": [{"device": []}, {"system": []}],
    "anyone": [],
}
_HEADERS_ASKED: Final = frozenset({"webhook-id", "webhook-timestamp", "webhook-signature"})


async def openapi(_request: Request) -> Response:
    """Answer with the description; it names no customer and is for everyone."""
    headers = {"cache-control": "max-age=3600"}
    return Response(_written(), media_type="application/json", headers=headers)


@cache
def _written() -> bytes:
    return to_json(document())


def document() -> dict[str, Any]:
    """Return the description."""
    schemas = _Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, schemas)
    delivery = _operation(DELIVERY, schemas)
    for seen in answers.SEEN.values():
        schemas.of(seen)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fieldbook",
            "version": "1",
            "description": "Amounts are integer fen, moments ms since 1970 UTC. New fields may "
            "come at any time; ignore those that you do not know. The data of an event is a row of "
            "the schema that its type names.",
        },
        "paths": paths,
        "webhooks": {"events": {"post": delivery}},
        "components": {
            "schemas": schemas.found,
            "securitySchemes": {
                "device": _bearer("the token of an enrolled device"),
                "system": _bearer("the token of `fieldbook admin system-token`"),
            },
        },
    }


class _Schemas:
    """JSON Schemas of types, and those that they refer to, gathered by name."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def of(self, type_: Any) -> dict[str, Any]:
        """Return the schema of a type: a reference, where the type has a name."""
        schema = TypeAdapter(type_).json_schema(ref_template=_REF)
        self.found |= schema.pop("$defs", {})
        if schema.get("type") == "object" and "title" in schema:
            name = schema["title"]
            self.found[name] = schema
            return {"$ref": _REF.format(model=name)}
        return schema


def _bearer(says: str) -> dict[str, str]:
    return {"type": "http", "scheme": "bearer", "description": says}


def _operation(each: Operation, schemas: _Schemas) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": each.id,
        "summary": each.summary,
        "security": _WHO[each.who],
        "responses": dict(_responses(each, schemas)),
    }
    if each.right is not None:
        said["description"] = f"A system account needs the right `{each.right}`."
    if each.parameters:
        said["parameters"] = [_parameter(one, schemas) for one in each.parameters]
    if each.body is not None:
        said["requestBody"] = {"required": True, "content": _content(each.body, schemas)}
    return said


def _parameter(one: Parameter, schemas: _Schemas) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": one.place,
        "required": one.place == "path" or one.name in _HEADERS_ASKED,
        "description": one.says,
        "schema": schemas.of(one.type),
    }


def _responses(each: Operation, schemas: _Schemas) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, content in each.answer.items():
        told: dict[str, Any] = {"description": each.summary}
        if status == 304:
            told = {"description": "The caller has it as it is"}
        if each.headers:
            told["headers"] = {
                name: {"description": says, "schema": {"type": "string"}}
                for name, says in each.headers.items()
            }
        yield (
            str(status),
            told if content is None else told | {"content": _content(content, schemas)},
        )
    body = {"content": {"application/json": {"schema": schemas.of(answers.Refused)}}}
    by_status: dict[int, list[str]] = {}
    for code in each.refusals:
        by_status.setdefault(CATALOGUE[code].status, []).append(f"`{code}`: {CATALOGUE[code].en}")
    for status, sentences in sorted(by_status.items()):
        yield str(status), {"description": "\n\n".join(sentences), **body}
    yield "default", {"description": "Any other refusal, in the same form", **body}


def _content(content: Content, schemas: _Schemas) -> dict[str, Any]:
    if content.type is bytes:
        return {content.media: {}}
    return {content.media: {"schema": schemas.of(content.type)}}
