"""Pages that stand in a report's place, and reports: `fixtures/pages`, labelled texts, the demo's pages.

    PYTHONPATH=tests python -m page_walls

prints how many of each are known for what they are, and which are not.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from digest.demo.world_file import load_world
from digest.extract import NoReport, looked_at
from digest.extract.maintext import main_text
from digest.items import Item, Page

PAGES: Final = Path(__file__).parent / "fixtures" / "pages" / "pages.jsonl"
LABELLED: Final = Path(__file__).parent / "labelled"
WORLD: Final = Path(__file__).parents[1] / "seeds" / "world" / "world.yaml"
_AT: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page that a publisher answers with, the item that it was asked for, and whether it is the report."""

    id: str
    set: str
    report: bool
    item: Item
    page: Page

    def refused(self) -> str | None:
        """Why the page is taken for no report."""
        found = looked_at(self.page, self.item)
        return found.why if isinstance(found, NoReport) else None


def samples() -> Iterator[Sample]:
    """The pages of `fixtures/pages`."""
    for line in PAGES.read_text("utf-8").splitlines():
        one = json.loads(line)
        item = Item(title=one["title"], link=one["link"], summary=one.get("summary", ""))
        body = base64.b64decode(one["base64"]) if "base64" in one else one["body"].encode()
        page = _page(one.get("url", one["link"]), body, one["content_type"])
        yield Sample(id=one["id"], set=one["set"], report=one["report"], item=item, page=page)


def labelled() -> Iterator[Sample]:
    """Every labelled text as the page of an item with its title."""
    for line in (LABELLED / "labels.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        file = LABELLED / one["file"]
        body = file.read_bytes()
        if file.suffix == ".txt":
            title, _, rest = body.decode().split("\n", 2)
            page = _page(one["url"] or "", f"{title}\n{rest}".encode(), "text/plain")
        else:
            page = _page(one["url"], body, "application/pdf" if file.suffix == ".pdf" else "text/html")
            title = main_text(page).title
        item = Item(title=title, link=one["url"])
        yield Sample(id=one["id"], set="labelled", report=True, item=item, page=page)


def demo() -> Iterator[Sample]:
    """The pages of the demo's publishers."""
    world = load_world(WORLD)
    for one in world.publications:
        link = f"https://inspectorate.example{one.path}"
        item = Item(title=one.title, link=link, summary=one.summary)
        page = _page(link, world.page(one), "text/html")
        yield Sample(id=one.path, set="demo", report=True, item=item, page=page)


def _page(url: str, body: bytes, kind: str) -> Page:
    return Page(url=url or "https://example.org/a", body=body, content_type=kind, fetched_at=_AT)


def main() -> None:
    """Print the figures."""
    groups: dict[tuple[str, bool], list[bool]] = {}
    for sample in (*samples(), *labelled(), *demo()):
        why = sample.refused()
        right = (why is None) is sample.report
        groups.setdefault((sample.set, sample.report), []).append(right)
        if not right:
            print(f"wrong: {sample.id}: {why or 'taken for a report'}")
    for (set, report), right in groups.items():
        print(f"{set:<12} {'reports' if report else 'no reports':<12} {sum(right):>5} of {len(right)} right")


if __name__ == "__main__":
    main()
