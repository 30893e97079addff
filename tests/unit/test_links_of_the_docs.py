"""The links between the pages lead somewhere, also those to a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (*ROOT.glob("*.md"), *ROOT.glob("d*/**/*.md"))


@cache
def headings(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    lines = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


def lost(page: Path) -> Iterator[str]:
    """The links of a page that lead to no file, or to no heading of one."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        if ":" not in name and not (target.exists() and (not heading or heading in headings(target))):
            yield f"{page.relative_to(ROOT)}: {link}"


def test_every_link_between_the_pages_leads_somewhere() -> None:
    assert [link for page in PAGES for link in lost(page)] == []
