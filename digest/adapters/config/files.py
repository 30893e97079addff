"""Reads the operator's files and names everything that is wrong in them, at once and in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from digest.adapters.config.paths import path_problems, with_whole_paths
from digest.adapters.config.plain_yaml import Place, YamlFile, read_plain
from digest.adapters.config.problems import expected_words, known_keys, looks_secret, shown
from digest.adapters.small_files import content_of
from digest.errors import ConfigError, Problem
from digest.settings.scales import ScalesFile, inspectorates
from digest.wording import counted

if TYPE_CHECKING:
    from digest.ratings import Inspectorates
    from digest.settings import ServiceFile, Settings, SourcesFile

Model = TypeVar("Model", bound=BaseModel)

SERVICE_FILE: Final = "digest.yaml"
SOURCES_FILE: Final = "sources.yaml"
SCALES_FOLDER: Final = "scales"
TEMPLATES_FOLDER: Final = "templates"
MOST_UNKNOWN: Final = 100
"""How many unknown keys of a file are named; the others are counted."""

WHERE_SECRETS_BELONG: Final = (
    "no secrets in this file: they belong into secrets.env or the environment, "
    "as DIGEST_SECRET_KEY, DIGEST_RELAY_PASSWORD or DIGEST_DATABASE_URL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read(Generic[Model]):
    """One file as its model, or the problems that prevent it."""

    file: YamlFile
    model: Model | None
    problems: tuple[Problem, ...]


def load(directory: Path, *, sources: Path | None = None) -> Settings:
    """The settings in a directory's files. `ConfigError` holds every problem of every file.

    `sources` is read in place of the directory's own sources file.
    """
    from digest.settings import Settings, SourcesFile

    _must_be_a_directory(directory)
    service = _service(directory)
    listed = _read(sources or directory / SOURCES_FILE, SourcesFile)
    scales = _read_scales(directory)
    problems = [
        *service.problems,
        *(path_problems(service.file, service.model) if service.model else ()),
        *listed.problems,
        *_clashes(listed.file, [read.file for read in scales]),
        *_webhook_clashes(service.file, [read.file for read in scales]),
        *(problem for read in scales for problem in read.problems),
        *_scale_clashes([read.file for read in scales]),
        *_stray_files(directory),
        *_data_words(listed, scales),
    ]
    if problems or service.model is None or listed.model is None:
        raise _all_of(problems)
    return Settings.of(
        service.model,
        listed.model,
        [read.model for read in scales if read.model is not None],
    )


def load_sources(directory: Path) -> SourcesFile:
    """A directory's sources file, with the sources that are switched off. `ConfigError` if it is wrong."""
    from digest.settings import SourcesFile

    read = _read(directory / SOURCES_FILE, SourcesFile)
    if read.problems or read.model is None:
        raise _all_of(read.problems)
    return read.model


def load_scales(directory: Path) -> Inspectorates:
    """Only the inspectorates in a directory's scales, for commands that read pages and run no service.

    It takes a tenth of the time of `load`. `ConfigError` holds every problem of these files.
    """
    _must_be_a_directory(directory)
    scales = _read_scales(directory)
    problems = [
        *(problem for read in scales for problem in read.problems),
        *_scale_clashes([read.file for read in scales]),
        *_stray_files(directory),
    ]
    if problems:
        raise _all_of(problems)
    return inspectorates(read.model for read in scales if read.model is not None)


def _read_scales(directory: Path) -> list[_Read[ScalesFile]]:
    """Every scale file, by the fast reader if all of them are plain YAML without errors."""
    paths = _scale_paths(directory)
    return _read_plainly(paths) or [_read(path, ScalesFile) for path in paths]


def _read_plainly(paths: Sequence[Path]) -> list[_Read[ScalesFile]] | None:
    """The files by the fast reader; None if one is not plain YAML or anything is wrong.

    It does not know line numbers. Only errors need them, and the slow reader reads those files again.
    """
    try:
        texts = [content_of(path).decode("utf-8-sig") for path in paths]
        files = [
            YamlFile(name=str(path), value=read_plain(text)) for path, text in zip(paths, texts, strict=True)
        ]
        read = [_Read(file=file, model=ScalesFile.model_validate(file.value), problems=()) for file in files]
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
    return read if next(_scale_clashes(files), None) is None else None


def _must_be_a_directory(directory: Path) -> None:
    if not directory.is_dir():
        found = "a file" if directory.is_file() else "nothing of this name"
        expected = "a directory with the service's files; `digest init` makes one"
        raise ConfigError([Problem(file=str(directory), line=None, key="", found=found, expected=expected)])


def _all_of(problems: Sequence[Problem]) -> ConfigError:
    """All problems, sorted by file and line."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    return ConfigError(sorted(problems, key=lambda p: (files.index(p.file), p.line or 0)))


def _missing(path: Path, expected: str) -> Problem:
    return Problem(file=str(path), line=None, key="", found="nothing of this name", expected=expected)


def _read(path: Path, model: type[Model]) -> _Read[Model]:
    from digest.adapters.config.yaml import read_yaml

    file = read_yaml(path)
    if file.value is None:
        return _Read(file=file, model=None, problems=file.problems)
    try:
        return _Read(file=file, model=model.model_validate(file.value), problems=file.problems)
    except ValidationError as error:
        return _Read(file=file, model=None, problems=(*file.problems, *_in_words(file, error, model)))


def _service(directory: Path) -> _Read[ServiceFile]:
    """`digest.yaml`, with its relative paths counted from the directory."""
    from digest.settings import ServiceFile

    read = _read(directory / SERVICE_FILE, ServiceFile)
    return replace(read, model=with_whole_paths(read.model, directory)) if read.model else read


# -- one file -------------------------------------------------------------------------------------------


def _in_words(file: YamlFile, error: ValidationError, model: type[BaseModel]) -> Iterator[Problem]:
    """The errors of a validation as problems. A misspelt key is not reported as missing as well."""
    errors = error.errors(include_url=False, include_context=True)
    within = Counter(each["loc"][:n] for each in errors for n in range(len(each["loc"]) + 1))
    misspelt: set[Place] = set()
    unknown: list[Place] = [tuple(each["loc"]) for each in errors if each["type"] == "extra_forbidden"]
    for place in unknown[:MOST_UNKNOWN]:
        problem, meant = _unknown_key(file, place, model)
        misspelt.add(meant)
        yield problem
    if more := unknown[MOST_UNKNOWN:]:
        yield file.problem(more[0], counted(len(more), "more unknown key"), "keys that belong into this file")
    for each in errors:
        place = tuple(each["loc"])
        if each["type"] == "extra_forbidden" or (each["type"] == "missing" and place in misspelt):
            continue
        if each["type"] == "too_short" and within[place] > 1:
            continue  # too short only because of bad entries, which are reported
        found = "nothing" if each["type"] == "missing" else shown(each["input"])
        if place and each["type"] != "missing" and place not in file.lines:
            found += " (the default)"
        yield file.problem(place, found, _meant(each["input"], place) or expected_words(each, model, place))


def _unknown_key(file: YamlFile, place: Place, model: type[BaseModel]) -> tuple[Problem, Place]:
    """The problem of an unknown key, and the place of the key that was probably meant."""
    from difflib import get_close_matches

    *group, key = place
    known = known_keys(model, group)
    if looks_secret(str(key)):
        return file.problem(place, "a key for a secret", WHERE_SECRETS_BELONG), place
    close = get_close_matches(str(key), known, n=1)
    if close:
        return file.problem(place, "an unknown key", f'"{close[0]}" (did you mean that?)'), (*group, close[0])
    return file.problem(place, "an unknown key", f"one of {', '.join(known)}"), place


def _meant(given: object, place: Place) -> str | None:
    """For an unknown time zone, what was expected and the zone that was probably meant."""
    if place != ("edition", "zone") or not isinstance(given, str):
        return None
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    close = get_close_matches(given, sorted(available_timezones()), n=1)
    return f'the name of a time zone; did you mean "{close[0]}"?' if close else None


# -- between files --------------------------------------------------------------------------------------
# These check the values in the files, not the models: one bad entry must not hide other problems.


def _scale_paths(directory: Path) -> list[Path]:
    return sorted((directory / SCALES_FOLDER).glob("*.yaml"))


def _stray_files(directory: Path) -> Iterator[Problem]:
    folder = directory / SCALES_FOLDER
    if not _scale_paths(directory):
        yield _missing(folder / "*.yaml", "a file for each inspectorate")
    for path in sorted(folder.glob("*.yml")):
        yield Problem(
            file=str(path), line=None, key="", found='a name in ".yml"', expected='a name in ".yaml"'
        )


def _clashes(sources: YamlFile, scales: Sequence[YamlFile]) -> Iterator[Problem]:
    yield from _repeated([(sources, ("sources",))], "id")
    yield from _repeated([(sources, ("sources",))], "url", unlike=_section)
    for place, entry in _entries(sources, ("sources",)):
        yield from _unknown(sources, (*place, "inspectorate"), entry.get("inspectorate"), scales)


def _webhook_clashes(service: YamlFile, scales: Sequence[YamlFile]) -> Iterator[Problem]:
    yield from _repeated([(service, ("webhooks",))], "id")
    for place, entry in _entries(service, ("webhooks",)):
        wanted = entry.get("inspectorates")
        for position, key in enumerate(wanted if isinstance(wanted, list) else []):
            yield from _unknown(service, (*place, "inspectorates", position), key, scales)


def _unknown(file: YamlFile, place: Place, wanted: object, scales: Sequence[YamlFile]) -> Iterator[Problem]:
    """The problem of an inspectorate's key that stands in no file."""
    if any(scale.problems for scale in scales):
        return  # a file with errors may hold the missing inspectorate
    known = [key for scale in scales if isinstance(key := _at(scale.value, ("key",)), str)]
    if isinstance(wanted, str) and wanted not in known:
        from difflib import get_close_matches

        close = get_close_matches(wanted, known, n=1)
        hint = f'"{close[0]}" (did you mean that?)' if close else f"one of {', '.join(sorted(known))}"
        yield file.problem(place, shown(wanted), hint)


def _data_words(listed: _Read[SourcesFile], scales: Sequence[_Read[ScalesFile]]) -> Iterator[Problem]:
    """What sources of data say of scales, once all files can be read."""
    models = [read.model for read in scales if read.model is not None]
    entries = listed.model.sources if listed.model else ()
    if listed.model is None or len(models) < len(scales) or not any(e.dataset or e.json_ for e in entries):
        return
    from digest.adapters.config.data_words import unknown_words

    yield from unknown_words(listed.file, listed.model, inspectorates(models))


def _scale_clashes(scales: Sequence[YamlFile]) -> Iterator[Problem]:
    yield from _repeated([(scale, ()) for scale in scales], "key")
    yield from _repeated([(scale, ("scales",)) for scale in scales], "key")
    known = {entry.get("key") for scale in scales for _, entry in _entries(scale, ("scales",))}
    for file in scales:
        references = [(("borrows",), file.value), *_entries(file, ("scales",))]
        for place, group in references:
            key = "borrows" if place == ("borrows",) else "compares_with"
            whole: Place = place if key == "borrows" else (*place, key)
            wanted = group.get(key) if isinstance(group, Mapping) else None
            for position, scale in enumerate(wanted if isinstance(wanted, list) else []):
                if isinstance(scale, str) and scale not in known:
                    yield file.problem((*whole, position), shown(scale), "the key of a scale in these files")


def _section(entry: Mapping[str, Any]) -> str:
    """What a source's entry says of its kind: two searches, or two files, may be found at one address."""
    kind = str(entry.get("kind", ""))
    return f"{kind} {entry.get(kind)}"


def _repeated(
    lists: Sequence[tuple[YamlFile, Place]],
    key: str,
    *,
    unlike: Callable[[Mapping[str, Any]], str] = lambda _: "",
) -> Iterator[Problem]:
    """Entries whose `key` has the same value as in an earlier entry that does not differ in `unlike`."""
    first: dict[tuple[str, str], str] = {}
    for file, within in lists:
        for place, entry in _entries(file, within):
            value = entry.get(key)
            if not isinstance(value, str):
                continue
            here, same = f"{file.name}:{file.line((*place, key))}", (value, unlike(entry))
            if same in first:
                expected = f"one that no other entry has; {first[same]} has it"
                yield file.problem((*place, key), shown(value), expected)
            first.setdefault(same, here)


def _entries(file: YamlFile, within: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The groups of keys in a list of a file, with their places; the file itself if it is one group."""
    entries = _at(file.value, within)
    if isinstance(entries, Mapping):
        yield within, entries
    elif isinstance(entries, list):
        yield from (((*within, i), entry) for i, entry in enumerate(entries) if isinstance(entry, Mapping))


def _at(value: object, place: Place) -> object:
    for step in place:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
