"""The texts that laws are tried on: labelled ones that are read right, and short stories."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import pickle
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path

from digest.cli.evaluate import evaluated
from digest.evaluation.scores import Evaluated
from digest.items import Page
from laws.readings import page
from laws.trades import TRADES, Trade, trade_of

LABELLED = Path(__file__).parents[1] / "labelled"
_PROSE = re.compile(r"\S+(?:\s+\S+){7,}[.!?]['\"’”)]*")
_REFERS = re.compile(
    r"(?:It|Its|They|Their|He|She|His|Her|This|That|These|Those|But|And|However|Both|All|Also|Instead|There|Then"
    r"|At the time|The (?:home|school|service|trust|unit|prison|force|nursery|region|team|report)"
    r"|The (?:rating|inspect\w+))\b"
)
_SENTENCE = re.compile(r"(?<=[a-z][.!?])\s+(?=[A-Z“‘\"'])|(?<=[.!?]['\"’”])\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A title, an address and paragraphs; `name` is the one body it is about, as it stands in the text."""

    id: str
    url: str
    title: str
    paragraphs: tuple[str, ...]
    trade: Trade
    name: str | None
    grades: frozenset[str] = frozenset()  # those it gives
    announces: bool = True
    rates_others: bool = False  # it tells a rating in passing

    @property
    def page(self) -> Page:
        return page(self.url, f"{self.title}\n\n" + "\n\n".join(self.paragraphs))

    def html(self, *, extra: str = "", slot: int = 0) -> Page:
        """The text as a page, with `extra` before the paragraph of that number."""
        blocks = [f"<p>{escape(p, quote=False)}</p>" for p in self.paragraphs]
        blocks.insert(slot, extra)
        return page(
            self.url,
            f"<!doctype html><html lang=en><head><title>{escape(self.title)}</title></head>"
            f"<body><main><article><h1>{escape(self.title)}</h1>\n"
            + "\n".join(blocks)
            + "\n</article></main></body></html>",
            "text/html",
        )

    def slots(self) -> list[int]:
        """Before which paragraphs another may stand: between sentences, and before no "it"."""
        prose = [bool(_PROSE.search(p)) and not p.startswith(("•", "-", "*", "|")) for p in self.paragraphs]
        last = len(prose)
        return [
            n
            for n in range(last + 1)
            if (n == 0 or prose[n - 1])
            and (n == last or (prose[n] and not _REFERS.match(self.paragraphs[n])))
        ]

    def with_paragraph(self, said: str, slot: int) -> Text:
        return replace(self, paragraphs=(*self.paragraphs[:slot], said, *self.paragraphs[slot:]))

    def opening(self) -> tuple[str, ...]:
        """Its first two paragraphs, or the first two sentences of its only one."""
        if len(self.paragraphs) > 1:
            return self.paragraphs[:2]
        return tuple(_SENTENCE.split(self.paragraphs[0])[:2])


_together: list[Path] = []  # one folder, if processes of one run of tests share it


def read_once_in(folder: Path) -> None:
    """Let the processes of one run of tests read the labelled texts once: the folder holds what was read."""
    _together[:] = [folder]


@cache
def evaluation(folder: Path = LABELLED) -> Evaluated:
    """The labelled texts, read and compared with their labels: it takes half a minute."""
    if not _together or folder != LABELLED:
        return _evaluation(folder)
    (together,) = _together
    with (together / "labelled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shared = together / "labelled.pickle"
        if not shared.exists():
            shared.write_bytes(pickle.dumps(_evaluation(folder)))
        found: Evaluated = pickle.loads(shared.read_bytes())
        return found


def _evaluation(folder: Path) -> Evaluated:
    with contextlib.redirect_stderr(io.StringIO()):  # it shows how far it is
        return evaluated([folder])


def labelled(folder: Path = LABELLED) -> tuple[Text, ...]:
    """The labelled texts that are read right: nothing wrong in them, and what they announce is read."""
    found = evaluation(folder)
    wrong = {mark.text for mark in found.marks if mark.result == "wrong"}
    read = {
        mark.text
        for mark in found.marks
        if mark.result == "right" and mark.measure in {"overall", "judgement", "movement"}
    }
    missed = {
        mark.text
        for mark in found.marks
        if mark.result == "missed" and mark.measure in {"overall", "previous", "movement"}
    }
    texts = []
    passing = _telling_in_passing(folder)
    for label in found.labels:
        announces = any(r.overall or r.judgements for r in label.reports)
        sound = not label.ambiguous and label.id not in wrong | missed and announces == (label.id in read)
        if sound and label.file.endswith(".txt"):
            text = _labelled(folder, label, announces=announces)
            texts += [replace(text, rates_others=label.id in passing)] if text else []
    return tuple(texts)


def _telling_in_passing(folder: Path) -> frozenset[str]:
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return frozenset(label["id"] for label in map(json.loads, lines) if label.get("others_rated"))


def _labelled(folder: Path, label, *, announces: bool) -> Text | None:
    title, url, *lines = (folder / label.file).read_text(encoding="utf-8").split("\n")
    provider = label.reports[0].provider if len(label.reports) == 1 else None
    trade = trade_of(label.inspectorate, provider)
    paragraphs = tuple(line.strip() for line in lines if line.strip())
    if trade is None or not paragraphs:
        return None
    grades = {g for r in label.reports for g in (r.overall, r.previous, *r.judgements.values()) if g}
    scale = label.scale or trade.scale
    return Text(
        id=label.id,
        url=url.strip(),
        title=title,
        paragraphs=paragraphs,
        trade=replace(trade, scale=scale),
        name=provider if provider and provider in "\n".join(lines) else None,
        grades=frozenset(grades),
        announces=announces,
    )


def story(
    trade: Trade, name: str, title: str, opening: Sequence[str], *, number: int, official: bool = False
) -> Text:
    """A short story: what is told first, then what else there is to say of the body."""
    url = (
        trade.site.format(number=number) if official else f"https://www.ambleshiregazette.co.uk/news/{number}"
    )
    return Text(
        id=f"story of {name}",
        url=url,
        title=title,
        paragraphs=(*opening, *trade.filler),
        trade=trade,
        name=name,
    )


def others(rng: random.Random, own: Trade, name: str | None) -> Iterator[tuple[Trade, str]]:
    """Neighbours, without end: bodies that have an overall grade, half of them of another kind."""
    rated = [trade for trade in TRADES if trade.overall]
    while True:
        trade = own if own.overall and rng.random() < 0.4 else rng.choice(rated)
        other = rng.choice(trade.names)
        if other != name:
            yield trade, other
