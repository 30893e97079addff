"""The subscribers' pages: join, manage, leave, shared editions; and health and metrics for operators.

Plain Starlette renders every page on the server. It starts in a third of the time that FastAPI needs, and
nothing here needs an OpenAPI document.
"""

from digest.web.application import build
from digest.web.health import build_health

__all__ = ["build", "build_health"]
