"""Submitting mail over SMTP: connections, commands and replies."""
