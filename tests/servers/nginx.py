"""A real nginx on loopback, from Debian's package, with the configuration that `deploy/` ships."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from servers.certificates import Authority
from servers.ports import free_ports, until_open

PATIENCE: Final = 30.0
SHIPPED: Final = Path(__file__).parents[2] / "deploy" / "proxy" / "nginx.conf"

# What nginx.conf(5) says around a file that is "within http { }"; all that nginx writes goes to one folder.
_AROUND: Final = """
daemon off;
{user}
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/digest.conf;
}}
"""


def missing() -> str | None:
    """Why nginx cannot be started here; None if it can."""
    if _program() is None:
        return "nginx is not installed: apt-get install --no-install-recommends nginx-light"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """A running nginx."""

    https: int  # its ports on 127.0.0.1
    http: int
    folder: Path

    def logged(self) -> str:
        """What stands in all its logs."""
        return "".join(log.read_text(encoding="utf-8") for log in self.folder.glob("*.log"))

    def kept(self) -> set[str]:
        """The paths of the pages that it keeps, as its files name them."""
        pages = (file.read_bytes() for file in (self.folder / "digest").rglob("*") if file.is_file())
        return {found[1].decode() for page in pages if (found := re.search(rb"\nKEY: (\S+)\n", page))}


@asynccontextmanager
async def running(folder: Path, service_port: int) -> AsyncIterator[Nginx]:
    """The shipped configuration before a service; only its ports and its files are others."""
    folder.mkdir()
    https, http = free_ports(2)
    text = SHIPPED.read_text(encoding="utf-8")
    for ours, theirs in ((443, https), (80, http)):
        text = re.sub(rf"(?m)^(\s*listen ){ours}\b", rf"\g<1>127.0.0.1:{theirs}", text)
        text = re.sub(rf"(?m)^(\s*listen )\[::\]:{ours}\b", rf"\g<1>127.0.0.2:{theirs}", text)
    text = text.replace("http://127.0.0.1:8080", f"http://127.0.0.1:{service_port}")
    text = text.replace("/etc/ssl/digest/fullchain.pem", f"{folder}/server.pem")
    text = text.replace("/etc/ssl/digest/privkey.pem", f"{folder}/server.pem")
    text = text.replace("/var/log/nginx/", f"{folder}/").replace("/var/cache/nginx/", f"{folder}/")
    Authority(folder)
    async with _started(folder, text, https):
        yield Nginx(https=https, http=http, folder=folder)


_FILES: Final = """
server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {certificate};
    ssl_certificate_key {certificate};
    access_log off;
    root {folder};
}}
"""


@asynccontextmanager
async def of_files(folder: Path, certificate: Path) -> AsyncIterator[int]:
    """The port of an nginx that sends the files of a folder, with the key and certificate in one file."""
    [port] = free_ports(1)
    async with _started(folder, _FILES.format(port=port, certificate=certificate, folder=folder), port):
        yield port


@asynccontextmanager
async def _started(folder: Path, conf: str, port: int) -> AsyncIterator[None]:
    user = "user root root;" if os.geteuid() == 0 else ""
    (folder / "digest.conf").write_text(conf, encoding="utf-8")
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(_program() or "nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await until_open(port, process, lambda: (folder / "error.log").read_text(encoding="utf-8"))
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        async with asyncio.timeout(PATIENCE):
            await process.wait()


def _program() -> str | None:
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
