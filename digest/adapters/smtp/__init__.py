"""Submitting mail over SMTP: connections, the dialogue and its replies."""
