"""The API in the words of OpenAPI 3.1, written from the types of its answers: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from digest.pages.problems import MEDIA_TYPE
from digest.site.api import values
from digest.site.api.parameters import Parameter
from digest.webhooks import EventType

_SCHEMAS: Final = "#/components/schemas/"
_WRONG: Final = (
    "A parameter is not one of these, or its value is not what its schema says: it is empty, out of bounds, "
    "or repeated though it is no array."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One question that the API answers."""

    path: str  # below "/api/v1", with names in braces
    about: str
    answer: type
    parameters: Sequence[Parameter] = ()
    missing: bool = False  # whether there may be nothing of that name

    @property
    def name(self) -> str:
        return "-".join(part.strip("{}") for part in self.path.split("/") if part)

    def described(self) -> dict[str, Any]:
        answers = {
            "200": _said("The answer.", self.answer, "application/json"),
            "304": {"description": "As before."},
        }
        answers["400"] = _said(_WRONG, values.Problem, MEDIA_TYPE)
        if self.missing:
            answers["404"] = _said("There is nothing of that name.", values.Problem, MEDIA_TYPE)
        answers["default"] = _said("Not answered.", values.Problem, MEDIA_TYPE)
        own = {"operationId": self.name, "summary": self.about, "responses": answers}
        return {"get": own | {"parameters": [one.described() for one in self.parameters]}}


_EVENTS: Final = {
    EventType.TOLD: "An edition tells a story.",
    EventType.CORRECTED: "An edition tells a story that corrects an earlier one.",
}
_HEADERS: Final = {
    "webhook-id": "The same each time this event is posted.",
    "webhook-timestamp": "When it is posted, in seconds since 1970.",
    "webhook-signature": "One or two signatures with a space between, as in Standard Webhooks.",
}


def _webhook(type: EventType, about: str) -> dict[str, Any]:
    """What is posted to operators' own systems that are set up for it."""
    headers = [
        {"name": name, "in": "header", "description": said, "required": True, "schema": {"type": "string"}}
        for name, said in _HEADERS.items()
    ]
    body = _said(about, values.StoryEvent, "application/json")
    answers = {
        "2XX": {"description": "Taken."},
        "410": {"description": "The receiver wants no more events."},
        "default": {"description": "Not taken: it is posted again."},
    }
    own = {"operationId": str(type), "summary": about, "parameters": headers, "responses": answers}
    return {"post": own | {"requestBody": body | {"required": True}}}


def _said(about: str, kind: type, media_type: str) -> dict[str, Any]:
    schema = {"$ref": f"{_SCHEMAS}{kind.__name__}"}
    return {"description": about, "content": {media_type: {"schema": schema}}}


def described(operations: Iterable[Operation], *, title: str, about: str, server: str) -> dict[str, Any]:
    """The document that describes the API. `server` is the address below which the paths are."""
    inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (kind.__name__, "serialization", TypeAdapter(kind)) for kind in (*values.ANSWERS, values.StoryEvent)
    ]
    _, schemas = TypeAdapter.json_schemas(inputs, ref_template=f"{_SCHEMAS}{{model}}")
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": about},
        "servers": [{"url": server}],
        "paths": {one.path: one.described() for one in operations},
        "webhooks": {str(type): _webhook(type, about) for type, about in _EVENTS.items()},
        "components": {"schemas": schemas["$defs"]},
    }
