"""JSON Schemas of the operator's files for editors, made from the models that read the files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from digest.settings import ScalesFile, ServiceFile, SourcesFile
from digest.settings.types import duration_text

SCHEMAS: Final[Mapping[str, type[BaseModel]]] = {
    "digest.schema.json": ServiceFile,
    "sources.schema.json": SourcesFile,
    "scales.schema.json": ScalesFile,
}


class _FileSchema(GenerateJsonSchema):
    """Describes a file: defaults as operators write them, and no titles made from our class names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def encode_default(self, dflt: Any) -> Any:
        match dflt:
            case timedelta():
                return duration_text(dflt)
            case time():
                return f"{dflt:%H:%M}"
            case ZoneInfo():
                return dflt.key
            case BaseModel():
                return dflt.model_dump(mode="json", exclude_none=True)
            case _:
                return super().encode_default(dflt)

    def generate(self, schema: Any, mode: Any = "validation") -> JsonSchemaValue:
        return {"$schema": self.schema_dialect, **super().generate(schema, mode)}


def schema_texts() -> dict[str, str]:
    """Every schema by its file name in `config/schema/`."""
    return {
        name: json.dumps(model.model_json_schema(schema_generator=_FileSchema), indent=2, ensure_ascii=False)
        + "\n"
        for name, model in SCHEMAS.items()
    }


def write_schemas(to: Path) -> list[Path]:
    """Write every schema into a directory, which is created if it is missing. Returns the files."""
    to.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in schema_texts().items():
        (to / name).write_text(text, encoding="utf-8")
        written.append(to / name)
    return written
