"""A real Postfix on a loopback port, from Debian's package, with everything it keeps in a folder of its own.

It delivers to Maildirs below that folder, connects to nobody outside, and ends with the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from servers.ports import free_port, until_open

PATIENCE: Final = 60.0


def missing() -> str | None:
    """Why Postfix cannot be started here; None if it can."""
    if shutil.which("postfix", path="/usr/sbin:/usr/bin") is None:
        return "Postfix is not installed: apt-get install --no-install-recommends postfix"
    if os.geteuid() != 0:
        return "Postfix starts as root only"
    return None


class Postfix:
    """A running Postfix."""

    def __init__(self, folder: Path, port: int) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self._folder = folder

    def files(self, person: str) -> list[bytes]:
        """What lies in a person's Maildir, to the octet: Postfix's trace on top, this system's line ends."""
        return [path.read_bytes() for path in sorted((self._folder / "mail" / person / "new").glob("*"))]

    async def until(self, person: str, count: int = 1) -> list[bytes]:
        """The person's mail, once there is so much of it."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.files(person)) < count:  # noqa: ASYNC110 - a folder tells nobody
                await asyncio.sleep(0.05)
        return found

    @property
    def queued(self) -> int:
        """Messages that it has taken and not yet done with."""
        rooms = ("maildrop", "incoming", "active", "deferred")
        return sum(path.is_file() for room in rooms for path in (self._folder / "queue" / room).rglob("*"))

    def log(self) -> str:
        path = self._folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


@asynccontextmanager
async def running(
    *,
    people: Iterable[str],
    elsewhere: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Postfix]:
    """A Postfix with mailboxes for the addresses of `people`.

    `elsewhere` maps domains to where mail for them goes, as transport(5) has it; `settings` are more of
    postconf(5).
    """
    folder = Path(tempfile.mkdtemp(prefix="digest-postfix-"))
    folder.chmod(0o755)  # its daemons are of another user
    port = free_port()
    _lay_out(folder, port, people, elsewhere or {}, settings or {})
    process = await asyncio.create_subprocess_exec(
        *("/usr/sbin/postfix", "-c", str(folder / "etc"), "start-fg"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        postfix = Postfix(folder, port)
        await until_open(port, process, postfix.log)
        yield postfix
    finally:
        await _end(folder, process)
        shutil.rmtree(folder, ignore_errors=True)


async def _end(folder: Path, process: asyncio.subprocess.Process) -> None:
    """The process that we started is a script; the master it started has to be told by its own number."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int((folder / "queue" / "pid" / "master.pid").read_text()), signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()


def _lay_out(
    folder: Path,
    port: int,
    people: Iterable[str],
    elsewhere: Mapping[str, str],
    settings: Mapping[str, str],
) -> None:
    owner, nobody = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
    for name, uid in {"etc": 0, "queue": 0, "data": owner.pw_uid, "mail": nobody.pw_uid}.items():
        (folder / name).mkdir()
        os.chown(folder / name, uid, -1)
    boxes = {address: f"{address.partition('@')[0]}/" for address in people}
    domains = {address.partition("@")[2] for address in boxes} - set(elsewhere)
    _table(folder / "etc" / "people", boxes)
    _table(folder / "etc" / "routes", elsewhere)
    own = {
        "compatibility_level": "3.6",
        "queue_directory": f"{folder}/queue",
        "data_directory": f"{folder}/data",
        "maillog_file_prefixes": str(folder),
        "maillog_file": f"{folder}/log",
        "mail_owner": "postfix",
        "myhostname": "relay.test",
        "mynetworks": "127.0.0.0/8",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mydestination": "",
        "alias_maps": "",
        "alias_database": "",
        "recipient_delimiter": "+",
        "virtual_mailbox_domains": ", ".join(sorted(domains)),
        "virtual_mailbox_base": f"{folder}/mail",
        "virtual_mailbox_maps": f"texthash:{folder}/etc/people",
        "virtual_uid_maps": f"static:{nobody.pw_uid}",
        "virtual_gid_maps": f"static:{nobody.pw_gid}",
        "virtual_minimum_uid": "1",
        "relay_domains": ", ".join(sorted(elsewhere)),
        "transport_maps": f"texthash:{folder}/etc/routes",
        "default_transport": "error:5.4.4 this Postfix knows no world outside",
        "smtputf8_enable": "no",
        "biff": "no",
        **settings,
    }
    _settings(folder / "etc" / "main.cf", own)
    (folder / "etc" / "master.cf").write_text(
        f"127.0.0.1:{port} inet n - n - - smtpd\n" + "".join(f"{line}\n" for line in _SERVICES)
    )


def _table(path: Path, rows: Mapping[str, str]) -> None:
    path.write_text("".join(f"{key} {value}\n" for key, value in rows.items()))


def _settings(path: Path, rows: Mapping[str, str]) -> None:
    path.write_text("".join(f"{key} = {value}\n" for key, value in rows.items()))


_SERVICES: Final = (
    "pickup unix n - n 60 1 pickup",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 1 1 qmgr",  # woken each second: it may pass over a file that a delivery still holds
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "verify unix - - n - 1 verify",
    "flush unix n - n 1000? 0 flush",
    "proxymap unix - - n - - proxymap",
    "smtp unix - - n - - smtp",
    "relay unix - - n - - smtp",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "discard unix - - n - - discard",
    "virtual unix - n n - - virtual",
    "lmtp unix - - n - - lmtp",
    "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache",
    "postlog unix-dgram n - n - 1 postlogd",
)
