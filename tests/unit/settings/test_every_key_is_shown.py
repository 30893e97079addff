"""The operator's files show every key there is, and the pages about them every secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from digest.adapters.config import secrets
from digest.settings import ScalesFile, ServiceFile, SourcesFile

ROOT = Path(__file__).parents[3]


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for one in models(field.annotation):
            yield from keys(one)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from models(one)


@pytest.mark.parametrize(
    ("model", "files"),
    [(ServiceFile, "digest.yaml"), (SourcesFile, "sources.yaml"), (ScalesFile, "scales/*.yaml")],
)
def test_a_key_of_the_operators_files_is_shown_in_them(model: type[BaseModel], files: str) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "config").glob(files))

    absent = [
        key for key in dict.fromkeys(keys(model)) if not re.search(rf"\b{key}\b[^\n]*:|[,{{ ]{key}:", text)
    ]
    assert absent == []


def test_every_secret_and_every_section_is_on_the_page_about_them() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    table = page.partition("| `digest.yaml` |")[2].partition("\n")[0]
    names = [name for name in vars(secrets).values() if isinstance(name, str) and name.startswith("DIGEST_")]

    assert names
    assert [name for name in (*names, "DIGEST_CONFIG") if f"`{name}`" not in page] == []
    assert [key for key in ServiceFile.model_fields if f"`{key}`" not in table] == []
