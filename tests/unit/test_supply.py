"""What we depend on: each package is used and under a licence that we take; `make audit` reads advisories."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def loaded() -> Any:
    """`tools/supply.py`, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("supply", ROOT / "tools" / "supply.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["supply"] = module
    spec.loader.exec_module(module)
    return module


supply = loaded()


# -- what is used, and under which licence --------------------------------------------------------------


@pytest.mark.parametrize("what", ["unused", "licences"])
def test_nothing_is_found(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert supply.main([what], ROOT) == 0, capsys.readouterr().out


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project whose code and tests import two packages."""
    for folder, code in (
        ("digest", "from jinja2.ext import do\n"),
        ("tests", "import pytest\n"),
        ("tools", ""),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "one.py").write_text(f"import json\nfrom . import two\n{code}", encoding="utf-8")
    return tmp_path


def project_of(*dependencies: str, dev: str = "pytest>=8") -> dict[str, Any]:
    return {
        "project": {"name": "digest", "dependencies": dependencies},
        "dependency-groups": {"dev": [dev]},
        "tool": {"supply": {"used_otherwise": {}, "brought_along": {}}},
    }


def test_a_dependency_that_nothing_imports_is_found(tree: Path) -> None:
    assert list(supply.unused(tree, project_of("jinja2>=3", "sortedcontainers>=2"))) == [
        "sortedcontainers: nothing in digest/ imports it"
    ]
    assert list(supply.unused(tree, project_of("jinja2>=3", "pytest>=8"))) == [
        "pytest: nothing in digest/ imports it"
    ]


def test_an_import_that_no_dependency_brings_is_found(tree: Path) -> None:
    assert list(supply.unused(tree, project_of("jinja2>=3"))) == []
    assert set(supply.unused(tree, project_of(dev="pytest>=8"))) == {
        "jinja2: digest/one.py imports it, and pyproject.toml does not name it"
    }
    assert list(supply.unused(tree, project_of("jinja2>=3", dev="hypothesis"))) == [
        "hypothesis: nothing in the code or its tests imports it",
        "pytest: tests/one.py imports it, and pyproject.toml does not name it",
    ]


@pytest.mark.parametrize(
    ("licence", "taken"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("(MIT OR Apache-2.0) AND GPL-2.0", False),
        ("BSD License", True),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("GNU Affero General Public License v3", False),
        ("BSD License AND GNU General Public License (GPL)", False),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("SSPL-1.0", False),
        ("", False),
    ],
)
def test_a_licence_is_taken_if_it_is_permissive(licence: str, taken: bool) -> None:
    assert (supply.trouble_with("one", licence, {}) is None) is taken


@pytest.mark.parametrize(
    ("licence", "excused"),
    [("LGPL-3.0-only", True), ("", True), ("GPL-3.0-only", False), ("AGPL-3.0-only", False)],
)
def test_a_reason_excuses_the_lgpl_and_never_the_gpl(licence: str, excused: bool) -> None:
    assert (supply.trouble_with("One.Package", licence, {"one-package": "why"}) is None) is excused


def test_every_exception_is_still_needed() -> None:
    """One that nothing needs any more would excuse a later package of that name."""
    locked = {name for lock in supply.LOCKS for name, _ in supply.pinned(ROOT / lock)}
    settings = PROJECT["tool"]["supply"]

    assert {supply.normal(name) for name in settings["licences"]} <= locked
    assert {supply.normal(name) for name in settings["used_otherwise"]} <= locked
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("digest", "tests")
        for path in (ROOT / folder).rglob("*.py")
    )
    for module in settings["brought_along"]:
        assert re.search(rf"(?m)^\s*(?:import|from) {module}\b", code), module
    assert all(reason for table in settings.values() for reason in table.values())


def test_every_lock_names_every_file_by_its_hash() -> None:
    for lock in supply.LOCKS:
        text = (ROOT / lock).read_text(encoding="utf-8")
        entries = re.split(r"(?m)^(?=[\w.-]+(?:\[[^\]]*\])?==)", text)[1:]
        assert len(entries) == len(list(supply.pinned(ROOT / lock)))
        assert all("--hash=sha256:" in entry for entry in entries), lock


def test_what_installs_the_locks_is_checked_by_hash_itself() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert [name for name, _ in supply.pinned(ROOT / "requirements-setup.lock")] == ["uv"]
    installs = re.findall(r"pip install (?:[^\n]|\\\n)*", makefile.replace("\\\n", " "))
    for one in installs:
        assert "--require-hashes" in one or "--no-deps --no-build-isolation" in one, one
    assert "--require-hashes" in makefile.partition("SYNC :=")[2].partition("\n")[0]


# -- advisories -----------------------------------------------------------------------------------------


def an_advisory(name: str = "Some_Package", **changes: Any) -> dict[str, Any]:
    events = [{"introduced": "1.0"}, {"fixed": "1.2.3"}]
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {
        "id": "PYSEC-2026-1",
        "aliases": ["CVE-2026-1"],
        "summary": "It leaks",
        "affected": [affected],
    } | changes


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([{"introduced": "0"}], ["0.1", "99"], []),
        ([{"introduced": "1.0"}, {"fixed": "1.2.3"}], ["1.0", "1.2.2"], ["0.9", "1.2.3", "2"]),
        ([{"fixed": "1.2"}, {"introduced": "1.1"}], ["1.1"], ["1.0", "1.2"]),
        ([{"introduced": "0"}, {"last_affected": "1.2"}], ["1.2"], ["1.2.1"]),
        (
            [{"introduced": "1"}, {"fixed": "1.5"}, {"introduced": "2"}, {"fixed": "2.5"}],
            ["1.4", "2.0"],
            ["1.6", "2.6"],
        ),
        ([{"introduced": "1.10"}], ["1.10", "1.11"], ["1.9"]),
    ],
)
def test_a_range_is_read_as_its_schema_says(
    events: list[dict[str, str]], inside: list[str], outside: list[str]
) -> None:
    affected = {"ranges": [{"type": "ECOSYSTEM", "events": events}]}

    assert [one for one in inside + outside if supply.concerns(affected, Version(one))] == inside


def test_a_version_may_be_named_by_itself_and_a_commit_names_none() -> None:
    affected = {
        "versions": ["1.0.0", "not-a-version"],
        "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}],
    }

    assert supply.concerns(affected, Version("1.0"))
    assert not supply.concerns(affected, Version("1.1"))


def test_what_is_withdrawn_excepted_or_of_another_ecosystem_is_not_found() -> None:
    packages = [("some-package", "1.1")]
    elsewhere = an_advisory()
    elsewhere["affected"][0]["package"]["ecosystem"] = "npm"

    [found] = supply.matches(packages, [an_advisory()], {})
    assert (found.package, found.version, found.advisory) == ("some-package", "1.1", "PYSEC-2026-1")
    for advisory, excepted in (
        (an_advisory(withdrawn="2026-01-01T00:00:00Z"), {}),
        (an_advisory(), {"CVE-2026-1": "we do not call it"}),
        (an_advisory("another"), {}),
        (elsewhere, {}),
    ):
        assert supply.matches(packages, [advisory], excepted) == []


def of_a_locked_package() -> dict[str, Any]:
    return an_advisory(
        affected=[{"package": {"ecosystem": "PyPI", "name": "Starlette"}, "ranges": [everything()]}]
    )


def everything() -> dict[str, Any]:
    return {"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}


@pytest.mark.parametrize("form", ["zip", "folder", "json", "list"])
def test_an_export_is_read_in_each_of_its_forms(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.dumps(of_a_locked_package())
    where = tmp_path / {"zip": "all.zip", "folder": "all"}.get(form, "one.json")
    if form == "zip":
        with zipfile.ZipFile(where, "w") as export:
            export.writestr("PYSEC-2026-1.json", text)
    elif form == "folder":
        where.mkdir()
        (where / "PYSEC-2026-1.json").write_text(text)
    else:
        where.write_text(text if form == "json" else f"[{text}]")

    assert supply.main(["advisories", str(where)], ROOT) == 1
    said = capsys.readouterr().out
    assert re.search(r"starlette \S+: PYSEC-2026-1: It leaks", said)
    assert "1 advisories, 1 found" in said


def test_locks_that_no_advisory_names_are_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.json").write_text(json.dumps(an_advisory()))

    assert supply.main(["advisories", str(tmp_path)], ROOT) == 0
    assert "0 found" in capsys.readouterr().out


@pytest.mark.parametrize("where", ["nowhere.zip", "empty", "no.json", "http://127.0.0.1:9/all.zip"])
def test_without_advisories_it_says_so(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no success: nothing was compared."""
    (tmp_path / "no.json").write_text('{"message": "rate limited"}')
    (tmp_path / "empty").mkdir()

    assert supply.main(["advisories", where if "://" in where else str(tmp_path / where)], ROOT) == 3
    said = capsys.readouterr().err
    assert "no advisories can be had from" in said
    assert "make audit ADVISORIES=all.zip" in said
