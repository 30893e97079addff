"""No spam filter takes our mails for spam."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Final

import pytest
from mailed import shown
from servers.wanted import skipped

_SPAMASSASSIN: Final = shutil.which("spamassassin")
MISSING: Final = skipped(
    "spamassassin", None if _SPAMASSASSIN else "SpamAssassin is not installed: apt-get install spamassassin"
)


@pytest.mark.slow
@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
def test_spamassassin_has_nothing_against_any_mail() -> None:
    """By its local rules: what it asks other servers depends on who sends."""
    sent = b"".join(
        b"From noon@digest.example.org Tue Mar  3 12:00:00 2026\n"
        + re.sub(rb"(?m)^From ", b">From ", bytes(one).replace(b"\r\n", b"\n"))
        + b"\n\n"
        for one in shown().values()
    )
    command = [str(_SPAMASSASSIN), "--local", "--mbox"]
    judged = subprocess.run(command, input=sent, capture_output=True, check=True, timeout=120).stdout.decode()

    scores = [
        float(score) for score in re.findall(r"^X-Spam-Status: \w+, score=(-?[\d.]+)", judged, re.MULTILINE)
    ]
    assert len(scores) == len(shown())
    assert max(scores) <= 0
