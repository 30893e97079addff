"""`digest evaluate`: how right the reader is, measured on labelled texts."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import AsJson, Exit, complain, say, say_json
from digest.errors import ConfigError, Problem
from digest.items import Page

if TYPE_CHECKING:
    from digest.extract.yardstick import Label, Mark, Score, Scores


def evaluate(  # noqa: PLR0917 -- a command line
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with labels.jsonl and its texts.")],
    config: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Use this directory's scales instead of the packaged ones."),
    ] = None,
    inspectorate: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only texts of this inspectorate (its key).")
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(metavar="N/M", help="Only the N-th of M parts, such as 1/2, to hold texts out."),
    ] = None,
    floor: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A JSON file of scores; exit code 1 where one has fallen below it."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score the reader on texts whose answers are known.

    Every labelled text is read, what is right is counted, and every miss is listed with its evidence.

    Example: digest evaluate tests/labelled --json
    """
    scores = evaluate_folder(folder, config=config, inspectorate=inspectorate, part=part)
    fallen = _fallen(scores, json.loads(floor.read_text(encoding="utf-8"))) if floor else []
    if as_json:
        say_json(_json(scores) | {"fallen": fallen})
    else:
        say("\n".join([*_table(scores), *_misses(scores.misses)]))
    for line in fallen:
        complain(line)
    if fallen:
        raise typer.Exit(Exit.FAILED)


def evaluate_folder(
    folder: Path, *, config: Path | None = None, inspectorate: str | None = None, part: str | None = None
) -> Scores:
    """The scores on a folder's texts, or on some of them."""
    from digest.extract.yardstick import scored

    labels = [
        label
        for label in _labels(folder / "labels.jsonl")
        if inspectorate in {None, label.inspectorate} and _in_part(label.id, part)
    ]
    return scored(labels, _marks(folder, labels, config))


def _labels(path: Path) -> list[Label]:
    from pydantic import ValidationError

    from digest.extract.yardstick import Label

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


def _in_part(id: str, part: str | None) -> bool:
    if part is None:
        return True
    try:
        n, m = map(int, part.split("/"))
    except ValueError as error:
        raise typer.BadParameter(f"{part!r} is not like 1/2", param_hint="--part") from error
    return zlib.crc32(id.encode()) % m == n - 1


def _marks(folder: Path, labels: Sequence[Label], config: Path | None) -> list[Mark]:
    from digest.adapters.clock import SystemClock
    from digest.adapters.packaged import packaged
    from digest.adapters.settings_files import load
    from digest.cli.read import known_providers
    from digest.extract import as_contract, read
    from digest.extract.yardstick import marks

    inspectorates = load(config or packaged("config")).inspectorates
    register = known_providers()
    now = SystemClock().now()
    found: list[Mark] = []
    with typer.progressbar(labels, label="reading", file=_terminal()) as texts:
        for label in texts:
            try:
                title, url, *text = (folder / label.file).read_text(encoding="utf-8").split("\n")
            except (OSError, UnicodeDecodeError) as error:
                complain(f"{folder / label.file}: cannot be read: {error}")
                raise typer.Exit(Exit.WRONG) from error
            body = "\n\n".join([title, "\n".join(text)]).encode()
            page = Page(url=url.strip(), body=body, content_type="text/plain; charset=utf-8", fetched_at=now)
            told = as_contract(read(page, inspectorates=inspectorates, register=register))
            found.extend(marks(label, told, inspectorates))
    return found


def _terminal() -> Any:
    import sys

    return sys.stderr


def _rows(scores: Scores) -> dict[str, Score]:
    return {"rating": scores.rating, **scores.measures}


def _json(scores: Scores) -> dict[str, Any]:
    return {
        "texts": scores.texts,
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
            for name, s in _rows(scores).items()
        },
        "misses": [
            {
                "text": m.text,
                "measure": m.measure,
                "verdict": str(m.verdict),
                "about": m.about,
                "wanted": m.wanted,
                "told": m.told,
                "evidence": m.evidence,
            }
            for m in scores.misses
        ],
    }


def _table(scores: Scores) -> list[str]:
    lines = [f"{'':<12}{'precision':>10}{'recall':>8}{'right':>7}{'announced':>11}{'wanted':>8}"]
    lines += [
        f"{name:<12}{s.precision:>10.1%}{s.recall:>8.1%}{s.right:>7}{s.announced:>11}{s.wanted:>8}"
        for name, s in _rows(scores).items()
    ]
    return [
        *lines,
        f"false alarms: {scores.false_alarms} in {scores.quiet} texts; {scores.texts} texts in all",
    ]


def _misses(misses: Sequence[Mark]) -> list[str]:
    lines = []
    for m in misses:
        lines.append(f"{m.text}  {m.verdict:<7}{m.measure:<12}{m.about or ''}: {m.wanted} / read {m.told}")
        if m.evidence:
            lines.append(f"        “{m.evidence}”")
    return lines


def _fallen(scores: Scores, floor: dict[str, Any]) -> list[str]:
    """What is worse than the floor says, in words."""
    now = _json(scores)
    fallen = [
        f"{name} {key} fell: {now['scores'][name][key]} < {least}"
        for name, least_of in floor["scores"].items()
        for key in ("precision", "recall")
        if now["scores"][name][key] < (least := least_of[key])
    ]
    if now["false_alarms"] > floor["false_alarms"]:
        fallen.append(f"false alarms rose: {now['false_alarms']} > {floor['false_alarms']}")
    return fallen
