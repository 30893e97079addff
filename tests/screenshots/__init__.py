"""Pictures of the public site: those of the README, and every page to be looked at."""
