"""The JSON API: what the public site knows, for programs; described by OpenAPI."""

from digest.site.api.routes import routes

__all__ = ["routes"]
