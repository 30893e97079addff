"""The examples of sources in the docs: each is right as it stands, and short."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from digest.adapters.config.files import load
from digest.adapters.config.packaged import packaged
from digest.source_specs import SourceKind

DOCS: Final = Path(__file__).parents[3] / "docs"


def examples(page: Path) -> list[str]:
    return re.findall(r"(?m)^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL)


def entry(example: str, number: int) -> str:
    """An example as an entry: what is left out of a part of one is put before it."""
    if example.startswith("  - id: "):
        return example
    [kind] = re.findall(r"(?m)^    (\w+):\n", example)
    said = {"id": f"part-{number}", "name": "X", "url": "https://x.example/", "kind": kind}
    said |= {"authority": "official", "inspectorate": "ofsted"}
    left_out = said.keys() - set(re.findall(r"(?m)^    (\w+):", example))
    lines = "".join(f"    {key}: {value}\n" for key, value in said.items() if key in left_out)
    return lines.replace("    ", "  - ", 1) + example


def test_every_example_of_a_source_in_the_docs_is_right(tmp_path: Path) -> None:
    found = [one for page in sorted(DOCS.rglob("*.md")) for one in examples(page)]
    file = tmp_path / "sources.yaml"
    file.write_text("sources:\n" + "".join(entry(one, n) for n, one in enumerate(found)), encoding="utf-8")

    assert len(load(packaged("config"), sources=file).sources) == len(found) > len(SourceKind)


def test_each_kind_is_shown_by_an_example_of_ten_lines() -> None:
    shown = examples(DOCS / "sources.md")
    kinds = [re.findall(r"(?m)^    kind: (\w+)", one) or ["feed"] for one in shown]

    assert sorted(kinds) == sorted([str(kind)] for kind in SourceKind)
    assert [one for one in shown if one.count("\n") > 10] == []
