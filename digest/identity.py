"""Identity: when an entry that a source lists is an item that we know.

An item has keys, each made of a parsed value: its id, its page, its title with an instant, its title with a
day. Keys find the stored items that an entry may be. What both say then decides, and the key that decided is
told: `docs/polling.md` has the rules in words, decision 0037 their reasons. A date alone never makes news.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Final

from digest.items import Item, canonical_link, fingerprint, hashed, spelled

_LONGEST_KEY: Final = 400  # characters; a longer one would not fit a database's index
_MOST_ALIKE: Final = 8  # more entries than this under one id and link are the source's habit, not repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is kept of an item that a source has listed."""

    id: int
    title: str | None  # None: its text is erased, and only its keys are left
    guid: str | None = None
    link: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    fingerprint: str = ""
    last_dated: datetime | None = None  # the latest date that its entry gave; None: not noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a source has listed: the item of each key, and what is kept of these items."""

    keys: Mapping[str, int] = field(default_factory=dict)
    items: Mapping[int, Stored] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One item of a list; entries that repeat each other are one."""

    item: Item
    keys: tuple[str, ...]  # its own, the strongest first; never empty
    lookups: frozenset[
        str
    ]  # its keys, those it shares with others of the list, and those of earlier versions
    last: str  # the key that it gets if all of its own belong to others
    alike: tuple[tuple[Item, _Traits], ...]  # all entries that are this item
    shared: frozenset[str]  # keys that another item of the list has as well: they identify neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A listed item that is stored already."""

    item: Item
    id: int  # of the stored item
    by: str  # the key that shows it
    keys: tuple[str, ...] = ()  # keys that are new: they lead to the stored item from now on
    edited: bool = False  # its title or summary is another than when it was last looked at
    moved: bool = False  # its latest date is later than when it was last looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A listed item that is new, and the keys that identify it from now on."""

    item: Item
    keys: tuple[str, ...]
    clashes: tuple[str, ...] = ()  # its ids and pages that belong to other items


def sightings(items: Iterable[Item]) -> tuple[Sighting, ...]:
    """The items of one list, each once, with their keys. The order of the list makes no difference.

    A key that two items share identifies neither and is left out. An item without any key of its own is
    identified by its whole text.
    """
    traits: dict[Item, _Traits] = {}
    old: dict[Item, list[str]] = {}
    records: dict[str, Sighting] = {}
    for item in items:  # both are made of the item's links: `canonical_link` remembers the last few
        if item.record is not None:
            records.setdefault(item.guid or "", _of_record(item))
            continue
        traits[item], old[item] = _Traits.of(item), _keys_of_earlier_versions(item)
    groups = [
        sorted(group, key=_says, reverse=True) if len(group) > 1 else group for group in _repeats(traits)
    ]
    found = [tuple(dict.fromkeys(key for one in group for key in traits[one].in_keys())) for group in groups]
    counts = Counter(key for keys in found for key in keys)
    before = [dict.fromkeys(key for one in group for key in old[one]) for group in groups]
    counts_before = Counter(key for keys in before for key in keys)
    listed = []
    for group, keys, older in zip(groups, found, before, strict=True):
        own = tuple(key for key in keys if counts[key] == 1)
        last = _last_resort(group[0], traits[group[0]], keys, whole=not own)
        lookups = {*keys, last, *(key for key in older if counts_before[key] == 1)}
        if all(counts_before[key] > 1 for key in older):
            lookups |= {_text_of_earlier_versions(one) for one in group}
        listed.append(
            Sighting(
                item=group[0],
                keys=own or (last,),
                last=last,
                lookups=frozenset(lookups),
                alike=tuple((one, traits[one]) for one in group),
                shared=frozenset(key for key in keys if counts[key] > 1),
            )
        )
    return (*listed, *records.values())


def _of_record(item: Item) -> Sighting:
    """A record's item has one key: its id, which names one state of one record."""
    key = _key(_RECORD, item.guid or "")
    return Sighting(
        item=item,
        keys=(key,),
        lookups=frozenset({key}),
        last=key,
        alike=((item, _Traits.of(item)),),
        shared=frozenset(),
    )


def news(listed: Iterable[Sighting], seen: Seen) -> tuple[list[Fresh], list[Known]]:
    """A list's items, divided into new and known ones. `seen` has at least all keys of the lookups."""
    verdicts = [(one, _verdict(one, seen)) for one in listed]
    claimed = {v.id for _, v in verdicts if v and not v.by.startswith(_MOMENT)}
    fresh: list[Fresh] = []
    known: list[Known] = []
    for one, verdict in verdicts:
        # A title and an instant show that a site has moved, unless the item stands in the list as it was.
        if verdict is None or (verdict.by.startswith(_MOMENT) and verdict.id in claimed):
            fresh.append(_fresh(one, seen))
        else:
            known.append(verdict)
    return fresh, known


_ID, _PAGE, _MOMENT, _DAY, _TEXT = "guid:", "page:", "moment:", "day:", "text:"
_RECORD: Final = "record:"

# Keys of earlier versions: ids with their case and without fragments, pages without fragments, and titles
# with the date as it was written. They find items, and are written no more.
_OLD_ID, _OLD_LINK, _OLD_TITLE = "id:", "link:", "title:"


def _fresh(one: Sighting, seen: Seen) -> Fresh:
    free = tuple(key for key in one.keys if key not in seen.keys)
    taken = tuple(key for key in one.keys if key in seen.keys and key.startswith((_ID, _PAGE)))
    return Fresh(item=one.item, keys=free or (one.last,), clashes=taken)


# -- what an entry says ---------------------------------------------------------------------------------

_FILLERS: Final = frozenset(
    {
        "na",
        "nan",
        "tbc",
        "tba",
        "tbd",
        "none",
        "null",
        "nil",
        "undefined",
        "unknown",
        "false",
        "true",
        "empty",
    }
    | {"id", "guid", "link", "url", "notavailable", "notapplicable", "notset", "noid", "noguid", "nourl"}
    | {"pending", "default", "objectobject", "todo", "blank", "missing", "void"}
)
_TEMPLATE: Final = re.compile(r"\{[{%].*[}%]\}|\$\{.*\}|<%.*%>|%[a-z_]+%", re.IGNORECASE)
_NAMES: Final = re.compile(r"\s*[A-Za-z0-9:/.-]*[1-9]")  # no filler has a digit but 0, no template begins so


def is_filler(text: str) -> bool:
    """Whether an id names nothing: it has no letter or digit, is all zeros, or a word such as "n/a"."""
    if _NAMES.match(text):
        return False
    bare = "".join(c for c in spelled(text) if c.isalnum())
    return not bare.strip("0") or bare in _FILLERS or _TEMPLATE.fullmatch(text.strip()) is not None


_NO_PART: Final = re.compile(
    # What feeds and readers hang on a link, and the parts that every page has.
    r"|:~:.*|(?:xtor|utm_\w+|echobox|ref|at_medium|mc_cid|ns_\w+)=.*|(?:atom|rss)(?:[-_].*)?"
    r"|comments?|respond|reply|top|main|main-?content|content|more|more-\d+"
    r"|(?:19|20)\d\d-?\d\d-?\d\d(?:t.*)?|\d{9,13}",  # the time of an update
    re.IGNORECASE,
)


def part_of(link: str) -> str:
    """The fragment of a link, "#two", if it names one of several things on the page; "" if it does not."""
    if "#" not in link:
        return ""
    _, _, fragment = link.strip().partition("#")
    return "" if _NO_PART.fullmatch(fragment) else f"#{fragment}"


_CLOCK: Final = re.compile(
    r"(?<![\d+-])(\d{1,2})[:.](\d\d)(?!\d)(?:[:.]\d\d)?(?:[.,]\d+)?\s*(am|pm)?|T(\d\d)(\d\d)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traits:
    """The values by which entries are compared. None where an entry says nothing of use."""

    id: str | None
    page: str | None  # with its fragment, if that names a part
    name: str
    date: str | None  # the instant, or else the words of the date
    timed: bool  # the date has a time of day, other than midnight

    @classmethod
    def of(cls, item: Item | Stored) -> _Traits:
        # Without a link, an id that is an address is the item's page.
        place = _place(item.link or item.guid or "")
        date = item.published_at.isoformat() if item.published_at else spelled(item.published_raw or "")
        return cls(
            id=_id(item.guid or "", place),
            page=place,
            name=spelled(item.title or ""),
            date=date or None,
            timed=has_time(item),
        )

    def in_keys(self) -> Iterator[str]:
        if self.id:
            yield _key(_ID, self.id)
        if self.page:
            yield _key(_PAGE, self.page)
        if self.date:
            yield self.dated_key(self.date)

    def dated_key(self, date: str) -> str:
        return (_MOMENT if self.timed else _DAY) + hashed(f"{self.name}\n{date}")


def _place(link: str) -> str | None:
    """A page in a form for comparing; None if it is the front page or no page, such as "/N/A"."""
    place = canonical_link(link).removeprefix("//")
    _, _, rest = place.partition("/")
    if not (rest or "?" in place) or (
        "?" not in place and is_filler(rest.rsplit("/", 1)[-1]) and _short(rest)
    ):
        return None
    return place + part_of(link)


def _short(path: str) -> bool:
    return all(is_filler(part) or len(part) == 1 for part in path.split("/"))


def _id(guid: str, place: str | None) -> str | None:
    if is_filler(guid):
        return None
    if not guid.strip().casefold().startswith(("http://", "https://")):
        return spelled(guid)
    own = canonical_link(guid.strip())
    if own.count("/") == 2 and "?" not in own and not part_of(guid):
        return None  # the site's front page
    # Where the id is the item's page, its fragment only counts updates: the page itself is the item.
    if place is not None and "#" not in place and own == f"//{place}":
        return own
    return own + part_of(guid)


def has_time(item: Item | Stored) -> bool:
    """Whether an item's date has a time of day, other than midnight."""
    if item.published_raw is None:
        return item.published_at is not None and (item.published_at.hour, item.published_at.minute) != (0, 0)
    found = _CLOCK.search(item.published_raw)
    if found is None:
        return False
    hour, minute = int(found[1] or found[4]), int(found[2] or found[5])
    return minute > 0 or hour not in ({0, 12} if (found[3] or "").lower() == "am" else {0})


def _key(kind: str, text: str) -> str:
    return kind + (text if len(text) <= _LONGEST_KEY else hashed(text))


def _last_resort(item: Item, own: _Traits, keys: Collection[str], *, whole: bool) -> str:
    # The keys are part of it, because two items may also have the same text. It takes time to hash all texts.
    said = (*sorted(keys), own.name, own.date or "", fingerprint(item) if whole else "")
    return _TEXT + hashed("\n".join(said))


def _says(item: Item) -> tuple[int, str]:
    return len(item.summary), repr(item)


def _keys_of_earlier_versions(item: Item) -> list[str]:
    found = []
    name = " ".join(item.title.casefold().split())
    if guid := (item.guid or "").strip():
        web = guid.startswith(("http://", "https://"))
        found.append(_key(_OLD_ID, canonical_link(guid) if web else guid))
    place = canonical_link(item.link or "").removeprefix("//")
    if "/" in place or "?" in place:
        found.append(_key(_OLD_LINK, place))
    if date := (item.published_raw or "").strip():
        found.append(_OLD_TITLE + hashed(f"{name}\n{date}"))
    return found


def _text_of_earlier_versions(item: Item) -> str:
    """The key of an item whose other keys were all those of others as well."""
    words = (" ".join(part.split()) for part in (item.title, item.published_raw or "", item.summary))
    said = (*_keys_of_earlier_versions(item), hashed("\n".join(words)))
    return _TEXT + hashed("\n".join(said))


# -- entries of one list that repeat each other ---------------------------------------------------------


def _repeats(traits: Mapping[Item, _Traits]) -> Iterator[list[Item]]:
    """The entries in groups; those of a group are one item."""
    leader = {item: item for item in traits}

    def lead(item: Item) -> Item:
        while leader[item] is not item:
            item = leader[item]
        return item

    for first, *others in _said_twice(traits):
        for item in others:
            leader[lead(item)] = lead(first)
    groups: dict[Item, list[Item]] = defaultdict(list)
    for item in traits:
        groups[lead(item)].append(item)
    yield from groups.values()


def _said_twice(traits: Mapping[Item, _Traits]) -> Iterator[Sequence[Item]]:
    """Entries that are surely one item."""
    yield from _by(
        traits, lambda item, t: (t.id, t.page, t.name, t.date, t.id or t.page or fingerprint(item))
    )
    # Under two ids, as lists of several categories have it.
    yield from _by(traits, lambda item, t: t.page and (t.page, t.name, t.date, t.timed or fingerprint(item)))
    # Under two titles, one of them from before it was mended.
    for same in _by(traits, lambda _, t: t.id and t.page and (t.id, t.page)):
        if len(same) <= _MOST_ALIKE:
            two = len({traits[item].name for item in same}) == 2
            yield from (
                pair for pair in combinations(same, 2) if _retitled(*(traits[i] for i in pair), two=two)
            )


def _retitled(one: _Traits, other: _Traits, *, two: bool) -> bool:
    """Whether entries of one id and page are one item. `two`: the list has no third title under them."""
    return similar(one.name, other.name) or (two and one.timed and one.date == other.date)


def _by(traits: Mapping[Item, _Traits], key: Callable[[Item, _Traits], object]) -> list[list[Item]]:
    groups: dict[object, list[Item]] = defaultdict(list)
    for item, own in traits.items():
        if value := key(item, own):
            groups[value].append(item)
    return [group for group in groups.values() if len(group) > 1]


_OF_AN_EDIT: Final = frozenset(
    {
        "corrected",
        "correction",
        "updated",
        "update",
        "amended",
        "revised",
        "edited",
        "new",
        "breaking",
        "live",
    }
)


def similar(one: str, other: str) -> bool:
    """Whether a title can be the other one, mended: one letter of one long word differs, or "updated" is new.

    Both as `spelled`. Titles of two reports often differ in a single word or number, so more is no proof.
    """
    first, second = ([w for w in re.findall(r"\w+", text) if w not in _OF_AN_EDIT] for text in (one, other))
    if not first or len(first) != len(second):
        return False
    different = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return not different or (len(different) == 1 and _one_letter_apart(*different[0]))


def _one_letter_apart(one: str, other: str) -> bool:
    if min(len(one), len(other)) < 6 or not (one.isalpha() and other.isalpha()):
        return False
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


# -- whether an entry is a stored item ------------------------------------------------------------------


def _verdict(one: Sighting, seen: Seen) -> Known | None:
    """The stored item that an entry is, and the key that shows it; None if it is new.

    If it can be several, the strongest key decides, then the number of keys, then the newest item.
    """
    if one.item.record is not None:  # its id names one state of one record, and nothing else can
        id = seen.keys.get(one.last)
        return None if id is None else Known(item=one.item, id=id, by=one.last)
    owners = {seen.keys.get(key) for key in one.keys}
    owner = owners.pop() if len(one.keys) > 1 and len(owners) == 1 else None
    if owner is not None:  # all of its keys lead there: it is listed as it was
        return _known(one, owner, one.keys[0], seen)
    matched: dict[int, set[str]] = defaultdict(set)
    for key in one.lookups:
        if key in seen.keys:
            matched[seen.keys[key]].add(key)
    found = [
        (_RANK[by.partition(":")[0] + ":"], -len(keys), -id, by)
        for id, keys in matched.items()
        for _, mine in one.alike
        if (by := _same(mine, one.shared, keys, seen.items.get(id) or Stored(id=id, title=None)))
    ]
    if not found:
        return None
    _, _, id, by = min(found)
    return _known(one, -id, by, seen)


def _known(one: Sighting, id: int, by: str, seen: Seen) -> Known:
    return Known(
        item=one.item,
        id=id,
        by=by,
        keys=tuple(key for key in one.keys if key not in seen.keys and not key.startswith(_TEXT)),
        edited=id in seen.items and _is_edited(one, seen.items[id]),
        moved=id in seen.items and _is_moved(one.item, seen.items[id]),
    )


_RANK: Final = {kind: rank for rank, kind in enumerate((_TEXT, _ID, _PAGE, _DAY, _MOMENT))}


def _is_edited(one: Sighting, stored: Stored) -> bool:
    if stored.title is None or not stored.fingerprint.startswith("2:"):
        return False
    return all(fingerprint(item) != stored.fingerprint for item, _ in one.alike)


def _is_moved(item: Item, stored: Stored) -> bool:
    # Of items from before it was noted, only the date of publication is known.
    before, now = stored.last_dated, item.last_dated
    if before is None:
        before, now = stored.published_at, item.published_at
    return before is not None and now is not None and now > before


def _same(mine: _Traits, shared: Collection[str], keys: Collection[str], stored: Stored) -> str | None:
    """The key that shows that an entry is this stored item; None if they are two. `keys` led to it."""
    text = next((key for key in keys if key.startswith(_TEXT)), None)
    return text or _Pair.of(mine, shared, keys, stored).decisive()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """What an entry and a stored item have in common, and where they differ."""

    mine: _Traits
    id: bool
    page: bool
    name: bool
    date: bool
    id_differs: bool  # both have an id
    page_differs: bool  # both have a page
    date_differs: bool  # both have a date
    nameless: bool  # the stored item's text is erased
    mended: bool  # one title can be the other, mended
    paged: bool  # one of them has a page

    @classmethod
    def of(cls, mine: _Traits, shared: Collection[str], keys: Collection[str], stored: Stored) -> _Pair:
        theirs, erased = _Traits.of(stored), stored.title is None
        kinds = {key.partition(":")[0] + ":" for key in keys}
        titled = bool(kinds & {_MOMENT, _DAY, _OLD_TITLE})
        # A key of an earlier version only counts where the item's own id and link are erased. It has no
        # fragment, so for one of several parts of a page the title must be the same as well.
        whole = "#" not in (mine.id or "") + (mine.page or "") or _OLD_TITLE in kinds
        old = kinds if erased and whole else set()
        id = mine.id is not None and (_ID in kinds or _OLD_ID in old or mine.id == theirs.id)
        page = mine.page is not None and (_PAGE in kinds or _OLD_LINK in old or mine.page == theirs.page)
        name = titled or (not erased and mine.name == theirs.name)
        date = titled or (mine.date is not None and mine.date == theirs.date)
        date_differs = not date and mine.date is not None and theirs.date is not None
        # What another entry of the list has as well says nothing, unless the title says the same.
        says = name and not date_differs
        has_id = mine.id is not None and (says or _key(_ID, mine.id) not in shared)
        has_page = mine.page is not None and (says or _key(_PAGE, mine.page) not in shared)
        return cls(
            mine=mine,
            id=id and has_id,
            page=page and has_page,
            name=name,
            date=date,
            id_differs=not id and has_id and (erased or theirs.id is not None),
            page_differs=not page and has_page and (erased or theirs.page is not None),
            date_differs=date_differs,
            nameless=erased and not titled,
            mended=not erased and similar(mine.name, theirs.name),
            paged=mine.page is not None or theirs.page is not None,
        )

    def decisive(self) -> str | None:
        """The key that makes them one item; None if they are two."""
        instant = self.date and self.mine.timed
        if self.id and self.page:
            return self._key()
        if self.id and self.page_differs:  # the site has moved, or the id is used again
            return self._key() if self.name or self.mended or instant else None
        if self.id:  # without pages, nothing but the title shows that an id is used again
            return self._key() if self.paged or self.nameless or self.name or self.mended or instant else None
        if self.page and self.id_differs:  # new ids with each build, or one page for many
            return self._key() if self.name or self.mended or instant else None
        if self.page:
            return self._key() if not self.date_differs or self.name or self.mended else None
        return self._title_key() if self._is_by_date() else None

    def _is_by_date(self) -> bool:
        """A title and an instant show a moved site; a title and a day only what has no other mark."""
        apart = self.id_differs or self.page_differs
        return self.name and self.date and (self.mine.timed or not apart)

    def _key(self) -> str:
        return _key(_ID, self.mine.id or "") if self.id else _key(_PAGE, self.mine.page or "")

    def _title_key(self) -> str:
        return self.mine.dated_key(self.mine.date or "")
