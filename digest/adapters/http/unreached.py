"""Why a web server was not reached, in one line for operators."""

from __future__ import annotations

import os
import ssl

import aiohttp


def why(error: BaseException) -> str:
    """The words of a failed request; of a failed connection: to what, and what the system said.

    The library's own words for the latter name an object of this process, other on each try.
    """
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"no connection to {error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}:{error.port}: {_said(error.os_error)}"
    return str(error) or type(error).__name__


def _said(error: OSError) -> str:
    if isinstance(error, ssl.SSLError) or error.errno is None:
        return str(error)
    # Of a name that is not found the number is the resolver's, below zero, and the words are its own.
    return os.strerror(error.errno) if error.errno > 0 else error.strerror or str(error)
