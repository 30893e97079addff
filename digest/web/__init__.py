"""Web: the pages to join, manage and leave, shared editions, and addresses for operators' tools.

Plain Starlette: every page is rendered by the server, nothing here wants an OpenAPI document, and it starts
in a third of FastAPI's time.
"""

from digest.web.health import build_health
from digest.web.site import build

__all__ = ["build", "build_health"]
