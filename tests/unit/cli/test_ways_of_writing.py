"""What is mistyped on the command line is answered by a sentence that names it, and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.cli.main import app
from digest.errors import DigestError
from digest.web.server import listen


def typed(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, list(words))
    return found.exit_code, " ".join(found.output.split())


@pytest.mark.parametrize("where", ["h:²", "h:99999", "h:0", "h:", ":8081", "h", "h:-1"])
def test_a_place_to_tell_health_at_is_an_address_and_a_port(where: str, tmp_path: Path) -> None:
    code, said = typed("run", "--role", "poll", "--health", where, "--config", str(tmp_path))

    assert code == 2
    assert f"--health {where}: expected an address and a port, such as 127.0.0.1:8081" in said


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "01/03/2026", "2026-02-30"])
@pytest.mark.parametrize("command", [("edition", "show"), ("subscribers", "why", "a@example.org", "--day")])
def test_a_day_that_is_none_is_told_with_one_that_is(command: tuple[str, ...], day: str) -> None:
    code, said = typed(*command, day)

    assert code == 2
    assert f"“{day}” is not a day such as 2026-11-23" in said
    assert "Value error" not in said


@pytest.mark.parametrize("port", [99_999, -1])
def test_a_port_that_cannot_be_is_no_crash(port: int) -> None:
    with pytest.raises(DigestError, match=rf"cannot listen on 127.0.0.1:{port} \(--health\)"):
        listen("127.0.0.1", port, named="--health")
