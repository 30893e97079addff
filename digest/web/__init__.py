"""The subscribers' pages: join, manage, leave, shared editions; and health and metrics for operators.

Plain Starlette renders every page on the server. It starts in a third of the time that FastAPI needs, and
nothing here needs an OpenAPI document.
"""

from digest.web.application import Site
from digest.web.health import build_health

__all__ = ["Site", "build_health"]
