"""Enrolment, its letters and its pages: what its tests share with those of the pages."""

from desk_fixtures import app, clock, doors, health, kind, letter_sender, links, relay, service, site

__all__ = ["app", "clock", "doors", "health", "kind", "letter_sender", "links", "relay", "service", "site"]
