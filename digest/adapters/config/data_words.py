"""Whether what the sources file says of tables and APIs fits the scales: their keys, aspects and grades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from digest.adapters.config.plain_yaml import Place, YamlFile
from digest.adapters.config.problems import shown
from digest.errors import Problem
from digest.ratings import OVERALL, Inspectorates, Scale
from digest.settings.dataset_section import RatingSection
from digest.settings.source_kinds import JsonRatingSection
from digest.settings.sources import SourcesFile


def unknown_words(file: YamlFile, sources: SourcesFile, known: Inspectorates) -> Iterator[Problem]:
    """A problem for each scale, aspect and grade of a table or an API that the scales do not have."""
    for n, entry in enumerate(sources.sources):
        for m, columns in enumerate(entry.dataset.ratings if entry.dataset else ()):
            yield from _of_columns(file, ("sources", n, "dataset", "ratings", m), columns, known)
        for m, paths in enumerate(entry.json_.ratings if entry.json_ else ()):
            yield from _of_paths(file, ("sources", n, "json", "ratings", m), paths, known)


def _of_columns(
    file: YamlFile, place: Place, rating: RatingSection, known: Inspectorates
) -> Iterator[Problem]:
    scale = known.scale(rating.scale)
    if scale is None:
        yield _no_scale(file, place, rating.scale, known)
        return
    aspects = [*([OVERALL] if scale.has_overall else []), *(aspect.name for aspect in scale.aspects)]
    for name in rating.aspects:
        if name not in aspects:
            yield file.problem((*place, "aspects", name), shown(name), _one_of(name, aspects))
    if rating.grade and not rating.aspect and not scale.has_overall:
        expected = f"the columns of its aspects: {scale.key} has no overall grade, but {', '.join(aspects)}"
        yield file.problem((*place, "grade"), shown(rating.grade[0]), expected)
    yield from _of_grades(file, (*place, "grades"), rating.grades, scale)


def _of_paths(
    file: YamlFile, place: Place, rating: JsonRatingSection, known: Inspectorates
) -> Iterator[Problem]:
    scale = known.scale(rating.scale)
    if scale is None:
        yield _no_scale(file, place, rating.scale, known)
    else:
        yield from _of_grades(file, (*place, "words"), rating.words, scale)


def _no_scale(file: YamlFile, place: Place, key: str, known: Inspectorates) -> Problem:
    return file.problem(
        (*place, "scale"), shown(key), _one_of(key, [s.key for one in known for s in one.scales])
    )


def _of_grades(file: YamlFile, place: Place, meant: Mapping[str, str], scale: Scale) -> Iterator[Problem]:
    for word, grade in meant.items():
        if scale.grade(grade) is None:
            grades = [grade.name for grade in scale.grades]
            yield file.problem((*place, word), shown(grade), _one_of(grade, grades))


def _one_of(word: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(word, names, n=1)
    return f'"{close[0]}" (did you mean that?)' if close else f"one of {', '.join(names)}"
