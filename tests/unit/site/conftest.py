"""The pages on a real store, as in the tests of subscribers' pages."""

from desk_fixtures import app, clock, doors, health, kind, links, service, site

__all__ = ["app", "clock", "doors", "health", "kind", "links", "service", "site"]
