"""Renders templates from directories: sandboxed, strict about missing values, and escaped as HTML.

Only templates ending in `.txt` and `.css` are not escaped, so a file with an unexpected name is safe.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import css_inline
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.present.tidy import clip

WIDTH: Final = 72
_SUFFIXES_OF_TEMPLATES: Final = (".j2", ".jinja", ".jinja2")
_PLAIN: Final = (".txt", ".css")
_INDENT: Final = re.compile(r"\s*\n\s*")
_BLANK_LINES: Final = re.compile(r"\s*\n[ \t]*\n(?:[ \t]*\n)*")


class TemplateRenderer:
    """`ports.Renderer` from files; a file in one directory replaces the same file in later directories."""

    def __init__(self, directories: Sequence[Path]) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(directories),
            autoescape=escaped,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # An operator's template gets only the values it is given.
        self._environment.globals.clear()
        self._environment.filters |= {
            "wrap": wrap,
            "sentence": sentence,
            "clip": clip,
            "plural": plural,
            "instant": datetime.fromisoformat,
            "day": date.fromisoformat,
        }
        # At-rules stay, for dark mode and narrow screens; mail programs need all other styles inline.
        self._inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        rendered = self._environment.get_template(template).render(values)
        if not template.startswith("mail/"):
            return rendered
        if escaped(template):
            # Indentation would be a tenth of a long edition; no mail contains preformatted text.
            return self._inliner.inline(_INDENT.sub("\n", rendered))
        return _BLANK_LINES.sub("\n\n", rendered).strip() + "\n"


def escaped(template: str | None) -> bool:
    """Whether a template's values are escaped as HTML. Its ending decides; .j2 and the like are ignored."""
    name = (template or "").lower()
    for suffix in _SUFFIXES_OF_TEMPLATES:
        name = name.removesuffix(suffix)
    return not name.endswith(_PLAIN)


def wrap(text: str, indent: int = 0, bullet: str = "") -> str:
    """A paragraph wrapped to `WIDTH` columns; links and addresses are never broken."""
    margin = " " * indent
    return textwrap.fill(
        " ".join(text.split()),
        width=WIDTH,
        initial_indent=margin + bullet,
        subsequent_indent=margin + " " * len(bullet),
        break_long_words=False,
        break_on_hyphens=False,
    )


def plural(name: str) -> str:
    """A kind in the plural: "prisons", "nurseries", "homes by name". Abbreviations and "...s" stay."""
    word, space, rest = name.partition(" by ")
    if not word or word[-1] in {"s", "S"} or word.endswith("justice"):
        return name
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies{space}{rest}"
    return f"{word}s{space}{rest}"


def sentence(text: str) -> str:
    """The text with a capital first letter; the rest does not change."""
    return text[:1].upper() + text[1:]
