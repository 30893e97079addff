"""The fixtures of journeys."""

from desk_in_a_browser import browser, desk
from journey_place import place

__all__ = ["browser", "desk", "place"]
