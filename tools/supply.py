"""What we depend on: whether each package is used, under which licence, and whether an advisory names it.

    python tools/supply.py unused                     direct dependencies that nothing imports, or the reverse
    python tools/supply.py licences                   of what is installed and in the locks
    python tools/supply.py advisories [FILE OR URL]   versions in the locks that an OSV export names

An OSV export is the zip file of https://osv.dev for PyPI, a folder of its JSON files, or one JSON file. Exit
code 0: nothing found; 1: something; 3: no advisories can be had. Exceptions and their reasons stand in
`[tool.supply]` of pyproject.toml.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from packaging.version import InvalidVersion, Version

LOCKS: Final = ("requirements.lock", "requirements-dev.lock", "requirements-setup.lock")
EXPORT: Final = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
PATIENCE: Final = 30.0
"""Seconds to wait for a server that has an export."""


class NoneToBeHad(Exception):
    """No advisories can be had from where they were asked for."""


def normal(name: str) -> str:
    """A package's name as all its spellings have it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(requirement: str) -> str:
    """The name of the package that a requirement asks for."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None, requirement
    return normal(found[0])


# -- what nothing imports -------------------------------------------------------------------------------


def imported(folders: Iterable[Path]) -> dict[str, Path]:
    """The top-level modules that the code below some folders imports, each with a file that does."""
    found: dict[str, Path] = {}
    for path in (path for folder in folders for path in sorted(folder.rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            for name in names:
                found.setdefault(name.partition(".")[0], path)
    return found


def unused(root: Path, project: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong between the direct dependencies and the imports."""
    settings = project["tool"]["supply"]
    owners = {module: {normal(name) for name in names} for module, names in _distributions().items()}
    ours = imported([root / "digest"])
    all_code = ours | imported([root / "tests", root / "tools"])
    runtime = [required(one) for one in project["project"]["dependencies"]]
    groups = project["dependency-groups"].values()
    others = [required(one) for group in groups for one in group if isinstance(one, str)]
    for names, modules, where in ((runtime, ours, "digest/"), (others, all_code, "the code or its tests")):
        used = set().union(*(owners.get(module, set()) for module in modules))
        for name in names:
            if name not in used and name not in settings["used_otherwise"]:
                yield f"{name}: nothing in {where} imports it"
    for declared, modules in ((set(runtime), ours), ({*runtime, *others}, all_code)):
        for module, path in modules.items():
            if module in settings["brought_along"] or not owners.get(module):
                continue
            if not owners[module] & (declared | {normal(project["project"]["name"])}):
                yield f"{module}: {path.relative_to(root)} imports it, and pyproject.toml does not name it"


def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


# -- licences -------------------------------------------------------------------------------------------

# As SPDX writes them, and as the classifiers and free words of older packages do.
_GIVEN: Final = re.compile(
    r"MIT|MIT-0|MIT License|MIT-CMU|BSD|BSD[ -][23][ -]Clause|BSD License|Apache|Apache[ -]2\.0|"
    r"Apache Software License|ISC|ISC License \(ISCL\)?|PSF-2\.0|Python Software Foundation License|"
    r"CNRI-Python|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)?|OSI Approved",
    re.IGNORECASE,
)
_NEVER: Final = re.compile(r"(?<!L)A?GPL|(?<!Lesser )General Public License", re.IGNORECASE)


def licence_of(said: metadata.PackageMetadata) -> str:
    """The licence that a package's metadata names; empty if it names none."""
    if expression := said.get("License-Expression"):
        return str(expression)
    classifiers = said.get_all("Classifier") or []
    named = [one.split(" :: ")[-1] for one in classifiers if one.startswith("License :: ")]
    return " AND ".join(sorted(set(named))) or str(said.get("License") or "").split("\n")[0]


def trouble_with(name: str, licence: str, excepted: Mapping[str, str]) -> str | None:
    """Why a package must not be used under its licence; None if it may. Nothing excuses the GPL and AGPL."""
    # With brackets the whole is taken as "and": that is never too lenient, and seldom too strict.
    choices = licence.split(" OR ") if "(" not in licence else [licence]
    parts = [re.split(r" AND | OR |, |; ", choice) for choice in choices]
    free = [several for several in parts if not any(_NEVER.search(one) for one in several)]
    if not free:
        return f"{name}: {licence}, which is never taken"
    if normal(name) in excepted or any(all(_GIVEN.fullmatch(one.strip("() ")) for one in s) for s in free):
        return None
    return f"{name}: {licence or 'its metadata name no licence'}; look, and say in [tool.supply.licences] why"


def licences(root: Path, project: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the licences of installed packages that the locks hold."""
    locked = {name for lock in LOCKS for name, _ in pinned(root / lock)}
    for found in metadata.distributions():
        if normal(found.name) in locked:
            excepted = project["tool"]["supply"]["licences"]
            trouble = trouble_with(found.name, licence_of(found.metadata), excepted)
            if trouble is not None:
                yield trouble


# -- advisories -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A version in a lock that an advisory names."""

    package: str
    version: str
    advisory: str
    summary: str


def pinned(lock: Path) -> Iterator[tuple[str, str]]:
    """The packages of a lock, with their versions."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)", line):
            yield normal(found[1]), found[2]


def read_export(where: str) -> list[Mapping[str, Any]]:
    """The advisories of an OSV export, from a file, a folder or an https address; `NoneToBeHad`."""
    try:
        if re.match("https?://", where):
            with urlopen(where, timeout=PATIENCE) as answer:  # noqa: S310 - of https or http, as just seen
                read = [answer.read()]
        else:
            path = Path(where)
            files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
            read = [file.read_bytes() for file in files]
        found = [advisory for octets in read for advisory in _unpacked(octets)]
    except (OSError, URLError, ValueError, zipfile.BadZipFile) as error:
        raise NoneToBeHad(f"no advisories can be had from {where}: {error}") from error
    if not found:
        raise NoneToBeHad(f"no advisories can be had from {where}: it holds none")
    return found


def _unpacked(octets: bytes) -> Iterator[Mapping[str, Any]]:
    if octets[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(octets)) as export:
            for name in export.namelist():
                if name.endswith(".json"):
                    yield from _unpacked(export.read(name))
        return
    said = json.loads(octets)
    if isinstance(said, dict):
        said = said.get("vulns", [said])
    if not isinstance(said, list) or not all(isinstance(one, dict) and "id" in one for one in said):
        raise ValueError("this is no OSV export")
    yield from said


def matches(
    packages: Iterable[tuple[str, str]], advisories: Iterable[Mapping[str, Any]], excepted: Mapping[str, str]
) -> list[Found]:
    """Which packages advisories name, but for withdrawn advisories and those in `excepted`."""
    versions: dict[str, set[str]] = {}
    for name, version in packages:
        versions.setdefault(name, set()).add(version)
    found = []
    for advisory in advisories:
        names = {advisory["id"], *advisory.get("aliases", [])}
        if advisory.get("withdrawn") or names & set(excepted):
            continue
        for affected in advisory.get("affected", []):
            package = affected.get("package", {})
            name = normal(package.get("name", ""))
            if package.get("ecosystem") != "PyPI":
                continue
            found += [
                Found(
                    package=name,
                    version=version,
                    advisory=advisory["id"],
                    summary=" ".join(str(advisory.get("summary") or advisory.get("details", "")).split())[
                        :100
                    ],
                )
                for version in sorted(versions.get(name, ()))
                if concerns(affected, Version(version))
            ]
    return sorted(set(found), key=lambda one: (one.package, one.advisory))


def concerns(affected: Mapping[str, Any], version: Version) -> bool:
    """Whether an entry of an advisory names a version, one by one or by a range (OSV schema, "affected")."""
    if any(version == _version(one) for one in affected.get("versions", [])):
        return True
    ranges = (one for one in affected.get("ranges", []) if one.get("type") in {"ECOSYSTEM", "SEMVER"})
    return any(_within(one.get("events", []), version) for one in ranges)


def _within(events: Iterable[Mapping[str, str]], version: Version) -> bool:
    inside = False
    told = [(_version(said), kind) for event in events for kind, said in event.items()]
    for at, kind in sorted(told, key=lambda one: one[0]):
        if kind == "introduced" and at <= version:
            inside = True
        elif (kind == "fixed" and at <= version) or (kind == "last_affected" and at < version):
            inside = False
    return inside


def _version(said: str) -> Version:
    try:
        return Version(said)
    except InvalidVersion:
        return Version("0")  # older than any: what is said of it concerns nobody


# -- the command ----------------------------------------------------------------------------------------


def main(arguments: list[str], root: Path) -> int:
    """Do one of the three; the exit code."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    match arguments:
        case ["unused"]:
            said = list(unused(root, project))
        case ["licences"]:
            said = list(licences(root, project))
        case ["advisories", *where] if len(where) <= 1:
            try:
                return _advisories(root, project, where[0] if where else EXPORT)
            except NoneToBeHad as none:
                print(f"{none}\nGive an OSV export for PyPI: make audit ADVISORIES=all.zip", file=sys.stderr)
                return 3
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    print("\n".join(said), end="\n" if said else "")
    return bool(said)


def _advisories(root: Path, project: Mapping[str, Any], where: str) -> int:
    advisories = read_export(where)
    locked = [one for lock in LOCKS for one in pinned(root / lock)]
    found = matches(locked, advisories, project["tool"]["supply"]["advisories"])
    for one in found:
        print(f"{one.package} {one.version}: {one.advisory}: {one.summary}")
    print(f"{len(set(locked))} packages, {len(advisories)} advisories, {len(found)} found")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).parents[1]))
