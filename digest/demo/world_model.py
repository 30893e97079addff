"""What all models of the demo's world have in common."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

SLUG: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class WorldModel(BaseModel):
    """The base of all models of the file: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
