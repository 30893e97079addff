"""What `digest bench read` reads: pages made to hurt, and pages grown beyond measure; and names to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, cycle, islice, product
from typing import Final

from digest.providers import Provider, provider_id

SENTENCE: Final = "Kent PDU was rated 'good', up from 'requires improvement' at its last inspection. "
_LONGEST: Final = (
    499_000  # characters: a page that is longer is refused, and tells nothing of those that are read
)
_LEAD: Final = "Ofsted rated Kent School good.\n\n"  # else nobody's ratings would be looked for
# Texts made to hurt a reader: each is repeated until it is as long as a page may be.
HOSTILE: Final = {
    "one word without end": "a",
    "opening quotation marks": "“",
    "opening brackets": "(",
    "punctuation": ",|",
    "grades and nothing else": "good ",
    "grades in quotation marks": "‘good’ ",
    "rated, rated, rated": "was rated as ",
    "rated good, rated good": "rated good ",
    "from, to, from, to": "from good to good ",
    "to be to be": "to be ",
    "if it should": "if it should ",
    "both were good": "Both were rated good. ",
    "capitals": "Aa ",
    "capitals and commas": "Kent, Essex and ",
    "owners": "Kent's ",
    "names of units": "Kent and Essex PDU ",
    "prisons without a name": "HMP ",
    "a word without end in each paragraph": f"Kent School was rated good {'a' * 1_400} inadequate.\n\n",
    "grades and aspects in each paragraph": f"It was rated {'good for being safe, ' * 70}and caring.\n\n",
    "labels": "Staffing: good\n",
    "tags that never close": "<div><p>",
    "rows of a table": "<tr><td>Staffing<td>good",
    "sentences of a report": SENTENCE,
}
MANY_NAMES: Final = 100_000
_GRADES: Final = ("good", "outstanding", "inadequate", "requires improvement")
_STARTS: Final = (
    "Ash", "Birch", "Brook", "Clay", "Elm", "Fern", "Hazel", "Heather", "Holly", "Kings",
    "Lang", "Mill", "North", "Oak", "Queens", "Raven", "South", "Stone", "Thorn", "Wood",
)  # fmt: skip
_ENDS: Final = (
    "bourne", "bury", "combe", "dale", "field", "ford", "ham", "ley",
    "mere", "mouth", "port", "ridge", "stead", "ton", "wick", "worth",
)  # fmt: skip
_SAINTS: Final = ("", "Holy Trinity ", "St Anne's ", "St John's ", "St Mary's ", "The ", "New ", "Old ")
_SORTS: Final = (
    ("ofsted", "school", "Primary School"),
    ("ofsted", "academy", "Academy"),
    ("ofsted", "college", "Sixth Form College"),
    ("ofsted", "school", "Church of England Junior School"),
    ("cqc", "care home", "Care Home"),
    ("cqc", "care home", "Nursing Home"),
    ("cqc", "practice", "Medical Centre"),
    ("cqc", "hospital", "Hospital"),
)


def _names() -> Iterator[tuple[str, str, str]]:
    """Names like those of schools and homes, no two alike, with inspectorate and kind; no end of them."""
    for round_ in count():
        place = f" {chr(65 + round_ % 26)}{'abcdefghij'[round_ // 26 % 10]}rough" if round_ else ""
        for saint, start, end, (inspectorate, kind, sort) in product(_SAINTS, _STARTS, _ENDS, _SORTS):
            yield f"{saint}{start}{end}{place} {sort}", inspectorate, kind


def _graded(form: str, many: int, start: str = "", end: str = "") -> str:
    """So many names, each with a grade, as `form` puts the two."""
    names = islice(_names(), many)
    rows = (form.format(name=n, grade=g) for (n, _, _), g in zip(names, cycle(_GRADES), strict=False))
    return start + "".join(rows) + end


_SAID: Final = "<p>{name} was rated ‘{grade}’."
# Pages as they might be, and much longer than they are.
OVERGROWN: Final[dict[str, Callable[[], str]]] = {
    "7,000 names and grades": lambda: _graded("<p>{name} was rated ‘{grade}’.</p>", 7_000, "<h1>All</h1>"),
    "1,600 names": lambda: _graded("{name} was rated {grade} by Ofsted. ", 1_600),
    "a table of 10,000 rows": lambda: _graded(
        "<tr><td>{name}<td>{grade}", 10_000, "<table><tr><th>Name<th>Now", "</table>"
    ),
    "a table of 10,000 aspects": lambda: "<table>" + "<tr><td>Staffing<td>good<td>inadequate" * 10_000,
    "nested lists": lambda: ("<ul><li>Staffing: good" * 50 + "</ul>" * 50) * 200,
    "lists without end": lambda: "<ul><li>Staffing: good" * 5_000,
    "7,000 names, each a heading": lambda: _graded("<h2>{name}</h2><p>Overall: {grade}", 7_000),
    "7,000 names in one sentence": lambda: _graded("{name}, ", 7_000, "Ofsted rated good "),
    "7,000 names in a title": lambda: (
        _graded("{name}, ", 7_000, "<h1>Ofsted: ", "</h1>") + _graded(_SAID, 1_000)
    ),
    "a name, and both, 3,000 times": lambda: _graded(_SAID + "<p>Both homes were rated {grade}.", 3_000),
    "headings and nothing else": lambda: _graded("<h2>{name}: {grade}</h2>", 7_000),
    "label – grade, in one line": lambda: "<p>Kent PDU: " + "Staffing – good, services – inadequate " * 8_000,
    "label – grade, line by line": lambda: "Staffing – good\nServices – inadequate\n" * 8_000,
    "100,000 anchors": lambda: '<p>Kent PDU <a href="/kent">is</a> <a href="/b">good</a>' * 50_000,
}


def made_up() -> Iterator[Provider]:
    """Providers that nobody knows."""
    for name, inspectorate, kind in islice(_names(), MANY_NAMES):
        yield Provider(id=provider_id(name), name=name, kind=kind, inspectorate=inspectorate)


def as_long_as_may_be(text: str) -> str:
    """The text again and again, behind a sentence of an inspectorate that it may be read for."""
    lead = _LEAD if "<" not in text else f"<p>{_LEAD}</p>"
    return lead + (text * (_LONGEST // len(text) + 1))[: _LONGEST - len(lead)]
