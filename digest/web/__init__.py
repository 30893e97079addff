"""The subscribers' pages: join, manage, leave; health and metrics for operators; and the web server.

Plain Starlette renders every page on the server. It starts in a third of the time that FastAPI needs; the
public site's API writes its own OpenAPI document.
"""

from digest.web.application import Subscribers, application
from digest.web.health import build_health

__all__ = ["Subscribers", "application", "build_health"]
