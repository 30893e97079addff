"""A real Dovecot on loopback ports, from Debian's packages, with everything it keeps in a folder of its own.

It takes mail for one person in by LMTP, whatever stands behind a "+", and shows it over IMAP.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from servers.ports import free_ports, until_open

PATIENCE: Final = 60.0
PERSON: Final = "digest"
PASSWORD: Final = "a password of the tests"


def missing() -> str | None:
    """Why Dovecot cannot be started here; None if it can."""
    if (
        shutil.which("dovecot", path="/usr/sbin:/usr/bin") is None
        or not Path("/usr/lib/dovecot/lmtp").exists()
    ):
        return "Dovecot is not installed: apt-get install --no-install-recommends dovecot-imapd dovecot-lmtpd"
    if os.geteuid() != 0:
        return "Dovecot starts as root only"
    return None


class Dovecot:
    """A running Dovecot."""

    def __init__(self, folder: Path, *, imap: int, imaps: int, lmtp: int) -> None:
        self.host = "127.0.0.1"
        self.imap, self.imaps, self.lmtp = imap, imaps, lmtp
        self._folder = folder

    def log(self) -> str:
        path = self._folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


@asynccontextmanager
async def running(*, chain: Path | None = None, offered: str = "") -> AsyncIterator[Dovecot]:
    """A Dovecot with one mailbox.

    `chain` holds its certificate and key, without which there is no TLS; `offered` are the IMAP capabilities
    that it tells of, if not all that it has.
    """
    folder = Path(tempfile.mkdtemp(prefix="digest-dovecot-"))
    folder.chmod(0o755)  # its processes are of other users
    imap, imaps, lmtp = free_ports(3)
    it = Dovecot(folder, imap=imap, imaps=imaps, lmtp=lmtp)
    (folder / "dovecot.conf").write_text(_settings(folder, it, chain, offered))
    process = await asyncio.create_subprocess_exec(
        *("/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        for port in (it.imap, it.lmtp):
            await until_open(port, process, it.log)
        yield it
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _settings(folder: Path, it: Dovecot, chain: Path | None, offered: str) -> str:
    owner = pwd.getpwnam("nobody")
    (folder / "mail").mkdir()
    os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
    (folder / "people").write_text(f"{PERSON}:{{PLAIN}}{PASSWORD}\n")
    (folder / "people").chmod(0o644)
    tls = "ssl = no"
    if chain is not None:
        own = folder / "chain.pem"
        shutil.copyfile(chain, own)
        tls = f"ssl = yes\nssl_cert = <{own}\nssl_key = <{own}\nssl_min_protocol = TLSv1.2"
    return f"""
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
mail_location = maildir:{folder}/mail/{PERSON}
mail_uid = {owner.pw_uid}
mail_gid = {owner.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = plain
auth_username_format = %n
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
{tls}
{f"imap_capability = {offered}" if offered else ""}
passdb {{
  driver = passwd-file
  args = {folder}/people
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}/mail/{PERSON} allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {it.imap}
  }}
  inet_listener imaps {{
    port = {it.imaps if chain is not None else 0}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {it.lmtp}
  }}
}}
"""
