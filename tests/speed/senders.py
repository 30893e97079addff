"""The senders, each as a function that sends so many messages to a port and says how many a second it did."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

_NODEMAILER: Final = Path(__file__).with_name("nodemailer.mjs")
_NODEMAILER_VERSION: Final = "10.6.0"


def digest(
    port: int, messages: int, *, connections: int, workers: int = 1, database: str | None = None
) -> dict[str, Any]:
    """The whole noon run: what `digest bench send --json` says of it."""
    command = [sys.executable, "-m", "digest", "bench", "send", "--json", "--smtp", f"127.0.0.1:{port}"]
    command += ["--recipients", str(messages), "--connections", str(connections), "--workers", str(workers)]
    if database is not None:
        command += ["--database", database]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def smtp_source(port: int, messages: int, *, connections: int, octets: int) -> float:
    """Postfix's own test sender, connections kept open."""
    began = time.perf_counter()
    subprocess.run(
        [
            *("smtp-source", "-d", "-s", str(connections), "-m", str(messages), "-l", str(octets)),
            *("-f", "bounces@digest.example", "-t", "reader@inbox.example", f"127.0.0.1:{port}"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return messages / (time.perf_counter() - began)


def install_nodemailer(folder: Path) -> bool:
    """Put nodemailer below a folder; False if there is no npm, or it could not get it."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return False
    command = ["npm", "install", "--silent", "--no-save", "--prefix", str(folder)]
    return subprocess.run([*command, f"nodemailer@{_NODEMAILER_VERSION}"], check=False).returncode == 0


def nodemailer(folder: Path, port: int, messages: int, *, connections: int, octets: int) -> float:
    """Nodemailer's pooled sender of raw messages, from where it was installed."""
    words = [str(number) for number in (port, messages, connections, octets)]
    done = subprocess.run(
        ["node", str(_NODEMAILER), *words], check=True, cwd=folder, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout)
