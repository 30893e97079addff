"""The pages on a real store; those of `leaving/` stand on one in memory that notes every change."""

from desk_fixtures import app, clock, doors, health, kind, links, relay, service, site

__all__ = ["app", "clock", "doors", "health", "kind", "links", "relay", "service", "site"]
