"""Aspects of a service named in a stretch of text: leadership, staffing, assessment and so on.

All texts given here are in the form of `comparable`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from digest.extract.phrases import any_of, made_once, options
from digest.ratings import Aspect, Scale

# "Probation services" or "youth justice service" name a body, not the aspect "services".
_COMPOUND: Final = re.compile(
    r"(?:probation|justice|offending|youth|public|prison|local|these|those|this|inspected|delivery)\s$"
)
# "Health care" and "risk management" are no aspects; "care" and "management" are.
_OF_A_KIND: Final = re.compile(
    r"\b(?:health|mental|social|dental|palliative|clinical|nursing|primary|pastoral|personal|after|end of life|risk|medication|"
    r"medicines?|infection|pain|waste|behaviour|case|stress|sentence|staff|classroom)\s$"
)


_ALL_PARTS: Final = re.compile(
    r"\b(?:all|each|every)(?: of)?(?: the| its| our)?(?: \w+){0,3} (?:tests|areas|categories|outcomes|standards|aspects|themes|judge?ments)\b"
)


_COUNTED: Final = ("service", "case", "people", "staff", "review")  # "16 services" are bodies
_FEW: Final = 5

_KIND: Final = 16  # characters, of the longest of these
_BARE: Final = frozenset(
    "care management planning staff staffing protection prevention standards teaching wellbeing".split()
)
# "Staff at the home are celebrating": people, and no aspect.
_PEOPLE_OF: Final = re.compile(
    r" (?:at|of|from|who|are|were|have|had|said|celebrat\w+)\b| and (?:pupils|students|residents|children|patients|governors|managers|leaders|parents)\b"
)
# "The people it serves": the public.
_PEOPLE_WHO: Final = re.compile(
    r" (?:safe|it|they|we|you|who|whom|that|with|living|using|(?:in|of|from) [a-z])"
)
_THE_PEOPLE: Final = tuple(
    f"{word} " for word in "the all these those young older local vulnerable more".split()
)
_JOINS: Final = re.compile(
    r"(?:,| and| but| with| while| whereas| as well as| plus| the| its| their| both| -| being| at| as|\s)*"
)


_OWN: Final = frozenset({"the", "its", "their", "our", "his", "her"})


def _are_the_public(text: str, start: int, end: int) -> bool:
    """Whether "people" are those that a service serves, and not the pillar of its own people."""
    return text[:start].endswith(_THE_PEOPLE) or _PEOPLE_WHO.match(text, end) is not None


def _bare(words: str) -> str:
    """An aspect's words without commas and without "the" and "its" inside them."""
    first, *rest = words.replace(",", " ").split()
    return " ".join((first, *(word for word in rest if word.casefold() not in _OWN))).casefold()


def _marks_aside(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of these phrases, whether or not commas, "the" or "its" part their words."""
    between = rf",?\s+(?:(?:{'|'.join(sorted(_OWN))})\s+)?"
    return re.compile(rf"(?<![\w-])(?:{options(phrases, between=between)})(?![\w])", re.IGNORECASE)


# How the doing in an aspect's name bends: "preventing fires" where a service "prevents fires".
_DOES: Final = {
    "responding": "responds", "preventing": "prevents", "deterring": "deters", "investigating": "investigates",
    "protecting": "protects", "managing": "manages", "disrupting": "disrupts", "tackling": "tackles",
    "building": "builds", "supporting": "supports", "promoting": "promotes", "ensuring": "ensures",
    "understanding": "understands", "getting": "gets", "making": "makes", "recording": "records",
    "treating": "treats", "engaging": "engages", "developing": "develops", "safeguarding": "safeguards",
    "reducing": "reduces", "identifying": "identifies",
}  # fmt: skip


def _as_done(words: str) -> str:
    """A phrase of doing as its service does it: "prevents and deters crime"; unchanged where it is no such phrase."""
    first, *rest = words.split()
    if first not in _DOES or not rest:
        return words
    bent = [_DOES[first]]
    for before, word in zip((first, *rest), rest, strict=False):
        bent.append(_DOES.get(word, word) if before == "and" else word)
    return " ".join(bent)


def comparable(words: str) -> str:
    """Words in the form in which they are compared: lower case, hyphens as spaces, "&" as "and"."""
    return " ".join(words.casefold().replace("-", " ").replace("&", " and ").split())


class AspectWords:
    """The aspects of one scale as words to look for, and the domains they are grouped under.

    An aspect that bears its domain's name stands for the domain, and lends it its aliases.
    """

    __slots__ = ("_aspects", "_by_words", "_domain_of_words", "_domains", "_pattern")

    def __init__(self, scale: Scale) -> None:
        self._aspects = scale.aspects
        self._by_words = {
            form: a
            for a in reversed(scale.aspects)
            for words in (*a.aliases, a.name)
            for form in (_as_done(comparable(words)), comparable(words))
        }
        self._domain_of_words = {
            comparable(a.domain): comparable(a.domain) for a in scale.aspects if a.domain
        }
        for aspect in scale.aspects:
            if comparable(aspect.name) in self._domain_of_words:
                self._domain_of_words |= {
                    comparable(alias): comparable(aspect.name) for alias in aspect.aliases
                }
        self._by_words = {_bare(words): a for words, a in self._by_words.items()}
        self._pattern = _marks_aside(self._by_words)
        self._domains = any_of(self._domain_of_words)

    @staticmethod
    @made_once
    def of(scale: Scale) -> AspectWords:
        """The words of a scale's aspects, made once."""
        return AspectWords(scale)

    def named(self, text: str, around: str = "") -> tuple[str, ...]:
        """The aspects that `text` names, in order; `around` (sentence and heading) settles their domain.

        "Planning" beside another domain's name is that domain's planning ("out-of-court disposals: planning"
        on the scale), or nothing that the scale knows.
        """
        domains = self._domains_in(text) or self._domains_in(around)
        named = [self._by_words[_bare(m[0])] for m in self._matches(text)]
        if any(comparable(a.name) not in self._domain_of_words for a in named):
            named = [a for a in named if comparable(a.name) not in self._domain_of_words]
        within = (self._within(aspect, domains) for aspect in named)
        return tuple(dict.fromkeys(name for name in within if name))

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where aspects stand in a text as it was written, capitals and hyphens and all."""
        return tuple(m.span() for m in self._pattern.finditer(text.replace("-", " ")))

    def last_end(self, text: str) -> int:
        """Where the last aspect named in `text` ends; -1 where it names none."""
        return max((m.end() for m in self._matches(text)), default=-1)

    def first_end(self, text: str) -> int:
        """Where the first aspect named in `text` ends; -1 where it names none."""
        return min((m.end() for m in self._matches(text)), default=-1)

    def longest(self, text: str) -> int:
        """Of how many words the longest phrase for an aspect in `text` is; 0 where it names none."""
        return max((len(m[0].split()) for m in self._matches(text)), default=0)

    def closing(self, text: str) -> int:
        """Of how many words the phrase for an aspect is that `text` ends with; 0 where it ends with none."""
        end = len(text.rstrip())
        return max((len(m[0].split()) for m in self._matches(text) if m.end() == end), default=0)

    def fills(self, text: str) -> bool:
        """Whether `text` is aspects and what joins them, and nothing else."""
        rest, done = [], 0
        for m in self._matches(text):
            rest.append(text[done : m.start()])
            done = m.end()
        return bool(done) and _JOINS.fullmatch("".join((*rest, text[done:]))) is not None

    def of_domain(self, text: str) -> tuple[str, ...]:
        """Every aspect of the one domain named in `text`; empty where it names none or several."""
        domains = self._domains_in(text)
        if not domains and _ALL_PARTS.search(text):
            domains = set(self._domain_of_words.values())  # a scale of one domain needs no name for it
        if len(domains) != 1:
            return ()
        (domain,) = domains
        return tuple(
            a.name for a in self._aspects if comparable(a.domain or "") == domain != comparable(a.name)
        )

    def all_but(self, text: str, count: int | None) -> tuple[str, ...]:
        """Every aspect of a scale of few, without those that `text` names; empty where the scale has many.

        `count` is how many there are by the text's own word, None where it says only "all".
        """
        few = len(self._aspects) <= _FEW and count in {None, len(self._aspects)}
        left_out = set(self.named(text))
        return tuple(a.name for a in self._aspects if a.name not in left_out) if few else ()

    def are_domains(self, names: Iterable[str]) -> bool:
        """Whether every one of these aspects stands for a domain; true of none at all."""
        return all(comparable(name) in self._domain_of_words for name in names)

    def _domains_in(self, text: str) -> set[str]:
        return {self._domain_of_words[found[0]] for found in self._domains.finditer(text)}

    def _within(self, aspect: Aspect, domains: set[str]) -> str | None:
        if not domains or not aspect.domain or comparable(aspect.domain) in domains:
            return aspect.name
        if len(domains) > 1:
            return None
        wanted = [comparable(f"{domain}: {aspect.name}") for domain in domains]
        return next((a.name for a in self._aspects if comparable(a.name) in wanted), None)

    def _matches(self, text: str) -> Iterable[re.Match[str]]:
        return (
            m
            for m in self._pattern.finditer(text)
            if not _COMPOUND.search(text, 0, m.start())
            and not (m[0].endswith("form") and text.startswith(" college", m.end()))
            and not (m[0] == "staff" and _PEOPLE_OF.match(text, m.end()))
            and not (m[0] == "people" and _are_the_public(text, m.start(), m.end()))
            and not (m[0] == "outcomes" and text.startswith(" for <", m.end()))
            and not (m[0].startswith("service") and text[: m.start()].endswith(("of ", "> ")))
            and not (m[0].startswith(_COUNTED) and text[: m.start()].rstrip()[-1:].isdigit())
            and not (
                m[0] in _BARE
                and (
                    _OF_A_KIND.search(text, max(0, m.start() - _KIND), m.start())
                    or text.startswith(" of ", m.end())
                )
            )
        )
