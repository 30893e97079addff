"""What commands import: `--help` nothing heavy, others what they use. Imports are most of a start's time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from digest.cli.main import app

HEAVY = frozenset({
    "aiohttp", "aiosmtpd", "aiosmtplib", "alembic", "anyio", "apscheduler", "asyncio", "css_inline",
    "dateparser", "dkim", "dns", "feedparser", "imap_tools", "jinja2", "multiprocessing", "procrastinate",
    "prometheus_client", "psycopg", "pydantic", "pypdfium2", "rich", "ruamel", "selectolax", "sentencex",
    "sqlalchemy", "starlette", "tenacity", "uvicorn", "uvloop", "digest.app", "digest.compose",
    "digest.extract", "digest.jobs", "digest.ports", "digest.store", "digest.web",
})  # fmt: skip

RUN = """
import sys
from digest.__main__ import main
sys.argv = ["digest", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""

ALL_HELP = """
import contextlib, json, sys
import typer
from digest.cli.main import app
command = typer.main.get_command(app)
for words in json.loads(sys.argv[1]):
    with contextlib.suppress(SystemExit):
        command.main([*words, "--help"], prog_name="digest")
    print(*sys.modules, file=sys.stderr)
"""


def imported(*words: str) -> set[str]:
    """The modules, and the packages around them, that a command has imported when it ends."""
    return _after(RUN, *words)[-1]


def _after(code: str, *words: str) -> list[set[str]]:
    """The same of each line of modules that a new process prints."""
    ended = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, timeout=120
    )
    return [
        {".".join(parts[:n]) for module in line.split() for parts in [module.split(".")] for n in (1, 2)}
        for line in ended.stderr.splitlines()
    ]


def commands(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, *path, name)


def test_help_imports_nothing_heavy() -> None:
    assert not imported("--help") & HEAVY


def test_the_help_of_no_command_imports_anything_heavy() -> None:
    """One process shows them all: the first that imports something heavy is the one to blame."""
    paths = list(commands(typer.main.get_command(app)))

    found = _after(ALL_HELP, json.dumps(paths))

    assert len(found) == len(paths) > 40
    heavy = {" ".join(path): modules & HEAVY for path, modules in zip(paths, found, strict=True)}
    assert not heavy[" ".join(paths[-1])], next(one for one in heavy.items() if one[1])


def test_the_version_imports_nothing_heavy() -> None:
    assert not imported("--version") & HEAVY - {"pydantic"}  # typer makes a bool of what is given with it


def test_checking_files_that_are_sound_needs_no_database_and_no_signing() -> None:
    """`pydantic` makes the settings, `ruamel` reads files that may hold more than plain YAML.

    `selectolax` knows what a CSS selector is.
    """
    needed = {"pydantic", "ruamel", "selectolax", "digest.app"}
    assert imported("config", "check", "--config", "config") & HEAVY <= needed


def test_a_page_is_read_without_the_settings(tmp_path: Path) -> None:
    page = tmp_path / "kent.txt"
    page.write_text("Ofsted rated Kent School good.", encoding="utf-8")

    heavy = imported("read", str(page)) & HEAVY

    assert heavy <= {"digest.extract", "pydantic", "selectolax", "sentencex"}


def test_a_look_at_sqlite_loads_no_migration_and_no_driver_of_postgresql(tmp_path: Path) -> None:
    imported("init", str(tmp_path))

    heavy = imported("status", "--config", str(tmp_path)) & HEAVY

    assert not heavy & {"alembic", "procrastinate", "psycopg", "dkim", "dns", "aiohttp", "jinja2", "rich"}
