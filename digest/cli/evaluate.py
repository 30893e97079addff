"""`digest evaluate`: how right the reader is, measured on labelled texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.common import AsJson, Exit, Scales, complain, say, say_json
from digest.errors import ConfigError, ParseError, Problem, Refused
from digest.items import Page

if TYPE_CHECKING:
    from digest.evaluation.labels import Label
    from digest.evaluation.marks import Mark
    from digest.evaluation.scores import Count, Evaluated, Scores

_PAGES: Final = {".html": "text/html", ".htm": "text/html", ".pdf": "application/pdf"}
_NOTHING: Final = {"kind": "other", "published": None, "reports": ()}


class Grouping(StrEnum):
    """What texts can be grouped by."""

    GENRE = "genre"
    INSPECTORATE = "inspectorate"


def evaluate(  # noqa: PLR0917 -- a command line
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR", help="Folders, each with a labels.jsonl and its texts; all are scored together."
        ),
    ],
    config: Scales = None,
    inspectorate: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only texts of this inspectorate, by its key.")
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(metavar="N/M", help="Only part N of M, such as 1/2: the other parts stay unseen."),
    ] = None,
    by: Annotated[
        Grouping | None, typer.Option(help="Also show the scores of each genre or inspectorate.")
    ] = None,
    floor: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A JSON file with the least scores allowed; exit code 1 if one is lower."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how often the service reads a text right.

    It reads texts whose answers are known, counts the right ones, and lists each miss with its evidence. The
    main figure is how many texts have a wrong claim: a rating, an earlier rating, a movement or an aspect
    that the text does not say, or says of another provider.

    Example: digest evaluate tests/labelled --by genre

    Example: digest evaluate first/ second/ --json
    """
    from digest.evaluation.scores import below, speaker

    least = _floor(floor) if floor else None
    found = evaluated(folders, config=config, inspectorate=inspectorate, part=part)
    scores = found.scores
    fallen = below(least, scores) if least else []
    if as_json:
        say_json(_json(found) | {"fallen": fallen})
    else:
        groups = found.by(_group(by)) if by else {}
        say("\n".join([*_table(scores), *_groups(found.by(speaker)), *_groups(groups)]))
        say("\n".join(_misses(scores.misses)))
    for line in fallen:
        complain(line)
    if fallen:
        raise typer.Exit(Exit.FAILED)


def evaluated(
    folders: Sequence[Path],
    *,
    config: Path | None = None,
    inspectorate: str | None = None,
    part: str | None = None,
) -> Evaluated:
    """Read the labelled texts of folders, or some of them, and mark each.

    `inspectorate` and `part` choose texts, as the options of the same names do.
    """
    from digest.evaluation.marks import marks
    from digest.evaluation.scores import Evaluated, in_part

    n, of = _part(part) if part else (1, 1)
    reader, inspectorates = _reader(config)
    texts = [
        (folder / label.file, label if len(folders) == 1 else _told_apart(label, folder))
        for folder in folders
        for label in _labels(folder / "labels.jsonl")
        if inspectorate in {None, label.inspectorate} and in_part(label.id, n, of)
    ]
    found: list[Mark] = []
    with typer.progressbar(texts, label="reading", file=_terminal()) as each:
        for path, label in each:
            found.extend(marks(label, reader(path, label), inspectorates))
    return Evaluated(labels=tuple(label for _, label in texts), marks=tuple(found))


def _floor(path: Path) -> dict[str, Any]:
    """The least scores in a file; `Refused` if it cannot be read or has a score that is not measured."""
    from digest.evaluation.marks import MEASURES

    try:
        floor = json.loads(path.read_bytes())
        unknown = floor["scores"].keys() - {"rating", *MEASURES}
    except OSError as error:
        raise Refused(f"--floor {path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(f'--floor {path}: expected a JSON object with "scores"') from error
    if unknown:
        raise Refused(f"--floor {path}: there is no score {', '.join(sorted(unknown))}")
    return dict(floor)


def _told_apart(label: Label, folder: Path) -> Label:
    """The label with its folder in its id, because two folders may have texts of the same id."""
    return label.model_copy(update={"id": f"{folder.as_posix()}/{label.id}"})


def _labels(path: Path) -> list[Label]:
    from pydantic import ValidationError

    from digest.evaluation.labels import Label

    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        complain(f"{path}: cannot be read: {error.strerror}")
        raise typer.Exit(Exit.WRONG) from error
    labels, problems = [], []
    for number, line in enumerate(lines, start=1):
        try:
            labels.append(Label.model_validate_json(line)) if line.strip() else None
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            problems.append(
                Problem(file=str(path), line=number, key=key, found=line[:40], expected=first["msg"])
            )
    if problems:
        raise ConfigError(problems)
    return labels


def _part(text: str) -> tuple[int, int]:
    """The two numbers of a part such as 1/2."""
    n, _, of = text.partition("/")
    if not (n.isdecimal() and of.isdecimal() and 1 <= int(n) <= int(of)):
        raise typer.BadParameter(f"{text!r}: expected a part such as 1/2", param_hint="--part")
    return int(n), int(of)


def _reader(config: Path | None) -> tuple[Callable[[Path, Label], dict[str, Any]], Any]:
    """A function that reads a labelled text, as `digest read --json` does, and the inspectorates it knows."""
    from digest.adapters.clock import SystemClock
    from digest.cli.read import known_providers, known_scales
    from digest.extract import as_contract, read

    inspectorates, register = known_scales(config), known_providers()
    now = SystemClock().now()

    def of(path: Path, label: Label) -> dict[str, Any]:
        url, body, kind = _opened(path, label)
        page = Page(url=url, body=body, content_type=kind, fetched_at=now)
        try:
            return as_contract(read(page, inspectorates=inspectorates, register=register))
        except ParseError as error:
            complain(f"{path}: {error}")
            return dict(_NOTHING)

    return of, inspectorates


def _opened(path: Path, label: Label) -> tuple[str, bytes, str]:
    """The address of a labelled text, its bytes and its media type.

    The first line of a .txt is its title, the second its address.
    """
    try:
        body = path.read_bytes()
        if kind := _PAGES.get(path.suffix.lower()):
            return label.url or path.absolute().as_uri(), body, kind
        title, url, *text = body.decode("utf-8").split("\n")
    except (OSError, ValueError) as error:
        complain(f"{path}: cannot be read: {error}")
        raise typer.Exit(Exit.WRONG) from error
    return url.strip(), "\n\n".join([title, "\n".join(text)]).encode(), "text/plain; charset=utf-8"


def _terminal() -> Any:
    import sys

    return sys.stderr


def _group(by: Grouping) -> Callable[[Label], str | None]:
    from digest.evaluation.scores import genre, inspectorate

    return genre if by is Grouping.GENRE else inspectorate


# -- as JSON --------------------------------------------------------------------------------------------


def _json(found: Evaluated) -> dict[str, Any]:
    from digest.evaluation.scores import speaker

    scores = found.scores
    return _json_of(scores) | {
        "by_speaker": _json_groups(found.by(speaker)),
        "by_genre": _json_groups(found.by(_group(Grouping.GENRE))),
        "by_inspectorate": _json_groups(found.by(_group(Grouping.INSPECTORATE))),
        "wrong": list(scores.wrong),
        "misses": [
            {
                "text": m.text,
                "measure": m.measure,
                "verdict": str(m.result),
                "misleads": m.misleads,
                "about": m.about,
                "wanted": m.wanted,
                "told": m.told,
                "evidence": m.evidence,
            }
            for m in scores.misses
        ],
    }


def _json_groups(groups: dict[str, Scores]) -> dict[str, Any]:
    return {name: _json_of(scores) for name, scores in groups.items()}


def _json_of(scores: Scores) -> dict[str, Any]:
    return {
        "texts": scores.texts,
        "wrong_texts": scores.wrong_texts.counted,
        "wrong_of": {name: _json_count(count) for name, count in _counts(scores).items()},
        "false_alarms": scores.false_alarms,
        "quiet_texts": scores.quiet,
        "scores": {
            name: {
                "precision": round(s.precision, 4),
                "recall": round(s.recall, 4),
                "right": s.right,
                "announced": s.announced,
                "wanted": s.wanted,
            }
            for name, s in scores.named.items()
        },
    }


def _counts(scores: Scores) -> dict[str, Count]:
    return {
        "all": scores.wrong_texts,
        "announcing": scores.wrong_announcing,
        "quiet": scores.wrong_quiet,
        "dates": scores.wrong_dates,
    }


def _json_count(count: Count) -> dict[str, Any]:
    low, high = count.interval
    return {
        "wrong": count.counted,
        "of": count.of,
        "share": round(count.share, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


# -- as text --------------------------------------------------------------------------------------------

_IN_WORDS: Final = {
    "all": "with a wrong claim",
    "announcing": "that announce an inspection",
    "quiet": "that announce none",
    "dates": "with a wrong day of publication",
}


def _table(scores: Scores) -> list[str]:
    lines = [f"{'':<18}{'precision':>10}{'recall':>8}{'right':>7}{'announced':>11}{'wanted':>8}"]
    lines += [
        f"{name:<18}{s.precision:>10.1%}{s.recall:>8.1%}{s.right:>7}{s.announced:>11}{s.wanted:>8}"
        for name, s in scores.named.items()
    ]
    lines += [
        "",
        f"false alarms: {scores.false_alarms} in {scores.quiet} texts; {scores.texts} texts in all",
        "",
        f"{'texts':<34}{'wrong':>6}{'of':>6}{'share':>8}  true share, with 95 % confidence",
    ]
    lines += [f"{_IN_WORDS[name]:<34}{_in_figures(count)}" for name, count in _counts(scores).items()]
    return lines


def _in_figures(count: Count) -> str:
    low, high = count.interval
    return f"{count.counted:>6}{count.of:>6}{count.share:>8.1%}  {low:.1%} to {high:.1%}"


def _groups(groups: dict[str, Scores]) -> Iterator[str]:
    if groups:
        yield ""
        yield f"{'':<20}{'texts':>6}{'wrong':>6}{'rating':>16}{'movement':>16}{'provider':>16}   wrong texts"
    for name, scores in groups.items():
        low, high = scores.wrong_texts.interval
        parts = (scores.rating, scores.measures["movement"], scores.measures["provider"])
        shares = "".join(f"{f'{p.precision:.0%} / {p.recall:.0%}':>16}" for p in parts)
        yield (
            f"{name:<20}{scores.texts:>6}{scores.wrong_texts.counted:>6}{shares}   {low:.0%} to {high:.0%}"
        )


def _misses(misses: Sequence[Mark]) -> list[str]:
    lines = [""] if misses else []
    for m in misses:
        lines.append(f"{m.text}  {m.result:<7}{m.measure:<17}{m.about or ''}: {m.wanted} / read {m.told}")
        if m.evidence:
            lines.append(f"        “{m.evidence}”")
    return lines
