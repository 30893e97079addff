"""Renders templates from directories: sandboxed, strict about missing values, and escaped as HTML.

Only templates ending in `.txt` and `.css` are not escaped, so a file with an unexpected name is safe. A
renderer reads all files when it is made: an edit changes nothing until a new renderer is made.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import css_inline
from jinja2 import FunctionLoader, StrictUndefined, TemplateSyntaxError, pass_eval_context
from jinja2.meta import find_referenced_templates
from jinja2.nodes import EvalContext
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.adapters.small_files import content_of
from digest.errors import Problem
from digest.present.shortening import plain, shortened
from digest.present.tidy import clip
from digest.present.tongue import tongue

WIDTH: Final = 72

KEPT: Final = 1000
"""Texts of stories that a renderer keeps: readers with other wishes get the same. 5 KB each or so."""
_SUFFIXES_OF_TEMPLATES: Final = (".j2", ".jinja", ".jinja2")
_PLAIN: Final = (".txt", ".css")
_INDENT: Final = re.compile(r"\s*\n\s*")
_BLANK_LINES: Final = re.compile(r"\s*\n[ \t]*\n(?:[ \t]*\n)*")


class TemplateRenderer:
    """`ports.Renderer` from files; a file in one directory replaces the same file in later directories."""

    def __init__(self, directories: Sequence[Path]) -> None:
        self._environment = _environment(directories)
        # At-rules stay, for dark mode and narrow screens; mail programs need all other styles inline.
        self._inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        rendered = self._environment.get_template(template).render(values)
        if not template.startswith("mail/"):
            return rendered
        if escaped(template):
            # Indentation would be a tenth of a long edition; no mail contains preformatted text.
            return _charset_first(self._inliner.inline(_INDENT.sub("\n", rendered)))
        return _BLANK_LINES.sub("\n\n", rendered).strip() + "\n"


def _charset_first(html: str) -> str:
    """A browser looks for the charset in the first 1,024 octets, and the inliner puts a sheet before it."""
    before, charset, after = html.partition('<meta charset="utf-8">')
    return before.replace("<head>", f"<head>{charset}", 1) + after


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox that remembers which attributes are safe. Jinja decides by type and name alone.

    To find it out each time takes a third of the time of a long edition.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._safe: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        key = (type(obj), attr)
        if key not in self._safe:
            if len(self._safe) >= _MOST_ATTRIBUTES:  # a template may make up names
                self._safe.clear()
            self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return self._safe[key]


_MOST_ATTRIBUTES: Final = 10_000


def _environment(directories: Sequence[Path]) -> ImmutableSandboxedEnvironment:
    contents: dict[str, bytes] = {}
    for directory in directories:
        for name, path in template_files(directory):
            if name not in contents:
                contents[name] = content_of(path)

    def text(name: str) -> str | None:
        return contents[name].decode() if name in contents else None

    environment = _Sandbox(
        loader=FunctionLoader(text),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # An operator's template gets only the values it is given.
    environment.globals.clear()
    environment.filters |= {
        "wrap": wrap,
        "sentence": sentence,
        "clip": clip,
        "plain": plain,
        "shortened": shortened,
        "plural": plural,
        "tongue": tongue,
        "instant": datetime.fromisoformat,
        "day": date.fromisoformat,
        "once": _once(environment),
    }
    return environment


def _once(environment: _Sandbox) -> Callable[..., str]:
    """The filter that calls a macro, or says what it said of equal values before: `card.full | once(told)`.

    The macro must say the same whenever its values are equal.
    """

    @lru_cache(maxsize=KEPT)
    def said(macro: Macro, autoescape: bool, values: tuple[Hashable, ...]) -> str:
        context = EvalContext(environment)
        context.autoescape = autoescape
        return macro(context, *values)

    @pass_eval_context
    def once(context: EvalContext, macro: object, *values: Hashable) -> str:
        if not isinstance(macro, Macro):
            raise TypeError("only a macro is called once: the sandbox judges whatever else can be called")
        return said(macro, context.autoescape, values)

    return once


def template_files(directory: Path) -> Iterator[tuple[str, Path]]:
    """The name and the path of each file in a directory of templates; none if there is no such directory."""
    visited: set[str] = set()
    for place, folders, files in os.walk(directory, followlinks=True):
        real = os.path.realpath(place)
        if real in visited:  # links that lead round in a circle
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(one for one in folders if not one.startswith("."))  # "..data" of a ConfigMap
        for file in sorted(files):
            path = Path(place, file)
            yield path.relative_to(directory).as_posix(), path


def template_problems(own: Path, packaged: Path) -> Iterator[Problem]:
    """What keeps the operator's own templates from being rendered, as far as that can be known beforehand."""
    try:
        environment = _environment([own, packaged])
    except OSError as error:
        yield _unusable(
            Path(error.filename or own), None, f"an error ({error.strerror})", "a file that we may read"
        )
        return
    known = {name for one in (own, packaged) for name, _ in template_files(one)}
    for name, path in template_files(own):
        try:
            tree = environment.parse(content_of(path).decode(), name)
            environment.compile(tree, name)
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            yield _unusable(path, line, "bytes that are not UTF-8", "text saved as UTF-8")
        except TemplateSyntaxError as error:
            yield _unusable(path, error.lineno, f"an error: {error.message}", "a template of Jinja")
        else:
            for other in find_referenced_templates(tree):
                if other is not None and other not in known:
                    yield _unusable(path, None, f'the name "{other}"', "the name of a template")


def _unusable(path: Path, line: int | None, found: str, expected: str) -> Problem:
    return Problem(file=str(path), line=line, key="", found=found, expected=expected)


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
