"""What the files of `deploy/` say, read as the programs that use them read them."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from digest.adapters.config.packaged import copy_config
from digest.cli.main import app

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"

Takes = Callable[[list[str]], None]


def yaml(text: str) -> Any:
    return YAML(typ="safe").load(text)


def read(path: str) -> str:
    return (DEPLOY / path).read_text(encoding="utf-8")


def unit(name: str) -> dict[str, list[str]]:
    """A unit's [Service] with what its drop-ins add, as lists: systemd adds up what is said twice."""
    stem = name.partition("@")[0].removesuffix(".service")
    folders = [f"{stem}.service.d"] + (["digest-.service.d"] if stem.startswith("digest-") else [])
    texts = [read(f"systemd/{name}")]
    texts += [
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted((UNITS / folder).glob("*.conf"))
    ]
    said: dict[str, list[str]] = {}
    for text in texts:
        section = ""
        for line in text.splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif section == "Service" and "=" in line and not line.startswith("#"):
                key, _, value = line.partition("=")
                said.setdefault(key, []).append(value)
    return said


def sections(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(read(f"systemd/{name}"))
    return parser


def settings_in_readme() -> Iterator[tuple[str, dict[str, Any]]]:
    """The blocks of README.md that say what stands in digest.yaml, by where."""
    for title, block in re.findall(
        r"```yaml\n# digest\.yaml, ([^\n]+)\n(.*?)```", read("README.md"), re.DOTALL
    ):
        yield title, yaml(block)


@pytest.fixture
def takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Takes:
    """Whether the real command line takes a command; what it would do is left undone."""
    copy_config(tmp_path / "config")
    begun: list[Any] = []
    for command in ("run.serving", "config.waiting", "backup.waiting"):
        monkeypatch.setattr(f"digest.cli.{command}", begun.append)

    def takes(arguments: list[str]) -> None:
        begun.clear()
        result = CliRunner().invoke(app, arguments, env={"DIGEST_CONFIG": str(tmp_path / "config")})
        for coroutine in begun:
            coroutine.close()
        assert begun, f"{arguments}: {result.output} {result.exception}"

    return takes
