"""Provider names in a text: who is spoken of.

Names are found by how English builds them ("Kent, Surrey and Sussex CRC", "youth justice service for South
Tees") and in the register. What the register knows carries the register's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from digest.extract.areas import REACH, area_after, area_before, is_part_of_country
from digest.extract.blocks import Block, BlockKind
from digest.extract.bodies import BodyWords, body_forms, words_of
from digest.extract.cast import Cast, Named
from digest.extract.sentences import sentences
from digest.providers import Provider, Register, normal_name
from digest.ratings import Body, Inspectorate

_MOST_INITIALS: Final = 6
# Counties as headlines shorten them.
_SHORTENED: Final = {
    "beds": "bedfordshire", "berks": "berkshire", "bucks": "buckinghamshire", "cambs": "cambridgeshire",
    "derbys": "derbyshire", "glos": "gloucestershire", "hants": "hampshire", "herts": "hertfordshire",
    "lancs": "lancashire", "leics": "leicestershire", "lincs": "lincolnshire", "mids": "midlands",
    "northants": "northamptonshire", "notts": "nottinghamshire", "oxon": "oxfordshire", "salop": "shropshire",
    "staffs": "staffordshire", "warks": "warwickshire", "wilts": "wiltshire", "worcs": "worcestershire",
    "yorks": "yorkshire",
}  # fmt: skip


def cast_of(
    blocks: Iterable[Block], register: Register, bodies: Iterable[Body], judge: Inspectorate | None = None
) -> Cast:
    """Who is named in these blocks, of these kinds of bodies or in the register.

    Headings are asked only where the running text names nobody: their capitals say nothing about names.
    """
    words = words_of(tuple(bodies))
    running: list[str] = []
    headings: list[str] = []
    for block in blocks:
        (headings if block.kind is BlockKind.HEADING else running).extend(sentences(block.text))
    named = [*_named_in(running, register, words), *_registered(running + headings, register, words)]
    in_headings = list(_named_in(headings, register, words))
    named += _of_the_place(running, in_headings, named, register, words)
    if not named:
        named = in_headings
    else:
        # A headline shortens: "Cambridgeshire unit" is no other body than the one named in full below.
        longer = " | ".join(normal_name(n.area) for n in named)
        named += [
            n
            for n in in_headings
            if not is_part_of_country(n.area)
            and normal_name(n.area) not in longer
            and (
                _is_whole_heading(n, headings)
                or (_is_proper(n) and any(_stands_in(n.area, t) for t in running))
            )
        ]
    named = [_spelt_out(n, running, register) for n in named]
    return Cast(_distinct(named, running + headings, register, words), words.bracketed)


def _of_the_place(
    running: Iterable[str],
    in_headings: Iterable[Named],
    named: Iterable[Named],
    register: Register,
    words: BodyWords,
) -> list[Named]:
    """A national body spoken of without an area ("The NPS was ...") in a text about one: that area's part of it."""
    areas = list(dict.fromkeys(n.area for n in in_headings if not is_part_of_country(n.area)))
    named = list(named)
    if len(areas) != 1 or not named:
        return []
    return [
        _resolved(areas[0], body, register, "")
        for body in words.bodies
        if body.leads_to_parts
        and not any(word in n.name for n in named for word in (*body.names, *body.short))
        and any(
            re.match(rf"The (?:public )?{body_forms(body)}(?: there)? (?:was|is|has|had)\b", t)
            for t in running
        )
    ]


def _spelt_out(named: Named, running: Iterable[str], register: Register) -> Named:
    """A name whose area is only initials, in full where the text says what they stand for."""
    if named.body is None or not (2 <= len(named.area) <= _MOST_INITIALS and named.area.isupper()):
        return named
    for text in running:
        at = text.find(f" ({named.area})")
        area = area_before(text, max(0, at - REACH), at) if at > 0 else ""
        if area:
            return _resolved(area, named.body, register, named.words)
    return named


def _is_whole_heading(named: Named, headings: Iterable[str]) -> bool:
    """Whether a heading is this name and nothing else, or the name and its town."""
    whole = re.compile(
        rf"{re.escape(named.words.format(area=named.area))}(?:, [A-Z][\w' -]{{1,30}})?", re.IGNORECASE
    )
    return bool(named.words) and any(whole.fullmatch(heading.strip()) for heading in headings)


def _is_proper(named: Named) -> bool:
    """Whether the text writes the kind of body as a name's part: not "Fife care home"."""
    kind = named.words.replace("{area}", "").strip()
    return named.body is None or named.body.form is not None or not kind.islower()


def _stands_in(area: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(area)}(?![\w-])", text) is not None


def _distinct(named: Iterable[Named], texts: list[str], register: Register, words: BodyWords) -> list[Named]:
    """Each provider once; a loose name whose area has a proper one is that one.

    Loose names take the one proper kind of body that the text speaks of anywhere ("the unit (PDU)").
    """
    proper = {normal_name(n.name): n for n in named if not n.loose}
    # "A large Midlands probation provider" is no other body than the West Midlands one that has a proper name.
    areas = [f" {normal_name(n.area)} " for n in proper.values()]
    loose = {
        normal_name(n.area): n
        for n in named
        if n.loose and not any(f" {normal_name(n.area)} " in area for area in areas)
    }
    if proper or not loose:
        return [*proper.values(), *loose.values()]
    bodies = [b for b in words.bodies if not b.loose and any(words.suffix[b].search(text) for text in texts)]
    if len(bodies) == 1:
        return [_resolved(n.area, bodies[0], register, n.words) for n in loose.values()]
    return list(loose.values())


def _named_in(texts: Iterable[str], register: Register, words: BodyWords) -> Iterator[Named]:
    for text in texts:
        ends = 0  # of the last name: the next one begins after it
        found = words.found(text)
        for start, stop, body, match in found:
            if start < ends or (body.loose and any(_goes_on(stop, other) for other in found)):
                continue
            leads = match.re is words.leads.get(body)
            area = "" if leads else area_before(text, max(ends, start - REACH), start)
            ends = stop
            if not area and words.stands_first(body, match):
                area = area_after(text, stop)
                ends = stop + len(area)
                yield from (
                    _resolved(area, one, register, "") for one in _others_in(match, body, words) if area
                )
            form = _as_written(match, words.leads.get(body))
            yield from (_resolved(one, body, register, form) for one in _apart(area, body, match))


def _goes_on(stop: int, other: tuple[int, int, Body, re.Match[str]]) -> bool:
    """Whether a surer kind of body follows at once: "Harbour View" of "Harbour View Care Home"."""
    return not other[2].loose and 0 <= other[0] - stop <= 1


def _as_written(match: re.Match[str], leads: re.Pattern[str] | None) -> str:
    """The form of a name as the text has it, `{area}` for its own part."""
    kind = " ".join(match[0].split())
    return f"{kind} {{area}}" if match.re is leads else f"{{area}} {kind}"


def _others_in(match: re.Match[str], body: Body, words: BodyWords) -> list[Body]:
    """The second kind of body of "the CRC and NPS in Cumbria"."""
    return [b for b in words.bodies if b is not body and not b.loose and words.suffix[b].search(match[0])]


def _apart(area: str, body: Body, match: re.Match[str]) -> list[str]:
    """The areas of "Kent and Essex CRCs"; one area where the body is singular, none where it has no area."""
    plural = bool(match.re.groups and match[1])
    if plural and body.form is None and not match[0][0].isupper():
        return []  # "Scottish schools": no school
    parts = re.split(r",\s*(?:and\s+)?|\s+(?:and|&)\s+", area) if plural else [area]
    return [part for part in parts if part]


def _resolved(area: str, body: Body, register: Register, written: str) -> Named:
    """The provider of this area and kind, under the register's name where it knows one."""
    tidy = (body.form or written or f"{{area}} {body.kind}").format(area=area)
    known = _known(area, body, tidy, register)
    full = " ".join(_SHORTENED.get(word.casefold(), word) for word in area.split())
    if known is None and full != area:
        known = _known(full, body, (body.form or written).format(area=full), register)
    return Named(name=known.name if known else tidy, area=area, body=body, words=written)


def _known(area: str, body: Body, tidy: str, register: Register) -> Provider | None:
    for name in (tidy, *(f"{area} {form}" for form in (*body.names, *body.short))):
        known = register.named(name)
        if known is not None:
            return known
    bare = register.named(area)
    return bare if bare is not None and body.kind in re.split(r"\W+", bare.kind) else None


def _registered(texts: Iterable[str], register: Register, words: BodyWords) -> Iterator[Named]:
    """Register names that stand in the texts as they are, for bodies that English gives no sure form.

    A single word is too often a place, and an area's name too often part of a longer one.
    """
    initials = {word.casefold() for body in words.bodies for word in body.short}
    kinds = {body.kind.casefold() for body in words.bodies}
    found: dict[str, Named] = {}
    for normal, provider in register.standing_in(" ".join(texts)):
        sort = set(provider.kind.casefold().split())
        if kinds & sort or normal.rpartition(" ")[2] in initials or provider.id in found:
            continue
        name = next(name for name in provider.names if normal_name(name) == normal)
        found[provider.id] = Named(name=provider.name, area=name, body=None)
    yield from found.values()
