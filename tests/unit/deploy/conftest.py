"""The fixtures of what is read in `deploy/`."""

from deploy_files import takes

__all__ = ["takes"]
