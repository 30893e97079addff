"""The fixtures of journeys."""

from journey_place import place

__all__ = ["place"]
