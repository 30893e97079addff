"""Whether what the sources file says of datasets fits the scales: their keys, aspects and grades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from digest.adapters.config.plain_yaml import Place, YamlFile
from digest.adapters.config.problems import shown
from digest.errors import Problem
from digest.ratings import OVERALL, Inspectorates
from digest.settings.dataset_section import RatingSection
from digest.settings.sources import SourcesFile


def unknown_words(file: YamlFile, sources: SourcesFile, known: Inspectorates) -> Iterator[Problem]:
    """A problem for each scale, aspect and grade of a dataset that the scales do not have."""
    for n, entry in enumerate(sources.sources):
        for m, rating in enumerate(entry.dataset.ratings if entry.dataset else ()):
            yield from _of_a_rating(file, ("sources", n, "dataset", "ratings", m), rating, known)


def _of_a_rating(
    file: YamlFile, place: Place, rating: RatingSection, known: Inspectorates
) -> Iterator[Problem]:
    scale = known.scale(rating.scale)
    if scale is None:
        keys = [scale.key for one in known for scale in one.scales]
        yield file.problem((*place, "scale"), shown(rating.scale), _one_of(rating.scale, keys))
        return
    aspects = [OVERALL, *(aspect.name for aspect in scale.aspects)]
    for name in rating.aspects:
        if name not in aspects:
            yield file.problem((*place, "aspects", name), shown(name), _one_of(name, aspects))
    for word, grade in rating.grades.items():
        if scale.grade(grade) is None:
            grades = [grade.name for grade in scale.grades]
            yield file.problem((*place, "grades", word), shown(grade), _one_of(grade, grades))


def _one_of(word: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(word, names, n=1)
    return f'"{close[0]}" (did you mean that?)' if close else f"one of {', '.join(names)}"
