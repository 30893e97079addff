"""The public site behind nginx: `PYTHONPATH=tests python -m speed.site`, which wants Debian's nginx and wrk.

The same page of the same size is asked for in three ways: as a file of nginx, which is what this load
generator can take here at most; through the shipped proxy, which keeps it; and from the service alone.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

from servers import nginx

from digest.cli.site_server import served
from digest.cli.site_state import Plan, ready

_NAME: Final = "digest.example.org"
_CONNECTIONS: Final = 16  # below what the shipped proxy lets one visitor have
_PAGES: Final = ("", "tables/cqc", "services", "search?q=ashford", "feeds/movements.atom")


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m speed.site", description=__doc__)
    words.add_argument("--providers", type=int, default=10_000)
    words.add_argument("--seconds", type=int, default=5)
    given = words.parse_args()
    if missing := nginx.missing() or (None if shutil.which("wrk") else "wrk is missing: apt-get install wrk"):
        print(missing, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        rows = asyncio.run(_measured(Path(folder), given))
    print(f"{'requests a second':<24}{'file':>9}{'proxy':>9}{'ratio':>7}{'service':>9}{'bytes':>9}")
    for page, row in rows.items():
        ratio = row["proxy"] / row["file"]
        print(
            f"/{page:<23}{row['file']:>9.0f}{row['proxy']:>9.0f}{ratio:>7.2f}"
            f"{row['service']:>9.0f}{row['bytes']:>9,}"
        )
    return 0


async def _measured(folder: Path, given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    (folder / "service").mkdir()
    plan = Plan(
        folder=str(folder / "service"), database=None, providers=given.providers, rounds=1, seconds=0.1
    )
    await ready(plan)
    rows: dict[str, dict[str, Any]] = {}
    async with served(plan) as server, nginx.running(folder / "nginx", server.port) as proxy:
        for page in _PAGES:
            at_proxy = f"https://127.0.0.1:{proxy.https}/{page}"
            body = await asyncio.to_thread(_page, at_proxy)
            async with _file(folder / "file", folder / "nginx" / "server.pem", body) as port:
                rows[page] = {
                    "bytes": len(body),
                    "file": await _rate(f"https://127.0.0.1:{port}/page.html", given.seconds),
                    "proxy": await _rate(at_proxy, given.seconds),
                    "service": await _rate(f"http://127.0.0.1:{server.port}/{page}", given.seconds),
                }
    return rows


def _page(url: str) -> bytes:
    context = ssl._create_unverified_context()
    body: bytes = urlopen(Request(url, headers={"Host": _NAME}), context=context).read()
    return body


async def _rate(url: str, seconds: int) -> float:
    """Requests a second. A single answer that is none of 200 is an error."""
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-H", f"Host: {_NAME}", url]
    said = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    if "Non-2xx" in said.stdout or "Socket errors" in said.stdout:
        raise RuntimeError(said.stdout)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said.stdout)
    assert found is not None, said.stdout
    return float(found[1])


@asynccontextmanager
async def _file(folder: Path, certificate: Path, body: bytes) -> AsyncIterator[int]:
    """The port of an nginx that has a page as a file, and does nothing but send it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "page.html").write_bytes(body)
    async with nginx.of_files(folder, certificate) as port:
        yield port


if __name__ == "__main__":
    sys.exit(main())
