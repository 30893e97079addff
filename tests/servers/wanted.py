"""Servers that a test run must have, where one says so: without them it is no run."""

from __future__ import annotations

import os


def skipped(server: str, missing: str | None) -> str | None:
    """Why tests that need a server are skipped; None if they need not be.

    DIGEST_TESTS_WANT names the servers that are asked for, such as "postfix dovecot": if one of
    those is missing, that is an error.
    """
    if missing and server in os.environ.get("DIGEST_TESTS_WANT", "").replace(",", " ").split():
        raise RuntimeError(missing)
    return missing
