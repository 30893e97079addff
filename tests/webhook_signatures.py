"""How a receiver of webhooks tells our posts from others: by the function that the docs show."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

KNOWN: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The secret in the published examples of Standard Webhooks."""

PAGE: Final = Path(__file__).parents[1] / "docs" / "webhooks.md"


def as_documented(now: datetime) -> Any:
    """The page's `is_ours(secret, headers, body)`, at a time."""
    [code] = re.findall(r"(?m)^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL)
    found: dict[str, Any] = {}
    exec(code, found)
    found["time"] = SimpleNamespace(time=now.timestamp)
    return found["is_ours"]
